"""The one message of the morning: what waits for an officer of a commune, each line with a tap that leads there.

At 07:30 on working days, and only where something waits; nothing on days off, on leave, or once more that day.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import partial

import msgspec

from handlers import (
    approvals,
    card_reminders,
    cases,
    expiry,
    filing,
    leave,
    stagnation,
    standing_in,
    target_following,
    tasks,
    watch,
)
from handlers.filing import Filing
from handlers.records.people import Person, Unit
from handlers.records.requests import Request
from handlers.rules import arrival, putting_off, reporting
from handlers.rules.reporting import local_day, may_send
from handlers.talk import Due, Message
from handlers.text import Text, _, lines
from handlers.turn import TAPS, Choice, Turn
from knowledge.folding import fold

SHOWN = 6  # lines of a list that a tap leads to
TOGETHER = 2  # things from which on the morning can be put off as a whole
NOON = 12
PLACES = 3  # late offices named in one line

LATE = Choice("morning-late", _("Reports that are late"), typed=_("LATE REPORTS"))
BEHIND = Choice("behind", _("See what is late"), typed=_("WHAT IS LATE"))
LATER = Choice("morning-later", _("At {time} instead")(time="14:00"), typed=_("AGAIN AT 14:00"))
REWORKED = Choice(LATE.name, _("Reports being corrected"), typed=_("CORRECTED REPORTS"))
OVERDUE = Choice("morning-requests", _("Requests past their time"), typed=_("LATE REQUESTS"))
EXPIRING = Choice("morning-expiring", _("Answers to check"), typed=_("ANSWERS TO CHECK"))


class Part(msgspec.Struct, frozen=True):
    """One thing that waits: as a line among others, by itself, the tap that leads there, and what is noted then."""

    line: Text
    choice: Choice
    alone: Text | None = None  # None where the line says enough
    done: Callable[[], None] | None = None


# --- what is due ---


def plan(turn: Turn) -> None:
    """Put the morning of everybody who has something to look after in a commune's office, on working days."""
    if not turn.shelf.calendar.is_working_day(local_day(turn.now)):
        return
    day = local_day(turn.now).isoformat()
    for person in turn.people.in_offices():
        key = f"morning:{person}:{day}"
        turn.later(key, turn.now, "morning.tell", f"person:{person}", person=str(person), day=day)


def tell(turn: Turn) -> None:
    """Tell one officer what waits this morning; nothing where the morning is over, or they are on leave."""
    facts = turn.event.facts if isinstance(turn.event, Due) else {}
    person = turn.people.get(int(facts["person"]))
    in_time = facts["day"] == local_day(turn.now).isoformat() and may_send(turn.now, turn.shelf.calendar).ok
    if not in_time or filing.on_leave(turn, person.id):
        return
    parts = waiting(turn, person)
    if not parts:
        return
    alone = parts[0].alone if len(parts) == 1 else None
    early = turn.now.astimezone(reporting.VIETNAM).hour < NOON
    opening = _("This waits this morning:") if early else _("What waits:")
    turn.say(
        alone or lines(opening, *(part.line for part in parts)),
        _ways(turn, person, parts),
        to=person,
        kind="reminder",
        about=f"morning:{person.id}",
        until=reporting.end_of_day(turn.now),
    )
    for part in parts:
        if part.done is not None:
            part.done()
    turn.note(f"told what waits: {len(parts)}", f"person:{person.id}", 0)


def _ways(turn: Turn, person: Person, parts: list[Part]) -> list[Choice]:
    """Give the taps of a morning: what is late first and as one, and putting it off where much waits."""
    choices = [part.choice for part in parts]
    names = [choice.name for choice in choices]
    if LATE.name in names:  # what is late and what is being corrected are one list
        first = {(choice.name, choice.context): choice for choice in reversed(choices)}
        choices = [choice for choice in choices if first[choice.name, choice.context] is choice]
    behind = [choice for choice in choices if choice.name in (LATE.name, OVERDUE.name)]
    choices = [*behind, *(choice for choice in choices if choice not in behind)]
    if {LATE.name, OVERDUE.name} <= set(names):
        choices = [msgspec.structs.replace(BEHIND, context=behind[0].context), *choices[len(behind) :]]
    if len(parts) >= TOGETHER and _afternoon(turn) is not None and len(choices) < TAPS:
        choices.append(msgspec.structs.replace(LATER, context=local_day(turn.now).isoformat()))
    return choices[:TAPS]


def _afternoon(turn: Turn) -> datetime | None:
    """Give 14:00 of this day where that is still some time off."""
    at = putting_off.usual(turn.now, turn.shelf.calendar)
    return at if local_day(at) == local_day(turn.now) else None


def later(turn: Turn, context: str) -> bool:
    """Tell the same person in the afternoon what still waits then."""
    at, day = _afternoon(turn), local_day(turn.now).isoformat()
    if at is None or context not in ("", day):
        turn.say(_("That morning is over. Type “situation” for what waits now."))
        return True
    about = f"person:{turn.person.id}"
    turn.later(
        f"morning:{turn.person.id}:{day}:later",
        at,
        "morning.tell",
        about,
        person=str(turn.person.id),
        day=day,
    )
    turn.say(_("All right, again at {at}."), at=at)
    return True


DUE: dict[str, Callable[[Turn], None]] = {"morning.plan": plan, "morning.tell": tell}


# --- what waits ---


def waiting(turn: Turn, person: Person) -> list[Part]:
    """Give what waits for somebody this morning, in the order in which it is told."""
    headed, kept, edited = (_offices(turn, person, kind) for kind in ("head", "officer", "editor"))
    communes = {unit.commune: unit for unit in (*headed, *kept) if not unit.village}
    found = [
        _to_approve(turn, person),
        _stood_in(turn, person),
        *(_late(turn, person, unit) for unit in communes.values()),
        *(_reworked(turn, person, unit) for unit in communes.values()),
        *(_overdue(turn, unit) for unit in communes.values()),
        *_still(turn, person, [*headed, *_stood_in_for(turn, person), *kept]),
        *_behind(turn, person, list(communes)),
        _tasks(turn, person),
        _expiring(turn, edited),
        *_cards(turn, person),
    ]
    return [part for part in found if part is not None]


def _offices(turn: Turn, person: Person, kind: str) -> list[Unit]:
    places = dict.fromkeys(role.place for role in turn.people.roles(person.id) if role.kind == kind)
    return [unit for place in places if (unit := turn.people.unit(place)) and unit.kind == "office"]


def _to_approve(turn: Turn, person: Person) -> Part | None:
    found = filing.waiting(turn, person.id)
    first = filing.find(turn, filing.key_of(found[0])) if found else None
    sent = first.report.latest if first else None
    if first is None or sent is None:
        return None
    first = filing.read_by(first, person)
    today = filing.due_day(turn, first) == local_day(turn.now)
    title = _("• For you to approve: {title}, due today") if today else _("• For you to approve: {title}")
    line = (
        title(title=filing.title(first))
        if len(found) == 1
        else _("• {n} reports for you to approve, the first: {title}")(
            n=len(found), title=filing.title(first)
        )
    )
    see = Choice("review", _("See the report"), f"{first.key}/{sent.number}", _("SEE THE REPORT"))
    if len(found) > 1:
        see = Choice("approve-several", _("Approve several at once"), "all", _("APPROVE ALL"))
    return Part(line, see)


def _stood_in(turn: Turn, person: Person) -> Part | None:
    """Give what was decided about reports in a head's place while they were on leave."""
    done = standing_in.done_for(turn, person)
    if not done:
        return None
    return Part(
        lines(*standing_in.listed(turn, done)),
        standing_in.to_see(done)[0],
        done=partial(standing_in.told, turn, person, done),
    )


def _late(turn: Turn, person: Person, unit: Unit) -> Part | None:
    """Give the reports of a commune that are late, but those of which a reminder tells this person today."""
    found = [
        filing.read_by(case, person)
        for case in late_reports(turn, unit.commune)
        if not _told_today(turn, person, case)
    ]
    if not found:
        return None
    line = (
        _("• Late: {title}")(title=filing.title(found[0]))
        if len(found) == 1
        else _("• {n} reports are late, the first: {title}")(n=len(found), title=filing.title(found[0]))
    )
    if all(case.unit.village for case in found) and len({(case.form.id, case.period) for case in found}) == 1:
        named = [case.name.partition(",")[0] for case in found[:PLACES]]
        line = _("• Late villages, {n} of {all}: {names}")(
            n=len(found),
            all=len(_villages(turn, found[0])),
            names=", ".join(named) + (", …" if found[PLACES:] else ""),
        )
    return Part(line, msgspec.structs.replace(LATE, context=unit.commune))


def _reworked(turn: Turn, person: Person, unit: Unit) -> Part | None:
    """Give the reports of a commune that came and wait to be sent again, but those told of today by a reminder."""
    found = [
        filing.read_by(case, person)
        for case in reworked_reports(turn, unit.commune)
        if not _told_today(turn, person, case)
    ]
    if not found:
        return None
    line = (
        _("• Being corrected, to be sent again: {title}")(title=filing.title(found[0]))
        if len(found) == 1
        else _("• {n} reports are being corrected, to be sent again, the first: {title}")(
            n=len(found), title=filing.title(found[0])
        )
    )
    return Part(line, msgspec.structs.replace(REWORKED, context=unit.commune))


def _villages(turn: Turn, case: Filing) -> list[Unit]:
    """Give the villages of a commune whose report of this period counts."""
    return [
        unit
        for unit in turn.people.units("office", case.unit.commune)
        if unit.village and filing.expected(turn, filing.of(turn, unit, case.form, case.period))
    ]


def late_reports(turn: Turn, commune: str) -> list[Filing]:
    """Give the reports of a commune's offices that never came and are late, where anybody was here in time."""
    return [case for case in _owing(turn, commune) if not arrival.reworked(case.report)]


def reworked_reports(turn: Turn, commune: str) -> list[Filing]:
    """Give the reports of a commune's offices that came, and past their day wait to be sent again."""
    return [case for case in _owing(turn, commune) if arrival.reworked(case.report)]


def behind_reports(turn: Turn, commune: str) -> list[Filing]:
    """Give what a commune's offices still have to send past its day: what never came first."""
    return [*late_reports(turn, commune), *reworked_reports(turn, commune)]


def _owing(turn: Turn, commune: str) -> list[Filing]:
    units = [*turn.people.units("office", commune), *_beside(turn, commune)]
    return [
        case
        for case in (
            *filing.earlier(turn, units),
            *(each for unit in units for each in filing.current(turn, unit)),
        )
        if not case.report.delivered and filing.late_by(turn, case, turn.now) and filing.expected(turn, case)
    ]


def _beside(turn: Turn, commune: str) -> list[Unit]:
    """Give what stands beside a commune's office and reports to it, such as its school."""
    return [unit for unit in turn.people.bodies(commune) if not unit.parent]


def _told_today(turn: Turn, person: Person, case: Filing) -> bool:
    today = local_day(turn.now)
    plan_of = reporting.plan_of(case.form, case.period, turn.shelf.calendar, case.level)
    if filing.is_earlier(turn, case):
        plan_of = (reporting.weekly(today, turn.shelf.calendar),)
    comes = any("head" in stage.audience and local_day(stage.at) == today for stage in plan_of)
    return comes and any(head.id == person.id for head in filing.there(turn, "head", case.unit))


def _still(turn: Turn, person: Person, units: list[Unit]) -> list[Part]:
    """Give the reports whose indicators stand still, each once for whoever can act."""
    return [
        Part(
            stagnation.line(case, found),
            stagnation.button(case),
            alone=stagnation.listed(case, found),
            done=partial(stagnation.told, turn, case, person, found),
        )
        for case, found in stagnation.waiting(turn, person, list({unit.id: unit for unit in units}.values()))
    ]


def _behind(turn: Turn, person: Person, communes: list[str]) -> list[Part]:
    """Give the targets that stand still or will be missed at this pace, each once a week."""
    return [
        Part(
            target_following.line(turn, seen),
            target_following.button(seen),
            done=partial(target_following.told, turn, seen, person),
        )
        for seen in target_following.waiting(turn, person, communes)
    ]


def _tasks(turn: Turn, person: Person) -> Part | None:
    """Give the tasks past their day that somebody is to do, or has given."""
    late = tasks.overdue(turn, person)
    if not late:
        return None
    return Part(
        tasks.overdue_line(turn, late, person.lang), msgspec.structs.replace(tasks.LIST, context="all")
    )


def _stood_in_for(turn: Turn, person: Person) -> list[Unit]:
    """Give the offices whose head's place somebody takes during leave."""
    away = [turn.people.get(absence.person) for absence in turn.people.standing_in(person.id)]
    return [unit for head in away for unit in _offices(turn, head, "head")]


def _overdue(turn: Turn, unit: Unit) -> Part | None:
    found = overdue(turn, unit.commune)
    if not found:
        return None
    first = cases.written(found[0])
    line = (
        _("• Past its time: {code}")(code=first)
        if len(found) == 1
        else _("• {n} requests are past their time, the first: {code}")(n=len(found), code=first)
    )
    return Part(line, msgspec.structs.replace(OVERDUE, context=unit.commune))


def overdue(turn: Turn, commune: str) -> list[Request]:
    """Give the requests of a commune that are late and that its office has been told of, the oldest first."""
    return [
        request
        for request in turn.requests.under_way(commune)
        if watch.ended(turn, request) and watch.told(request, "officer")
    ]


def _expiring(turn: Turn, edited: list[Unit]) -> Part | None:
    """Give the answers that are near their date, on the first working day of a week."""
    near = expiry.near(turn) if edited and _first_of_week(turn) else []
    if not near:
        return None
    return Part(
        _("• Answers to be checked again: {n}")(n=len(near)),
        msgspec.structs.replace(EXPIRING, context=str(edited[0].id)),
        alone=expiry.listed(near),
    )


def _first_of_week(turn: Turn) -> bool:
    today, days = local_day(turn.now), turn.shelf.calendar
    monday = today.toordinal() - today.weekday()
    return not any(
        days.is_working_day(today.fromordinal(number)) for number in range(monday, today.toordinal())
    )


def _cards(turn: Turn, person: Person) -> list[Part]:
    return [
        Part(
            _("• Lines of the commune's card that end or have ended: {n}")(n=len(found)),
            card_reminders.change(commune),
            alone=card_reminders.words(turn, person, commune, found),
            done=partial(card_reminders.told, turn, commune, found),
        )
        for commune, found in card_reminders.waiting(turn, person.id).items()
    ]


# --- where the taps lead ---


def newest_first(cards: Sequence[Message]) -> Iterator[Message]:
    """Give the cards that a bare digit may be for: none behind a morning's message, which has told what waits."""
    for card in cards:
        yield card
        if any(button.data.partition("@")[0] in (BEHIND.name, *CARDS) for button in card.choices):
            return


def show_late(turn: Turn, context: str) -> bool:
    """List the late reports of a commune for whoever looks after it."""
    communes = mine(turn, context, "head", "officer")
    if not communes:
        return False
    found = [case for commune in communes for case in behind_reports(turn, commune)]
    if not found:
        turn.say(_("No report is late any more."))
        return True
    choices = [
        Choice("nudge", filing.short(case, found), case.key)
        for case in found
        if filing.acts(turn, "head", case.unit) and filing.there(turn, "reporter", case.unit)
    ]
    more = [_("• And {n} more.")(n=len(found) - SHOWN)] if found[SHOWN:] else []
    ask = [_("Whom shall Tổ Số remind?")] if choices else []
    turn.say(lines(*(approvals.missing(turn, case) for case in found[:SHOWN]), *more, *ask), choices[:TAPS])
    return True


def show_overdue(turn: Turn, context: str) -> bool:
    """List the requests of a commune that are past their time for whoever looks after it."""
    communes = mine(turn, context, "head", "officer")
    if not communes:
        return False
    found = [request for commune in communes for request in overdue(turn, commune)]
    if not found:
        turn.say(_("No request is past its time any more."))
        return True
    told = [past_its_time(turn, request) for request in found[:SHOWN]]
    more = [_("• And {n} more.")(n=len(found) - SHOWN)] if found[SHOWN:] else []
    takes = [cases.at(cases.CLAIM, request) for request in found if request.state == "open"]
    turn.say(lines(_("Past their time:"), *told, *more), takes[:1])
    return True


def past_its_time(turn: Turn, request: Request) -> Text:
    """Say of a late request by when it was to be done, and who has it, perhaps on leave."""
    who = cases.helper(turn, request.claimed_by) if request.claimed_by else _("nobody has taken it")
    absence = turn.people.absence(request.claimed_by) if request.claimed_by else None
    if absence is not None and absence.since <= turn.now:
        who = _("{before}, on leave until {day}")(before=who, day=leave.last_day(absence))
    return _("• {code}, {place}: by {due} ({who})")(
        code=cases.written(request), place=cases.place(turn, request), due=watch.due(turn, request), who=who
    )


def show_expiring(turn: Turn, context: str) -> bool:
    """List the answers that are near their date for an editor."""
    if not any(role.kind == "editor" for role in turn.people.roles(turn.person.id)):
        return False
    near = expiry.near(turn)
    turn.say(expiry.listed(near) if near else _("No answer is near its date."))
    return True


def mine(turn: Turn, commune: str, *kinds: str) -> list[str]:
    """Give the communes in whose offices this person holds one of these roles: the one named, or all."""
    found = {
        unit.commune: None for kind in kinds for unit in _offices(turn, turn.person, kind) if unit.commune
    }
    return [code for code in found if commune in ("", code)]


CARDS: dict[str, Callable[[Turn, str], bool]] = {
    LATE.name: show_late,
    OVERDUE.name: show_overdue,
    EXPIRING.name: show_expiring,
    LATER.name: later,
}
_TYPED = {
    "bao cao cham": show_late,
    "late reports": show_late,
    "bao cao dang sua": show_late,
    "corrected reports": show_late,
    "yeu cau qua han": show_overdue,
    "viec qua han": show_overdue,
    "late requests": show_overdue,
    "de 14 00": later,
    "de luc 14 00": later,
    "de 14h": later,
    "again at 14 00": later,
    "cau can kiem lai": show_expiring,
    "answers to check": show_expiring,
}


def meant(turn: Turn) -> bool:
    """Say whether words stand for a button of the morning's message."""
    return fold(turn.text) in _TYPED


def typed_card(turn: Turn) -> bool:
    """Hear what stands for the buttons of the morning's message; False where nobody of an office says it."""
    shows = _TYPED.get(fold(turn.text)) if turn.staff else None
    return shows is not None and shows(turn, "")
