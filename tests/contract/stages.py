"""Stages on which a transcript is played: between people and the inbox stands a channel's real client and a server.

What somebody does, they do on the platform; what they are told is read where they would read it. Where a
platform has no buttons a press is typed: its number, its letter, or the words that a card names. What a
platform has no way to carry, such as a press of an old button where there are none, is put into the inbox
directly and counted, so that the rest of the talk can go on.
"""

from __future__ import annotations

import asyncio
import hashlib
import queue
import threading
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import msgspec
from sqlalchemy import insert, select
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot import clock, terminal
from bot.casting import Seat
from bot.channels import Carried, Channel
from bot.channels.words import instead, without_marks
from bot.core import Core
from bot.inbox import Intake
from bot.media import Carrier
from bot.play import OFFICE, Stage
from bot.props import CONTENT
from bot.store import tables as t
from bot.store.database import Database
from bot.vault import HOLDS, Vault
from bot.web.files import served
from bot.web.hooks import Hooks, in_front
from bot.web.mailboxes import Mailboxes
from bot.web.server import Web, hidden, open_talk
from handlers.answers import signs_of
from handlers.talk import Heard, Incoming, Message, Talk
from tests.simulators import telegram, zalo_bot, zalo_oa
from tests.simulators.serving import Serving
from tests.simulators.telegram_schema import Uploaded
from tests.simulators.telegram_test_api import TelegramTestApi

PATIENCE = 60.0  # seconds in which a platform has to deliver, on however busy a machine
PUBLIC = "https://toso.example.vn"
LOOKED_AT = 6  # messages that somebody still has before their eyes


class NotHere(Exception):
    """This platform has no way to carry what somebody does."""


class Loop:
    """An event loop in a thread of its own, where a client lives while the talk is played outside."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, name="stage", daemon=True)
        self._thread.start()

    def do(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Have it done there and give what came of it."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(PATIENCE)

    def begin(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Have it go on there."""
        return asyncio.run_coroutine_threadsafe(work, self.loop)

    def stop(self) -> None:
        """End."""
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()
        self.loop.close()


class Door:
    """Where a client brings what it heard; it is told "kept" once the talk's own intake has stored it."""

    def __init__(self) -> None:
        self._came: queue.Queue[tuple[Sequence[Heard], Callable[[bool], None]]] = queue.Queue()

    async def take(self, heard: Sequence[Heard]) -> bool:
        """Wait until it is stored."""
        loop = asyncio.get_running_loop()
        kept: asyncio.Future[bool] = loop.create_future()

        def acknowledge(it: bool) -> None:
            loop.call_soon_threadsafe(kept.set_result, it)

        self._came.put((heard, acknowledge))
        return await kept

    def let_in(self, core: Core) -> None:
        """Store the next update that comes."""
        heard, acknowledge = self._came.get(timeout=PATIENCE)
        core.intake.take_now(heard)
        acknowledge(True)


class Everywhere(Stage):
    """What all stages share."""

    buttons = True  # whether choices are pressed, not typed

    def __init__(self) -> None:
        self.carried = 0  # how much of what people did came in by the platform
        self.direct: list[str] = []  # what had to be put into the inbox directly
        self._cards: dict[str, list[Message]] = defaultdict(list)  # what each chat was shown, newest last

    def does(self, chat: str, event: Incoming) -> None:
        """Do on the platform what the event says; NotHere where that cannot be done."""
        raise NotImplementedError

    def let_in(self, core: Core) -> None:
        """Store what reaches us of it."""
        raise NotImplementedError

    def sees(self, chat: str, message: Message, carried: Carried | None) -> tuple[str, tuple[str, ...]]:
        """Send a message; give the words that have arrived, and what their buttons send."""
        raise NotImplementedError

    def stop(self) -> None:
        """End."""

    def seat(self, who: Seat) -> str:
        """Give the chat of somebody who has written here before."""
        raise NotImplementedError

    def contact(self, who: Seat, channel: str = "") -> tuple[str, str]:
        """Give account and chat of somebody; on a channel that is not this one they are heard directly."""
        return super().contact(who, channel) if channel else (self.account, self.seat(who))

    def group(self, group: Seat) -> tuple[str, str]:
        """Give account and chat of a group, on the account on which its people are."""
        return self.account, super().group(group)[1]

    def hear(self, core: Core, who: Seat, channel: str, key: str, event: Incoming) -> None:
        """Let it be done on the platform, and come in from there."""
        if channel:
            super().hear(core, who, channel, key, event)
            return
        chat = self.seat(who)
        try:
            self.does(chat, event if self.buttons else self._typed(core, who, chat, event))
        except NotHere:
            self.direct.append(kind_of(event))
            super().hear(core, who, channel, key, event)
        else:
            self.let_in(core)
            self.carried += 1

    def offered(self) -> list[Message]:
        """Give the messages with choices that were shown as words."""
        return [message for cards in self._cards.values() for message in cards if message.choices]

    def _typed(self, core: Core, who: Seat, chat: str, event: Incoming) -> Incoming:
        """Give a press as the words that somebody without buttons types."""
        if not event.choice:
            return event
        words = self._on_card(chat, event.choice) or _sign(core, who, event.choice, self._cards[chat])
        if not words:
            raise NotHere  # the button of a question that is no longer the last one
        return msgspec.structs.replace(event, choice="", text=words)

    def _on_card(self, chat: str, choice: str) -> str:
        """Give what a card of late says to type for a choice; its words may since stand on a newer one."""
        newer = set()
        for message in reversed(self._cards[chat][-LOOKED_AT:]):
            for button in message.choices:
                if button.data == choice and button.typed not in newer:
                    return button.typed
                newer.add(button.typed)
        return ""

    def tell(
        self, account: str, chat: str, message: Message, carried: Carried | None
    ) -> tuple[str, tuple[str, ...]]:
        """Send it, and read it where its reader does."""
        if account != self.account:
            text, choices = super().tell(account, chat, message, carried)
            return without_marks(text)[0] if self.plain else text, choices
        text, data = self.sees(chat, message, carried)
        if beside := instead(message, carried.link if carried else ""):  # stands where a file cannot be shown
            assert text.count(beside) <= 1
            text = text.replace(f"\n{beside}", "")
        if not self.buttons:
            text = self._without_choices(text, message)
            data = tuple(button.data for button in message.choices)
            self._cards[chat].append(message)
        assert data == tuple(button.data for button in message.choices)
        return text, tuple(one.partition("@")[0] for one in data)

    def _without_choices(self, text: str, message: Message) -> str:
        """Give the words above the choices; each choice must stand on a line with its sign, or what to type."""
        lines = text.split("\n")
        if message.file is not None and lines[-1].startswith("  ["):
            assert message.file.name in lines.pop()
        if message.link and message.link not in message.text:
            assert lines.pop().strip().endswith(message.link)
        signs = signs_of(len(message.choices), letters=message.letters)
        for sign, button in reversed(list(zip(signs, message.choices, strict=True))):
            line = lines.pop().strip()
            if button.typed:
                assert button.label in line
                assert button.typed in line
            else:
                assert line == f"{sign}. {button.label}"
        return "\n".join(lines)

    @property
    def account(self) -> str:
        """The account on which everybody is."""
        raise NotImplementedError


def kind_of(event: Incoming) -> str:
    """Say in a word what somebody does."""
    if event.choice:
        return "old button"
    if event.attachment:
        return event.attachment.kind
    return event.sign or ("contact" if event.contact else "changed words" if event.edited else "words")


def _sign(core: Core, who: Seat, choice: str, shown: list[Message]) -> str:
    """Give what means a choice of the last question, as its reader sees it: its sign."""
    with core.database.read() as connection:
        stored = connection.scalar(select(t.conversations.c.talk).where(t.conversations.c.id == who.person))
    talk: Talk = msgspec.json.decode(str(stored), type=Talk) if stored else Talk()
    if talk.doing and not talk.offered:
        return ""
    if talk.quiet is not None and talk.quiet.until > clock.now():
        return ""  # what is typed now is meant for the official
    offered, letters = (talk.offered, talk.letters) if talk.offered else (talk.past, talk.past_letters)
    card_since = any(button.typed for button in shown[-1].choices)
    for sign, button in zip(signs_of(len(offered), letters=letters), offered, strict=True):
        if button.data == choice and not (card_since and not talk.doing):
            return sign
    return ""


class Through(Everywhere):
    """A platform's simulator, and a client that polls it."""

    plain = True

    def __init__(self, make: Callable[[], Channel]) -> None:
        super().__init__()
        self.loop = Loop()
        self.door = Door()
        self.channel: Channel = self.loop.do(_made(make))
        self._hearing = self.loop.begin(self.channel.receive(self.door.take))

    @property
    def account(self) -> str:
        """The account on which everybody is."""
        return self.channel.account

    def let_in(self, core: Core) -> None:
        """Store what the client brings."""
        self.door.let_in(core)

    def stop(self) -> None:
        """End."""
        self._hearing.cancel()
        with suppress(asyncio.CancelledError):
            self.loop.do(_ended(self._hearing))
        self.loop.do(self.channel.close())
        self.loop.stop()


async def _made(make: Callable[[], Channel]) -> Channel:
    return make()


async def _ended(task: Any) -> None:
    await asyncio.wait([asyncio.wrap_future(task)], timeout=PATIENCE)


class OnTelegram(Through):
    """Telegram, by one of its drivers."""

    def __init__(self, server: telegram.TelegramServer, make: Callable[[], Channel]) -> None:
        self._server = server
        self._server.limits = None  # a talk of weeks is played in a second
        self._people: dict[str, telegram.Seat] = {}
        self._read: dict[str, int] = {}
        super().__init__(make)

    def seat(self, who: Seat) -> str:
        """Give the chat of somebody, who has written to the bot before."""
        known = next((seat for seat in self._people.values() if seat.user["first_name"] == who.name), None)
        seat = known or self._server.person(who.name)
        seat.chat.begun = True
        self._people[seat.id] = seat
        return seat.id

    def does(self, chat: str, event: Incoming) -> None:
        """Do it as a person in Telegram."""
        if event.sign == "official":
            raise NotHere  # nobody writes in a bot's place there
        seat = self._people[chat]
        self._server.passes(clock.now() - datetime.fromtimestamp(self._server.date(), UTC))
        if event.sign:
            seat.unblocks() if event.sign == "came" else seat.blocks()
        elif event.choice:
            seat.presses(event.choice, late=True)
        elif event.contact:
            seat.shares_contact(event.contact.phone)
        elif event.attachment and event.attachment.kind == "file":
            seat.sends_file(event.attachment.name, self.table or b"%PDF-1.4 a letter")
        elif event.attachment and event.attachment.kind == "photo":
            kept = self._server.keep_file(Uploaded("photo", CONTENT["photo"]))
            seat.says(photo=[{**kept, "width": 90, "height": 60}])
        elif event.attachment:
            seat.sends(event.attachment.kind)
        else:
            seat.writes(event.text)

    def sees(self, chat: str, message: Message, carried: Carried | None) -> tuple[str, tuple[str, ...]]:
        """Send a message and read the chat."""
        self.loop.do(self.channel.send(chat, message, carried))
        shown = [one for one in self._people[chat].sees() if not one.mine]
        new = shown[self._read.get(chat, 0) :]
        self._read[chat] = len(shown)
        bold = [word for one in new for word in one.bold]
        _, marked = without_marks(message.text)
        assert len(bold) == len(marked)
        return "\n".join(one.text for one in new), new[-1].data


class OnTestApi(Through):
    """The Telegram server that others have written; it knows words and buttons only."""

    def __init__(self, server: TelegramTestApi, make: Callable[[], Channel]) -> None:
        self._server = server
        server.anew()
        self._people: dict[str, str] = {}
        super().__init__(make)

    def seat(self, who: Seat) -> str:
        """Give the chat of somebody."""
        return self._people.setdefault(who.name, str(1001 + len(self._people)))

    def does(self, chat: str, event: Incoming) -> None:
        """Do it as a person in Telegram."""
        self._server.date = int(clock.now().timestamp())
        if event.choice:
            self._server.presses(int(chat), event.choice)
        elif event.text and not event.edited:
            self._server.writes(int(chat), event.text)
        else:
            raise NotHere

    def sees(self, chat: str, message: Message, carried: Carried | None) -> tuple[str, tuple[str, ...]]:
        """Send a message and read the chat; of a file only the words beside it."""
        words = msgspec.structs.replace(message, file=None)
        self.loop.do(self.channel.send(chat, words))
        new = self._server.shown(int(chat))
        return "\n".join(one.text for one in new), new[-1].data

    def stop(self) -> None:
        """End; each call and answer was as published."""
        super().stop()
        assert not self._server.violations


class Mixed(Stage):
    """Everybody on the channel of their own, and on others too; what they send is fetched from there."""

    plain = True

    def __init__(self, stages: Mapping[str, Everywhere]) -> None:
        self._stages = stages
        self.carried: list[
            tuple[str, str]
        ] = []  # files that went out: by which account, and their media type

    def contact(self, who: Seat, channel: str = "") -> tuple[str, str]:
        """Give account and chat of somebody there."""
        return self._stages[channel or who.channel].contact(who)

    def hear(self, core: Core, who: Seat, channel: str, key: str, event: Incoming) -> None:
        """Let it be done there."""
        self._stages[channel or who.channel].hear(core, who, "", key, event)

    def tell(
        self, account: str, chat: str, message: Message, carried: Carried | None
    ) -> tuple[str, tuple[str, ...]]:
        """Send it there, and read it there."""
        stage = self._stages[account.partition(":")[0]]
        text, choices = stage.tell(account, chat, message, carried)
        self.carried += [(account, carried.type)] if carried else []
        return text if stage.plain else without_marks(text)[0], choices

    async def fetch(self, account: str, ref: str, kind: str) -> AsyncIterator[bytes]:
        """Give the content of what somebody sent, brought by their channel's client."""
        stage = self._stages[account.partition(":")[0]]
        assert isinstance(stage, Through | Hooked)
        yield stage.loop.do(_whole(stage.channel.fetch(ref)))


async def _whole(pieces: AsyncIterator[bytes]) -> bytes:
    return b"".join([piece async for piece in pieces])


class Hooked(Everywhere):
    """A platform's simulator that calls a channel's webhook over HTTP."""

    plain = True

    def __init__(self, make: Callable[[], Channel]) -> None:
        super().__init__()
        self.loop = Loop()
        self.door = Door()
        self.channel: Channel = self.loop.do(_made(make))
        hooks = Hooks([self.channel], _Intake(self.door))
        self.carried_now: Carried | None = None  # by the message that is being sent
        files = [Route(f"/{way}/{{ticket}}", self._give) for way in HOLDS]
        self.serving = Serving(in_front(hooks, Starlette(routes=files)))

    def _give(self, _request: Request) -> Response:
        """Give what goes with a message to a platform that fetches it."""
        return served(self.carried_now)

    @property
    def account(self) -> str:
        """The account on which everybody is."""
        return self.channel.account

    def let_in(self, core: Core) -> None:
        """Store what the webhook was called with."""
        self.door.let_in(core)

    def stop(self) -> None:
        """End."""
        self.serving.stop()
        self.loop.do(self.channel.close())
        self.loop.stop()


class ZaloBotPeople(Everywhere):
    """What people do and see on Zalo's Bot Platform."""

    buttons = False
    carried_now: Carried | None
    loop: Loop
    channel: Channel

    def meet(self, server: zalo_bot.ZaloBotServer) -> None:
        """Take the platform on which they are."""
        self._server = server
        self._people: dict[str, zalo_bot.Seat] = {}
        self._read: dict[str, int] = {}

    def seat(self, who: Seat) -> str:
        """Give the chat of somebody, who has written to the bot before."""
        known = next((seat for seat in self._people.values() if seat.name == who.name), None)
        seat = known or self._server.person(who.name)
        seat.chat.begun = True
        self._people[seat.id] = seat
        return seat.id

    def does(self, chat: str, event: Incoming) -> None:
        """Do it as a person in Zalo."""
        seat = self._people[chat]
        self._server.passes(clock.now() - datetime.fromtimestamp(self._server.date() / 1000, UTC))
        kind = event.attachment.kind if event.attachment else ""
        if kind == "photo":
            seat.sends_photo()
        elif kind == "voice":
            seat.sends_voice()
        elif kind == "sticker":
            seat.sends_sticker()
        elif kind or event.contact or event.sign:
            raise NotHere  # a bot is not told what it was
        else:
            seat.writes(event.text)

    def sees(self, chat: str, message: Message, carried: Carried | None) -> tuple[str, tuple[str, ...]]:
        """Send a message and read the chat."""
        self.carried_now = carried
        self.loop.do(self.channel.send(chat, message, carried))
        shown = [one for one in self._people[chat].sees() if not one.mine]
        new = shown[self._read.get(chat, 0) :]
        self._read[chat] = len(shown)
        if carried and carried.url:  # what has an address to be fetched by is shown, not only linked
            assert any(one.content == carried.path.read_bytes() or one.voice == carried.url for one in new)
        return "\n".join(one.text for one in new if one.text), ()


class OnZaloBot(ZaloBotPeople, Hooked):
    """Zalo's Bot Platform, which calls our webhook."""

    def __init__(self, server: zalo_bot.ZaloBotServer, make: Callable[[], Channel]) -> None:
        self.meet(server)
        super().__init__(make)
        server.public[PUBLIC] = self.serving.url
        self.loop.do(self.channel.tend())


class Turnstile:
    """Lets a client poll only once somebody has done something, and then twice: for that, and for what comes again."""

    def __init__(self) -> None:
        self._polls = asyncio.Semaphore(0)

    async def wait(self, _time: timedelta) -> None:
        """Stand where the client pauses."""
        await self._polls.acquire()

    def turn(self, loop: Loop) -> None:
        """Let two polls through."""
        for _ in range(2):
            loop.loop.call_soon_threadsafe(self._polls.release)


class OnPolledZaloBot(ZaloBotPeople, Through):
    """Zalo's Bot Platform, asked for one update after the other, which it gives again and again."""

    def __init__(
        self, server: zalo_bot.ZaloBotServer, turnstile: Turnstile, make: Callable[[], Channel]
    ) -> None:
        self.meet(server)
        self.carried_now = None
        self._turnstile = turnstile
        self._files = Serving(
            Starlette(routes=[Route("/{way}/{ticket}", lambda _: served(self.carried_now))])
        )
        server.pace = 0  # the turnstile stands where the client would wait a second
        server.public[PUBLIC] = self._files.url
        super().__init__(make)

    def does(self, chat: str, event: Incoming) -> None:
        """Do it as a person in Zalo, and have it asked for."""
        super().does(chat, event)
        self._turnstile.turn(self.loop)

    def stop(self) -> None:
        """End; nearly every update has come more than once."""
        # The second of the polls that the last words have let through may still be under way.
        again = self._server.waits_until(lambda: self._given() >= 2 * self.carried - 2)
        super().stop()
        self._files.stop()
        assert again

    def _given(self) -> int:
        return sum(call.status == 200 for call in self._server.called("getUpdates"))


class OneToken:
    """Keeps the token that the simulator has given."""

    def __init__(self, server: zalo_oa.ZaloOAServer) -> None:
        self._server = server

    async def access(self) -> str:
        """Give it."""
        return self._server.tokens.access

    async def renewed(self, used: str) -> str:
        """Give it again: nothing here makes it old."""
        return self._server.tokens.access

    def headers(self, access: str) -> dict[str, str]:
        """Give the headers of a call."""
        return {"access_token": access}

    async def tend(self) -> None:
        """Do nothing."""


class OnZaloOA(Hooked):
    """A Zalo Official Account, with its buttons or without."""

    def __init__(self, server: zalo_oa.ZaloOAServer, make: Callable[[], Channel]) -> None:
        self.buttons = server.buttons
        super().__init__(make)
        self._server = server
        server.calls_to(f"{self.serving.url}/hooks/{self.channel.hook}")
        self._people: dict[str, zalo_oa.Seat] = {}
        self._read: dict[str, int] = {}

    def seat(self, who: Seat) -> str:
        """Give the chat of somebody, who has written to the account before."""
        known = next((seat for seat in self._people.values() if seat.name == who.name), None)
        seat = known or self._server.person(who.name)
        self._people[seat.id] = seat
        self._open(seat)
        return seat.id

    def _open(self, seat: zalo_oa.Seat) -> None:
        """Let it be now at Zalo too, and the person's last word not long ago: no talk here is about windows."""
        self._server.passes(clock.now() - datetime.fromtimestamp(self._server.seconds(), UTC))
        seat.spoke = self._server.seconds()

    def does(self, chat: str, event: Incoming) -> None:
        """Do it as a person in Zalo."""
        seat = self._people[chat]
        self._open(seat)
        kind = event.attachment.kind if event.attachment else ""
        if event.choice:
            seat.presses(event.choice)
        elif event.contact:
            seat.submits_info(f"84{event.contact.phone[1:]}")
        elif event.sign == "official":
            seat.hears_official("Chào bác, để tôi xem.")
        elif event.sign:
            seat.follows() if event.sign == "came" else seat.unfollows()
        elif kind == "photo":
            seat.sends_photo()
        elif kind == "voice":
            seat.sends_voice()
        elif event.attachment and kind == "file":
            seat.sends_file(event.attachment.name, self.table or b"%PDF-1.4 a letter")
        elif kind:
            seat.sends(kind)
        else:
            seat.writes(event.text)

    def sees(self, chat: str, message: Message, carried: Carried | None) -> tuple[str, tuple[str, ...]]:
        """Send a message and read the chat."""
        seat = self._people[chat]
        self._open(seat)
        self.loop.do(self.channel.send(chat, message, carried))
        shown = [one for one in seat.sees() if not one.mine and not one.official]
        new = shown[self._read.get(chat, 0) :]
        self._read[chat] = len(shown)
        return "\n".join(one.text for one in new), tuple(
            data.removeprefix("#") for one in new for data in one.data
        )


class OnWeb(Everywhere):
    """The web chat over HTTP."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.door = Door()
        self._database = Database(url)
        mailboxes = Mailboxes(self._database)
        vault = Vault(Path("unused"), 2**20)
        writer: Any = _Nobody()
        intake: Any = _Intake(self.door)
        carrier = Carrier(self._database, vault)
        web = Web(self._database, writer, intake, mailboxes, lambda: OFFICE, vault, carrier)
        self._serving = Serving(Starlette(routes=web.routes()))
        self._http = httpx.Client(base_url=self._serving.url, timeout=PATIENCE)
        self._mailboxes = mailboxes
        self._last: dict[str, int] = {}
        self._known: set[str] = set()
        self._sent = 0
        self._threads: list[threading.Thread] = []

    @property
    def account(self) -> str:
        """The account on which everybody is."""
        return "web"

    def seat(self, who: Seat) -> str:
        """Give the chat of somebody whose page is open."""
        return who.name

    def does(self, chat: str, event: Incoming) -> None:
        """Send it as the page does."""
        if event.contact or event.sign or event.edited:
            raise NotHere
        self._sent += 1
        sending: dict[str, Any] = {"id": f"page-{self._sent}", "text": event.text, "choice": event.choice}
        if event.attachment:
            sending["attachment"] = msgspec.to_builtins(event.attachment)
        answer = threading.Thread(target=self._send, args=(chat, sending))
        answer.start()
        self._threads.append(answer)

    def _send(self, chat: str, sending: dict[str, Any]) -> None:
        headers = {"authorization": f"Bearer {self._token(chat)}"}
        assert self._http.post("/web/messages", json=sending, headers=headers).status_code == 202

    def let_in(self, core: Core) -> None:
        """Store what was sent."""
        self.door.let_in(core)
        self._threads.pop().join()

    def sees(self, chat: str, message: Message, carried: Carried | None) -> tuple[str, tuple[str, ...]]:
        """Read the stream after the last message."""
        talks = f"{self._token(chat)} {self._last.get(chat, 0)}"
        with self._http.stream("GET", "/web/stream", headers={"toso-talks": talks}) as stream:
            for line in stream.iter_lines():
                if line.startswith("data: ") and '"number"' in line:
                    told = msgspec.json.decode(line.removeprefix("data: "))
                    break
        self._last[chat] = told["number"]
        assert [choice["label"] for choice in told["choices"]] == [button.label for button in message.choices]
        return told["text"], tuple(choice["data"] for choice in told["choices"])

    def _token(self, chat: str) -> str:
        token = hashlib.sha256(chat.encode()).hexdigest()
        if chat not in self._known:
            self._known.add(chat)
            with self._database.write() as connection:
                there = select(t.contacts.c.id).where(
                    t.contacts.c.account == "web", t.contacts.c.chat == chat
                )
                if connection.scalar(there) is None:
                    open_talk(connection, token, chat)  # somebody opens the page for the first time
                else:
                    connection.execute(
                        insert(t.web_talks).values(secret=hidden(token), chat=chat, at=clock.now())
                    )
        return token

    def stop(self) -> None:
        """End."""
        self._mailboxes.end()
        self._http.close()
        self._serving.stop()
        self._database.close()


class _Nobody:
    """Stands where pages open new talks; here all have theirs."""


class _Intake(Intake):
    def __init__(self, door: Door) -> None:
        self.take = door.take  # type: ignore[method-assign]


class OnTerminal(Everywhere):
    """The terminal."""

    buttons = False
    plain = True

    @property
    def account(self) -> str:
        """The account on which everybody is."""
        return terminal.ACCOUNT

    def seat(self, who: Seat) -> str:
        """Give the chat of somebody who sits there."""
        return who.name

    def does(self, chat: str, event: Incoming) -> None:
        """Type it."""
        if not event.text:
            raise NotHere
        self._line = terminal.typed(chat, event.text)

    def let_in(self, core: Core) -> None:
        """Store the line."""
        core.intake.take_now([self._line])

    def sees(self, chat: str, message: Message, carried: Carried | None) -> tuple[str, tuple[str, ...]]:
        """Read what is printed."""
        link = carried.link if carried else ""
        return terminal.rendered(message, "Tổ Số", link).plain.removeprefix("Tổ Số: "), ()
