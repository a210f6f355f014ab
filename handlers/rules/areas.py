"""What a request is about, in the few words of an office's figures, and in which village it is as its team calls it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from handlers.records.doors import Door
from handlers.records.people import Unit
from handlers.records.requests import Request
from handlers.rules.routing import same_village, village_of
from handlers.text import Text, _

KINDS: dict[str, Text] = {  # of the shipped service levels; an office's own are called as it calls them
    "how-to": _("how it is done"),
    "urgent": _("urgent"),
    "office": _("for the office"),
}
OTHER = "other"
AREAS: dict[str, Text] = {
    "vneid": _("VNeID"),
    "idcard": _("identity card"),
    "services": _("public services"),
    "money": _("payments and banks"),
    "safety": _("fraud and safety"),
    "welfare": _("insurance and benefits"),
    "signature": _("digital signatures"),
    "skills": _("digital skills"),
    OTHER: _("something else"),
}
# The first part of a topic's name.
_OF: dict[str, str] = {
    "vneid": "vneid",
    "idcard": "idcard",
    **dict.fromkeys(
        ("dvc", "certify", "civil", "driving", "justice", "land", "residence", "tax", "vehicle"), "services"
    ),
    **dict.fromkeys(("bank", "pay"), "money"),
    "safe": "safety",
    **dict.fromkeys(("health", "social"), "welfare"),
    "sign": "signature",
    "skill": "skills",
}


# What people may ask news of, and an announcement may be about.
NEWS = tuple(area for area in AREAS if area != OTHER)
# What they say of it, without accents; of two that fit at one place the longer one is meant.
_SAID: dict[str, tuple[str, ...]] = {
    "vneid": ("vneid", "dinh danh dien tu", "dinh danh"),
    "idcard": ("can cuoc", "cccd", "cmnd", "identity card", "identity cards", "id card", "id cards"),
    "services": (
        "dich vu cong", "thu tuc hanh chinh", "thu tuc", "ho tich", "khai sinh", "ket hon", "cu tru", "tam tru",
        "thuong tru", "dat dai", "so do", "thue", "bang lai", "ly lich tu phap", "lai xe", "public services",
        "public service", "land", "tax", "taxes", "residence", "driving licence",
    ),
    "money": (
        "ngan hang", "thanh toan", "chuyen tien", "vi dien tu", "payments", "payment", "bank", "banks", "banking",
    ),
    "safety": (
        "lua dao", "an toan mang", "an toan tren mang", "fraud", "scam", "scams", "safety", "online safety",
    ),
    "welfare": (
        "bao hiem", "bhyt", "bhxh", "vssid", "an sinh", "an sinh xa hoi", "tro cap", "luong huu", "huu tri",
        "insurance", "health insurance", "benefits", "allowance", "allowances", "pension", "pensions",
    ),
    "signature": ("chu ky so", "chu ky dien tu", "digital signature", "digital signatures"),
    "skills": ("ky nang so", "lop ky nang so", "dung dien thoai", "dung may tinh", "digital skills", "digital skill"),
}  # fmt: skip


def said(words: Sequence[str]) -> tuple[str, ...]:
    """Give the areas that words without accents name, in the order of `NEWS`."""
    text = f" {' '.join(words)} "
    return tuple(area for area in NEWS if any(f" {name} " in text for name in _SAID[area]))


def area_of(topic: str) -> str:
    """Give the area of a topic; `other` for one that belongs to none, and for none."""
    return _OF.get(topic.partition(".")[0], OTHER)


class Villages:
    """Names the villages of requests as the teams of today call them; a citizen's own words never come out."""

    def __init__(self, teams: Iterable[Unit]) -> None:
        self._teams: dict[int, Unit] = {}
        self._communes: dict[str, list[Unit]] = {}
        for team in teams:
            self._teams[team.id] = team
            self._communes.setdefault(team.commune, []).append(team)
        self._named: dict[tuple[int, str, str], str] = {}

    def of(self, request: Request) -> str:
        """Give the village of a request; nothing where it is not clear which one is meant."""
        key = (request.team, request.commune, request.village)
        if key not in self._named:
            self._named[key] = self._name(*key)
        return self._named[key]

    def _name(self, team: int, commune: str, village: str) -> str:
        unit = self._teams.get(team)
        if not village:
            return unit.covers[0].name if unit and len(unit.covers) == 1 else ""
        return (unit and village_of(unit, village)) or _meant(self._communes.get(commune, ()), village)

    def today(self, commune: str, village: str) -> str:
        """Give what a village of a commune is called now, once renamed or merged; as it is where that is not clear."""
        return _meant(self._communes.get(commune, ()), village) or village

    def at_doors(self, commune: str, doors: Iterable[Door]) -> list[Door]:
        """Give what was told of doors under the names of today: a village is one, whatever it was called that day."""
        return [msgspec.structs.replace(door, village=self.today(commune, door.village)) for door in doors]


def _meant(teams: Sequence[Unit], village: str) -> str:
    names = {place.name for team in teams for place in team.covers if same_village(place.name, village)}
    names = names or {name for team in teams if (name := village_of(team, village))}
    return names.pop() if len(names) == 1 else ""
