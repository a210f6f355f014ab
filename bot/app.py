"""Builds every part of a running process and joins them; nothing is built anywhere else."""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
import sys
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import uvicorn
import uvloop
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from sqlalchemy.exc import SQLAlchemyError
from starlette.routing import Mount, Route

from bot import clock, metrics
from bot.backup import lock_path
from bot.channels import Channel, Limits, Refused
from bot.channels.telegram_channel import TelegramChannel
from bot.core import Core
from bot.elsewhere import Moved
from bot.indexing import made_apart
from bot.locks import FileLock, Lost, while_only_one
from bot.maker import Maker
from bot.media import Carrier, Porter
from bot.metrics import Figures, figure
from bot.outbox import Sender
from bot.publishing import Publisher
from bot.settings import Settings, Unusable, adding
from bot.shelf import TOPICS, Bookcase, own_forms
from bot.signals import Ears
from bot.store import spending
from bot.store.database import Database
from bot.store.links import open_templates
from bot.store.writer import Writer
from bot.ticker import Ticker, tended
from bot.trouble import where
from bot.turns import Done
from bot.vault import Vault
from bot.web.hooks import Hooks, in_front
from bot.web.mailboxes import LOOK, Mailboxes
from bot.web.published import Published
from bot.web.server import ACCOUNT as WEB
from bot.web.server import Web, application
from bot.wording import Wording, shortcuts
from handlers import desk
from handlers.text import _
from handlers.turn import Turn

log = logging.getLogger(__name__)

SWITCH = 0.001  # seconds that a deciding thread keeps the interpreter from one that lets updates in
TICK = 1.0  # seconds between two looks for what is due
AGAIN = 1.0  # seconds before hearing begins anew
TEND = 600.0  # seconds between two looks after what the platforms keep for us
SETTLED = 60.0  # seconds after the start, when nobody waits for us any more


class App:
    """One process: the web server, channels with their senders, turns, and the ticker."""

    def __init__(
        self,
        settings: Settings,
        routes: Callable[[App], list[Route | Mount]] = lambda app: [],
        decide: Callable[[Turn], None] = desk.decide,
        bookcase: Bookcase | None = None,
    ) -> None:
        self.settings = settings
        self.database = Database(settings.database)
        self._lock = FileLock(lock_path(settings)) if self.database.sqlite else None
        if self._lock is not None:
            self._lock.take()
        topics = Path(settings.knowledge) if settings.knowledge else TOPICS
        own = Path(settings.own_knowledge)
        self.bookcase = bookcase or Bookcase(
            settings.office, topics, own_forms(settings), own, make=made_apart
        )
        self.publisher = Publisher(self.database, own)
        wording = Wording()
        self.core = Core(
            self.database,
            self.bookcase,
            wording,
            decide=decide,
            after=self._after_turns,
            threads=settings.threads,
        )
        self.vault = Vault(Path(settings.media_folder), settings.media_most_mb * 2**20, self.database.name)
        self.carrier = Carrier(self.database, self.vault, settings.public_address)
        self.porter = Porter(
            self.database,
            self.core.writer,
            self.vault,
            self._fetch,
            self._wake_workers,
            Maker(self.database, self.bookcase.shelf, wording).pieces_of,
        )
        self.mailboxes = Mailboxes(self.database)
        self.web = Web(
            self.database,
            self.core.writer,
            self.core.intake,
            self.mailboxes,
            lambda: self.bookcase.shelf().office,
            self.vault,
            self.carrier,
        )
        self.published = Published(self.database, self.web.pages, wording)
        self.channels = channels(settings, self.database, self.core.writer)
        self.senders = {
            channel.account: Sender(
                channel,
                self.database,
                self.core.writer,
                lambda: self.bookcase.shelf().calendar,
                served=lambda account: account in self.senders,
                moved=self._moved,
                carry=self.carrier.carried,
            )
            for channel in self.channels
        }
        self.hooks = Hooks(self.channels, self.core.intake, self.core.writer)
        self._well: dict[
            str, bool
        ] = {}  # accounts whose webhook and token were found in order when last looked at
        self._ears = None if self.database.sqlite else Ears(self.database, self._heard)
        self._routes = routes
        self._loop: asyncio.AbstractEventLoop | None = None
        self._server: Server | None = None
        self._under_way: set[asyncio.Future[None]] = set()  # what the scheduler began

    # --- word from one part to another ---

    def _after_turns(self, done: Done) -> None:
        if done.mailboxes:
            self.mailboxes.came(done.mailboxes)
        if done.media and self._loop is not None:
            self._loop.call_soon_threadsafe(self.porter.wake)
        if done.accounts and self._loop is not None:
            self._loop.call_soon_threadsafe(self._wake_senders, tuple(done.accounts))

    def _wake_workers(self) -> None:
        if self.core.workers is not None:
            self.core.workers.wake()

    def _fetch(self, account: str, ref: str) -> AsyncIterator[bytes]:
        """Give what lies behind a handle of an account; raise Refused where that is not served any more."""
        if account == WEB:
            return self.vault.sent(ref)
        for channel in self.channels:
            if channel.account == account:
                return channel.fetch(ref)
        raise Refused("that account is not served any more")

    def _wake_senders(self, accounts: tuple[str, ...]) -> None:
        for account in accounts:
            if sender := self.senders.get(account):
                sender.wake()

    def _moved(self, moved: Moved) -> None:
        """Tell whom it concerns that a message goes another way than it was to go."""
        self.mailboxes.came(moved.mailboxes)
        self._wake_senders(tuple(moved.accounts))
        if moved.events and self.core.workers is not None:
            self.core.workers.wake()

    def _heard(self, words: str) -> None:
        kind, _, number = words.partition(" ")
        if kind == "inbox":
            self._wake_workers()
        elif kind == "mail" and number:  # without one it is the account of that name
            self.mailboxes.came([int(number)])
        elif kind == "rest":
            conversation, _, seconds = number.partition(" ")
            self.core.turns.rest(int(conversation), float(seconds))
        elif self._loop is not None:
            self._loop.call_soon_threadsafe(self._wake_senders, (words,))

    def figures(self) -> Figures:
        """Give what this process has counted and what the database holds."""
        counted: Figures = {
            figure("intake_stored"): self.core.intake.stored,
            figure("intake_not_now"): self.core.intake.refused,
            figure("web_malformed"): self.web.malformed,
            figure("web_pages"): self.mailboxes.pages,
            figure("turns_parked"): self.core.turns.parked,
            figure("media_kept"): self.porter.kept,
            figure("media_refused"): self.porter.refused,
        }
        for account, sender in self.senders.items():
            counted[figure("sent", account=account)] = sender.sent
            counted[figure("sent_again", account=account)] = sender.again
            counted[figure("failed", account=account)] = sender.failed
        for channel in self.channels:
            for name, value in channel.figures().items():
                counted[figure(name, account=channel.account)] = value
        for account, well in self._well.items():
            counted[figure("well", account=account)] = well
        for account, count in self.hooks.heard.items():
            counted[figure("hook_heard", account=account)] = count
        for (account, fault), count in self.hooks.faults.items():
            counted[figure("hook_refused", account=account, fault=fault)] = count
        return counted | metrics.figures(self.database)

    def _released(self, accounts: set[str]) -> None:
        self._wake_senders(tuple(accounts))
        self.mailboxes.everybody()

    # --- running ---

    async def run(self, ready: Callable[[], Awaitable[None]] | None = None) -> None:
        """Serve until told to stop; finish what is under way."""
        listener = listening(self.settings.host, self.settings.port)
        sys.setswitchinterval(SWITCH)
        self._loop = asyncio.get_running_loop()
        self.mailboxes.begin()
        self.core.start()
        if self._ears is not None:
            self._ears.start()
        ticker = Ticker(self.core, self.settings, self._released)
        scheduler = AsyncIOScheduler(
            timezone=clock.VIETNAM, job_defaults={"max_instances": 1, "coalesce": True}
        )
        scheduler.add_job(self._finished(ticker.tick), "interval", seconds=TICK)
        scheduler.add_job(self._finished(self.mailboxes.look), "interval", seconds=LOOK)
        scheduler.add_job(self._finished(self._look_at_knowledge), "interval", seconds=5)
        house = self._finished(ticker.keep_house)
        scheduler.add_job(house, "interval", minutes=10)
        scheduler.add_job(self._finished(self.hooks.keep), "interval", minutes=1)
        scheduler.add_job(self._finished(self._tend), "interval", seconds=TEND)
        scheduler.start()
        self._server = server = Server(
            uvicorn.Config(
                in_front(
                    self.hooks,
                    application(
                        [
                            *self._routes(self),
                            *self.web.routes(),
                            *self.published.routes(),
                            Route("/metrics", metrics.page(self.figures)),
                        ]
                    ),
                ),
                log_level="warning",
                access_log=False,
                timeout_graceful_shutdown=2,
                lifespan="off",
                loop="uvloop",
                http="httptools",
                server_header=False,
            )
        )
        self._stop_when_told()
        tasks = [asyncio.create_task(self._receive(channel)) for channel in self.channels]
        tasks += [asyncio.create_task(sender.run()) for sender in self.senders.values()]
        tasks.append(asyncio.create_task(self._tend()))
        tasks.append(asyncio.create_task(self._carry()))
        # Soon after the start too: many an office turns its computer off in the evening.
        tasks.append(asyncio.create_task(once_settled(house)))
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            await self._started(server, serving)
            log.info("ready on http://%s:%s", self.settings.host, self.settings.port)
            await asyncio.to_thread(self.bookcase.prepare)
            if ready is not None:
                await ready()
            await serving
        finally:
            scheduler.shutdown(wait=False)
            await asyncio.gather(*self._under_way, return_exceptions=True)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self.hooks.keep()
            for channel in self.channels:
                await channel.close()
            if self._ears is not None:
                await asyncio.to_thread(self._ears.stop)
            await asyncio.to_thread(self.core.stop)
            if self._lock is not None:
                self._lock.release()

    def stop(self) -> None:
        """End the serving, and with it everything in good order; to be called where `run` runs."""
        self.mailboxes.end()  # open streams would keep the server waiting
        if self._server is not None:
            self._server.should_exit = True

    def _stop_when_told(self) -> None:
        if self._loop is not None and threading.current_thread() is threading.main_thread():
            for name in (signal.SIGTERM, signal.SIGINT):
                self._loop.add_signal_handler(name, self.stop)

    def _finished(self, job: Callable[[], Coroutine[Any, Any, None]]) -> Callable[[], Awaitable[None]]:
        """Give a job that the scheduler can begin and not cut short: its thread would go on writing."""

        async def run() -> None:
            task = asyncio.ensure_future(job())
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)
            with suppress(asyncio.CancelledError):
                await asyncio.shield(task)

        return run

    async def _started(self, server: uvicorn.Server, serving: asyncio.Task[None]) -> None:
        while not server.started and not serving.done():
            await asyncio.sleep(0.01)

    async def _receive(self, channel: Channel) -> None:
        """Hear for as long as this process runs; a lost lock or database is waited for."""
        while True:
            with suppress(SQLAlchemyError, Lost):
                await while_only_one(
                    self.database,
                    self.core.writer,
                    f"poll:{channel.account}",
                    partial(channel.receive, self.core.intake.take),
                )
            log.warning("%s: hearing stopped; begun anew in a moment", channel.account)
            await asyncio.sleep(AGAIN)

    async def _carry(self) -> None:
        """Fetch and remove files for as long as this process runs; one process does it for all."""
        while True:
            try:
                await while_only_one(self.database, self.core.writer, "media", self.porter.run)
            except (SQLAlchemyError, Lost, OSError) as error:
                log.warning("fetching files stopped: %s; begun anew in a moment", where(error))
            await asyncio.sleep(AGAIN)

    async def _tend(self) -> None:
        """Look after what the platforms keep for us; a second process finds the first at it and leaves."""
        if self.settings.zbs_template:
            await self._open_templates()
        await asyncio.gather(*(self._tend_one(channel) for channel in self.channels))

    async def _open_templates(self) -> None:
        account, now = f"zalo_oa:{self.settings.zalo_oa_id}", clock.now()
        try:
            await asyncio.wrap_future(self.core.writer.submit(lambda c: open_templates(c, account, now)))
        except SQLAlchemyError as error:
            log.warning(
                "templates could not be opened to new people, tried again in a while: %s", where(error)
            )

    async def _tend_one(self, channel: Channel) -> None:
        well = await tended(channel, self.database, self.core.writer)
        if well is not None:
            self._well[channel.account] = well

    async def _look_at_knowledge(self) -> None:
        try:
            await asyncio.to_thread(self.publisher.publish)
        except (SQLAlchemyError, OSError) as error:
            log.warning("approved answers could not be written, tried again in a moment: %s", where(error))
        await asyncio.to_thread(self.bookcase.look)


async def once_settled(job: Callable[[], Awaitable[None]]) -> None:
    """Do a job when the start is over; the scheduler knows the machine's time only, and the demo has its own."""
    await asyncio.sleep(SETTLED)
    await job()


def channels(settings: Settings, database: Database, writer: Writer) -> list[Channel]:
    """Build the channels that are switched on; raise Unusable where one of them cannot be."""
    return [build() for build in builders(settings, database, writer)]


def builders(settings: Settings, database: Database, writer: Writer) -> list[Callable[[], Channel]]:
    """Give what builds each channel that is switched on; a library is loaded only with its channel.

    Those whose platform changes their tokens keep these in the database.
    """
    kinds: tuple[tuple[bool, Callable[[], Channel]], ...] = (
        ("telegram" in settings.channels, lambda: _telegram(settings)),
        ("zalo_oa" in settings.channels, lambda: _zalo_oa(settings, database, writer)),
        ("zalo_bot" in settings.channels, lambda: _zalo_bot(settings, database)),
        (bool(settings.smtp_host), lambda: _mail(settings)),
        (bool(settings.zbs_template), lambda: _zbs(settings, database, writer)),
    )
    return [build for on, build in kinds if on]


def _zalo_oa(settings: Settings, database: Database, writer: Writer) -> Channel:
    from bot import tokens
    from bot.channels.zalo_oa_client import ZaloOAChannel

    return ZaloOAChannel(
        settings.zalo_oa_id,
        tokens.keeper(settings, database, writer),
        app=settings.zalo_oa_app_id,
        secret=settings.zalo_oa_secret.reveal(),
        app_secret=settings.zalo_oa_app_secret.reveal(),
        api=settings.zalo_oa_api,
        bad_signature_status=settings.zalo_oa_bad_signature_status,
        buttons=settings.zalo_oa_buttons,
        limits=Limits(
            rate=settings.zalo_oa_rate,
            burst=settings.zalo_oa_rate,
            chat_rate=settings.zalo_oa_chat_rate,
            chat_burst=5,
        ),
        paid=settings.zalo_oa_paid,
        hosts=settings.zalo_oa_media_hosts,
        picture=f"{settings.public_address}/static/any/icon-512.png" if settings.public_address else "",
    )


def _zalo_bot(settings: Settings, database: Database) -> Channel:
    from bot.channels.zalo_bot_client import ZaloBotChannel

    def spent(account: str) -> int:
        now = clock.now()
        with database.read() as connection:
            heard = spending.heard(connection, account, now) if settings.zalo_bot_quota_both else 0
            return spending.used(connection, account, now) + heard

    return ZaloBotChannel(
        settings.zalo_bot_token.reveal(),
        api=settings.zalo_bot_api,
        name=settings.zalo_bot_name,
        webhook=f"{settings.public_address}/hooks/zalo_bot" if settings.zalo_bot_webhook else "",
        secret=settings.zalo_bot_secret.reveal(),
        limits=Limits(
            rate=settings.zalo_bot_rate,
            burst=settings.zalo_bot_rate,
            chat_rate=settings.zalo_bot_chat_rate,
            group_rate=settings.zalo_bot_chat_rate,
        ),
        quota=settings.zalo_bot_quota,
        spent=spent,
        hosts=settings.zalo_bot_media_hosts,
    )


def _mail(settings: Settings) -> Channel:
    from bot.channels.mail import MailChannel

    return MailChannel(
        settings.smtp_host,
        settings.smtp_port,
        settings.smtp_from,
        user=settings.smtp_user,
        password=settings.smtp_password,
        tls=settings.smtp_tls,
        rate=settings.smtp_rate / 60,
    )


def _zbs(settings: Settings, database: Database, writer: Writer) -> Channel:
    from bot import tokens
    from bot.channels.zbs import ZbsChannel

    return ZbsChannel(
        tokens.keeper(settings, database, writer),
        settings.zbs_template,
        settings.zbs_fields,
        office=settings.office_name,
        business=settings.zbs_api,
        api=settings.zalo_oa_api,
        rate=settings.zbs_rate,
    )


def _telegram(settings: Settings) -> Channel:
    driver: type[TelegramChannel]
    try:
        if settings.telegram_driver == "ptb":
            from bot.channels.telegram_ptb import PtbChannel

            driver = PtbChannel
        else:
            from bot.channels.telegram_aiogram import AiogramChannel

            driver = AiogramChannel
    except ModuleNotFoundError as error:
        missing = _(
            "{library} is not installed, and Telegram needs it. Run {command}, or remove telegram from CHANNELS."
        )
        command = f"`{adding(settings.telegram_driver)}`"
        raise Unusable(missing(library=str(error.name), command=command)) from error
    address = f"{settings.public_address}/hooks/telegram" if settings.telegram_webhook else ""
    try:
        return driver(
            settings.telegram_token.reveal(),
            api=settings.telegram_api,
            proxy=settings.telegram_proxy.reveal(),
            address=address,
            secret=settings.telegram_secret.reveal(),
            menu=lambda: shortcuts(Wording()),
            limits=Limits(
                rate=settings.telegram_rate,
                burst=settings.telegram_rate,
                chat_rate=settings.telegram_chat_rate,
                group_rate=settings.telegram_group_rate / 60,
            ),
        )
    except RuntimeError as error:
        # The library's own words name its other package differently each time.
        raise Unusable(
            _("TELEGRAM_PROXY needs a package that is not installed. Run {command}, or remove it.")(
                command=f"`{adding('proxy')}`"
            )
        ) from error


class Server(uvicorn.Server):
    """A web server that leaves signals to the process: uvicorn would die of one before the rest has ended."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


def listening(host: str, port: int) -> socket.socket:
    """Give the socket of the web server; raise Unusable when there is none to be had."""
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        raise Unusable(
            f"Nothing can listen on HOST {host}, PORT {port}: {str(error.strerror).partition(' (')[0]}. "
            "Correct HOST, or choose another PORT."
        ) from error


def run(app: App, ready: Callable[[], Awaitable[None]] | None = None) -> None:
    """Run a process until SIGTERM or Ctrl-C."""

    async def main() -> None:
        await app.run(ready)

    with suppress(KeyboardInterrupt):
        uvloop.run(main())
