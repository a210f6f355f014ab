"""From a citizen's "send it" to the helpers' cards: a province at 300 new requests a minute, an open loop.

Citizens press at times of their own, whatever the answers do, and what is late counts from when it was
due.  Intake, turns, outbox and senders are the product's own; each platform is an HTTP server in a process
of its own that answers 429 to whoever sends faster than it allows, with the thinnest client there is.
Half of all people are on an account of Telegram's pace and half on one of a Zalo Official Account's: each
request is six cards and a receipt, so 300 a minute are 35 messages a second, and Telegram takes 30.

`python -m tests.bench.cards SECONDS` measures both databases alone, for so long.
"""

from __future__ import annotations

import asyncio
import gc
import random
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import msgspec
import psutil
import uvloop
from sqlalchemy import Connection, func, insert, select, update

from bot import clock
from bot.channels import Limits
from bot.core import Core
from bot.outbox import Sender
from bot.shelf import Bookcase
from bot.store import schema
from bot.store import tables as t
from bot.store.database import Database
from bot.store.people import columns_of
from bot.turns import Done
from bot.wording import Wording
from handlers.records.people import Person
from handlers.talk import Heard, Incoming, Talk
from handlers.turn import Office
from tests.bench import broadcast, province
from tests.bench.broadcast import Thin, by_day, count, free_port, reachable
from tests.bench.webhooks import databases

TELEGRAM, ZALO = "telegram:1", "zalo_oa:1"
BOTH: Mapping[str, float] = {TELEGRAM: 30, ZALO: 25}  # messages a second that each takes
ONE: Mapping[str, float] = {TELEGRAM: 30}
A_MINUTE = 300  # new requests
SECONDS = 120
STORED = 100_000  # requests that are there before
GOAL = 5.0  # seconds at p99
FIRST = 1_000_000  # number of the first citizen; what is stored before belongs to others
SAID = (
    "người thật",
    "bấm gửi mã hai lần không thấy tin nhắn",
)  # then whatever is asked is answered by its first choice
QUESTIONS = 6  # at the most until "send it" is offered
PATIENCE = 120.0  # seconds for what is still on its way at the end
CODE = re.compile(r"YC-(\w+)")


class Report(broadcast.Report):
    """What a platform has taken: when, by chat and the request that it is about."""

    arrived: dict[str, float] = msgspec.field(default_factory=dict)


class Platform(broadcast.Platform):
    """A platform that remembers what came when."""

    def __init__(self, rate: float) -> None:
        super().__init__(rate)
        self.report: Report = Report()

    def accept(self, chat: str, text: str, now: float) -> None:
        """Note what has arrived."""
        found = CODE.search(text)
        key = f"{chat} {found[1] if found else text}"
        self.report.accepted += 1
        self.report.twice += key in self.report.arrived
        self.report.arrived.setdefault(key, now)


class Times(msgspec.Struct, frozen=True):
    """How long something took, in seconds."""

    p50: float
    p95: float
    p99: float

    @classmethod
    def of(cls, seconds: Sequence[float]) -> Times:
        """Give the figures of many."""
        took = sorted(seconds)
        return cls(*(took[min(len(took) - 1, len(took) * share // 100)] for share in (50, 95, 99)))


class Measured(msgspec.Struct, frozen=True):
    """What came of it."""

    accounts: tuple[str, ...]
    requests: int
    messages: int
    first: Times  # until the first card of a request has arrived
    last: Times  # until all of them have
    refused: int
    twice: int
    processor: float  # share of one core that the bot's process took
    load: float


# --- who is there ---


def village(connection: Connection, accounts: Sequence[str], people: int) -> None:
    """Give the province's staff a chat each, and make as many citizens, each at home in one team's village."""
    codes = province.communes()
    staff = range(1, province.PEOPLE + province.OFFICERS + 1)
    numbers = range(FIRST, FIRST + people)
    homes = [province.commune_of(number % province.TEAMS + 1, codes) for number in numbers]
    citizens = [
        Person(id=number, lang="vi", commune=home, village=province.village_of(number % province.TEAMS + 1))
        for number, home in zip(numbers, homes, strict=True)
    ]
    connection.execute(
        insert(t.conversations),
        [
            {"id": one.id, "person": msgspec.json.encode(one).decode(), "talk": "", "touched": clock.now()}
            | columns_of(one)
            for one in citizens
        ],
    )
    connection.execute(
        insert(t.contacts),
        [
            {"account": accounts[number % len(accounts)], "chat": f"c{number}", "conversation": number}
            | {"heard": clock.now()}
            for number in (*staff, *numbers)
        ],
    )
    if connection.dialect.name != "sqlite":  # the province was written with its numbers
        for name in ("conversations", "requests", "units", "villages"):
            last = f"select setval(pg_get_serial_sequence('{name}', 'id'), (select max(id) from {name}))"
            connection.exec_driver_sql(last)


def team_of(citizen: int) -> range:
    """Give the members of the team where a citizen lives."""
    first = citizen % province.TEAMS * province.MEMBERS + 1
    return range(first, first + province.MEMBERS)


def about_to_send(core: Core, accounts: Sequence[str], people: int) -> str:
    """Bring every citizen to "Send it?"; give what the button that sends says.

    One of them says and presses everything; the others are put where that one stands.
    """
    one = FIRST
    for number in range(len(SAID) + QUESTIONS):
        talk = _talk(core, one)
        names = [button.data.partition("@")[0] for button in talk.offered]
        if "send" in names:
            break
        words, choice = (SAID[number], "") if number < len(SAID) else ("", talk.offered[0].data)
        core.intake.take_now([_heard(one, accounts, f"before {number}", words, choice)])
        core.run_waiting()
    else:
        raise RuntimeError(f"“send” is not offered: {names}")
    standing = msgspec.json.encode(talk).decode()
    others = update(t.conversations).where(t.conversations.c.id.between(FIRST, FIRST + people - 1))
    core.writer.submit(lambda c: c.execute(others.values(talk=standing))).result()
    core.writer.submit(lambda c: c.execute(update(t.outbox).values(state=t.SENT))).result()
    return talk.offered[names.index("send")].data


def _talk(core: Core, person: int) -> Talk:
    with core.database.read() as connection:
        kept = connection.scalar(select(t.conversations.c.talk).where(t.conversations.c.id == person))
    return msgspec.json.decode(kept, type=Talk) if kept else Talk()


def _heard(person: int, accounts: Sequence[str], key: str, text: str = "", choice: str = "") -> Heard:
    account, chat = accounts[person % len(accounts)], f"c{person}"
    event = Incoming(account=account, chat=chat, sender=chat, text=text, choice=choice)
    return Heard(f"{chat}:{key}", event)


# --- what happens ---


async def press(
    core: Core, accounts: Sequence[str], button: str, seconds: int, opened: dict[int, float]
) -> None:
    """Let citizens press "send it", each when it is their time; note when that was."""
    luck = random.Random(300)
    people = seconds * A_MINUTE // 60
    times = sorted(luck.uniform(0, seconds) for _ in range(people))
    begun, under_way = time.monotonic(), set[asyncio.Task[bool]]()
    for number, at in enumerate(times, FIRST):
        await asyncio.sleep(max(0.0, begun + at - time.monotonic()))
        opened[number] = begun + at
        heard = _heard(number, accounts, "send", choice=button)
        under_way.add(asyncio.create_task(core.intake.take([heard])))
    if not all(await asyncio.gather(*under_way)):
        raise RuntimeError("an update was not let in")


async def desk(
    database: Database, bookcase: Bookcase, accounts: Mapping[str, float], seconds: int
) -> Measured:
    """Measure one database."""
    people, names = seconds * A_MINUTE // 60, list(accounts)
    loop = asyncio.get_running_loop()
    senders: dict[str, Sender] = {}

    def wake(these: frozenset[str]) -> None:
        for account in these:
            senders[account].wake()

    def after(done: Done) -> None:
        if done.accounts:
            loop.call_soon_threadsafe(wake, frozenset(done.accounts))

    core = Core(database, bookcase, Wording(), after=after)
    platforms: list[subprocess.Popen[bytes]] = []
    channels: list[Thin] = []
    tasks: list[asyncio.Task[None]] = []
    opened: dict[int, float] = {}
    try:
        for account, rate in accounts.items():
            port = free_port()
            platforms.append(
                subprocess.Popen([sys.executable, "-m", __spec__.name, "serve", str(port), str(rate)])
            )
            channel = Thin(f"http://127.0.0.1:{port}", account)
            channels.append(channel)
            senders[account] = Sender(
                channel,
                database,
                core.writer,
                lambda: bookcase.shelf().calendar,
                Limits(rate=rate, burst=rate),
            )
            await reachable(channel.client)
        await asyncio.to_thread(core.writer.submit(lambda c: village(c, names, people)).result)
        button = await asyncio.to_thread(about_to_send, core, names, people)
        core.start()
        tasks = [asyncio.create_task(sender.run()) for sender in senders.values()]
        gc.collect()
        gc.freeze()
        used, begun = time.process_time(), time.monotonic()
        await press(core, names, button, seconds, opened)
        used = (time.process_time() - used) / (time.monotonic() - begun)
        await _all_sent(database, tasks)
        reports = []
        for channel in channels:
            async with channel.client.get("/report") as page:
                reports.append(msgspec.json.decode(await page.read(), type=Report))
    finally:
        gc.unfreeze()
        for task in tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        for channel in channels:
            await channel.close()
        await asyncio.to_thread(core.stop)
        for platform in platforms:
            platform.terminate()
            platform.wait()
    codes = _codes(database)
    if codes.keys() != opened.keys():
        raise RuntimeError(f"{len(codes)} requests were opened, not {len(opened)}")
    arrived = {key: at for report in reports for key, at in report.arrived.items()}
    cards = {
        citizen: [arrived[f"c{member} {code}"] - opened[citizen] for member in team_of(citizen)]
        for citizen, code in codes.items()
    }
    return Measured(
        accounts=tuple(names),
        requests=len(codes),
        messages=sum(report.accepted for report in reports),
        first=Times.of([min(times) for times in cards.values()]),
        last=Times.of([max(times) for times in cards.values()]),
        refused=sum(report.refused for report in reports),
        twice=sum(report.twice for report in reports),
        processor=used,
        load=psutil.getloadavg()[0],
    )


async def _all_sent(database: Database, tasks: Sequence[asyncio.Task[None]]) -> None:
    """Wait until nothing is decided or sent any more."""
    undecided = select(func.count()).where(t.inbox.c.state == t.WAITING)
    unsent = select(func.count()).where(t.outbox.c.state < t.SENT)
    until = time.monotonic() + PATIENCE
    while await asyncio.to_thread(count, database, undecided) or await asyncio.to_thread(
        count, database, unsent
    ):
        for task in tasks:
            if task.done():
                task.result()
        if time.monotonic() > until:
            raise RuntimeError("messages are left that nobody sends")
        await asyncio.sleep(0.5)


def _codes(database: Database) -> dict[int, str]:
    """Give the code of each citizen's request."""
    with database.read() as connection:
        rows = connection.execute(
            select(t.requests.c.citizen, t.requests.c.code).where(t.requests.c.citizen >= FIRST)
        )
        return {row.citizen: row.code for row in rows}


def measure(
    folder: Path, bookcase: Bookcase, seconds: int = SECONDS, stored: int = STORED
) -> Iterator[tuple[str, Measured]]:
    """Give what came of it on each database, and at last where everybody is on one account of Telegram's pace."""
    bookcase.prepare()
    with databases(folder) as urls, by_day():
        ways = [(name, url, BOTH) for name, url in urls.items()]
        ways.append(("sqlite, all on one Telegram account", f"sqlite:///{folder}/one.db", ONE))
        for name, url, accounts in ways:
            database = Database(url)
            schema.upgrade(database)
            province.fill(database, stored, events=stored // 10)
            yield name, uvloop.run(desk(database, bookcase, accounts, seconds))


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        broadcast.serve(int(sys.argv[2]), Platform(float(sys.argv[3])))
    else:
        with tempfile.TemporaryDirectory(prefix="bench-", dir=".cache") as folder_name:
            office = Office(name="UBND phường Đông Ngạc")
            for database_name, seen in measure(
                Path(folder_name).absolute(), Bookcase(office), int(sys.argv[1])
            ):
                print(database_name, seen, flush=True)
