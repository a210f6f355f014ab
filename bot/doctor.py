"""What is configured, what is wrong, and what to do about it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date, timedelta
from importlib.util import find_spec
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from bot import clock, metrics
from bot.backup import daily_copies, sqlite_file
from bot.findings import Finding
from bot.settings import Settings
from bot.shelf import REPORTS, TOPICS
from bot.store import schema
from bot.store import tables as t
from bot.store.database import Database
from bot.trouble import reason
from knowledge.check import check
from knowledge.forms import FormError, load_forms
from knowledge.languages import LANGUAGES
from knowledge.library import Unreadable, load

ROOM = 500 * 1024 * 1024  # bytes free below which the office should be told
STALE = timedelta(days=2)  # without a daily copy
OLD = 300.0  # seconds that something may wait before it is worth a word


def examine(settings: Settings) -> Iterator[Finding]:
    """Look at everything an operator could mend."""
    yield from _channels(settings)
    if settings.office_name == "Tổ Số":
        yield Finding(
            "warning", "the office has no name", "Set office_name: citizens read it in the first answer."
        )
    yield from _knowledge(settings)
    yield from _database(settings)
    yield from _disk(settings)


def _channels(settings: Settings) -> Iterator[Finding]:
    yield Finding("ok", f"channels: {', '.join(settings.channels)}; web on {settings.host}:{settings.port}")
    if "telegram" in settings.channels and find_spec(settings.telegram_driver) is None:
        yield Finding(
            "error",
            f"Telegram needs {settings.telegram_driver}, which is not installed",
            f"Run `pip install 'toso[{settings.telegram_driver}]'`, or remove telegram from CHANNELS.",
        )


def _knowledge(settings: Settings) -> Iterator[Finding]:
    folder = Path(settings.knowledge) if settings.knowledge else TOPICS
    try:
        library = load(folder)
    except Unreadable as error:
        yield Finding("error", str(error), "Mend that file; until then nothing starts.")
        return
    counts = ", ".join(f"{len(library.topics(lang))} {lang}" for lang in LANGUAGES)
    yield Finding("ok", f"knowledge {library.version}: topics {counts}")
    for problem in check(folder, _today()):
        yield Finding("error" if problem.severity == "error" else "warning", str(problem))
    try:
        forms = load_forms(REPORTS)
    except FormError as error:
        yield Finding("error", str(error))
        return
    yield Finding("ok", f"report forms: {', '.join(forms)}")


def _database(settings: Settings) -> Iterator[Finding]:
    database = Database(settings.database)
    where = database.url.render_as_string(hide_password=True)
    try:
        schema.check(database)
        figures = metrics.figures(database)
        with database.read() as connection:
            rows = connection.execute(select(t.units.c.kind, func.count()).group_by(t.units.c.kind))
            units: dict[str, int] = {row[0]: row[1] for row in rows}
            deserted = connection.execute(
                select(t.units.c.name).where(
                    ~select(t.roles.c.id)
                    .where(t.roles.c.place == t.units.c.id, t.roles.c.until.is_(None))
                    .exists()
                )
            ).scalars()
            nobody = list(deserted)
            parked = connection.execute(
                select(t.inbox.c.number, t.inbox.c.error, t.inbox.c.at)
                .where(t.inbox.c.state == t.PARKED)
                .order_by(t.inbox.c.id.desc())
                .limit(10)
            ).all()
    except schema.OtherSchema as error:
        yield Finding("error", str(error))
        return
    except DBAPIError as error:
        yield Finding("error", f"{where} does not answer: {reason(error)}", "Start it, or correct DATABASE.")
        return
    finally:
        database.close()
    yield Finding("ok", f"database {where}: {units.get('team', 0)} teams, {units.get('office', 0)} offices")
    for name in nobody:
        yield Finding("warning", f"nobody holds a role in “{name}”", "Invite somebody: `toso invite`.")
    waiting = figures.get("outbox_oldest_seconds", 0.0)
    if waiting > OLD:
        yield Finding("warning", f"a message has waited {waiting:.0f} s to be sent", "Is `toso run` running?")
    if figures["inbox_oldest_seconds"] > OLD:
        yield Finding(
            "warning", "an update has waited long for its turn", "Is `toso run` running? See its log."
        )
    for row in parked:
        yield Finding(
            "warning",
            f"event {row.number} of {row.at.astimezone(clock.VIETNAM):%d/%m %H:%M}: {row.error}",
            "Search that number in the log of `toso run`, and report it.",
        )


def _disk(settings: Settings) -> Iterator[Finding]:
    if not settings.database.startswith("sqlite:///"):
        return
    for folder in sorted({Path(settings.backup_folder), sqlite_file(settings).parent}):
        existing = next(place for place in (folder, *folder.absolute().parents) if place.exists())
        free = shutil.disk_usage(existing).free
        if free < ROOM:
            yield Finding("warning", f"only {free // 2**20} MB are free in {folder}", "Make room there.")
    copies = daily_copies(settings)
    if not copies:
        yield Finding(
            "warning",
            "there is no daily copy yet",
            "`toso run` makes one a day; `toso backup` makes one now.",
        )
        return
    newest = date.fromisoformat(copies[-1].stem.removeprefix("toso-"))
    told = f"{len(copies)} daily copies, the newest of {newest}"
    if _today() - newest > STALE:
        yield Finding("warning", told, "Is `toso run` running? See its log.")
    else:
        yield Finding("ok", told)


def explained(settings: Settings) -> Iterator[str]:
    """Give every setting with its value; secrets stay secret."""
    for name, value in settings.shown().items():
        yield f"{name} = {value}"


def _today() -> date:
    return clock.now().astimezone(clock.VIETNAM).date()
