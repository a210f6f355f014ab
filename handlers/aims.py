"""What a head or officer wants an indicator of their office's report to reach: read back, kept, taken back."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta

from handlers import filing, overview, stagnation, tasks
from handlers.records.people import Unit
from handlers.records.targets import Aim
from handlers.rules import aiming, periods, still
from handlers.rules.reporting import local_day
from handlers.text import Text, _, as_is
from handlers.turn import LABEL, Choice, Turn
from knowledge.forms import Form, Indicator

REVIEW = "head-review"  # where a head has a report before them, as handlers.approvals names it
FARTHEST = timedelta(days=3 * 366)
SHOWN = 3  # offices to choose from
FULL = 100_00
_OF = r"(\d{1,17})/([a-z0-9-]+)/(\d{1,2})"
_DROPPED = re.compile(_OF)
_KEPT = re.compile(_OF + r"/(\d{1,5})/(20\d{6})")
NOT_YOURS = _("What an indicator is to reach is set by the office's officer and its head.")
EXAMPLE = _("set indicator 6 to 40% by 31/12")
SET = Choice("aim-set", _("Yes, keep it"))
LEAVE = Choice("aim-leave", _("Leave it as it was"))


def meant(turn: Turn) -> bool:
    """Say whether words set what an indicator is to reach, or take that back."""
    return bool(aiming.read(turn.text, local_day(turn.now)) or aiming.dropped(turn.text))


def typed_card(turn: Turn) -> bool:
    """Hear "đặt chỉ tiêu 6 40% đến 31/12" and "bỏ mục tiêu chỉ tiêu 6"; False for other words and people."""
    filling = turn.talk.doing.startswith(f"{filing.DOING} ") and turn.talk.at != REVIEW
    if not turn.staff or filling or turn.talk.doing.startswith("form "):
        return False
    aimed, gone = aiming.read(turn.text, local_day(turn.now)), aiming.dropped(turn.text)
    if aimed is None and not gone:
        return False
    offices = tasks.units(turn, "aim")
    if not offices:
        turn.say(NOT_YOURS)
    elif aimed is None:
        _drop(turn, offices, gone)
    else:
        _ask(turn, offices, aimed)
    return True


def _ask(turn: Turn, offices: list[Unit], aimed: aiming.Aimed) -> None:
    """Read back what was understood, and ask for one tap."""
    found = _named(turn, offices, aimed.number)
    today = local_day(turn.now)
    if not found:
        turn.say(
            _("No report of yours asks for a percentage of number {n}. A count is set with “set a target”.")(
                n=aimed.number
            )
        )
    elif not 0 < aimed.hundredths <= FULL:
        turn.say(_("A percentage to be reached is above 0 and at most 100."))
    elif aimed.day is None or not today < aimed.day <= today + FARTHEST:
        turn.say(
            _("Until which day? It has to lie ahead. Please type the whole line, such as “{example}”.")(
                example=EXAMPLE
            )
        )
    else:
        office, _form, one = found[0]
        where = as_is(office.name) if len(found) == 1 else _("which office?")
        turn.say(
            _("Indicator {name}, {unit}: {percent} by {day}. Is that right?")(
                name=_name(one, turn.lang), unit=where, percent=_percent(aimed.hundredths), day=aimed.day
            ),
            [
                *(
                    Choice(
                        SET.name,
                        SET.label if len(found) == 1 else filing.label(unit.name, as_is(unit.name[:LABEL])),
                        f"{unit.id}/{form.id}/{aimed.number}/{aimed.hundredths}/{aimed.day:%Y%m%d}",
                    )
                    for unit, form, _one in found[:SHOWN]
                ),
                Choice(LEAVE.name, LEAVE.label, "aim"),
            ],
        )


def keep(turn: Turn, context: str) -> bool:
    """Keep what was read back, where it still holds."""
    read = _KEPT.fullmatch(context)
    offices = tasks.units(turn, "aim")
    if read is None or not offices:
        return False
    number, form, place, hundredths, day = read.groups()
    found = _one(turn, number, form, place)
    last = _day(day)
    if found is None or last is None or not 0 < int(hundredths) <= FULL or last <= local_day(turn.now):
        turn.say(_("That no longer holds. Please type it once more, such as “{example}”.")(example=EXAMPLE))
        return True
    unit, form, one = found
    aim = Aim(one.id, int(hundredths), last, turn.person.id)
    if turn.targets.aims(unit.id, form).get(one.id) != aim:
        turn.targets.aim(unit.id, form, aim)
        turn.note(f"set to {aim.hundredths / 100:g}% by {last}", _about(unit, form, one))
    turn.say(
        filing.lines(
            _("Kept: {percent} by {day}.")(percent=_percent(aim.hundredths), day=last),
            stagnation.so_far(turn, unit, form, one),
            _("To take it back, type “drop the target of indicator {n}”.")(n=one.number),
        )
    )
    return True


def leave(turn: Turn, _context: str) -> bool:
    """Keep nothing."""
    if not tasks.units(turn, "aim"):
        return False
    turn.say(_("All right, nothing was changed."))
    return True


def _drop(turn: Turn, offices: list[Unit], number: int) -> None:
    found = [
        (unit, form, one)
        for unit, form, one in _named(turn, offices, number)
        if one.id in turn.targets.aims(unit.id, form.id)
    ]
    if len(found) == 1:
        unit, form, one = found[0]
        drop(turn, f"{unit.id}/{form.id}/{one.number}")
    elif not found:
        turn.say(_("Nothing was set for indicator {n}.")(n=number))
    else:
        turn.say(
            _("Of which office?"),
            [
                Choice(
                    "aim-drop",
                    filing.label(unit.name, as_is(unit.name[:LABEL])),
                    f"{unit.id}/{form.id}/{one.number}",
                )
                for unit, form, one in found[:SHOWN]
            ],
        )


def drop(turn: Turn, context: str) -> bool:
    """Take back what an indicator was to reach."""
    read = _DROPPED.fullmatch(context)
    found = _one(turn, *read.groups()) if read else None
    if found is None:
        return False
    unit, form, one = found
    before = turn.targets.aims(unit.id, form).get(one.id)
    if before is None:
        turn.say(_("Nothing was set for indicator {n}.")(n=one.number))
        return True
    turn.targets.aim(unit.id, form, Aim(one.id, 0, before.last, turn.person.id))
    turn.note("target taken back", _about(unit, form, one))
    turn.say(_("Taken back: {percent} for indicator {n}.")(percent=_percent(before.hundredths), n=one.number))
    return True


def _named(turn: Turn, offices: list[Unit], number: int) -> list[tuple[Unit, Form, Indicator]]:
    """Give in each office the first report that asks for a percentage of this number, the monthly one before others."""
    found = []
    for unit in offices:
        for form in sorted(turn.shelf.forms.owed_by(filing.level_of(unit)), key=overview.monthly):
            period = periods.open_period(form, local_day(turn.now))
            of_now = turn.shelf.forms.on(form.id, period.start)
            one = next((one for one in of_now.indicators if one.number == number), None)
            if one is not None and one.shape in ("part", "ratio"):
                found.append((unit, of_now, one))
                break
    return found


def _one(turn: Turn, office: str, form: str, number: str) -> tuple[Unit, str, Indicator] | None:
    """Give what a button names, where the office is still this person's and the form still asks for it."""
    offices = [unit for unit in tasks.units(turn, "aim") if str(unit.id) == office]
    every = ((unit, of.id, one) for unit, of, one in _named(turn, offices, int(number)))
    return next((found for found in every if found[1] == form), None)


def _day(digits: str) -> date | None:
    try:
        return date.fromisoformat(digits)
    except ValueError:
        return None


def _about(unit: Unit, form: str, one: Indicator) -> str:
    return f"aim:{unit.id}:{form}:{one.number}"


def _name(one: Indicator, lang: str) -> Text:
    return _("{n}. {name}")(n=one.number, name=as_is(one.name.of(lang)))


def _percent(hundredths: int) -> Text:
    return still.aimed(hundredths)


CARDS: dict[str, Callable[[Turn, str], bool]] = {SET.name: keep, LEAVE.name: leave, "aim-drop": drop}
