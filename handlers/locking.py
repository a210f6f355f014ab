"""A closed period: what was sent for it is corrected only once the unit above has opened the report again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta

import msgspec

from handlers import answers, filing, overview
from handlers.filing import Filing, lines
from handlers.records.people import Role, Unit
from handlers.records.reports import Reopening
from handlers.rules import periods, reporting
from handlers.text import Text, _, as_is
from handlers.turn import Choice, Turn

DOING, AT = f"{filing.DOING} reopening", "reopen-why"
LONGEST = 500  # letters of a reason
LOOKED_BACK = 4  # periods of a form whose opening may still be asked for
_VERBS = {"mo lai", "mo lai bao cao", "mo khoa", "open again", "reopen", "unlock"}
_ASKS = {"xin mo lai", "xin mo khoa", "ask to open", "ask to reopen"}


def refuse(turn: Turn, case: Filing) -> None:
    """Say that a report is locked since its period is closed, and what to do next."""
    closed = reporting.locked_from(case.form, case.period, turn.shelf.calendar, case.level)
    over = filing.above(turn, case.unit)
    there = over is not None and bool(filing.supervising(turn, over))
    if over is not None and (places := _unanswered(case)):
        turn.say(
            lines(
                _("{title}, is locked: its period was closed at {at}.")(
                    title=filing.first_title(case), at=closed
                ),
                _("{unit} has been asked to open it again and has not done so yet. The reason given:")(
                    unit=as_is(filing.capital(over.name))
                ),
                as_is(f"“{case.report.reopenings[places[-1]].reason}”"),
            )
        )
        return
    turn.say(
        lines(
            _("{title}, is locked: its period was closed at {at}.")(
                title=filing.first_title(case), at=closed
            ),
            _("Only {unit} can open it again. Tell Tổ Số the reason, and it asks there.")(
                unit=as_is(over.name if over else "")
            )
            if there
            else _(
                "Only the unit above can open it again, and nobody of it is on Tổ Số yet. Ask there directly."
            ),
        ),
        [
            Choice(
                "ask-reopen",
                _("Ask to have it opened"),
                case.key,
                _("ASK TO OPEN {receipt}")(receipt=case.report.receipt),
            )
        ]
        if there
        else (),
    )


def ask(turn: Turn, context: str) -> bool:
    """Ask why a locked report is to be opened again."""
    case = filing.find(turn, context)
    if case is None or not _of_the_office(turn, case):
        return False
    if filing.locked(turn, case) and _unanswered(case):
        refuse(turn, case)
        return True
    if not filing.locked(turn, case):
        _say_open(turn, case)
        return True
    turn.hold(DOING, AT, case=case.key)
    _ask_why(turn)
    return True


def _ask_why(turn: Turn, before: Text | None = None) -> None:
    turn.say(lines(before, _("What is to be corrected, and why? One sentence; “stop” leaves it locked.")))


def take(turn: Turn) -> bool:
    """Pass the reason on to the unit above; False when it was none."""
    case = filing.find(turn, turn.talk.kept.get("case", ""))
    if case is None or answers.command(turn) in ("stop", "back", "pause") or not turn.text:
        turn.end()
        if case is not None and turn.text:
            turn.say(_("It stays locked."))
        return case is not None and bool(turn.text)
    if answers.command(turn):
        return False
    turn.end()
    _pass_on(turn, case, turn.text[:LONGEST])
    return True


def again(turn: Turn, before: Text | None = None) -> None:
    """Ask once more for the reason."""
    _ask_why(turn, before)


def _pass_on(turn: Turn, case: Filing, reason: str) -> None:
    case = filing.hold(turn, case)
    over = filing.above(turn, case.unit)
    if not filing.locked(turn, case) or over is None:
        _say_open(turn, case)
        return
    if _unanswered(case):  # a colleague was faster
        refuse(turn, case)
        return
    asked = Reopening(reason=reason, asked=turn.sent, asked_by=turn.person.id)
    place = len(case.report.reopenings)
    turn.reports.save(msgspec.structs.replace(case.report, reopenings=(*case.report.reopenings, asked)))
    turn.note("asked to have opened again", case.about)
    for person in filing.supervising(turn, over):
        turn.say(
            lines(
                _("{who} asks to have {title} opened again, receipt **{receipt}**:")(
                    who=filing.who(turn, turn.person.id, first=True),
                    title=filing.title(filing.read_by(case, person)),
                    receipt=case.report.receipt,
                ),
                as_is(f"“{reason}”"),
            ),
            [
                Choice(
                    "open-report",
                    _("Open it again"),
                    f"{case.key}/{place}",
                    _("OPEN AGAIN {receipt}")(receipt=case.report.receipt),
                )
            ],
            to=person,
            kind="notice",
            about=case.about,
        )
    turn.say(_("{unit} has been asked. You are told as soon as it is open."), unit=as_is(over.name))


def reopen(turn: Turn, context: str) -> bool:
    """Open a locked report again because it was asked for."""
    key, _slash, number = context.partition("/")
    case = filing.find(turn, key) if number.isdigit() else None
    if case is None or int(number) >= len(case.report.reopenings):
        return False
    place = int(number)
    _open(turn, case, place if place in _unanswered(case) else None, "")
    return True


def _open(turn: Turn, case: Filing, place: int | None, reason: str) -> None:
    over = filing.above(turn, case.unit)
    if over is None or not _supervises(turn, over):
        turn.say(_("Only the unit above {unit} can open this report again."), unit=as_is(case.name))
        return
    case = filing.hold(turn, case)
    if not filing.locked(turn, case):
        _say_open(turn, case)
        return
    if place is None and not reason:
        turn.say(
            _("The reason is kept with it. Type “open again {receipt}: the reason”."),
            receipt=case.report.receipt,
        )
        return
    asked = Reopening(reason=reason) if place is None else case.report.reopenings[place]
    until = reporting.opened_until(case.form, turn.shelf.calendar, turn.now)
    opened = msgspec.structs.replace(asked, at=turn.now, by=turn.person.id, until=until)
    # What was asked stays as it was; that it was opened is kept behind it.
    kept = (*case.report.reopenings, opened)
    turn.reports.save(msgspec.structs.replace(case.report, reopenings=kept))
    turn.note(f"opened again until {until.isoformat()}", case.about)
    reporters = filing.there(turn, "reporter", case.unit)
    sender = case.report.latest.by if case.report.latest else 0
    told = {person.id: person for person in (*reporters, *filing.judges(turn, case.unit, sender))}
    for person in told.values():
        if person.id != turn.person.id:
            turn.say(
                lines(
                    _opened(turn, filing.read_by(case, person), opened),
                    _("Type “correct {receipt}” to correct and send it.")(receipt=case.report.receipt)
                    if any(person.id == one.id for one in reporters)
                    else None,
                ),
                [
                    Choice(
                        "correct-report",
                        _("Correct it"),
                        case.key,
                        _("CORRECT {receipt}")(receipt=case.report.receipt),
                    )
                ]
                if any(person.id == one.id for one in reporters)
                else (),
                to=person,
                kind="notice",
                about=case.about,
            )
    for person in filing.supervising(turn, over):
        if person.id != turn.person.id and person.id not in told:
            turn.say(
                _opened(turn, filing.read_by(case, person), opened),
                to=person,
                kind="notice",
                about=case.about,
            )
    turn.say(
        _("{title}, is open until the end of {day}. Those of {unit} have been told."),
        title=filing.first_title(case),
        day=_last_day(opened),
        unit=as_is(case.name),
    )


def _opened(turn: Turn, case: Filing, opened: Reopening) -> Text:
    return lines(
        _("{who} has opened {title} again, until the end of {day}. The reason:")(
            who=filing.who(turn, turn.person.id, first=True), title=filing.title(case), day=_last_day(opened)
        ),
        as_is(f"“{opened.reason}”"),
    )


def typed_card(turn: Turn) -> bool:
    """Hear "mở lại UH-11-K4M: lý do" of the unit above, and "xin mở lại UH-11-K4M" of the office."""
    named = filing.naming(turn) if turn.staff else None
    if named is None or named.verb not in _VERBS | _ASKS:
        return False
    if named.case is None:
        turn.say(filing.NO_SUCH)
        return True
    case = named.case
    if named.verb in _ASKS or (_of_the_office(turn, case) and not _above(turn, case)):
        return ask(turn, case.key)
    asked = _unanswered(case)
    _open(turn, case, asked[-1] if asked and not named.words else None, named.words[:LONGEST])
    return True


def _unanswered(case: Filing) -> list[int]:
    """Give the places of what was asked and not opened since."""
    kept = case.report.reopenings
    opened = [(one.asked, one.asked_by) for one in kept if one.at is not None]
    return [
        place for place, one in enumerate(kept) if one.at is None and (one.asked, one.asked_by) not in opened
    ]


def awaited(turn: Turn, held: Iterable[Role]) -> Iterator[tuple[Text, Choice]]:
    """Name the locked reports that offices below a province ask to have opened again, each with its tap."""
    places = dict.fromkeys(role.place for role in held if role.kind in ("head", "officer"))
    units = (turn.people.unit(place) for place in places)
    for over in (unit for unit in units if unit is not None and unit.kind == "province"):
        below = {one.id: one for one in overview.below(turn, over)}
        for form in turn.shelf.forms.in_use if below else ():
            looked = [periods.open_period(form, reporting.local_day(turn.now))]
            while len(looked) < LOOKED_BACK:
                looked.append(periods.before(form, looked[-1]))
            reports = turn.reports.of_units(list(below), form.id, [one.code for one in looked])
            for report in reports.values():
                case = filing.find(turn, filing.key_of(report)) if report.reopenings else None
                if case is None or not filing.locked(turn, case):
                    continue
                for place in _unanswered(case)[-1:]:
                    yield (
                        _("• To be opened again, as its office asks: {title}. “{reason}”")(
                            title=filing.title(case), reason=as_is(case.report.reopenings[place].reason)
                        ),
                        Choice("open-report", _("Open it again"), f"{case.key}/{place}"),
                    )


CARDS: dict[str, Callable[[Turn, str], bool]] = {"ask-reopen": ask, "open-report": reopen}


# --- small parts ---


def _last_day(opened: Reopening) -> date:
    assert opened.until is not None
    return reporting.local_day(opened.until - timedelta(minutes=1))


def _say_open(turn: Turn, case: Filing) -> None:
    turn.say(_("{title}, is not locked; it can be corrected."), title=filing.first_title(case))


def _of_the_office(turn: Turn, case: Filing) -> bool:
    return filing.acts(turn, "reporter", case.unit) or filing.acts(turn, "head", case.unit)


def _above(turn: Turn, case: Filing) -> bool:
    over = filing.above(turn, case.unit)
    return over is not None and _supervises(turn, over)


def _supervises(turn: Turn, over: Unit) -> bool:
    stands = any(one.id == turn.person.id for one in filing.supervising(turn, over))
    return stands or any(filing.holds(turn, kind, over) for kind in ("head", "officer"))
