"""The other side of the bench: the smallest bot one can write with the libraries people would use instead.

Each reads where a talk stands, moves it on and answers, with no network: less than one real guide step.
Updates are ready-made objects, so no side pays for reading JSON from a platform.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import telegram
from aiogram import Bot, Dispatcher
from aiogram.client.session.base import BaseSession
from aiogram.fsm.context import FSMContext
from aiogram.fsm.storage.base import BaseStorage
from aiogram.fsm.storage.memory import MemoryStorage
from aiogram.methods import TelegramMethod
from aiogram.types import Chat, Message, Update, User
from sqlalchemy import MetaData, event
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy_storage import SQLAlchemyStorage  # type: ignore[import-untyped]
from telegram.ext import Application, ContextTypes, ConversationHandler, MessageHandler, filters
from telegram.request import BaseRequest, RequestData

from tests.bench.disk import settled

TOKEN = "42:bench"
AT = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)

Feed = Callable[[int, int], Awaitable[object]]  # of which person, the how manieth update


class Unplugged(BaseSession):
    """aiogram's way out, with nothing behind it."""

    def __init__(self) -> None:
        super().__init__()
        self.answers = 0

    async def make_request(self, bot: Bot, method: TelegramMethod[Any], timeout: int | None = None) -> Any:
        self.answers += 1
        return Message(
            message_id=self.answers,
            date=AT,
            chat=Chat(id=1, type="private"),
            text=getattr(method, "text", ""),
        )

    async def close(self) -> None:
        pass

    async def stream_content(
        self,
        url: str,
        headers: dict[str, Any] | None = None,
        timeout: int = 30,
        chunk_size: int = 65536,
        raise_for_status: bool = True,
    ) -> AsyncGenerator[bytes, None]:
        yield b""


class Silent(BaseRequest):
    """python-telegram-bot's way out, with nothing behind it."""

    ME = b'{"ok":true,"result":{"id":42,"is_bot":true,"first_name":"Bench","username":"bench_bot"}}'
    ANSWER = (
        b'{"ok":true,"result":{"message_id":1,"date":1795140000,"chat":{"id":1,"type":"private"},"text":"1"}}'
    )

    def __init__(self) -> None:
        self.answers = 0

    @property
    def read_timeout(self) -> float:
        """None is ever waited for."""
        return 1.0

    async def initialize(self) -> None:
        pass

    async def shutdown(self) -> None:
        pass

    async def do_request(
        self, url: str, method: str, request_data: RequestData | None = None, *args: Any, **timeouts: Any
    ) -> tuple[int, bytes]:
        if url.endswith("/getMe"):
            return 200, self.ME
        self.answers += 1
        return 200, self.ANSWER


@asynccontextmanager
async def aiogram(storage: BaseStorage | None = None) -> AsyncIterator[Feed]:
    """Give the echo of aiogram's dispatcher; its state is in memory unless another storage is given."""
    dispatcher = Dispatcher(storage=storage or MemoryStorage())
    session = Unplugged()
    bot = Bot(TOKEN, session=session)

    @dispatcher.message()
    async def echo(message: Message, state: FSMContext) -> None:
        step = int(await state.get_state() or 0) + 1
        await state.set_state(str(step))
        await message.answer(f"{step}: {message.text}")

    def feed(person: int, number: int) -> Awaitable[object]:
        return dispatcher.feed_update(bot, _AIOGRAM[person, number])

    yield feed
    await dispatcher.storage.close()
    if not session.answers:
        raise RuntimeError("aiogram's echo did not answer")


_AIOGRAM: dict[tuple[int, int], Update] = {}
_PTB: dict[tuple[int, int], telegram.Update] = {}


def prepare(people: int, presses: int) -> None:
    """Make the updates that the echoes are fed."""
    for person in range(people):
        for number in range(presses):
            key = person * presses + number + 1
            _AIOGRAM[person, number] = Update(
                update_id=key,
                message=Message(
                    message_id=key,
                    date=AT,
                    chat=Chat(id=person + 1, type="private"),
                    from_user=User(id=person + 1, is_bot=False, first_name="Lan"),
                    text="alo",
                ),
            )
            _PTB[person, number] = telegram.Update(
                key,
                message=telegram.Message(
                    key,
                    date=AT,
                    chat=telegram.Chat(person + 1, "private"),
                    from_user=telegram.User(person + 1, "Lan", is_bot=False),
                    text="alo",
                ),
            )


@asynccontextmanager
async def aiogram_sqlite(folder: Path, extra: float = 0.0) -> AsyncIterator[Feed]:
    """Give the same echo with its state in SQLite, set as ours is; a wait is added to each sync."""
    engine = create_async_engine(f"sqlite+aiosqlite:///{folder}/aiogram.db")

    @event.listens_for(engine.sync_engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        settled(connection)

    metadata = MetaData()
    storage = SQLAlchemyStorage(async_sessionmaker(engine), metadata)
    async with engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
    async with aiogram(storage) as feed:
        yield feed
    await engine.dispose()


@asynccontextmanager
async def telegram_bot() -> AsyncIterator[Feed]:
    """Give the echo of python-telegram-bot's ConversationHandler."""
    request = Silent()

    async def echo(update: telegram.Update, context: ContextTypes.DEFAULT_TYPE) -> int:
        assert update.message is not None
        step = int((context.user_data or {}).get("step", 0)) + 1
        if context.user_data is not None:
            context.user_data["step"] = step
        await context.bot.send_message(update.message.chat.id, f"{step}: {update.message.text}")
        return 1

    hears: Any = MessageHandler(filters.TEXT, echo)
    application = Application.builder().token(TOKEN).request(request).get_updates_request(Silent()).build()
    application.add_handler(ConversationHandler(entry_points=[hears], states={1: [hears]}, fallbacks=[]))

    def feed(person: int, number: int) -> Awaitable[object]:
        return application.process_update(_PTB[person, number])

    async with application:
        yield feed
    if not request.answers:
        raise RuntimeError("python-telegram-bot's echo did not answer")
