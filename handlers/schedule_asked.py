"""Reminders asked about in a chat: why they came, and what is to come, of one's own office or of one beneath it."""

from __future__ import annotations

import re
from datetime import date

from handlers import filing, overview, schedule, unit_names
from handlers.filing import lines
from handlers.records.people import Unit
from handlers.rules import period_words, periods, reporting, schedule_words, unit_words
from handlers.rules.schedule_words import Asked, Span
from handlers.schedule import Coming
from handlers.text import Text, _, as_is
from handlers.turn import Turn

TOLD = 6  # messages of a plan, and those of the same day behind them
ROWS = 16  # decisions about one report
_ROLES = ("reporter", "head", "officer")
_OWN = {"", "toi", "em", "minh", "anh", "chi", "me", "us", "nua", "nua khong", "nhu vay", "vay", "the", "bao cao",
        "khong", "nhe", "a"}  # fmt: skip

NOT_THEIRS = _("{unit} is not beneath your own office, so its reminders are told to others.")
_WRONG: dict[str, Text] = {
    "unreal": _("“{day}” is no day of the calendar. Type it like this: reminder plan from 1/12 to 15/12."),
    "backwards": _("The last day, {last}, comes before the first, {first}. Please type both anew."),
    "past": _("Those days are over. What went out then: type “why remind” and the period, such as 11/2026."),
    "long": _("That is more than {n} days. Please name fewer, such as one month."),
}


def meant(turn: Turn) -> bool:
    """Say whether words ask about reminders."""
    asked = schedule_words.asked(turn.text)
    return asked is not None and (asked.rest in _OWN or unit_words.names_unit(asked.rest))


def typed(turn: Turn) -> bool:
    """Answer whoever asks why somebody was reminded, or when they will be; False where nobody does."""
    asked = schedule_words.asked(turn.text) if turn.staff else None
    units = _own(turn) if asked else []
    if asked is None or not units:
        return False
    rest = asked.rest
    named = unit_names.named(turn, asked.rest, units, NOT_THEIRS)
    if named is None:
        return True
    unit, rest = named
    if unit is not None:
        units = [unit]
    if asked.what == "when":
        span, besides = schedule_words.span(rest, reporting.local_day(turn.now))
        if besides not in _OWN:
            return unit_names.unknown(turn, besides)
        _tell_when(turn, units, span, unit)
        return True
    match, besides = schedule_words.period(rest)
    if besides not in _OWN:
        return unit_names.unknown(turn, besides)
    if match is None:
        _tell_why(turn, units, unit, None, asked)
        return True
    told = [(one, code) for one in units for code in _codes(turn, one, match)]
    if told:
        _tell_why(turn, [one for one, _code in told], unit, told[0][1], asked)
    else:
        turn.say(
            _(
                "There is no such period, or it is still to come. Type it like this: why remind {unit} 11/2026"
            ),
            unit=as_is(overview.called(units[0])),
        )
    return True


def _own(turn: Turn) -> list[Unit]:
    return list({unit.id: unit for kind in _ROLES for unit in filing.units(turn, kind)}.values())


# --- why ---


def _codes(turn: Turn, unit: Unit, match: re.Match[str]) -> list[str]:
    """Give the code of the period that words name, of a unit's own form; nothing where there is none."""
    forms = sorted(turn.shelf.forms.owed_by(filing.level_of(unit)), key=overview.monthly)
    form = period_words.form_meant(forms, match)
    today = reporting.local_day(turn.now)
    period = period_words.period_meant(form, match, today, coming=1) if form else None
    return [period.code] if form and period and periods.in_force(form, period) else []


def _tell_why(turn: Turn, units: list[Unit], unit: Unit | None, code: str | None, asked: Asked) -> None:
    told: list[Text] = []
    for one in units:
        codes = [code] if code else dict.fromkeys(case.period.code for case in filing.current(turn, one))
        for each in codes:
            for title, rows in schedule.of_reports(turn, one, each):
                cut = 0 if asked.everything or len(rows) <= ROWS else len(rows) - ROWS
                older = _("• {n} earlier ones: type the same with “all” behind it.")(n=cut) if cut else None
                told.append(lines(title, older, *rows[cut:]))
    if not told:
        told.append(_("No report is asked for now."))
    turn.say(lines(*told, _of_others(turn, unit, _("Of a unit beneath: type “why remind {unit}”."))))


def _of_others(turn: Turn, unit: Unit | None, words: Text) -> Text | None:
    """Say how to ask about a unit beneath; nothing where one was named, or there is none."""
    if unit is not None:
        return None
    below = next((other for one in overview.watched(turn) for other in overview.below(turn, one)), None)
    return words(unit=as_is(overview.called(below))) if below else None


# --- when ---


def _tell_when(turn: Turn, units: list[Unit], span: Span, unit: Unit | None) -> None:
    if span.wrong:
        words = _WRONG[span.wrong]
        turn.say(
            words(
                **{
                    name: value
                    for name, value in (
                        ("day", as_is(span.unreal)),
                        ("first", span.first),
                        ("last", span.last),
                        ("n", schedule_words.LONGEST.days),
                    )
                    if f"{{{name}}}" in words.msgid
                }
            )
        )
        return
    today = reporting.local_day(turn.now)
    messages = schedule.coming(turn, units, span.first, span.last)
    near = span == Span(today, today + schedule_words.AHEAD)
    days: dict[str, object] = (
        {"n": schedule_words.AHEAD.days} if near else {"first": span.first, "last": span.last}
    )
    others = _of_others(turn, unit, _("Of a unit beneath: type “reminder plan {unit}”."))
    if not messages:
        none = (
            _("No reminder is to go out in the next {n} days.")
            if near
            else _("No reminder is to go out from {first} to {last}.")
        )
        turn.say(lines(none(**days), _nobody(turn, unit), others))
        return
    shown = _whole_days(messages)
    title = (
        _("Reminders of the next {n} days, if nothing is sent in before:")
        if near
        else _("Reminders from {first} to {last}, if nothing is sent in before:")
    )
    turn.say(
        lines(
            title(**days),
            *(schedule.line(turn, message) for message in shown),
            _more(messages[len(shown) :], span, unit),
            schedule.counted(messages, turn.shelf.office.prices),
            others,
        )
    )


def _nobody(turn: Turn, unit: Unit | None) -> Text | None:
    """Say that a unit that was named has nobody to be reminded; nothing where it has."""
    if unit is None or turn.people.holding("reporter", unit.id) or turn.people.holding("head", unit.id):
        return None
    return _("• **Red**: nobody is here to be reminded. Type “who has joined”.")


def _whole_days(messages: list[Coming]) -> list[Coming]:
    """Give the first messages, none of a day left out whose others are given."""
    if len(messages) <= TOLD:
        return messages
    last = reporting.local_day(messages[TOLD - 1].at)
    return [message for message in messages if reporting.local_day(message.at) <= last]


def _more(rest: list[Coming], span: Span, unit: Unit | None) -> Text | None:
    """Say how many messages are not told yet, and what to type for them; nothing where all are."""
    if not rest:
        return None
    first = _typed(reporting.local_day(rest[0].at))
    words: dict[str, object] = {"n": len(rest), "first": first, "last": _typed(span.last)}
    if unit is None:
        return _("• {n} more: type “reminder plan from {first} to {last}”.")(**words)
    return _("• {n} more: type “reminder plan {unit} from {first} to {last}”.")(
        **words, unit=as_is(overview.called(unit))
    )


def _typed(day: date) -> str:
    return f"{day.day}/{day.month}/{day.year}"
