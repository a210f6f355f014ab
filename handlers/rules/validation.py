"""What a report's figures may be: refused when impossible, asked about when unusual."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Mapping
from decimal import Decimal
from typing import Literal

import msgspec

from handlers.rules import form_tasks
from handlers.rules.figures import grouped, share, times
from handlers.rules.form_tasks import TaskState
from handlers.rules.periods import Period
from handlers.text import Text, _, as_is
from knowledge.forms import Check, Form, Indicator


class Value(msgspec.Struct, frozen=True, omit_defaults=True):
    """One indicator's figures as entered; `value` is None for "no data"."""

    value: int | None
    of: int | None = None  # the denominator; for a pair the total, while `value` is what is new
    reason: str = ""  # why it is unusual, in the cadre's words


NO_DATA = Value(None)


class Trouble(msgspec.Struct, frozen=True):
    """What is the matter with one indicator's figures."""

    indicator: str
    level: Literal["impossible", "unusual"]
    name: str
    why: Text
    explained: bool = False  # unusual, and the cadre has said why


NEGATIVE = _("A count is never below 0. Please check the figure.")
ABOVE_WHOLE = _("{part} is more than {whole}, and the part is never above the whole. Which is right?")
ABOVE_TOTAL = _("{part} new ones are more than the total of {whole}. Which is right?")
BELOW_LEAST = _("{value} is below {least}, the least this form allows. Please check the figure.")
ABOVE_MOST = _("{value} is above {most}, the most this form allows. Please check the figure.")
WHOLE_MISSING = _("{part} out of how many?")
TOTAL_MISSING = _("{part} new ones, and how many in all?")
JUMP_UP = _(
    "{value} is {times} times the period before ({last}). If right, say why in one sentence; else type it again."
)
JUMP_DOWN = _(
    "{value} is far below the {last} of the period before. If right, say why in one sentence; else type it again."
)
FROM_NOTHING = _(
    "In the period before it was 0, now {value}. If right, say why in one sentence; else type it again."
)
SAME = _(
    "These are exactly the figures of the period before. If right, say why in one sentence; else type it again."
)
FULL = _("All {whole}, not one missing. If right, say why in one sentence; else type it again.")
WHOLE_FELL = _(
    "The whole fell from {last} to {whole}. If right, say why in one sentence; else type it again."
)
TOTAL_DIFFERS = _(
    "The {last} of before and {part} new make {sum}, not {whole}. If it is right, please say why."
)
YEAR_BEGINS = _(
    "The reporting year begins with this report, so {part} new and {whole} so far should be the same. "
    "If it is right, please say why."
)
CHECK_MUST = _("{says} Now it is {left} and {right}. Correct whichever is wrong, such as “{n}: {value}”.")
CHECK_REASON = _(
    "{says} Now it is {left} and {right}. If right, say why in one sentence; else type it again."
)


def troubles(
    indicator: Indicator, value: Value, last: Value | None = None, *, year_begins: bool = False
) -> list[Trouble]:
    """Give what is wrong with one figure by itself: the impossible alone, else everything unusual.

    `year_begins` says that the period is the first of its reporting year.
    """
    impossible = _impossible(indicator, value)
    if impossible:
        return [Trouble(indicator.id, "impossible", *impossible)]
    explained = bool(value.reason.strip())
    return [
        Trouble(indicator.id, "unusual", name, why, explained)
        for name, why in (_unusual(indicator, value, last) if last else [])
        + _total(indicator, value, last, year_begins=year_begins)
        + _unusual_in_itself(indicator, value)
    ]


def checked(form: Form, values: Mapping[str, Value], lang: str = "vi") -> list[Trouble]:
    """Give what figures of one report have wrong with each other, each at the last indicator it is about.

    A check waits until all its figures are there; "no data" cannot be checked.
    """
    found = []
    for check in form.checks:
        sides = _sides(form, check, values)
        if sides is None:
            continue
        left, right = (sum(side) for side in sides)
        if left == right or (check.rule == "not-above" and left < right):
            continue
        ids = {term.removesuffix("/of") for term in check.terms}
        one = [each for each in form.indicators if each.id in ids][-1]
        words = CHECK_MUST if check.level == "must" else CHECK_REASON
        why = words(
            says=as_is(check.says.of(lang)),
            left=_summed(one, sides[0]),
            right=_summed(one, sides[1]),
            **(
                {"n": one.number, "value": written(one, values[one.id], lang)}
                if check.level == "must"
                else {}
            ),
        )
        explained = check.level == "reason" and bool(values[one.id].reason.strip())
        level: Literal["impossible", "unusual"] = "impossible" if check.level == "must" else "unusual"
        found.append(Trouble(one.id, level, check.id, why, explained))
    return found


def _sides(form: Form, check: Check, values: Mapping[str, Value]) -> tuple[list[int], list[int]] | None:
    sides: tuple[list[int], list[int]] = ([], [])
    for side, terms in zip(sides, (check.left, check.right), strict=True):
        for term in terms:
            value = values.get(term.removesuffix("/of"))
            number = None if value is None else value.of if term.endswith("/of") else value.value
            if number is None:
                return None
            side.append(number)
    return sides


def _summed(one: Indicator, numbers: list[int]) -> Text:
    """Say a side of a check: 2.007 + 258 = 2.265."""
    shown = _("{value}")(value=exact(one, numbers[0]))
    for number in numbers[1:]:
        shown = _("{sum} + {value}")(sum=shown, value=exact(one, number))
    return shown if len(numbers) == 1 else _("{sum} = {value}")(sum=shown, value=exact(one, sum(numbers)))


def problems(
    form: Form,
    values: Mapping[str, Value],
    last: Mapping[str, Value] | None = None,
    *,
    year_begins: bool = False,
    lang: str = "vi",
) -> list[Trouble]:
    """Give everything that is wrong with a report's figures, in the form's order."""
    together = checked(form, values, lang)
    return [
        trouble
        for one in form.indicators
        if one.id in values
        for trouble in [
            *troubles(one, values[one.id], (last or {}).get(one.id), year_begins=year_begins),
            *(each for each in together if each.indicator == one.id),
        ]
    ]


def missing(form: Form, values: Mapping[str, Value]) -> list[Indicator]:
    """Give the indicators that were not answered; "no data" is an answer."""
    return [one for one in form.indicators if one.id not in values]


def may_submit(
    form: Form,
    values: Mapping[str, Value],
    last: Mapping[str, Value] | None = None,
    *,
    year_begins: bool = False,
) -> bool:
    """Say whether all is answered, nothing impossible and everything unusual explained."""
    return not missing(form, values) and all(
        trouble.explained for trouble in problems(form, values, last, year_begins=year_begins)
    )


def _impossible(indicator: Indicator, value: Value) -> tuple[str, Text] | None:
    part, whole = value.value, value.of
    if part is None:
        return None
    pair = indicator.shape == "pair"
    if part < 0 or (whole is not None and whole < 0):
        return "negative", NEGATIVE
    highest = max(part, whole or 0)
    if highest > indicator.most:
        return "above-most", ABOVE_MOST(
            value=exact(indicator, highest), most=exact(indicator, indicator.most)
        )
    if part < indicator.least:
        return "below-least", BELOW_LEAST(
            value=exact(indicator, part), least=exact(indicator, indicator.least)
        )
    if indicator.two and whole is None:
        return "whole-missing", (TOTAL_MISSING if pair else WHOLE_MISSING)(part=part)
    if whole is not None and part > whole:
        return "above-whole", (ABOVE_TOTAL if pair else ABOVE_WHOLE)(part=part, whole=whole)
    return None


def _unusual_in_itself(indicator: Indicator, value: Value) -> list[tuple[str, Text]]:
    full = indicator.shape == "ratio" and value.value == value.of and indicator.full_above
    if full and value.of is not None and value.of > indicator.full_above:
        return [("full", FULL(whole=value.of))]
    return []


def _unusual(indicator: Indicator, value: Value, last: Value) -> list[tuple[str, Text]]:
    """Compare with last month; where either month has no data there is nothing to compare."""
    now, then = value.value, last.value
    if now is None or then is None:
        return []
    found: list[tuple[str, Text]] = []
    same = (value.value, value.of) == (last.value, last.of)
    if indicator.kind == "flow" and same and now:
        found.append(("same", SAME))
    if indicator.jump and max(now, then) >= indicator.jump_from:
        new, old = exact(indicator, now), exact(indicator, then)
        if not then:
            found.append(("from-nothing", FROM_NOTHING(value=new)))
        elif now > then * indicator.jump:
            found.append(("jump", JUMP_UP(value=new, times=times(now, then), last=old)))
        elif now * indicator.jump < then:
            found.append(("drop", JUMP_DOWN(value=new, last=old)))
    if value.of is None or last.of is None:
        return found
    if indicator.of_never_falls and value.of < last.of:
        found.append(("whole-fell", WHOLE_FELL(last=last.of, whole=value.of)))
    return found


def _total(
    indicator: Indicator, value: Value, last: Value | None, *, year_begins: bool
) -> list[tuple[str, Text]]:
    """Compare a total with what it was and what is new; a sum of the year starts anew with the year."""
    now, whole = value.value, value.of
    if indicator.shape != "pair" or now is None or whole is None:
        return []
    if indicator.total_of == "year" and year_begins:
        return [("year-begins", YEAR_BEGINS(part=now, whole=whole))] if whole != now else []
    if last is None or last.value is None or last.of is None or whole == last.of + now:
        return []
    return [("total-differs", TOTAL_DIFFERS(last=last.of, part=now, sum=last.of + now, whole=whole))]


def exact(indicator: Indicator, kept: int) -> int | Decimal:
    """Give a figure as it is meant: with its decimals, where the indicator has some."""
    return Decimal(kept).scaleb(-indicator.decimals) if indicator.decimals else kept


def shown(indicator: Indicator, value: Value) -> Text:
    """Say a figure as a summary shows it."""
    if value.value is None:
        return _("no data yet")
    if value.of is None:
        return _("{value}")(value=exact(indicator, value.value))
    if indicator.shape == "pair":
        words = _("{part} new, {whole} in all")
        if indicator.total_of == "year":
            words = _("{part} new, {whole} since the year began")
        return words(part=value.value, whole=value.of)
    if not value.of:
        return _("nothing arose")
    if indicator.shape == "ratio":
        percent = share(value.value, value.of)
        return _("{part}/{whole} = {percent}%")(part=value.value, whole=value.of, percent=percent)
    return _("{part} of {whole}")(part=value.value, whole=value.of)


def written(indicator: Indicator, value: Value, lang: str) -> str:
    """Write a figure as it would be typed, such as 214/218; nothing for "no data"."""
    if value.value is None:
        return ""
    numbers = (value.value, value.of)
    return "/".join(grouped(exact(indicator, number), lang) for number in numbers if number is not None)


def fingerprint(
    form: Form,
    unit: str,
    period: Period,
    values: Mapping[str, Value],
    tasks: Mapping[str, TaskState] | None = None,
) -> str:
    """Give the SHA-256 of a report's content: the same content gives the same one, anywhere, any time."""
    content = contents(form.id, form.version, unit, period, values, tasks or {})
    return hashlib.sha256(msgspec.json.encode(content, order="sorted")).hexdigest()


def contents(
    form: str,
    version: int,
    unit: str,
    period: Period,
    values: Mapping[str, Value],
    tasks: Mapping[str, TaskState],
) -> dict[str, object]:
    """Give what the SHA-256 of a report is of; a form without tasks has none in it."""
    figures = {
        key: [value.value, value.of, unicodedata.normalize("NFC", value.reason).strip()]
        for key, value in values.items()
    }
    content: dict[str, object] = {
        "form": form,
        "version": version,
        "unit": unit,
        "period": period.code,
        "values": figures,
    }
    return content | ({"tasks": form_tasks.content(tasks)} if tasks else {})
