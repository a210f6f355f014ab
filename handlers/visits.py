"""The helper's log of visits: told in one line as spoken, read back, kept once it is confirmed.

What the words mean is decided in `rules/visits.py`.  Nobody's name goes into the log, and the words themselves are
not kept.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, time, timedelta

import msgspec

from handlers import answers, forms, steps
from handlers.forms import STOP, Checked, Form, Pick, Question
from handlers.records.people import Unit
from handlers.records.visits import NEEDS, Count, Kind, Visit
from handlers.rules import areas, days, periods, roles, visits
from handlers.rules.histories import helped
from handlers.rules.reporting import VIETNAM, local_day
from handlers.rules.routing import same_village, village_of
from handlers.rules.visit_words import MATTERS
from handlers.rules.visit_words import NEEDS as NEED_WORDS
from handlers.rules.visits import BACK, Fault, Read
from handlers.text import Text, _, as_is, lines
from handlers.turn import LABEL, Choice, Turn
from knowledge.folding import fold

WHO = roles.RIGHTS["visit"].who
LONGEST = 400  # letters of a line
SHOWN = 3  # villages or teams to choose from
UNKNOWN = "-"  # minutes that nobody remembers

NOT_YOURS = _("Visits are logged by those who are in a digital team or in charge at an office.")

TOTALS: dict[Kind, Text] = {
    "household": _("households: {n}"),
    "business": _("businesses: {n}"),
    "class": _("classes: {n}"),
    "session": _("mobile point sessions: {n}"),
    "person": _("people: {n}"),
}
FAULTS: dict[Fault, Text] = {
    "nothing": _("Tổ Số finds no count in this: how many households, businesses, classes or sessions?"),
    "to-come": _("That day is still to come. The log holds what has been done."),
    "too-old": _("That is more than {days} days ago, and is not logged any more.")(days=BACK),
    "no-such-day": _("There is no such day in the calendar."),
    "several-days": _("These are several days. Type a line for each."),
    "several-places": _("These are several villages. Type a line for each."),
    "too-many": _("That number is too large for one line. Please check it."),
}

KEEP, EDIT, DROP = (
    Choice("keep", _("Right, keep it")),
    Choice("edit", _("Correct it")),
    Choice("drop", _("Do not keep it")),
)
WHOLE = Choice("back-sheet", _("The whole sheet"))
LAST = Choice("back-line", _("Only the last line"))
FORGOTTEN = Choice("forgotten", _("Not known any more"))
INSIDE, EXTRA = Choice("inside", _("Among those")), Choice("extra", _("Besides those"))

_BEGIN = re.compile(
    r"(?:ghi |nhap |mo )?so tham(?: nha| ho)?|ghi (?:so|tham nha|tham ho)"
    r"|(?:log|write down) (?:a |my )?visits?|visit log|visits"
)
_TAKE_BACK = re.compile(
    r"(?:bo|xoa|huy)(?: dong| so)? (?:vua ghi|tham vua ghi|vua roi)(?: di| nhe)?"
    r"|(?:delete|take back|remove) (?:my |the )?(?:last )?visit"
)
_TAKE_SHEET_BACK = re.compile(
    r"(?:bo|xoa|huy) (?:ca |het )?(?:to|bang)(?: so)?(?: tham)?(?: vua)?(?: ghi| nhap)?(?: vua roi)?(?: di| nhe)?"
    r"|(?:delete|take back|remove) (?:my |the )?(?:last |whole )?sheet"
)
_FORGOTTEN = {
    "bo qua",
    "khong nho",
    "khong ro",
    "quen roi",
    "khong nho nua",
    "skip",
    "unknown",
    "do not know",
}

# --- ways in ---


def meant(turn: Turn) -> bool:
    """Say whether words tell of visits, or are about the list of them."""
    typed = fold(turn.text)
    return bool(_BEGIN.fullmatch(typed) or _takes_back(typed) or _tells(turn))


def _takes_back(typed: str) -> bool:
    return bool(_TAKE_BACK.fullmatch(typed) or _TAKE_SHEET_BACK.fullmatch(typed))


def _tells(turn: Turn) -> bool:
    return not answers.asks(turn.text) and visits.told(turn.text, local_day(turn.sent))


def typed_card(turn: Turn) -> bool:
    """Hear a line about visits, "sổ thăm" and "bỏ dòng vừa ghi" from whoever is in a team; False for other words."""
    if not turn.staff or turn.talk.doing.startswith(("form ", "report", "announce")):
        return False
    typed = fold(turn.text)
    begins, takes_back = _BEGIN.fullmatch(typed), _takes_back(typed)
    tells = not (begins or takes_back) and _tells(turn)
    if not (begins or takes_back or tells):
        return False
    if not units(turn):
        if tells:
            return False
        turn.say(NOT_YOURS)
    elif takes_back:
        _take_back(turn, whole=bool(_TAKE_SHEET_BACK.fullmatch(typed)))
    else:
        _begin(turn, turn.text if tells else "")
    return True


def _begin(turn: Turn, line: str) -> None:
    """Read a line back, or ask for one."""
    if not line:
        forms.begin(turn, VISIT)
        return
    fault = _read(turn, line, local_day(turn.sent)).fault
    turn.hold(VISIT.doing, "", **({} if fault else _line(turn, line)))
    forms.ask_next(turn, VISIT, FAULTS[fault] if fault else None)


def _line(turn: Turn, line: str) -> dict[str, str]:
    return {"line": line[:LONGEST], "told": local_day(turn.sent).isoformat()}


def units(turn: Turn) -> list[Unit]:
    """Give the teams and offices whose visits somebody may log."""
    places = dict.fromkeys(role.place for role in turn.people.roles(turn.person.id) if role.kind in WHO)
    found = (turn.people.unit(place) for place in places)
    return [unit for unit in found if unit is not None and unit.local]


def _read(turn: Turn, line: str, today: date) -> Read:
    names = [village.name for unit in units(turn) for village in unit.covers]
    return visits.read(line, today, names)


# --- what is asked ---


def _found(turn: Turn) -> Read:
    """Give what the line says, with what has been answered since."""
    kept = turn.talk.kept
    found = _read(turn, kept["line"], date.fromisoformat(kept["told"]))
    return visits.settled(found, inside=kept["inside"] == INSIDE.name) if "inside" in kept else found


def _unit(turn: Turn) -> Unit | None:
    """Give the unit that the visit is of; None while it is not clear which."""
    own, kept = units(turn), turn.talk.kept
    if picked := kept.get("unit"):
        return next((unit for unit in own if str(unit.id) == picked), None)
    return unit_for(own, _found(turn).place)


def unit_for(own: Sequence[Unit], place: str) -> Unit | None:
    """Give the one of somebody's units that a visit at this place is of; None where it is not clear which."""
    there = [unit for unit in own if any(village.name == place for village in unit.covers)]
    if len(there) == 1:
        return there[0]
    return own[0] if len(own) == 1 else None


def _village(turn: Turn) -> str:
    """Give the village as the unit's list calls it, else as it was told; nothing while it is not clear which."""
    kept, unit = turn.talk.kept, _unit(turn)
    if unit is None or "village" in kept:
        return kept.get("village", "")
    return village_for(unit, _found(turn))


def village_for(unit: Unit, found: Read) -> str:
    """Give what the unit's list calls the place of a visit, by an old name too; nothing where it is not clear which."""
    if not unit.covers:
        return found.place or unit.village
    if found.listed:
        return found.place
    if found.place and (called := village_of(unit, found.place)):
        return called
    return unit.covers[0].name if len(unit.covers) == 1 else ""


def _a_line(turn: Turn, text: str) -> Checked:
    fault = _read(turn, text, local_day(turn.sent)).fault
    if fault:
        return Pick(FAULTS[fault], (STOP,))
    turn.change(kept={**turn.talk.kept, **_line(turn, text)})
    return text[:LONGEST]


def _a_unit(turn: Turn, text: str) -> Checked:
    return next((str(unit.id) for unit in units(turn) if fold(unit.name) == fold(text)), None)


def _a_village(turn: Turn, text: str) -> Checked:
    unit = _unit(turn)
    pressed = answers.pressed(turn)
    number = pressed[0].removeprefix("village-") if pressed else ""
    for village in unit.covers if unit else ():
        if str(village.id) == number or same_village(village.name, text):
            return village.name
    return None


def _some_minutes(turn: Turn, text: str) -> Checked:
    pressed = answers.pressed(turn)
    if (pressed and pressed[0] == EDIT.name) or _meant(text) == EDIT.name:
        return EDIT.name
    if (pressed and pressed[0] == FORGOTTEN.name) or fold(text) in _FORGOTTEN:
        return UNKNOWN
    minutes = visits.minutes_in(text)
    return None if minutes is None else str(minutes)


def _confirmed(turn: Turn, text: str) -> Checked:
    sign, rest = answers.parts(text)
    if sign == "1" and rest:  # "1. hôm qua xóm trên 5 hộ": kept, and the next line at once
        turn.change(kept={**turn.talk.kept, "next": rest[:LONGEST]})
        return KEEP.name
    answer = forms.one_of(KEEP.name, EDIT.name, DROP.name, "yes", "no")(turn, text)
    if isinstance(answer, str):
        return {"yes": KEEP.name, "no": DROP.name}.get(answer, answer)
    return _meant(text)


def _meant(text: str) -> str | None:
    """Give the choice under a visit that has been read back which a bare word means; None for others."""
    return {"dung": KEEP.name, "ghi": KEEP.name, "ghi lai": KEEP.name, "sua": EDIT.name, "sai": EDIT.name,
            "right": KEEP.name, "wrong": EDIT.name}.get(fold(text))  # fmt: skip


def _ask_minutes(turn: Turn) -> Text:
    """Read back what was told, where nothing but the minutes is missing; what is answered keeps it."""
    return lines(
        *told_of(turn, _visit(turn), asked=True), _("About how many minutes did it take? Then it is kept.")
    )


def _read_back(turn: Turn) -> Text:
    visit = _visit(turn)
    return lines(*told_of(turn, visit))


def told_of(turn: Turn, visit: Visit, *, asked: bool = False) -> list[Text]:
    """Give a visit in words: when, where, how many, how long unless that is still asked; then what it was about."""
    place = visit.village or _called(turn, visit.unit)
    head = _("Visits, {day}, {place}: **{totals}**, {minutes}.")
    if asked:
        head = _("Visits, {day}, {place}: **{totals}**.")
    elif visit.minutes is None:
        head = _("Visits, {day}, {place}: **{totals}**; minutes not known.")
    shown = [
        head(
            day=visit.day,
            place=place,
            totals=totals(visit.counts),
            minutes=_("{n} minutes")(n=visit.minutes or 0),
        )
    ]
    return shown + [_("• {what}: {n}")(what=label_of(topic), n=number) for topic, number in matters(visit)]


def matters(visit: Visit) -> list[tuple[str, int]]:
    """Give what a visit was about, and how often."""
    sums: dict[str, int] = {}
    for count in visit.counts:
        if count.topic:
            sums[count.topic] = sums.get(count.topic, 0) + (
                0 if _repeated(count, visit.counts) else count.count
            )
    return list(sums.items())


def _repeated(count: Count, counts: Sequence[Count]) -> bool:
    """Say whether those who sat in a class are counted with it already."""
    return count.kind == "person" and any(
        other.kind in ("class", "session") and other.topic == count.topic for other in counts
    )


def label_of(topic: str) -> Text:
    """Give what a matter or a need is called in the log."""
    for need in NEEDS:
        if need == topic:
            return NEED_WORDS[need][0]
    return MATTERS[topic][0] if topic in MATTERS else as_is(topic)


def totals(counts: Sequence[Count]) -> Text:
    def parts() -> Iterator[Text]:
        for kind, words in TOTALS.items():
            number = sum(count.count for count in counts if count.kind == kind)
            if number:
                yield words(n=number)

    first, *others = parts()
    for other in others:
        first = _("{before}, {more}")(before=first, more=other)
    return first


def _called(turn: Turn, unit: int) -> str:
    found = turn.people.unit(unit)
    return found.name if found else ""


def _visit(turn: Turn) -> Visit:
    found, unit = _found(turn), _unit(turn)
    minutes = turn.talk.kept.get("minutes", "")
    return Visit(
        unit=unit.id if unit else 0,
        village=_village(turn),
        day=found.day or local_day(turn.sent),
        counts=found.counts,
        minutes=int(minutes) if minutes.isdigit() else found.minutes,
        by=turn.person.id,
    )


# --- kept ---


def _answered(turn: Turn) -> None:
    kept = turn.talk.kept
    minutes = kept.get("minutes", "")
    decided = kept.get("confirm") or (EDIT.name if minutes == EDIT.name else KEEP.name)
    if decided == EDIT.name:
        turn.change(kept={})
        forms.ask_next(turn, VISIT)
        return
    visit = _visit(turn)
    mine = any(unit.id == visit.unit for unit in units(turn))
    turn.end()
    if decided == DROP.name:
        turn.say(_("All right, nothing was kept."))
    elif not mine:
        turn.say(NOT_YOURS)
    else:
        number = turn.visits.keep(visit)
        turn.note("told", f"visit:{number}")
        told = _("Kept.")
        if minutes:  # the rest has been read back
            told = _("Kept, minutes not known.") if minutes == UNKNOWN else _("Kept, {n} minutes.")(n=minutes)
        turn.say(lines(told, *so_far(turn, visit)), kind="receipt")
    if kept.get("next"):
        _begin(turn, kept["next"])
    elif steps.under_way(turn):
        steps.again(turn, _("Back to where we were:"))


def so_far(turn: Turn, visit: Visit) -> Iterator[Text]:
    """Tell how many households have been visited in the period, which go into the report by themselves."""
    first, last = _period(turn, visit.day)
    total = turn.visits.counted(visit.unit, _names(turn, visit), first, last).get("household", 0)
    if visit.total("household"):
        sums = _("From {first} to {last}, {place} so far: households visited {n}.")
        solved = _solved(turn, visit, first, last)
        if solved:
            sums = _(
                "From {first} to {last}, {place} so far: households visited {n}, requests done {solved}."
            )
        yield sums(
            first=as_is(f"{first:%d/%m}"),
            last=as_is(f"{last:%d/%m}"),
            place=visit.village or _called(turn, visit.unit),
            n=total,
            solved=solved,
        )
    yield _("Was that wrong? Type “take back my last visit”.")


def _names(turn: Turn, visit: Visit) -> list[str]:
    """Give what the village of a visit is and was called; nothing where it has no name."""
    unit = turn.people.unit(visit.unit)
    here = {place.id for place in unit.covers if place.name == visit.village} if unit else set[int]()
    before = [place.name for place in unit.formerly if place.id in here] if unit else []
    return [visit.village, *before] if visit.village else []


def _solved(turn: Turn, visit: Visit, first: date, last: date) -> int:
    """Count the requests that a team has helped with in the period, where the visit was; none for an office."""
    unit = turn.people.unit(visit.unit)
    if unit is None or unit.kind != "team":
        return 0
    since, until = (datetime.combine(day, time(), VIETNAM) for day in (first, last + timedelta(days=1)))
    there = areas.Villages([unit])
    return sum(
        helped(one.request)
        and one.request.closed is not None
        and since <= one.request.closed < until
        and visit.village in ("", there.of(one.request))
        for one in turn.histories.of_team(unit.id, since, until)
    )


def _period(turn: Turn, day: date) -> tuple[date, date]:
    """Give the span of the monthly report in which a day counts; without one, the month."""
    forms = (*turn.shelf.forms.owed_by("village"), *turn.shelf.forms.owed_by("commune"))
    monthly = next((form for form in forms if form.period.every == "month"), None)
    if monthly is None:
        return day.replace(day=1), days.last_of(day)
    period = periods.period_of(monthly, day)
    return period.start, period.cutoff


def _take_back(turn: Turn, *, whole: bool) -> None:
    """Take back what was told last; where that was a sheet, whether all of it goes is asked."""
    visit = turn.visits.last(turn.person.id)
    told = _recent(turn, visit.id) if visit is not None else ()
    if visit is None or not told:
        turn.say(NOTHING_TOLD)
    elif whole and len(told) > 1:
        _leave_out(turn, told)
    elif len(told) > 1:
        turn.say(
            lines(
                _("That was a sheet of {n} lines. Its last one:")(n=len(told)),
                *told_of(turn, visit),
                _("What is taken back?"),
            ),
            [msgspec.structs.replace(one, context=str(visit.id)) for one in (WHOLE, LAST)],
        )
    else:
        _leave_out(turn, (visit,))


NOTHING_TOLD = _("There is no visit of yours to take back.")


def _recent(turn: Turn, number: int) -> tuple[Visit, ...]:
    """Give what this person told with a visit and may still take back; nothing where that is not theirs, or old."""
    told = turn.visits.told_with(number)
    mine = all(one.by == turn.person.id for one in told)
    recent = all(one.at is not None and turn.now - one.at <= timedelta(days=BACK) for one in told)
    return told if mine and recent else ()


def _leave_out(turn: Turn, told: Sequence[Visit]) -> None:
    for visit in told:
        turn.visits.take_back(visit.id, turn.person.id)
        turn.note("took back", f"visit:{visit.id}")
    if len(told) == 1:
        turn.say(lines(_("Taken back, it counts no more:"), *told_of(turn, told[0])))
    else:
        counts = summed(told)
        turn.say(_("The sheet is taken back, {n} lines: {totals}.")(n=len(told), totals=totals(counts)))


def summed(told: Sequence[Visit]) -> tuple[Count, ...]:
    """Add up the counts of several visits, kind by kind."""
    sums: dict[Kind, int] = {}
    for visit in told:
        for count in visit.counts:
            sums[count.kind] = sums.get(count.kind, 0) + count.count
    return tuple(Count(kind, number) for kind, number in sums.items())


def take_sheet_back(turn: Turn, context: str) -> bool:
    """Take back all lines of a sheet."""
    return _pressed_back(turn, context, whole=True)


def take_line_back(turn: Turn, context: str) -> bool:
    """Take back the last line of a sheet; the others go on counting."""
    return _pressed_back(turn, context, whole=False)


def _pressed_back(turn: Turn, context: str, *, whole: bool) -> bool:
    number = int(context) if context.isdecimal() and len(context) < 12 else 0
    told = _recent(turn, number)
    if not whole:
        told = tuple(one for one in told if one.id == number)
    if told:
        _leave_out(turn, told)
    else:
        turn.say(NOTHING_TOLD)
    return True


CARDS: dict[str, Callable[[Turn, str], bool]] = {WHOLE.name: take_sheet_back, LAST.name: take_line_back}

VISIT = Form(
    "visit",
    (
        Question(
            "line",
            ask=lambda turn: _(
                "Type it in one line, as you would say it: “yesterday 5 households insurance upper hamlet 90 minutes”."
            ),
            check=_a_line,
            otherwise=FAULTS["nothing"],
        ),
        Question(
            "unit",
            ask=lambda turn: _("Which team is this for?"),
            check=_a_unit,
            otherwise=_("Please choose one of these."),
            choices=lambda turn: [
                Choice(f"pick={unit.id}", as_is(unit.name[:LABEL])) for unit in units(turn)[: SHOWN + 1]
            ],
            needed=lambda turn: _unit(turn) is None and bool(units(turn)),
        ),
        Question(
            "village",
            ask=lambda turn: _("In which village was that?"),
            check=_a_village,
            otherwise=_("Please type its name as the team's list has it."),
            choices=lambda turn: [
                Choice(f"village-{village.id}", as_is(village.name[:LABEL]))
                for unit in (_unit(turn),)
                for village in (unit.covers if unit else ())[:SHOWN]
            ],
            needed=lambda turn: (
                _village(turn) == "" and len(unit.covers if (unit := _unit(turn)) else ()) > 1
            ),
        ),
        Question(
            "inside",
            ask=lambda turn: _("{n}, {need}: among the {all} households, or besides them?")(
                n=_found(turn).doubt,
                need=label_of(next(one.topic for one in _found(turn).counts if one.kind == "unmet")),
                all=_found(turn).total("household"),
            ),
            check=forms.one_of(INSIDE.name, EXTRA.name),
            otherwise=_("Please choose one of these."),
            choices=lambda turn: (INSIDE, EXTRA),
            needed=lambda turn: _found(turn).doubt > 0,
        ),
        Question(
            "minutes",
            ask=_ask_minutes,
            check=_some_minutes,
            otherwise=_("Please type a number of minutes, or choose:"),
            choices=lambda turn: (FORGOTTEN, EDIT),
            needed=lambda turn: _found(turn).minutes is None,
        ),
        Question(
            "confirm",
            ask=_read_back,
            check=_confirmed,
            otherwise=_("Please choose one of these."),
            choices=lambda turn: (KEEP, EDIT, DROP),
            needed=lambda turn: "minutes" not in turn.talk.kept,  # read back with that question
        ),
    ),
    _answered,
)
FORMS = (VISIT,)
