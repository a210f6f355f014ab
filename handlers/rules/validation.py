"""What a report's figures may be: refused when impossible, asked about when unusual."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Mapping
from typing import Literal

import msgspec

from handlers.rules.figures import grouped, share, times
from handlers.rules.reporting import Period
from handlers.text import Text, _
from knowledge.forms import Form, Indicator


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
ABOVE_MOST = _("{value} is above {most}, the most this form allows. Please check the figure.")
WHOLE_MISSING = _("{part} out of how many?")
TOTAL_MISSING = _("{part} new ones, and how many in all?")
JUMP_UP = _("{value} is {times} times last month's {last}. If it is right, please say why in one sentence.")
JUMP_DOWN = _("{value} is far below last month's {last}. If it is right, please say why in one sentence.")
FROM_NOTHING = _("Last month it was 0, now {value}. If it is right, please say why in one sentence.")
SAME = _("These are exactly last month's figures. If they are right, please say why in one sentence.")
FULL = _("All {whole}, not one missing. If that is right, please say why in one sentence.")
WHOLE_FELL = _("The whole fell from {last} to {whole}. If it is right, please say why in one sentence.")
TOTAL_DIFFERS = _("Last month {last} and {part} new make {sum}, not {whole}. If it is right, please say why.")


def troubles(indicator: Indicator, value: Value, last: Value | None = None) -> list[Trouble]:
    """Give what is wrong with one figure: the impossible alone, else everything unusual."""
    impossible = _impossible(indicator, value)
    if impossible:
        return [Trouble(indicator.id, "impossible", *impossible)]
    explained = bool(value.reason.strip())
    return [
        Trouble(indicator.id, "unusual", name, why, explained)
        for name, why in (_unusual(indicator, value, last) if last else [])
        + _unusual_in_itself(indicator, value)
    ]


def problems(
    form: Form, values: Mapping[str, Value], last: Mapping[str, Value] | None = None
) -> list[Trouble]:
    """Give everything that is wrong with a report's figures, in the form's order."""
    return [
        trouble
        for one in form.indicators
        if one.id in values
        for trouble in troubles(one, values[one.id], (last or {}).get(one.id))
    ]


def missing(form: Form, values: Mapping[str, Value]) -> list[Indicator]:
    """Give the indicators that were not answered; "no data" is an answer."""
    return [one for one in form.indicators if one.id not in values]


def may_submit(form: Form, values: Mapping[str, Value], last: Mapping[str, Value] | None = None) -> bool:
    """Say whether all is answered, nothing impossible and everything unusual explained."""
    return not missing(form, values) and all(trouble.explained for trouble in problems(form, values, last))


def _impossible(indicator: Indicator, value: Value) -> tuple[str, Text] | None:
    part, whole = value.value, value.of
    if part is None:
        return None
    pair = indicator.shape == "pair"
    if part < 0 or (whole is not None and whole < 0):
        return "negative", NEGATIVE
    highest = max(part, whole or 0)
    if highest > indicator.most:
        return "above-most", ABOVE_MOST(value=highest, most=indicator.most)
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
        if not then:
            found.append(("from-nothing", FROM_NOTHING(value=now)))
        elif now > then * indicator.jump:
            found.append(("jump", JUMP_UP(value=now, times=times(now, then), last=then)))
        elif now * indicator.jump < then:
            found.append(("drop", JUMP_DOWN(value=now, last=then)))
    if value.of is None or last.of is None:
        return found
    if indicator.of_never_falls and value.of < last.of:
        found.append(("whole-fell", WHOLE_FELL(last=last.of, whole=value.of)))
    if indicator.shape == "pair" and value.of != last.of + now:
        found.append(
            ("total-differs", TOTAL_DIFFERS(last=last.of, part=now, sum=last.of + now, whole=value.of))
        )
    return found


def shown(indicator: Indicator, value: Value) -> Text:
    """Say a figure as a summary shows it."""
    if value.value is None:
        return _("no data yet")
    if value.of is None:
        return _("{value}")(value=value.value)
    if indicator.shape == "pair":
        return _("{part} new, {whole} in all")(part=value.value, whole=value.of)
    if not value.of:
        return _("nothing arose")
    if indicator.shape == "ratio":
        percent = share(value.value, value.of)
        return _("{part}/{whole} = {percent}%")(part=value.value, whole=value.of, percent=percent)
    return _("{part} of {whole}")(part=value.value, whole=value.of)


def written(value: Value, lang: str) -> str:
    """Write a figure as it would be typed, such as 214/218; nothing for "no data"."""
    if value.value is None:
        return ""
    return "/".join(grouped(number, lang) for number in (value.value, value.of) if number is not None)


def fingerprint(form: Form, unit: str, period: Period, values: Mapping[str, Value]) -> str:
    """Give the SHA-256 of a report's content: the same content gives the same one, anywhere, any time."""
    figures = {
        key: [value.value, value.of, unicodedata.normalize("NFC", value.reason).strip()]
        for key, value in values.items()
    }
    content = {
        "form": form.id,
        "version": form.version,
        "unit": unit,
        "period": period.code,
        "values": figures,
    }
    return hashlib.sha256(msgspec.json.encode(content, order="sorted")).hexdigest()
