"""What a cadre's words put into one indicator: its figures, or the half of them that is still to be asked."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Literal

import msgspec

from handlers.rules import figures
from handlers.rules.figures import Ambiguous, Figure, NoData, Problem
from handlers.rules.validation import NO_DATA, Value
from knowledge.forms import Indicator

Missing = Literal["of", "which", "new", "total"]


class Half(msgspec.Struct, frozen=True):
    """One of two numbers, and what is still to be asked.

    of: the whole; new, total: that number of a pair; which: which of the pair this one is.
    """

    ask: Missing
    number: int


_BOTH = re.compile(r"\s*(\d+)(?:\s*[,;]\s+|\s+(?:và|va|and)\s+)(\d+)\s*\.?\s*", re.I)  # "2, 46", "2 và 46"

Understood = Value | Half | Ambiguous | Problem


def understood(
    one: Indicator,
    text: str,
    whole: int | None = None,
    have: Half | None = None,
    meant: Decimal | None = None,
) -> Understood | None:
    """Give what words say of an indicator; None where they hold no figure.

    `whole` is what a single number is out of, `have` the half that was given before, `meant` the
    reading that was chosen of words that may mean several numbers.
    """
    if one.shape == "pair":
        return _pair(one, text if meant is None else f"{meant}", have)
    said = figures.read(text, _kind(one)) if meant is None else Figure(meant)
    if isinstance(said, Ambiguous) and said.of is not None and not one.two:
        return figures.ONE_EXPECTED
    if not isinstance(said, Figure):
        return _other(said)
    kept = said.value.scaleb(one.decimals)
    if kept != kept.to_integral_value():
        return figures.too_fine(one.decimals)
    number = int(kept)
    if not one.two:
        return Value(number) if said.of is None else figures.ONE_EXPECTED
    if said.of is not None:
        return Value(number, int(said.of))
    if have is not None:
        return Value(have.number, number)
    return Half("of", number) if whole is None else Value(number, whole)


def _kind(one: Indicator) -> figures.Kind:
    if one.decimals:
        return "decimal"
    return "ratio" if one.shape == "ratio" else "count"


def _pair(one: Indicator, text: str, have: Half | None) -> Understood | None:
    names = {"new": one.new_words, "total": one.total_words}
    found: dict[str, Decimal] = {} if text.rstrip().endswith("?") else figures.named(text, names)
    if not found and have is None and (both := _BOTH.fullmatch(text)):
        found = {"new": Decimal(both[1]), "total": Decimal(both[2])}  # in the order in which they are asked
    numbers = {name: int(number) for name, number in found.items()}
    if not numbers:
        said = figures.read(text)
        if not isinstance(said, Figure):
            return _other(said)
        if said.of is not None:
            return Value(int(said.value), int(said.of))
        if have is None or have.ask == "which":
            number = int(said.value)
            # Nothing new is said as 0 every month; a total of 0 machines is hardly ever meant.
            return Half("which", number) if number else Half("total", 0)
        numbers[have.ask] = int(said.value)
    if have is not None and len(numbers) == 1 and have.number not in numbers.values():
        # The half given before is the one that was not named now; the same number only says which it is.
        numbers.setdefault("total" if "new" in numbers else "new", have.number)
    if len(numbers) == 2:
        return Value(numbers["new"], numbers["total"])
    ((name, number),) = numbers.items()
    return Half("total" if name == "new" else "new", number)


def _other(said: NoData | Ambiguous | Problem) -> Value | Ambiguous | Problem | None:
    if isinstance(said, NoData):
        return NO_DATA
    return None if said == figures.UNREADABLE else said
