"""Four phones side by side, on a store of their own and a clock that can be moved.

The people, and the story that can be played, stand in story.txt, those of a team's desk in desk.txt, of a
month's report in month.txt: transcripts like any other, which the tests play as well.  A story that has been
told, or whose days are over, begins anew on an empty store and at the first hour.
"""

from __future__ import annotations

import asyncio
import logging
import os
import webbrowser
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import Connection, func, select
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route

from bot import clock, codes
from bot.app import App, run
from bot.casting import Seat, seat
from bot.demo.months_before import file_months_before
from bot.play import BEGIN, SEED, next_moment
from bot.scratch import empty_store
from bot.settings import Settings
from bot.store import tables as t
from bot.ticker import release
from bot.transcript import Expects, Moves, Presses, Says, Sends, Takes, parse, read
from bot.web.server import open_talk
from handlers.rules import periods, reporting

log = logging.getLogger(__name__)

STORY, DESK, MONTH = (Path(__file__).parent / name for name in ("story.txt", "desk.txt", "month.txt"))
PAGES = {"/demo": STORY, "/demo/desk": DESK, "/demo/month": MONTH}
STEPS = {"1h": timedelta(hours=1), "1d": timedelta(days=1)}
BEFORE_DUE = timedelta(days=3)
MORNING = time(9)  # when a story begins that tells of a whole working day
ROLES = {
    "citizen": "Người dân",
    "member": "Tổ công nghệ số",
    "lead": "Tổ trưởng",
    "reporter": "Cán bộ báo cáo",
    "head": "Lãnh đạo xã",
    "officer": "Cán bộ theo dõi",
}


class Phone(msgspec.Struct, frozen=True):
    """One of four."""

    token: str
    chat: str
    name: str
    role: str
    place: str
    at_work: bool  # waits to be told something, and does not begin
    lang: str = "vi"


class Demo:
    """Seats the people of each story, moves the clock, and tells a story to its page."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._moving = asyncio.Lock()
        self._told: set[str] = set()  # pages whose story was begun
        self.again = False  # whether to begin anew when the serving has ended
        self._name = codes.token()  # tells a page that it is another demo by now
        self.phones: dict[str, list[Phone]] = app.core.writer.submit(self._seat_all).result()  # by page
        app.web.demo_clock = True

    def _seat_all(self, connection: Connection) -> dict[str, list[Phone]]:
        phones = {page: self._seat(connection, story) for page, story in PAGES.items()}
        file_months_before(connection, self._app.bookcase.shelf(), clock.now())
        return phones

    def _seat(self, connection: Connection, story: Path) -> list[Phone]:
        places = self._app.bookcase.shelf().places
        phones = []
        for line in read(story.read_text(encoding="utf-8")):
            takes = parse(line)
            if isinstance(takes, Takes):
                found = seat(connection, places, takes, clock.now())
                token = codes.token()
                chat = open_talk(connection, token, chat=found.name, conversation=found.person)
                place = _place(connection, found, takes)
                at_work = not takes.role.startswith("citizen")
                phones.append(Phone(token, chat, found.name, _role(takes), place, at_work))
        return phones

    def routes(self) -> list[Route]:
        """Give the demo's own routes."""
        pages = [Route(page, self.page) for page in PAGES]
        stories = [Route(f"{page}/story", self.story) for page in PAGES]
        acts = [
            Route("/demo/clock", self.move, methods=["POST"]),
            Route("/demo/again", self.begin_again, methods=["POST"]),
        ]
        return [*pages, *stories, *acts]

    async def page(self, request: Request) -> Response:
        """The page with the four phones of a story."""
        phones = [msgspec.to_builtins(phone) for phone in self.phones[request.url.path]]
        return self._app.web.pages.render(
            "demo.html", phones=phones, lang="vi", now=clock.now().isoformat(), demo=self._name
        )

    async def story(self, request: Request) -> Response:
        """The story as steps that a page can take; 409 where it was told already or its days are over."""
        page = request.url.path.removesuffix("/story")
        steps = story_steps(PAGES[page])
        days = [self._target(step["move"]) for step in steps if step.get("move", "").startswith("at ")]
        if page in self._told or any(day < clock.now() for day in days):
            return JSONResponse({"error": "over"}, status_code=409)
        self._told.add(page)
        begin = [{"move": "morning"}] if PAGES[page] is DESK else []
        return JSONResponse([*begin, *steps])

    async def begin_again(self, _request: Request) -> Response:
        """End this serving, so that the next begins on an empty store and at the first hour."""
        self.again = True
        self._app.stop()
        return JSONResponse({})

    async def move(self, request: Request) -> Response:
        """Move the clock; what is due on the way happens at its own time."""
        try:
            how = str((await request.json()).get("move", ""))
            target = self._target(how)
        except (ValueError, AttributeError):
            return JSONResponse(
                {"error": "move is 1h, 1d, morning, before-due or “at 2026-11-16T08:00+07:00”"},
                status_code=400,
            )
        async with self._moving:
            # Pressed ten times in a row it is ten days.
            await self._go(self._target(how) if how in STEPS else max(target, clock.now()))
        return JSONResponse({"now": clock.now().isoformat()})

    def _target(self, how: str) -> datetime:
        now = clock.now()
        if how in STEPS:
            return now + STEPS[how]
        if how.startswith("+"):
            return now + timedelta(seconds=float(how[1:]))
        if how.startswith("at "):
            return datetime.fromisoformat(how[3:]).astimezone(clock.VIETNAM)
        if how == "morning":
            return self._morning(now)
        if how != "before-due":
            raise ValueError(how)
        return self._before_due(now)

    def _morning(self, now: datetime) -> datetime:
        calendar, day = self._app.bookcase.shelf().calendar, reporting.local_day(now)
        while (at := datetime.combine(day, MORNING, clock.VIETNAM)) < now or not calendar.is_working_day(day):
            day += timedelta(days=1)
        return at

    def _before_due(self, now: datetime) -> datetime:
        shelf = self._app.bookcase.shelf()
        form = shelf.forms["monthly"]
        period = periods.open_period(form, reporting.local_day(now))
        while True:
            day = reporting.due(form, period, shelf.calendar) - BEFORE_DUE
            at = datetime(day.year, day.month, day.day, 8, 0, tzinfo=clock.VIETNAM)
            if at > now:
                return at
            period = periods.after(form, period)

    async def _go(self, target: datetime) -> None:
        core, workers = self._app.core, self._app.core.workers
        while (moment := await asyncio.to_thread(next_moment, core)) is not None and moment <= target:
            clock.go_to(max(moment, clock.now()))
            await asyncio.to_thread(self._do_what_is_due)
            if workers is not None:
                workers.wake()
            await self._quiet()
        clock.go_to(target)
        self._app.mailboxes.everybody()

    def _do_what_is_due(self) -> None:
        writer = self._app.core.writer
        writer.submit(lambda c: self._app.core.intake.put_due(c, clock.now())).result()
        writer.submit(lambda c: release(c, clock.now(), self._app.bookcase.shelf().calendar)).result()

    async def _quiet(self) -> None:
        """Wait until every turn that waits has been taken."""
        while await asyncio.to_thread(self._waiting):
            await asyncio.sleep(0.02)

    def _waiting(self) -> int:
        with self._app.database.read() as connection:
            return connection.scalar(select(func.count()).where(t.inbox.c.state == t.WAITING)) or 0


def story_steps(path: Path) -> list[dict[str, Any]]:
    """Give a transcript as steps: who writes or presses what, waits for which words, and how the clock moves."""
    steps: list[dict[str, Any]] = []
    for line in read(path.read_text(encoding="utf-8")):
        match parse(line):
            case Says(name=name, text=text):
                steps.append({"who": name, "text": text})
            case Presses(name=name, choice=choice, context=context):
                steps.append({"who": name, "choice": f"{choice}@{context}" if context else choice})
            case Expects(name=name, text=text):
                words = max((part.strip() for part in text.split("…")), key=len)
                steps.append({"wait": {"who": name, "contains": words.split("\n")[0]}})
            case Moves(by=by, to=to):
                how = f"+{by.total_seconds():.0f}" if by else f"at {to.isoformat() if to else ''}"
                steps.append({"move": how})
            case Sends(name=name, kind="photo"):
                steps.append({"who": name, "photo": True})
            case Sends():
                raise ValueError(f"{path}, line {line.number}: the page can send no other file than a photo")
            case _:
                pass
    return steps


def _role(takes: Takes) -> str:
    return ROLES.get(takes.role.split()[0], takes.role.split()[0])


def _place(connection: Connection, found: Seat, takes: Takes) -> str:
    if found.unit:
        return connection.scalar(select(t.units.c.name).where(t.units.c.id == found.unit)) or ""
    return takes.role.partition('"')[2].rstrip('"') or "phường Đông Ngạc, Hà Nội"


def serve(port: int, open_page: bool) -> None:
    """Serve the demo until Ctrl-C."""
    while _serve_once(port, open_page):
        open_page = False


def _serve_once(port: int, open_page: bool) -> bool:
    """Serve one demo from its first hour, and say whether another was asked for."""
    codes.seed(SEED)
    clock.go_to(BEGIN)
    demos: list[Demo] = []

    def routes(app: App) -> list[Route | Mount]:
        demos.append(Demo(app))
        return [*demos[-1].routes()]

    with empty_store() as url:
        settings = Settings(
            database=url,
            port=port,
            slows=False,  # a story may be told faster than anybody types
            office_name="UBND phường Đông Ngạc",
            media_folder=str(Path(url.removeprefix("sqlite:///")).parent / "media"),
            backup_folder=str(Path(url.removeprefix("sqlite:///")).parent / "copies"),
        )
        app = App(settings, routes=routes)

        async def ready() -> None:
            address = f"http://{settings.host}:{settings.port}/demo"
            print(f"Tổ Số: {address}   (Ctrl-C để dừng / to stop)", flush=True)  # noqa: T201
            if open_page and (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
                await asyncio.to_thread(webbrowser.open, address)

        run(app, ready)
    return any(demo.again for demo in demos)


__all__ = ["Demo", "serve", "story_steps"]
