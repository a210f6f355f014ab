"""Leave of those who hold roles: from when to when, who stands in, and coming back earlier."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta

from handlers import appointments, cases, filing, standing_in
from handlers.records.people import Absence, Person, RoleKind
from handlers.rules.reporting import VIETNAM, local_day
from handlers.text import Text, _, lines
from handlers.turn import Choice, Turn
from knowledge.folding import fold

LISTED = 20  # requests that are named
LONGEST = 180  # days of leave that are believed; more is a slip of the finger
SHOWN = 3  # people to choose from
LEADING = ("lead", "officer", "head", "reporter")  # roles in which somebody has to be told or to act each day
DAY = timedelta(days=1)

_IN_PLACE: tuple[RoleKind, ...] = ("lead", "head", "officer", "member")  # who stands in, in this order

WHICH_DAYS = _("Which days? Type them like this: on leave until 20/11.")

_WEEKDAYS = {
    **{f"thu {n}": n - 2 for n in range(2, 8)},
    "thu hai": 0, "thu ba": 1, "thu tu": 2, "thu nam": 3, "thu sau": 4, "thu bay": 5, "chu nhat": 6, "cn": 6,
    "monday": 0, "tuesday": 1, "wednesday": 2, "thursday": 3, "friday": 4, "saturday": 5, "sunday": 6,
}  # fmt: skip
_SOON = {"hom nay": 0, "today": 0, "mai": 1, "ngay mai": 1, "tomorrow": 1}
_DAY = rf"(?:{'|'.join((*_SOON, *_WEEKDAYS))}|\d{{1,2}} \d{{1,2}}(?: \d{{4}})?)"
_WHO = r"(?:(?:toi|em|anh|chi|co|bac|chu|minh|i am|im|i m|i will be) )?"
_GOES = re.compile(
    rf"{_WHO}(?:xin |bao )?(?:nghi|on leave|leave)"
    rf"(?: phep)?(?: (?:tu|from) (?P<first>{_DAY}))?"
    rf"(?: (?:den|den het|toi|toi het|until|to|till) (?P<last>{_DAY})| (?P<only>{'|'.join((*_SOON, *_WEEKDAYS))})"
    r"| \d{1,2} (?:ngay|hom|bua|days?))"  # from which day that is has to be asked
    r"(?: nhe| nha| a)*"
)
_FROM = re.compile(  # the day first: "mai em nghỉ", "mai em nghỉ đến thứ 7 nhé"
    rf"(?:tu )?(?P<first>{_DAY}) {_WHO}(?:xin |bao )?nghi(?: phep)?(?: (?:den|den het|toi|toi het) (?P<last>{_DAY}))?"
    r"(?: nhe| nha| a)*"
)
_BACK = {"di lam lai", "toi di lam lai", "het nghi", "thoi nghi", "back at work", "i am back at work",
         "i am back", "im back", "i m back"}  # fmt: skip


def span(words: str, today: date) -> tuple[date, date] | None:
    """Give the first and last day of leave that words name; None where they name none, or none to come."""
    before = _FROM.fullmatch(_folded(words))
    if before is not None:
        first = _day(before["first"], today)
        ends = before["last"] or before["first"]
    elif found := _GOES.fullmatch(_folded(words)):
        first = _day(found["first"] or (found["only"] or ""), today) or today
        ends = found["last"] or found["only"] or ""
    else:
        return None
    if first is None:
        return None
    last = _day(ends, first if ends in _WEEKDAYS else today)  # from Friday to Monday is over a weekend
    if last is None or last < first or last - today > LONGEST * DAY:
        return None
    return first, last


def _folded(words: str) -> str:
    return fold(re.sub(r"(?<=\d)[/.-](?=\d)", " ", words))


def _day(words: str, today: date) -> date | None:
    """Give the day that words mean, this year's or else next year's; None for a day that does not exist."""
    if words in _SOON:
        return today + _SOON[words] * DAY
    if words in _WEEKDAYS:
        return today + (_WEEKDAYS[words] - today.weekday()) % 7 * DAY
    numbers = [int(part) for part in words.split()]
    if len(numbers) < 2:
        return None
    for year in numbers[2:] or (today.year, today.year + 1):
        try:
            day = date(year, numbers[1], numbers[0])
        except ValueError:
            continue
        if day >= today:
            return day
    return None


def last_day(absence: Absence) -> date:
    """Give the last day of somebody's leave."""
    return day_before(absence.until)


def day_before(until: datetime) -> date:
    """Give the last day of a leave that ends at this moment."""
    return local_day(until - timedelta(microseconds=1))


def meant(turn: Turn) -> bool:
    """Say whether words are about one's own leave, or coming back from it."""
    return fold(turn.text) in _BACK or _goes(turn.text)


def _goes(words: str) -> bool:
    said = _folded(words)
    return (_GOES.fullmatch(said) or _FROM.fullmatch(said)) is not None


def typed_card(turn: Turn) -> bool:
    """Hear "nghỉ đến 20/11" and "đi làm lại" from whoever holds a role; False for other words."""
    if not turn.staff:
        return False
    if fold(turn.text) in _BACK:
        return back(turn) if turn.people.absence(turn.person.id) else _was_here(turn)
    if not _goes(turn.text):
        return False
    days = span(turn.text, local_day(turn.now))
    if days is None:
        turn.say(WHICH_DAYS)
        return True
    first, last = days
    start = turn.now if first == local_day(turn.now) else _begin(first)
    absence = turn.people.go(turn.person.id, start, _begin(last + DAY))
    turn.note("went on leave", f"person:{turn.person.id}")
    taken = turn.requests.held_by(turn.person.id)
    held = [cases.written(request) for request in taken]
    reports = all(role.kind == "reporter" for role in turn.people.roles(turn.person.id))
    told = [_noted(first, last, local_day(turn.now), reports=reports)]
    if held:
        told.append(
            _("Still yours: {codes}. Type “give back {short}” and the others go on with it.")(
                codes=", ".join(held if len(held) <= LISTED else [*held[:LISTED], "…"]),
                short=held[0].removeprefix("YC-"),
            )
        )
    told += [
        _("{code} has its appointment then: {when}. Type “another time {short}” or “call off {short}”.")(
            code=cases.written(request), short=request.code, when=appointments.when(turn, request.meeting.at)
        )
        for request in taken
        if request.meeting is not None and start <= request.meeting.at < absence.until
    ]
    leading = any(role.kind in LEADING for role in turn.people.roles(turn.person.id))
    others = _others(turn) if leading else []
    told.append(_("Back earlier? Type “back at work”."))
    if others:
        told.append(_asking_who({role.kind for role in turn.people.roles(turn.person.id)}))
    turn.say(
        lines(*told),
        [
            *(
                Choice("stand-in", cases.helper_first(turn, other.id), f"{absence.id}:{other.id}")
                for other in others
            ),
            *([Choice("stand-in", _("Nobody"), f"{absence.id}:0")] if others else []),
        ],
    )
    return True


def _asking_who(kinds: set[RoleKind]) -> Text:
    if kinds == {"reporter"}:
        return _("Who sends in the reports instead of you?")
    if "head" in kinds:
        return _("Who approves reports instead of you, and hears what is late?")
    return _("Who hears instead of you what is late?")


def _standing(kinds: set[RoleKind]) -> Text:
    if kinds == {"reporter"}:
        return _("In those days {name} sends in the reports, and has been told so.")
    if "head" in kinds:
        return _("In those days {name} approves reports and hears what is late, and has been told so.")
    return _("Until you are back {name} hears it, and has been told so.")


def _noted(first: date, last: date, today: date, *, reports: bool) -> Text:
    if first == last and reports:
        return _("Noted: on leave on {day}. No reminders come to you then.")(day=first)
    if first == last > today:
        return _("Noted: on leave on {day}. New requests are not shown to you then.")(day=first)
    if reports:
        return _("Noted: on leave from {first} to {last}. No reminders come to you then.")(
            first=first, last=last
        )
    if first > today:
        return _("Noted: on leave from {first} to {last}. New requests are not shown to you then.")(
            first=first, last=last
        )
    return _("Noted: on leave until {last}. Until then new requests are not shown to you.")(last=last)


def _was_here(turn: Turn) -> bool:
    turn.say(_("No leave of yours is noted."))
    return True


def _begin(day: date) -> datetime:
    return datetime.combine(day, time(0), VIETNAM).astimezone(UTC)


def _others(turn: Turn) -> list[Person]:
    """Give who could stand in: those of the same teams and offices who are there, the leading ones first."""
    found: dict[int, Person] = {}
    for role in turn.people.roles(turn.person.id):
        away = {absence.person for absence in turn.people.absent(role.place)}
        for kind in ("reporter", "officer", "head") if role.kind == "reporter" else _IN_PLACE:
            found |= {
                person.id: person for person in turn.people.holding(kind, role.place) if person.id not in away
            }
    found.pop(turn.person.id, None)
    return list(found.values())[:SHOWN]


def stand_in(turn: Turn, context: str) -> bool:
    """Keep who stands in for whoever pressed; False for a leave that is over or somebody else's."""
    number, _colon, person = context.partition(":")
    absence = turn.people.absence(turn.person.id)
    if absence is None or str(absence.id) != number or not person.isdigit():
        return False
    chosen = next((other for other in _others(turn) if other.id == int(person)), None)
    turn.people.stand_in(absence.id, chosen.id if chosen else 0)
    kinds = {role.kind for role in turn.people.roles(turn.person.id)}
    if chosen is None:
        words = _("All right. Until you are back the office hears it.")
        if kinds == {"reporter"}:
            words = _("All right. Until you are back the head hears it.")
        elif kinds == {"head"}:
            words = _("All right. What is to be approved still comes to you meanwhile.")
        turn.say(words)
        return True
    turn.note("named a stand-in", f"person:{turn.person.id}")
    turn.say(_standing(kinds)(name=cases.helper(turn, chosen.id)))
    told = _("{Name} is on leave from {first} to {last}. In those days you hear what is late instead.")
    if kinds == {"reporter"}:
        told = _("{Name} is on leave from {first} to {last}. In those days the reports are yours to send.")
    told = told(
        Name=cases.helper_first(turn, turn.person.id),
        first=local_day(absence.since),
        last=last_day(absence),
    )
    if "reporter" in kinds:
        told = lines(told, _("Reminders come to you. Type “report” to begin."))
    choices: list[Choice] = []
    if "head" in kinds:
        told = lines(told, _("The reports that come in those days are yours to approve or return."))
        if absence.since <= turn.now and (n := len(filing.waiting(turn, chosen.id))):
            told = lines(told, _("Reports that wait now: {n}.")(n=n))
            choices = [Choice("approve-several", _("See what waits"), "all", _("APPROVE ALL"))]
    turn.say(told, choices, to=chosen, kind="notice")
    return True


def back(turn: Turn) -> bool:
    """End a leave earlier."""
    turn.people.back(turn.person.id)
    turn.note("came back", f"person:{turn.person.id}")
    kinds = {role.kind for role in turn.people.roles(turn.person.id)}
    done = standing_in.done_for(turn, turn.person)
    standing_in.told(turn, turn.person, done)
    turn.say(
        lines(
            _("Welcome back. Reminders come to you again; type “report” for what is due.")
            if kinds == {"reporter"}
            else _("Welcome back. New requests are shown to you again; type “my work” for what waits."),
            *standing_in.listed(turn, done),
        ),
        standing_in.to_see(done),
    )
    return True


CARDS: dict[str, Callable[[Turn, str], bool]] = {"stand-in": stand_in}
