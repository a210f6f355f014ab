"""Which team a request goes to: that of the village, by its old name too, else that of the whole commune."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from handlers.records.people import Unit, Village
from handlers.records.requests import Why
from knowledge.folding import fold, words

# What people write before the name of a part of a commune; group 7 and village 7 are two places.
_KINDS: dict[str, tuple[str, ...]] = {
    "tổ": ("to dan pho", "tdp", "to dp", "residential group", "group", "to"),
    "khu": ("khu pho", "kp", "quarter", "khu dan cu", "kdc", "khu"),
    "thôn": ("thon", "village"),
    "ấp": ("ap", "hamlet"),
    "bản": ("ban", "buon", "phum", "soc", "bon"),
    "xóm": ("xom",),
    "làng": ("lang",),
}
_KIND_OF = {word: kind for kind, spellings in _KINDS.items() for word in spellings}
_BEHIND = re.compile(r"(?: (?:in|ward|commune))+$")  # what is left of "group 7 in Đông Ngạc ward"
_NAMED = re.compile(rf"(?:({'|'.join(sorted(_KIND_OF, key=len, reverse=True))})(?: |(?=\d)))?(?:so )?(.+)")


_VILLAGE = re.compile(  # with its accents: "ban" alone would be a board of the commune
    r"(?:thôn|ấp|bản|buôn|xóm|làng|khóm|phum|sóc|bon|tổ dân phố|tdp|tổ(?= ?\d)|khu phố|khu dân cư|village|hamlet)\b",
    re.I,
)


class Route(msgspec.Struct, frozen=True):
    """Who is asked first, and why."""

    team: Unit | None  # none: the commune's office
    why: Why


def route(teams: Sequence[Unit], village: str) -> Route:
    """Give the team of this village, by its old name too, else the one of the whole commune, else the office."""
    why: Why = "village"
    there = [team for team in teams if _named(team.covers, village)]
    if not there:
        why = "formerly"
        there = [team for team in teams if _named(team.formerly, village)]
    if len(there) == 1:
        return Route(there[0], why)
    whole = next((team for team in teams if not (team.covers or team.ended)), None)
    return Route(whole, "commune" if whole else "office")


def team_for(teams: Sequence[Unit], village: str) -> Unit | None:
    """Give the team of this village, else the one of the whole commune; None where there is neither."""
    return route(teams, village).team


def village_of(team: Unit, village: str) -> str:
    """Give what a village of this team is called today; nothing where it is not clear which one is meant."""
    meant = _named(team.covers, village) or _named(team.formerly, village)
    names = {place.id: place.name for place in team.covers}
    return names.get(meant.pop(), "") if len(meant) == 1 else ""


def _named(places: Sequence[Village], village: str) -> set[int]:
    return {place.id for place in places if same_village(place.name, village)}


def same_village(one: str, other: str) -> bool:
    """Say whether two names mean one village: "tổ 7" is "tổ dân phố số 07", and "to 7" too."""
    kind, name = _parted(one)
    other_kind, other_name = _parted(other)
    # "Làng Vạc" may be the whole name of a village that is written "thôn Làng Vạc" elsewhere.
    whole = fold(one) == other_name or fold(other) == name
    if not name or not (whole or (name == other_name and (not kind or kind == (other_kind or kind)))):
        return False
    # Words typed without accents may mean either name; with accents on both sides they must agree.
    return all(
        mine == theirs or mine == fold(mine) or theirs == fold(theirs)
        for mine, theirs in zip(reversed(words(one)), reversed(words(other)), strict=False)
        if fold(mine) == fold(theirs)
    )


def is_village(name: str) -> bool:
    """Say whether a name begins as those of villages do, and not as those of the commune's own offices."""
    return _VILLAGE.match(name) is not None


def alike(one: str, other: str) -> bool:
    """Say whether two names in one list would be taken for each other, whichever of them is typed."""
    return same_village(one, other) or same_village(other, one)


def spellings(village: str) -> tuple[str, ...]:
    """Give what people write for a village, without accents, the longest first; a bare number is none of it."""
    kind, name = _parted(village)
    found = {
        fold(village),
        *(f"{word} {name}" for word in _KINDS.get(kind, ())),
        *(() if name.isdigit() else (name,)),
    }
    return tuple(sorted(filter(None, found), key=lambda one: (-len(one), one)))


def _parted(village: str) -> tuple[str, str]:
    """Give the kind of place, where it is named, and the bare name: "to dan pho so 07" is ("tổ", "7")."""
    found = _NAMED.fullmatch(_BEHIND.sub("", fold(village)))
    if found is None:
        return "", ""
    kind, name = found.groups()
    return _KIND_OF.get(kind or "", ""), re.sub(r"\b0+(?=\d)", "", name)
