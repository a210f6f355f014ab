"""A closed period is published when the province says so: seen in figures first, then with one tap, and taken back.

What is shown to everybody is a page of the web server, a table and JSON, all made from what is kept here.  A
correction changes nothing of it by itself: the province hears of it and publishes once more.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime

import msgspec

from handlers import answers, filing, overview
from handlers.filing import Filing, lines
from handlers.records.people import Person, Unit
from handlers.records.publications import Edition
from handlers.records.reports import Report
from handlers.rules import figures, period_words, periods, published, reporting
from handlers.rules.periods import Period
from handlers.rules.published import Asked, Content, Row
from handlers.rules.reporting import local_day
from handlers.text import Text, _, as_is
from handlers.turn import Choice, Turn
from knowledge.folding import fold
from knowledge.forms import Form

PATH = "/so-lieu"  # of the pages, behind the server's address
SHOWN = 8  # sums that the question before publishing names
LONGEST = 500  # letters of a reason
_WHICH = rf"(?: {period_words.WHICH})?"
_PUBLISH = re.compile(
    rf"(?:cong bo|publish)(?: lai| again)?(?: the)?(?: (?:so lieu|bao cao|figures|report))?{_WHICH}"
)
_WITHDRAW = re.compile(
    rf"(?:rut(?: lai)? cong bo|thoi cong bo|go cong bo|withdraw|unpublish)(?: so lieu| figures)?{_WHICH}"
)


# --- said by the province ---


def typed_card(turn: Turn) -> bool:
    """Hear "công bố 10/2026" and "rút công bố 10/2026: lý do" of whoever speaks for a province."""
    if not turn.staff:
        return False
    pressed = answers.pressed(turn)
    if pressed and pressed[0] in CARDS:  # the label of what is open, which is a command too
        return CARDS[pressed[0]](turn, pressed[1])
    words, _colon, reason = turn.text.partition(":")
    said = fold(words).strip(" .!?")
    if said == "withdraw":  # what, is not said: it may be a request
        return False
    publishes, withdraws = _PUBLISH.fullmatch(said), _WITHDRAW.fullmatch(said)
    match = withdraws or (None if reason.strip() else publishes)
    if match is None:
        return False
    unit = speaks_for(turn)
    if unit is None:
        turn.say(_("Only the office of the province publishes figures."))
        return True
    case = _meant(turn, unit, match)
    if case is None:
        turn.say(_("There is no such period. Type it like this: publish 10/2026."))
    elif withdraws is not None:
        _withdraw(turn, case, reason.strip()[:LONGEST])
    else:
        _offer(turn, case)
    return True


def publish(turn: Turn, context: str) -> bool:
    """Publish a period as it stands now, unless somebody has done so since it was offered."""
    case, number = named(turn, context)
    if case is None:
        return False
    if not may_publish(turn, case.unit):
        turn.say(_("Only the office of the province publishes figures."))
        return True
    kept = turn.publications.editions(case.unit.id, case.form.id, case.period.code)
    if len(kept) >= number:
        _say_standing(turn, case, kept[-1], changed=True)
        return True
    if not _closed(turn, case):
        _say_open(turn, case)
        return True
    content = gathered(turn, case)
    turn.publications.publish(case.unit.id, number, content)
    turn.note(f"published edition {number}", _about(case))
    said = lines(
        _("Published: {month}, edition {n}, {at}.")(month=filing.month(case), n=number, at=turn.now),
        _address(turn, case),
    )
    turn.say(
        lines(
            said,
            _("To take it back, type: withdraw {period}: and the reason.")(period=_typed(case)),
        )
    )
    for person in office(turn, case.unit):
        if person.id != turn.person.id:
            turn.say(
                lines(
                    _("{who} has published the figures of {month}, edition {n}.")(
                        who=filing.who(turn, turn.person.id, first=True),
                        month=filing.month(filing.read_by(case, person)),
                        n=number,
                    ),
                    _address(turn, case),
                ),
                to=person,
                kind="notice",
                about=_about(case),
            )
    return True


def leave(turn: Turn, context: str) -> bool:
    """Leave a period as it is."""
    case, _number = named(turn, context)
    if case is None:
        return False
    turn.change(offered=())  # typed anew, its label asks anew
    turn.say(_("All right. What is published stays as it is."))
    return True


def again(turn: Turn, context: str) -> bool:
    """Offer a period to be published because a button asks for it."""
    case = filing.find(turn, context)
    if case is None:
        return False
    if may_publish(turn, case.unit):
        _offer(turn, case)
    else:
        turn.say(_("Only the office of the province publishes figures."))
    return True


CARDS: dict[str, Callable[[Turn, str], bool]] = {
    "publish": publish,
    "publish-not": leave,
    "publish-again": again,
}


def corrected(turn: Turn, case: Filing) -> None:
    """Tell the province that a report was approved which its page shows otherwise, where it is published."""
    over = filing.above(turn, case.unit)
    if over is None or over.kind != "province":
        return
    kept = turn.publications.editions(over.id, case.form.id, case.period.code)
    content = turn.publications.shown(over.id, case.form.id, case.period.code)
    sent = case.report.latest
    if not kept or kept[-1].withdrawn or content is None or sent is None:
        return
    was = next((row.version for row in content.rows if row.unit == case.unit.id), 0)
    if was == sent.number:
        return
    above = filing.of(turn, over, case.form, case.period)
    words = (
        _("{unit} has corrected its report of {month}, which is published: version {n} is approved.")
        if was
        else _("{unit} has sent its report of {month} after it was published: version {n} is approved.")
    )
    for person in filing.supervising(turn, over):
        turn.say(
            lines(
                words(
                    unit=as_is(filing.capital(case.name)),
                    month=filing.month(filing.read_by(case, person)),
                    n=sent.number,
                ),
                _("The page still shows edition {n}.")(n=kept[-1].number),
            ),
            [
                Choice(
                    "publish-again",
                    _("Publish once more"),
                    above.key,
                    _("PUBLISH {period}")(period=_typed(above)),
                )
            ],
            to=person,
            kind="notice",
            about=_about(above),
        )


# --- which period, and whose ---


def speaks_for(turn: Turn) -> Unit | None:
    """Give the province for which this person may publish."""
    places = [role.place for role in turn.people.roles(turn.person.id) if role.kind in ("head", "officer")]
    units = [unit for place in places if (unit := turn.people.unit(place)) is not None]
    return next((unit for unit in units if unit.kind == "province"), None)


def may_publish(turn: Turn, unit: Unit) -> bool:
    """Say whether this person speaks for a province."""
    return unit.kind == "province" and any(filing.holds(turn, kind, unit) for kind in ("head", "officer"))


def office(turn: Turn, unit: Unit) -> tuple[Person, ...]:
    """Give who is head or officer of an office."""
    told = (*turn.people.holding("head", unit.id), *turn.people.holding("officer", unit.id))
    return tuple({person.id: person for person in told}.values())


def named(turn: Turn, context: str) -> tuple[Filing | None, int]:
    """Give the period of a province that a button is about, and how many-th time it would be said."""
    key, _slash, number = context.partition("/")
    return (filing.find(turn, key), int(number)) if number.isdigit() and len(number) < 6 else (None, 0)


def _meant(turn: Turn, unit: Unit, match: re.Match[str]) -> Filing | None:
    """Give the period that words name, or the last one that is closed."""
    form = period_words.form_meant(sorted(turn.shelf.forms.owed_by("commune"), key=overview.monthly), match)
    if form is None:
        return None
    today = local_day(turn.now)
    if not period_words.names(match):
        return _last_closed(turn, unit, form, periods.open_period(form, today))
    period = period_words.period_meant(form, match, today)
    return filing.of(turn, unit, form, period) if period is not None else None


def _last_closed(turn: Turn, unit: Unit, form: Form, period: Period) -> Filing:
    case = filing.of(turn, unit, form, period)
    if _closed(turn, case):
        return case
    before = filing.of(turn, unit, form, periods.before(form, period))
    return before if _closed(turn, before) else case


def _closes(turn: Turn, case: Filing) -> datetime | None:
    """Give when a period is closed for those below; None where it never is."""
    return reporting.locked_from(case.form, case.period, turn.shelf.calendar)


def _closed(turn: Turn, case: Filing) -> bool:
    closes = _closes(turn, case)
    return closes is not None and turn.now >= closes


# --- what is published ---


def gathered(turn: Turn, case: Filing) -> Content:
    """Give all figures of the offices below a province for a period as they stand."""
    form, period, over = case.form, case.period, case.unit
    begun = reporting.day_begins(period.start)
    due = reporting.due_end(form, period, turn.shelf.calendar)
    offices = [
        (unit, until)
        for unit, until in turn.publications.offices(form, period, begun, due)
        if _below(turn, over, unit, period)
    ]
    codes = overview.past(form, period)
    reports = turn.reports.of_units([unit.id for unit, _until in offices], form.id, codes)
    begun_before = {
        number for (number, code), report in reports.items() if code < period.code and report.receipt
    }
    merged = turn.people.taken_over(*(unit.id for unit, _until in offices))
    rows = tuple(
        _row(
            turn,
            case,
            unit,
            until,
            reports,
            series=(unit.id not in begun_before and bool(begun_before))
            or filing.grew(unit, merged.get(unit.id, ()), form, period),
        )
        for unit, until in offices
    )
    here = {row.code for row in rows}
    before = turn.publications.shown(over.id, form.id, period.code)
    kept = turn.publications.editions(over.id, form.id, period.code)
    return Content(
        office=case.name,
        province=over.commune,
        form=form.id,
        form_version=form.version,
        title=form.title,
        source=form.source,
        note=form.definitions_note,
        period=period.code,
        every=form.period.every,
        start=period.start,
        cutoff=period.cutoff,
        indicators=published.asked(form),
        rows=rows,
        elsewhere=sum(one.code not in here for one in turn.shelf.places.communes_of(over.commune)),
        changes=published.changed(before, rows, len(kept) + 1) if before else (),
    )


def _below(turn: Turn, over: Unit, unit: Unit, period: Period) -> bool:
    """Say whether an office reports to this province, also under the communes of that time."""
    if filing.level_of(unit) != "commune":
        return False
    if unit.parent:
        return unit.parent == over.id
    places = turn.shelf.places
    place = places.commune(unit.commune) or places.commune(unit.commune, period.start)
    return place is not None and place.province == over.commune


def _row(
    turn: Turn,
    case: Filing,
    unit: Unit,
    until: datetime | None,
    reports: dict[tuple[int, str], Report],
    *,
    series: bool,
) -> Row:
    own = msgspec.structs.replace(case, unit=unit)
    report = reports.get((unit.id, case.period.code))
    sent = published.standing(report)
    row = Row(
        unit=unit.id,
        code=unit.commune,
        name=unit.name.rpartition(", ")[0] or unit.name,
        until=local_day(until) if until else None,
    )
    if sent is None or report is None:
        return row
    return msgspec.structs.replace(
        row,
        version=sent.number,
        approved=sent.verdict == "approved",
        sent=local_day(sent.at),
        in_time=not filing.late_by(turn, own, report.submissions[0].at),
        since=series,
        values=published.cells(case.form, sent),
    )


# --- in words ---


def _offer(turn: Turn, case: Filing) -> None:
    """Show what would be published, and ask; or say why there is nothing to."""
    if not _closed(turn, case):
        _say_open(turn, case)
        return
    content = gathered(turn, case)
    if not content.come:
        turn.say(
            _("Nothing to publish: no office below has sent a report of {month}."), month=filing.month(case)
        )
        return
    kept = turn.publications.editions(case.unit.id, case.form.id, case.period.code)
    before = turn.publications.shown(case.unit.id, case.form.id, case.period.code)
    live = bool(kept) and not kept[-1].withdrawn
    if live and before is not None and published.same(before, content):
        _say_standing(turn, case, kept[-1])
        return
    number = len(kept) + 1
    turn.say(
        lines(*_preview(turn, case, content, number if live else 0)),
        [
            Choice("publish", _("Publish"), f"{case.key}/{number}"),
            Choice("publish-not", _("Do not publish"), f"{case.key}/{number}"),
        ],
    )


def _preview(turn: Turn, case: Filing, content: Content, number: int) -> Iterator[Text]:
    missing = len(content.rows) - len(content.come)
    yield _("{month}, {unit}. Offices that have sent: {n} of {all}.")(
        month=_capital_text(case), unit=as_is(case.name), n=len(content.come), all=len(content.rows)
    )
    if missing:
        yield _("Not sent: {n}. There the page says “not sent”, and never 0.")(n=missing)
    waiting = sum(not row.approved for row in content.come)
    if waiting:
        yield _("Not approved by their head yet: {n}. The page says so.")(n=waiting)
    for one in content.indicators[:SHOWN]:
        yield _sum_line(content, one, turn.lang)
    if content.indicators[SHOWN:]:
        yield _("• And {n} more.")(n=len(content.indicators) - SHOWN)
    new = [change for change in content.changes if change.edition == number]
    for change in new[:SHOWN]:
        yield _("▲ Since the last edition: {unit}, version {n}.")(unit=as_is(change.name), n=change.now)
    yield _("Everybody can read it then, as a page, CSV and JSON. Nobody is named in it. Publish?")


def _sum_line(content: Content, one: Asked, lang: str) -> Text:
    return _("• {n}. {name}: {figure} (offices: {offices})")(
        n=one.number,
        name=as_is(one.name.of(lang)),
        figure=shown(one, published.summed(content, one)),
        offices=published.summed(content, one).offices,
    )


def shown(one: Asked, figure: published.Sum | published.Cell) -> Text:
    """Say a figure, or a sum of figures, as a summary shows it."""
    empty = isinstance(figure, published.Sum) and not figure.offices
    if figure.value is None or empty:
        return _("no data yet")
    if figure.of is None:
        return _("{value}")(value=one.exact(figure.value))
    if one.shape == "pair":
        words = (
            _("{part} new, {whole} since the year began") if one.yearly else _("{part} new, {whole} in all")
        )
        return words(part=figure.value, whole=figure.of)
    if not figure.of:
        return _("nothing arose")
    if one.shape == "ratio":
        percent = figures.share(figure.value, figure.of)
        return _("{part}/{whole} = {percent}%")(part=figure.value, whole=figure.of, percent=percent)
    return _("{part} of {whole}")(part=figure.value, whole=figure.of)


def _withdraw(turn: Turn, case: Filing, reason: str) -> None:
    kept = turn.publications.editions(case.unit.id, case.form.id, case.period.code)
    if not kept or kept[-1].withdrawn:
        withdrawn = _("{month} has been withdrawn already, at {at}.")
        words = withdrawn if kept else _("{month} is not published.")
        turn.say(words, month=_capital_text(case), at=kept[-1].at if kept else turn.now)
        return
    if sum(letter.isalpha() for letter in reason) < 2:
        turn.say(
            _("Write the reason behind it; it is kept and not shown: withdraw {period}: the reason."),
            period=_typed(case),
        )
        return
    turn.publications.withdraw(case.unit.id, case.form.id, case.period.code, len(kept) + 1, reason)
    turn.note("withdrew what was published", _about(case))
    turn.say(
        lines(
            _("Withdrawn: the figures of {month}. Whoever opens the page reads that and the day.")(
                month=filing.month(case)
            ),
            _("To show them again, type: publish {period}.")(period=_typed(case)),
        )
    )
    for person in office(turn, case.unit):
        if person.id != turn.person.id:
            turn.say(
                lines(
                    _("{who} has withdrawn the figures of {month}. The reason:")(
                        who=filing.who(turn, turn.person.id, first=True),
                        month=filing.month(filing.read_by(case, person)),
                    ),
                    as_is(f"“{reason}”"),
                ),
                to=person,
                kind="notice",
                about=_about(case),
            )


def _say_standing(turn: Turn, case: Filing, last: Edition, *, changed: bool = False) -> None:
    """Say what is shown; whether figures have changed since is not known where that was not looked at."""
    if last.withdrawn:
        turn.say(
            lines(
                _("The figures of {month} were withdrawn at {at}.")(month=filing.month(case), at=last.at),
                _("To show them again, type: publish {period}.")(period=_typed(case)),
            )
        )
        return
    turn.say(
        lines(
            _("{month} is published already: edition {n}, {at}.")(
                month=_capital_text(case), n=last.number, at=last.at
            ),
            None if changed else _("Nothing has changed since."),
            _address(turn, case),
        )
    )


def _say_open(turn: Turn, case: Filing) -> None:
    closes = _closes(turn, case)
    if closes is None:
        turn.say(
            _("{month} is never closed: its form has no “lock”. Only what is closed can be published."),
            month=_capital_text(case),
        )
        return
    turn.say(
        _("{month} is not closed yet: it can still be corrected. From {at} on it can be published."),
        month=_capital_text(case),
        at=closes,
    )


def _address(turn: Turn, case: Filing) -> Text:
    path = f"{PATH}/{case.form.id}/{case.period.code}"
    if turn.shelf.office.address:
        return _("Everybody reads it here: {link}")(link=f"{turn.shelf.office.address}{path}")
    return _("Everybody reads it on the web page of Tổ Số, behind {path}.")(path=path)


def _typed(case: Filing) -> Text:
    """Give a period as it is typed."""
    return filing.period_name(case.form, case.period)


def _capital_text(case: Filing) -> Text:
    return _("Report {period}")(period=filing.month(case))


def _about(case: Filing) -> str:
    return f"published:{case.key}"
