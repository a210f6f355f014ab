"""Which unit a line names, of those in which somebody works and those beneath them."""

from __future__ import annotations

from collections.abc import Sequence

from handlers import filing, overview
from handlers.records.people import Unit
from handlers.rules import unit_words
from handlers.text import Text, _, as_is
from handlers.turn import Turn
from knowledge.folding import fold

NAMED = 4  # units of one name that are told apart
HIGHER = 4  # units above each other, at most


def named(turn: Turn, rest: str, own: Sequence[Unit], not_theirs: Text) -> tuple[Unit | None, str] | None:
    """Give the unit that words begin with, and what follows; no unit where none is named.

    None where it is not for this person to ask about it, or not clear which one is meant; then that has been said.
    """
    if not rest:
        return None, rest
    every = {unit.id: unit for unit in (*turn.people.units("office", ""), *turn.reports.offices(), *own)}
    spelt: dict[str, list[Unit]] = {}
    for unit in every.values():
        for name in _spellings(unit.name):
            spelt.setdefault(name, []).append(unit)
    names, behind = unit_words.of_unit(rest, spelt)
    found = list({unit.id: unit for name in names for unit in spelt[name]}.values())
    if not found:
        return None, rest
    theirs = [unit for unit in found if beneath(turn, unit, own)]
    if not theirs:
        turn.say(not_theirs, unit=as_is(overview.called(found[0])))
        return None
    if theirs[1:]:
        which = "; ".join(unit.name for unit in theirs[:NAMED]) + ("; …" if theirs[NAMED:] else "")
        turn.say(
            _("Several units are called so. Please type it with its place: {units}."), units=as_is(which)
        )
        return None
    return theirs[0], behind


def within(turn: Turn, tokens: Sequence[str], own: Sequence[Unit]) -> tuple[Unit, tuple[str, ...]] | None:
    """Give the unit beneath one's own that words name anywhere, by the longest of its names, and the words without it.

    A name of one word alone may be anything, so it counts only with its kind before it.
    """
    best: tuple[int, Unit, tuple[str, ...]] | None = None
    for unit in {unit.id: unit for unit in turn.reports.offices()}.values():
        for name in _spellings(unit.name):
            words = name.split()
            at = _place(tokens, words) if len(words) > 1 else None
            if at is not None and (best is None or len(words) > best[0]) and beneath(turn, unit, own):
                best = len(words), unit, (*tokens[:at], *tokens[at + len(words) :])
    return best[1:] if best else None


def _place(tokens: Sequence[str], words: Sequence[str]) -> int | None:
    """Give where words stand one behind the other; None where they do not."""
    places = range(len(tokens) - len(words) + 1)
    return next((at for at in places if list(tokens[at : at + len(words)]) == list(words)), None)


def unknown(turn: Turn, words: str) -> bool:
    """Say that no unit is called so, where words look like one; False for other words."""
    if not unit_words.names_unit(words):
        return False
    turn.say(
        _(
            "Tổ Số knows no unit called “{name}” that reports. Please check its name, or type “who has joined”."
        ),
        name=as_is(unit_words.as_typed(turn.text, words)),
    )
    return True


def beneath(turn: Turn, unit: Unit, own: Sequence[Unit]) -> bool:
    """Say whether a unit is one of these, or stands beneath one for which this person looks at those below."""
    if any(one.id == unit.id for one in own):
        return True
    watched = {one.id for one in overview.watched(turn)}
    over = filing.above(turn, unit)
    for _step in range(HIGHER):
        if over is None:
            return False
        if over.id in watched:
            return True
        over = filing.above(turn, over)
    return False


def _spellings(name: str) -> list[str]:
    """Give how people write a unit: with its place or without, with its kind or without."""
    parts = name.split(", ")
    whole = [" ".join(parts[:length]) for length in range(1, len(parts) + 1)]
    kinds = ("xã ", "phường ", "đặc khu ", "thị trấn ", "thành phố ", "tỉnh ")
    bare = [words.removeprefix(kind) for words in whole for kind in kinds if words.lower().startswith(kind)]
    return list(dict.fromkeys(fold(words) for words in (*whole, *bare)))
