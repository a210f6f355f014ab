"""What is configured, what is wrong, and what to do about it."""

from __future__ import annotations

import asyncio
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from importlib.util import find_spec
from pathlib import Path

from sqlalchemy import Connection, func, select
from sqlalchemy.exc import DBAPIError

from bot import clock, fault_words, form_words, metrics
from bot.backup import daily_copies, sqlite_file
from bot.channels import Channel, Refused, TryLater
from bot.channels.reasons import IN_THE_LOG, reason_of
from bot.findings import Finding
from bot.metrics import Figures, figure
from bot.settings import DRIVERS, Settings, Unusable, adding
from bot.shelf import TOPICS, folders, last_good, last_good_calendar, last_good_service, own_file, own_forms
from bot.store import faults, schema
from bot.store import tables as t
from bot.store.database import Database
from bot.store.faults import Unproven
from bot.store.links import unreachable
from bot.store.people import lasting
from bot.store.writer import writer
from bot.tokens import AGED, DEAD, TROUBLE
from bot.trouble import reason
from bot.vault import size_of
from handlers.text import Text, _, as_is
from knowledge.calendar import OWN as CALENDAR
from knowledge.calendar import BadCalendar, Calendar
from knowledge.check import check
from knowledge.form_files import FormError, load_forms
from knowledge.languages import LANGUAGES
from knowledge.library import Unreadable, load
from knowledge.service import OWN as SERVICE
from knowledge.service import BadService, Service

ROOM = 500 * 1024 * 1024  # bytes free below which the office should be told
STALE = timedelta(days=2)  # without a daily copy
ANSWER = 5.0  # seconds that a platform is given
OLD = 300.0  # seconds that something may wait before it is worth a word
FALSE = 3  # calls without their proof; fewer may be a stranger's, or the platform's own test

OTHER_SCHEMA = {
    "missing": (
        _("there is no database at {database} yet"),
        _("Run `toso db upgrade`, or correct DATABASE."),
    ),
    "empty": (_("{database} is empty"), _("Run `toso db upgrade`.")),
    "earlier": (_("{database} is of an earlier release"), _("Run `toso db upgrade`.")),
    "later": (_("{database} is of a later release"), _("Install that release, or restore a copy.")),
}

KINDS: dict[str, Text] = {  # of messages
    "answer": _("answers"),
    "receipt": _("receipts"),
    "notice": _("notices"),
    "reminder": _("reminders"),
    "broadcast": _("broadcasts"),
}
COSTS: dict[str, Text] = {  # under which channels count what they have sent
    "free": _("at no cost"),
    "quota": _("from the quota"),
    "billed": _("billed"),
    "message": _("each counts"),
    "mail": _("letters"),
    "zbs": _("templates"),
}
TROUBLES: dict[str, Text] = {  # why a token pair could not be renewed
    "given": _("Zalo's new pair was kept by nobody"),
    "refused": _("Zalo refuses, saying “{words}”"),
    "unsent": _("Zalo cannot be reached ({words})"),
    "unknown": _("no answer came that could be read ({words})"),
    "full": _("the disk has no room for a new pair ({words}), so Zalo was not asked"),
}
PROOFS = {"secret": _("secret"), "signature": _("signature")}
_SAME = _("Write the same {setting} everywhere and restart `toso run`: it tells the platform anew.")
REMEDIES = {  # by platform: what to do where its calls do not bear what we ask for
    "zalo_oa": _(
        "Copy ZALO_OA_SECRET (OA Secret Key) again from the webhook's page at developers.zalo.me, "
        "look at ZALO_OA_APP_ID, restart `toso run`, and write the account a word."
    ),
    "zalo_bot": _SAME(setting="ZALO_BOT_SECRET"),
    "telegram": _SAME(setting="TELEGRAM_SECRET"),
}


def examine(settings: Settings) -> Iterator[Finding]:
    """Look at everything an operator could mend and no platform has to be asked about."""
    yield from _channels(settings)
    if settings.office_name == "Tổ Số":
        yield Finding(
            "warning",
            _("the office has no name"),
            _("Set name under [office]: citizens read it in the first answer."),
        )
    yield from _knowledge(settings)
    yield from _database(settings)
    yield from _media(settings)
    yield from _disk(settings)


def _channels(settings: Settings) -> Iterator[Finding]:
    yield Finding(
        "ok",
        _("channels: {names}; web on {address}")(
            names=", ".join(settings.channels), address=f"{settings.host}:{settings.port}"
        ),
    )
    if "telegram" in settings.channels and find_spec(DRIVERS[settings.telegram_driver]) is None:
        yield Finding(
            "error",
            _("Telegram needs {library}, which is not installed")(library=settings.telegram_driver),
            _("Run {command}, or remove {channel} from CHANNELS.")(
                command=f"`{adding(settings.telegram_driver)}`", channel="telegram"
            ),
        )


def _knowledge(settings: Settings) -> Iterator[Finding]:
    folder = Path(settings.knowledge) if settings.knowledge else TOPICS
    own = Path(settings.own_knowledge)
    try:
        Service.load(own_file(folder, own, SERVICE))
    except BadService as error:
        yield Finding(
            "error",
            _("times and desk hours cannot be used: {fault}")(fault=fault_words.of(error)),
            _("Mend that file; until then the last good version is used.")
            if last_good_service(own)
            else _("Mend that file; until then nothing starts."),
        )
    try:
        Calendar.load(own_file(folder, own, CALENDAR))
    except BadCalendar as error:
        yield Finding(
            "error",
            _("the calendar of days off cannot be used: {fault}")(fault=fault_words.of(error)),
            _("Mend that file; until then the last good version is used.")
            if last_good_calendar(own)
            else _("Mend that file; until then nothing starts."),
        )
    try:
        library = load(folder, own)
    except Unreadable as error:
        kept = last_good(own)
        yield Finding(
            "error",
            _("the topics cannot be used: {fault}")(fault=fault_words.of(error)),
            _("Mend that file; until then the last good version {version} is used.")(version=kept.version)
            if kept
            else _("Mend that file; until then nothing starts."),
        )
        return
    counts = ", ".join(f"{len(library.topics(lang))} {lang}" for lang in LANGUAGES)
    yield Finding(
        "ok", _("knowledge {version}: topics {counts}")(version=str(library.version), counts=counts)
    )
    for problem in check(folder, _today(), own=own):
        yield Finding(
            "error" if problem.severity == "error" else "warning",
            _("a topic wants mending: {fault}")(fault=fault_words.told(problem)),
        )
    try:
        forms = load_forms(*folders(own_forms(settings)))
    except FormError as error:
        yield Finding("error", _("a report form cannot be used: {fault}")(fault=form_words.told(error.fault)))
        return
    yield Finding("ok", _("report forms: {names}")(names=", ".join(forms)))


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
                    .where(t.roles.c.place == t.units.c.id, lasting(t.roles, clock.now()))
                    .exists()
                )
            ).scalars()
            nobody = list(deserted)
            office = settings.office
            silent = unreachable(connection, clock.now(), office.closes, office.outside)
            pairs = list(_pairs(settings, connection))
            unproven = faults.unproven(connection, clock.now())
            parked = connection.execute(
                select(t.inbox.c.number, t.inbox.c.error, t.inbox.c.at)
                .where(t.inbox.c.state == t.PARKED)
                .order_by(t.inbox.c.id.desc())
                .limit(10)
            ).all()
    except schema.OtherSchema as error:
        what, remedy = OTHER_SCHEMA[error.state]
        yield Finding("error", what(database=where), remedy)
        return
    except DBAPIError as error:
        yield Finding(
            "error",
            _("{database} does not answer: {reason}")(database=where, reason=reason(error)),
            _("Start it, or correct DATABASE."),
        )
        return
    finally:
        database.close()
    yield Finding(
        "ok",
        _("database {database}: {teams} teams, {offices} offices")(
            database=where, teams=units.get("team", 0), offices=units.get("office", 0)
        ),
    )
    for name in nobody:
        yield Finding(
            "warning",
            _("nobody holds a role in “{unit}”")(unit=name),
            _("Invite somebody: `toso invite`."),
        )
    for _number, name in silent:
        yield Finding(
            "error",
            _("nobody of “{unit}” can be reached: their chats have closed")(unit=name),
            _("Ask one of them to write a word to Tổ Số, and to give an e-mail address."),
        )
    yield from pairs
    yield from map(_unproven, unproven)
    yield from _accounts(settings, figures)
    if figures[figure("inbox_oldest_seconds")] > OLD:
        yield Finding(
            "warning",
            _("an update has waited long for its turn"),
            _("Is `toso run` running? See its log."),
        )
    for row in parked:
        yield Finding(
            "warning",
            _("event {number} of {moment}: {error}")(
                number=row.number,
                moment=f"{row.at.astimezone(clock.VIETNAM):%d/%m %H:%M}",
                error=row.error,
            ),
            _("Search that number in the log of `toso run`, and report it."),
        )


def _accounts(settings: Settings, figures: Figures) -> Iterator[Finding]:
    """Say of each account what waits, what failed, what was spent and how its token pair stands."""
    for (name, labels), value in figures.items():
        facts = dict(labels)
        match name:
            case "outbox_oldest_seconds" if value > OLD:
                yield Finding(
                    "warning",
                    _("{account}: a message has waited {seconds} s to be sent")(
                        account=facts["account"], seconds=round(value)
                    ),
                    _("Is `toso run` running? See its log."),
                )
            case "outbox_failed_in_a_week":
                yield Finding(
                    "warning",
                    _("{account}: {count} messages of the kind “{kind}” reached nobody in seven days")(
                        account=facts["account"], count=round(value), kind=KINDS[facts["kind"]]
                    ),
                    _("The log of `toso run` says why; whoever should know was told."),
                )
            case "spent_this_month":
                yield from _spent(settings, figures, facts["account"], facts["cost"], round(value))


def _spent(settings: Settings, figures: Figures, account: str, cost: str, messages: int) -> Iterator[Finding]:
    left = figures.get(figure("quota_left", account=account, cost=cost))
    if left is None:
        told = _("{account}: {count} messages this month ({cost})")
    else:
        told = _("{account}: {count} messages this month ({cost}), {left} left")(left=round(left))
    told = told(account=account, count=messages, cost=COSTS.get(cost, as_is(cost)))
    if left is not None and left <= 0:
        yield Finding("warning", told, _("Buy more, or wait: until then nothing of this kind is sent."))
    else:
        yield Finding("ok", told)
    if account == "zbs" and settings.zbs_price:
        yield Finding(
            "ok", _("{account}: that makes {sum} đồng")(account=account, sum=messages * settings.zbs_price)
        )


def _unproven(found: Unproven) -> Finding:
    """Say that nothing is heard of a platform because its calls do not bear what our settings ask for."""
    told = _(
        "{account}: {count} calls bore a false {proof}, the last on {moment}, and no true one has come since"
    )
    return Finding(
        "error" if found.calls >= FALSE else "warning",
        told(
            account=found.account,
            count=found.calls,
            proof=PROOFS[found.fault],
            moment=f"{found.at.astimezone(clock.VIETNAM):%d/%m %H:%M}",
        ),
        REMEDIES[found.account.partition(":")[0]],
    )


def _pairs(settings: Settings, connection: Connection) -> Iterator[Finding]:
    """Say how the token pairs stand that a platform changes."""
    if "zalo_oa" not in settings.channels and not settings.zbs_template:
        return
    account = f"zalo_oa:{settings.zalo_oa_id}"
    row = connection.execute(
        select(t.tokens.c.since, t.tokens.c.until, t.tokens.c.trouble).where(t.tokens.c.account == account)
    ).one_or_none()
    bring = _("Bring a token pair: `toso zalo token`, or `toso zalo link`.")
    if row is None:
        yield Finding("error", _("{account}: there is no token pair")(account=account), bring)
        return
    day = f"{row.since.astimezone(clock.VIETNAM):%d/%m/%Y}"
    if row.trouble:
        yield Finding(
            "error",
            _("{account}: the token pair of {day} could not be renewed: {trouble}")(
                account=account, day=day, trouble=_trouble(row.trouble)
            ),
            _("Mend the app's settings at Zalo, or bring a new pair: `toso zalo token`."),
        )
    elif clock.now() - row.since > AGED:
        dies = f"{(row.since + DEAD).astimezone(clock.VIETNAM):%d/%m/%Y}"
        yield Finding(
            "error",
            _("{account}: the token pair is of {day} and dies on {dies}")(
                account=account, day=day, dies=dies
            ),
            bring,
        )
    else:
        yield Finding("ok", _("{account}: the token pair is of {day}")(account=account, day=day))


def _trouble(written: str) -> Text:
    """Say in the reader's language why a renewal failed, of which the database holds English words."""
    for state, template in TROUBLE.items():
        found = re.fullmatch(re.escape(template).replace(re.escape("{words}"), "(?P<words>.*)"), written)
        if found and state in TROUBLES:
            return TROUBLES[state](**found.groupdict())
    return IN_THE_LOG


def ask(settings: Settings) -> list[Finding]:
    """Ask every platform about its account, all at once; who does not answer in time is told."""
    # Loaded late: it brings every channel's library.
    from bot.app import builders

    database = Database(settings.database)
    try:
        schema.check(database)  # told already where it is not well; a platform's token is kept there
    except (schema.OtherSchema, DBAPIError):
        database.close()
        return []
    writing = writer(database)

    unbuilt: list[Finding] = []

    def built_of(build: Callable[[], Channel]) -> Channel | None:
        try:
            return build()
        except Unusable as error:  # what one of them lacks hides none of the others
            unbuilt.append(Finding("error", error.reason))
            return None

    async def main() -> list[Finding]:
        tried = [built_of(build) for build in builders(settings, database, writing)]
        built = [channel for channel in tried if channel is not None]
        try:
            found = await asyncio.gather(*(_asked(channel) for channel in built))
        finally:
            for channel in built:
                await channel.close()
        return [finding for findings in found for finding in findings]

    try:
        found = asyncio.run(main())
        return [*unbuilt, *found]
    finally:
        writing.close()
        database.close()


async def _asked(channel: Channel) -> Sequence[Finding]:
    try:
        async with asyncio.timeout(ANSWER):
            return await channel.check()
    except TimeoutError:
        reason = _("no answer within {seconds} seconds")(seconds=round(ANSWER))
    except DBAPIError:
        reason = _("its database does not answer")
    except (TryLater, Refused) as error:
        reason = reason_of(error)
    return [
        Finding(
            "error",
            _("{account} could not be asked: {reason}")(account=channel.account, reason=reason),
            _("Is there a network? Then see the log of `toso run`."),
        )
    ]


def _media(settings: Settings) -> Iterator[Finding]:
    files, size = size_of(Path(settings.media_folder))
    if files:
        told = _("{n} photos and files of people in {folder}, {megabytes} MB")
        yield Finding("ok", told(n=files, folder=settings.media_folder, megabytes=-(-size // 2**20)))


def _disk(settings: Settings) -> Iterator[Finding]:
    if not settings.database.startswith("sqlite:///"):
        return
    for folder in sorted(
        {Path(settings.backup_folder), Path(settings.media_folder), sqlite_file(settings).parent}
    ):
        existing = next(place for place in (folder, *folder.absolute().parents) if place.exists())
        free = shutil.disk_usage(existing).free
        if free < ROOM:
            yield Finding(
                "warning",
                _("only {megabytes} MB are free in {folder}")(megabytes=free // 2**20, folder=str(folder)),
                _("Make room there."),
            )
    copies = daily_copies(settings)
    if not copies:
        yield Finding(
            "warning",
            _("there is no daily copy yet"),
            _("`toso run` makes the first a minute after its start, then one a day."),
        )
        return
    newest = date.fromisoformat(copies[-1].stem.removeprefix("toso-"))
    told = _("{count} daily copies, the newest of {date}")(count=len(copies), date=f"{newest:%d/%m/%Y}")
    if _today() - newest > STALE:
        yield Finding("warning", told, _("Is `toso run` running? See its log."))
    else:
        yield Finding("ok", told)


def explained(settings: Settings) -> Iterator[str]:
    """Give every setting with its value; secrets stay secret."""
    for name, value in settings.shown().items():
        yield f"{name} = {value}"


def _today() -> date:
    return clock.now().astimezone(clock.VIETNAM).date()
