"""Provinces and communes, and what people call them: without accents, in short, by old names.

The list is the shipped file data/places.tsv; villages are not in it, they belong to the communes.
An old name that was split among several communes is never settled here: whoever asks the citizen does that.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from functools import cached_property, lru_cache
from itertools import chain
from pathlib import Path
from typing import Literal, NamedTuple, TypeVar

import msgspec
from rapidfuzz import process
from rapidfuzz.distance import OSA

FILE = Path(__file__).parent / "data" / "places.tsv"

_V = TypeVar("_V", "Province", "Commune")

Status = Literal["one", "old", "several", "split", "near", "area", "none"]


class Province(msgspec.Struct, frozen=True):
    """A province or centrally run city, as it is called since a day."""

    code: str  # two digits
    name: str
    kind: str  # "tỉnh" or "thành phố"
    since: date
    until: date | None = None  # the last day; None while it lasts


class Commune(msgspec.Struct, frozen=True):
    """A commune-level unit, as it is called since a day."""

    code: str  # five digits, never changed nor reused
    name: str
    kind: str  # "xã", "phường" or "đặc khu"
    province: str  # the province's code
    since: date
    until: date | None = None


class Reading(msgspec.Struct, frozen=True):
    """One commune that a text may mean."""

    commune: Commune
    was: str = ""  # the old unit that was understood, such as "phường Đông Ngạc, quận Bắc Từ Liêm, Hà Nội"


class Matches(msgspec.Struct, frozen=True):
    """What a text may mean.

    one: a commune of today.  old: an old name, all of which lies in one commune today.  several: equal names;
    ask for the province, or offer them.  split: an old unit whose parts lie in several communes; ask which.
    near: spelled like these, or at odds with the larger place named beside it; ask.  area: only a district or
    a province was named.
    """

    status: Status
    readings: tuple[Reading, ...] = ()  # the likeliest first, at most as many as were asked for
    total: int = 0  # how many communes there are to choose from, with those left out
    provinces: tuple[str, ...] = ()  # codes of the provinces all these lie in
    province: str = ""  # code of the province that the text names, by its old or new name
    rest: str = ""  # what else was typed, as typed: a village, a group, a house number
    sure: bool = False  # the kind or a larger place was named too, or nothing else was said

    @property
    def communes(self) -> tuple[Commune, ...]:
        """Give the communes to choose from."""
        return tuple(reading.commune for reading in self.readings)

    @property
    def one(self) -> Commune | None:
        """Give the commune when there is nothing to ask; None otherwise."""
        return self.readings[0].commune if self.status in ("one", "old") else None


class _Unit(NamedTuple):
    """A name to be found: a commune of today, an old one, or one merged into an old one before 2025."""

    kind: str
    name: str  # empty for the earliest names, whose accents are not known
    codes: tuple[str, ...]  # the communes of today
    old: tuple[str, str] | None  # name and district's code of the old unit; None for those of today


class _Area(NamedTuple):
    """A province or an old district, named beside a commune."""

    id: str  # P01 a province, O01 an old one, D001 a district
    kind: str
    name: str
    province: str  # code of the province today


class _Word(NamedTuple):
    text: str
    plain: str  # small letters without accents; a number without leading zeros
    start: int
    end: int
    gap: int  # what parts it from the word before: 0 nothing or a space, 1 a dot, 2 a comma or the like


class _Span(NamedTuple):
    """Words that may name a unit or an area."""

    start: int
    end: int
    at: int  # where the word of its kind begins; start when there is none
    kind: str  # that word, spelled out
    units: tuple[int, ...] = ()
    areas: tuple[_Area, ...] = ()

    @property
    def size(self) -> int:
        return self.end - self.start

    def meets(self, other: _Span) -> bool:
        """Say whether the two share a word, the words of their kinds included."""
        return self.at < other.end and other.at < self.end

    def inside(self, other: _Span) -> bool:
        """Say whether this is a shorter part of the other."""
        return other.start <= self.start and self.end <= other.end and self.size < other.size


# Words of a kind, with the short forms that people type; the longest is tried first.
_COMMUNES = {"phường": "phường p ph f", "xã": "xã x", "thị trấn": "thị_trấn tt", "đặc khu": "đặc_khu đk"}
_DISTRICTS = {"quận": "quận q", "huyện": "huyện h", "thị xã": "thị_xã tx", "thành phố": "thành_phố tp"}
_PROVINCES = {"tỉnh": "tỉnh t"}
_VILLAGES = {
    "thôn": "thôn tổ tdp khu kp khóm ấp bản buôn xóm làng đội cụm tổ_dân_phố khu_phố khu_vực khu_dân_cư "
    "đường phố ngõ ngách hẻm kiệt số quốc_lộ tỉnh_lộ chợ trường cầu"
}
# What may stand before a village in a sentence: "nhà em ở thôn Đoài".
_FILLERS = set(
    "toi tui to em anh chi chau con co chu bac ba ong cu minh me bo nha gia dinh dang song sinh que hien nay "  # noqa: SIM905
    "day xin chao da vang thi dia chi cua ben nguoi dan thuoc o tai la".split()
)
_LEADS = {"o", "tai", "la", "thuoc"}
_TAILS = {"a", "ah", "ak", "nhe", "nha", "nhi", "thoi"}
_NICKNAMES = {
    "hanoi": ("hn", "hnoi", "tphn"),
    "hochiminh": ("hcm", "tphcm", "hcmc", "saigon", "sg", "tpsg"),
    "haiphong": ("hp", "tphp"),
    "hue": ("tth", "thuathienhue", "tphue"),
    "bariavungtau": ("brvt", "vungtau"),
}
_CITY = {"Hồ Chí Minh": "TP. Hồ Chí Minh"}  # this one is hardly ever written without
_WORD = re.compile(r"\d+|[^\W\d_]+(?:['’ʼ‘`´][^\W\d_]+)*")
_HARD = re.compile(r"[,;:\n()\[\]/|!?]")
_Y = re.compile(r"(?<=[b-df-hj-np-tv-z])y|^y|(?<=qu)y")  # mỹ and mĩ, quý and quí; never tây
_TONES = str.maketrans("", "", "\u0300\u0301\u0303\u0309\u0323")
_PLAIN = {
    code: letter
    for code in (*range(0x41, 0x5B), *range(0xC0, 0x1EFA))
    if (letter := unicodedata.normalize("NFD", chr(code).lower())[0]).isascii() and letter.isalpha()
} | {ord("đ"): "d", ord("Đ"): "d"}
_KEY = _PLAIN | {ord("k"): "c", ord("K"): "c"} | dict.fromkeys(map(ord, " -'’ʼ‘`´.()"))
_ROMAN = {"i": "1", "ii": "2", "iii": "3"}
_LONGEST = 6  # words of the longest name
_WORDS = 48  # words of a text that are looked at
_PLACES = 12  # larger places in a text that are looked at


def _plain(text: str) -> str:
    return text.translate(_PLAIN)


def _key(name: str) -> str:
    """Write a name so that its spellings fall together: Hoà Mỹ, hòa mĩ, HOAMY; Đắk, Đăk, Đắc."""
    key = name.translate(_KEY)
    return _Y.sub("i", key) if "y" in key else key


@lru_cache(maxsize=4096)
def _accents(word: str) -> str:
    """Give a word's letters and tone wherever the tone was put, so that hoà equals hòa and lí equals lý."""
    marks = unicodedata.normalize("NFD", word.lower())
    tone = "".join(mark for mark in marks if mark in "\u0300\u0301\u0303\u0309\u0323")
    letters = unicodedata.normalize("NFC", marks.translate(_TONES)).replace("k", "c")
    letters = re.sub(r"(?<=[b-df-hj-np-tvxđ])y$|^y$|(?<=qu)y$", "i", letters)
    if letters.endswith("ăc") and not tone:
        tone = "\u0301"  # Đăk is written for Đắk: the syllable can carry no level tone
    return letters + tone


def _agree(typed: Iterable[_Word], name: str) -> int:
    """Compare accents: 2 equal, 1 equal where accents were typed, 0 different."""
    words = [word.text for word in typed]
    parts = _WORD.findall(name)
    if len(words) != len(parts):
        return 1
    pairs = list(zip(words, parts, strict=True))
    if all(_accents(word) == _accents(part) for word, part in pairs):
        return 2
    bare = (_plain(word) == word.lower() for word, _ in pairs)
    return int(
        all(
            plain or _accents(word) == _accents(part) for plain, (word, part) in zip(bare, pairs, strict=True)
        )
    )


def _kinds(*tables: dict[str, str]) -> dict[str, tuple[str, str]]:
    """Turn the tables above into plain phrase -> (kind, phrase with accents)."""
    return {
        _plain(form).replace("_", " "): (kind, form.replace("_", " "))
        for table in tables
        for kind, forms in table.items()
        for form in forms.split()
    }


_KINDS = _kinds(_COMMUNES, _DISTRICTS, _PROVINCES, _VILLAGES)


def _words(text: str) -> list[_Word]:
    """Part a text into words; letters and digits are parted too, so that "p5" is two."""
    found: list[_Word] = []
    end = 0
    for match in _WORD.finditer(text):
        between = text[end : match.start()]
        gap = 2 if _HARD.search(between) else int("." in between)
        plain = _plain(match[0])
        plain = plain.lstrip("0") or plain if plain.isdigit() else _ROMAN.get(plain, plain)
        end = match.end()
        found.append(_Word(match[0], plain, match.start(), end, gap))
        if len(found) == _WORDS:
            break
    return found


def _kind_before(words: list[_Word], start: int) -> tuple[str, int]:
    """Find the word of a kind right before a name, and where it begins; "" and the start without one."""
    if start == 0 or words[start].gap == 2:
        return "", start
    for size in (3, 2, 1):
        first = start - size
        if first < 0 or any(word.gap for word in words[first + 1 : start]):
            continue
        found = _KINDS.get(" ".join(word.plain for word in words[first:start]))
        if found and _agree(words[first:start], found[1]):
            return found[0], first
    return "", start


def _windows(words: list[_Word]) -> Iterator[tuple[int, int, str]]:
    """Give every run of words that could be a name, with its key."""
    for start in range(len(words)):
        joined = ""
        for end in range(start + 1, min(start + _LONGEST, len(words)) + 1):
            word = words[end - 1]
            # A name may end in a number, as Mỹ Đình 2 does; it begins with none, unless it is that number.
            if end - 1 > start and (word.gap or words[end - 2].plain.isdigit()):
                break
            joined += word.plain
            yield start, end, _key(joined)


class Places:
    """All units of one file, found by code and by what people type."""

    def __init__(self, lines: Iterable[str]) -> None:
        """Read the lines of a file; `load()` does so for the shipped one."""
        self._provinces: dict[str, list[Province]] = defaultdict(list)
        self._communes: dict[str, list[Commune]] = defaultdict(list)
        self._old_provinces: dict[str, _Area] = {}
        self._districts: dict[str, tuple[_Area, str]] = {}  # and the old province's code
        self._units: list[_Unit] = []
        self._keys: list[str] = []  # of each unit
        self._names: dict[str, list[int]] = defaultdict(list)
        self._areas: dict[str, list[_Area]] = defaultdict(list)
        for line in lines:
            tag, *row = line.rstrip("\n").split("\t")
            if tag == "W":  # three lines in four
                _, kind, name, district, _, codes, earlier = row
                self._add_old(kind, name, district, tuple(codes.split(",")), earlier)
            elif tag == "C":
                code, kind, name, province, since, until = row
                self._communes[code].append(Commune(code, name, kind, province, _day(since), _end(until)))
            elif tag == "D":
                code, kind, name, province, _, others = row
                area = _Area("D" + code, kind, name, self._old_provinces[province].province)
                self._districts[code] = (area, province)
                for key in (name, *filter(None, others.split(","))):
                    self._areas[_key(key)].append(area)
            elif tag == "O":
                code, kind, name, _, today = row
                self._old_provinces[code] = area = _Area("O" + code, kind, name, today)
                self._areas[_key(name)].append(area)
            elif tag == "P":
                code, kind, name, since, until = row
                self._provinces[code].append(Province(code, name, kind, _day(since), _end(until)))
        for code, (*_, unit) in self._communes.items():
            self._add(_Unit(unit.kind, unit.name, (code,), None), unit.name)
        for code, (*_, city) in self._provinces.items():
            self._areas[_key(city.name)].append(_Area("P" + code, city.kind, city.name, code))
        for key, nicknames in _NICKNAMES.items():
            for nickname in nicknames:
                self._areas[nickname] += [area for area in self._areas[key] if area.id[0] != "D"]

    @classmethod
    def load(cls) -> Places:
        """Read the shipped file."""
        with FILE.open(encoding="utf-8") as lines:
            return cls(lines)

    def _add_old(self, kind: str, name: str, district: str, codes: tuple[str, ...], earlier: str) -> None:
        self._add(_Unit(kind, name, codes, (f"{kind} {name}", district)), name)
        if earlier:
            for former, _, key in (item.partition(":") for item in earlier.split(",")):
                self._add(_Unit(former, "", codes, (f"{kind} {name}", district)), key)

    def _add(self, unit: _Unit, name: str) -> None:
        number = len(self._units)
        self._units.append(unit)
        key = _key(name)
        self._names[key].append(number)
        self._keys.append(key)
        if " - " in name:  # "Chân Mây - Lăng Cô" is also called by its first half
            self._names[_key(name.partition(" - ")[0])].append(number)

    @cached_property
    def _lies_in(self) -> dict[str, set[str]]:
        """For each commune of today the ids of the old districts and provinces that parts of it lay in."""
        found: dict[str, set[str]] = defaultdict(set)
        for unit in self._units:
            if unit.old:
                area, province = self._districts[unit.old[1]]
                for code in unit.codes:
                    found[code].update((area.id, "O" + province))
        parted = set(chain.from_iterable(found.values()))
        for area, province in self._districts.values():
            if area.id not in parted:  # an island: the district itself became the commune
                for code, (*_, island) in self._communes.items():
                    if island.name == area.name and island.province == area.province:
                        found[code].update((area.id, "O" + province))
        return found

    @cached_property
    def _by_area(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = defaultdict(list)
        for number, unit in enumerate(self._units):
            for area in self._areas_of(unit):
                found[area].append(number)
        return found

    @cached_property
    def _by_length(self) -> dict[int, list[str]]:
        found: dict[int, list[str]] = defaultdict(list)
        for key in self._names:
            found[len(key)].append(key)
        return found

    def _areas_of(self, unit: _Unit) -> set[str]:
        """Give the ids of all provinces and districts that a unit lies or lay in."""
        areas = {"P" + self._communes[code][-1].province for code in unit.codes}
        if unit.old is None:
            return areas | self._lies_in[unit.codes[0]]
        district, province = self._districts[unit.old[1]]
        return areas | {district.id, "O" + province}

    def _was(self, unit: _Unit) -> str:
        """Call an old unit in full; "" for one of today."""
        if unit.old is None:
            return ""
        area, province = self._districts[unit.old[1]]
        return f"{unit.old[0]}, {area.kind} {area.name}, {_city(self._old_provinces[province].name)}"

    @property
    def provinces(self) -> tuple[Province, ...]:
        """Give today's provinces in the order of their codes."""
        return tuple(versions[-1] for versions in self._provinces.values())

    def province(self, code: str, on: date | None = None) -> Province | None:
        """Find a province by its code, as it was called on a day; None when there is none such."""
        return _version(self._provinces.get(code), on)

    def commune(self, code: str, on: date | None = None) -> Commune | None:
        """Find a commune by its code, as it was called on a day; None when there is none such."""
        return _version(self._communes.get(code), on)

    def communes_of(self, province: str) -> tuple[Commune, ...]:
        """Give today's communes of a province in the order of their codes."""
        return tuple(v[-1] for v in self._communes.values() if v[-1].province == province)

    def label(self, commune: Commune) -> str:
        """Call a commune in full: phường Đông Ngạc, Hà Nội."""
        return f"{commune.kind} {commune.name}, {_city(self._provinces[commune.province][-1].name)}"

    def find(self, text: str, province: str | None = None, most: int = 4) -> Matches:
        """Say which commune a text means; of equal names the one in the given province (a code) is meant."""
        text = unicodedata.normalize("NFC", text)
        words = _words(text)
        accented = any(_plain(word.text) != word.text.lower() for word in words)
        areas = self._area_spans(words, accented)
        names = self._name_spans(words, areas)
        weighed = [
            (*self._weigh(words, accented, name, around, number, province), name, number)
            for name in names
            for around in (_beside(areas, name),)
            for number in name.units
        ]
        unread = _unread_kinds(words, names, areas)
        beside = _beside(areas, None)
        if not weighed:
            if found := self._near(words, unread, beside, province):
                return self._answer(found[1], True, text, words, found[0], beside, most)
            return self._in_area(text, words, beside, most)
        score, doubt, name, _ = max(weighed, key=lambda item: (item[0], -item[2].start))
        if doubt and beside and not _rest(text, words, beside):
            return self._in_area(text, words, beside, most)
        found = None
        if unread and name.kind not in _COMMUNES:
            found = self._near(words, unread, beside, province)
            if not found and beside:
                return self._in_area(text, words, beside, most)  # "xã …" is unknown; "Lào Cai" is also a ward
            doubt = True
        if not found and _cut_short(words, name, _beside(areas, name)):
            # What follows may belong to it: "phuong dong nghac" is no Phương Đông.
            longer = [(other.at, other.start) for other in names if other.end == name.end]
            found = self._near(words, longer, beside, province, name.end)
        if found:
            return self._answer(found[1], True, text, words, found[0], beside, most)
        numbers = [number for weight, _, at, number in weighed if at == name and weight > score - 0.1]
        beside = _beside(areas, name)
        if doubt and beside and (found := self._near(words, [(name.at, name.start)], beside, province)):
            # Nothing of this name lies there, but something like it does; which was mistyped is open.
            numbers = [*found[1][:2], *numbers, *found[1][2:]]
        return self._answer(numbers, doubt, text, words, name, beside, most)

    def _area_spans(self, words: list[_Word], accented: bool) -> list[_Span]:
        """Find every place in the text where a district or a province may be named."""
        spans = []
        for start, end, key in _windows(words):
            if not (areas := self._areas.get(key)):
                continue
            kind, at = _kind_before(words, start)
            if kind == "tỉnh":
                areas = [area for area in areas if area.id[0] != "D"]
            elif kind == "thành phố":
                areas = [area for area in areas if area.kind == kind] or areas
            elif kind in _DISTRICTS:
                areas = [area for area in areas if area.id[0] == "D"]
            elif end - start == 1 and not _alone(words, start, end):
                # A lone word such as "Vinh" is a district only by itself; "Huế" is known anywhere.
                areas = [area for area in areas if area.id[0] != "D"]
            if accented and areas:
                agreed = [_agree(words[start:end], area.name) for area in areas]
                areas = [area for area, how in zip(areas, agreed, strict=True) if how == max(agreed)]
            if areas:
                spans.append(_Span(start, end, at, kind, areas=tuple(areas)))
        return spans

    def _name_spans(self, words: list[_Word], areas: list[_Span]) -> list[_Span]:
        """Find every place in the text where a commune may be named."""
        spans = []
        for start, end, key in _windows(words):
            if not (units := self._names.get(key)):
                continue
            kind, at = _kind_before(words, start)
            if kind in _DISTRICTS or kind in _PROVINCES:
                continue
            if kind not in _COMMUNES and end - start == 1:
                followed = any(area.at == end for area in areas)
                if not _alone(words, start, end, followed):
                    continue
            spans.append(_Span(start, end, at, kind, units=tuple(units)))
        # "Từ Liêm" in "Bắc Từ Liêm" is no name.  "Tân Phú" in "tan phu dong nai" is one, although there is a
        # Tân Phú Đông; so what begins together is weighed.
        longer = [*spans, *(area for area in areas if _larger(area))]
        spans = [
            span
            for span in spans
            if not any(
                span.inside(other) and span.start > other.start and span.at >= other.at
                for other in longer
                if other.kind in _COMMUNES or span.kind not in _COMMUNES
            )
        ]
        # Behind "xã …" or "thành phố …" the words "Long An" are the province, although a ward has that name.
        larger = [area for area in areas if _larger(area)]
        marked = [s.start for s in spans if s.kind in _COMMUNES] + [a.start for a in larger if a.kind]
        wider = {(area.start, area.end) for area in larger if any(start < area.start for start in marked)}
        return [span for span in spans if span.kind or (span.start, span.end) not in wider]

    def _weigh(
        self,
        words: list[_Word],
        accented: bool,
        name: _Span,
        beside: list[_Span],
        number: int,
        province: str | None,
    ) -> tuple[float, bool]:
        """Say how well a unit fits the text, and whether something in the text speaks against it."""
        unit = self._units[number]
        score, doubt, province_named = float(name.size), False, False
        if not unit.old:
            score += 3
        elif not unit.name:
            score -= 1
        if name.kind in _VILLAGES:
            score -= 4
        elif name.kind:
            score += 2 if self._ever(unit, name.kind) else 0.5
        match _agree(words[name.start : name.end], unit.name) if unit.name else 1:
            case 0:
                score, doubt = score - 5, True
            case 2 if accented:
                score += 1.5
        lies_in = self._areas_of(unit) if beside or province else set()
        for span in beside:
            wider = any(area.id[0] != "D" for area in span.areas)
            province_named |= wider
            if hit := {area.id for area in span.areas}.intersection(lies_in):
                # Whoever names the district speaks of the old unit, also where a new one has its name.
                score += span.size + (4 if any(id_[0] != "D" for id_ in hit) else 7 if unit.old else 3)
            elif wider or span.kind:
                score, doubt = score - 4, True
            else:
                score -= 1
        if province and not province_named and "P" + province in lies_in:
            score += 3
        return score, doubt

    def _ever(self, unit: _Unit, kind: str) -> bool:
        if unit.old:
            return unit.kind == kind
        return any(version.kind == kind for version in self._communes[unit.codes[0]])

    def _near(
        self,
        words: list[_Word],
        unread: list[tuple[int, int]],
        beside: list[_Span],
        province: str | None,
        past: int = 0,
    ) -> tuple[_Span, list[int]] | None:
        """Find units spelled like words that end past some word, the likeliest first; None without any."""
        inside = [set(chain.from_iterable(self._by_area[area.id] for area in span.areas)) for span in beside]
        allowed = set.intersection(*inside) if inside else None
        ranked = []
        for at, start, end in _guesses(words, unread, beside):
            key = _key("".join(word.plain for word in words[start:end]))
            if end <= past or len(key) < 4 or any(map(str.isdigit, key)):
                continue
            limit = 1 if len(key) < 6 else 2 if len(key) < 12 else 3
            if allowed is None:
                lengths = range(len(key) - limit, len(key) + limit + 1)
                pool = list(chain.from_iterable(self._by_length.get(length, ()) for length in lengths))
            else:
                pool = list({self._keys[number] for number in allowed})
            typed = " ".join(word.text for word in words[start:end]).lower()
            for close, distance, _ in process.extract(
                key, pool, scorer=OSA.distance, score_cutoff=limit, limit=12
            ):
                for number in self._names[close]:
                    if allowed is not None and number not in allowed:
                        continue
                    unit = self._units[number]
                    elsewhere = bool(province) and f"P{province}" not in self._areas_of(unit)
                    order = (
                        distance / len(key),
                        elsewhere,
                        bool(unit.old),
                        OSA.distance(typed, unit.name.lower()),
                    )
                    ranked.append((order, start - end, number, _Span(start, end, at, "")))
        ranked.sort(key=lambda item: item[:3])
        return (ranked[0][3], list(dict.fromkeys(item[2] for item in ranked))) if ranked else None

    def _readings(self, numbers: Iterable[int]) -> list[Reading]:
        """Give the communes of today that these units are or became; of a split unit the namesake first."""
        found: dict[str, Reading] = {}
        for unit in (self._units[number] for number in numbers):
            communes = [self._communes[code][-1] for code in unit.codes]
            for commune in sorted(communes, key=lambda commune: commune.name != unit.name):
                found.setdefault(commune.code, Reading(commune, self._was(unit)))
        return list(found.values())

    def _answer(
        self,
        numbers: list[int],
        doubt: bool,
        text: str,
        words: list[_Word],
        name: _Span,
        beside: list[_Span],
        most: int,
    ) -> Matches:
        readings = self._readings(numbers)
        status: Status = "several"
        if doubt:
            status = "near"
        elif len(readings) == 1:
            status = "old" if readings[0].was else "one"
        elif len(numbers) == 1:
            status = "split"
        named = {area.id for span in beside for area in span.areas}
        hit = any(named.intersection(self._areas_of(self._units[number])) for number in numbers)
        rest = _rest(text, words, [name, *beside])
        key = _key("".join(word.plain for word in words[name.start : name.end]))
        # "Long An" alone may be the ward or what used to be the province.
        open_ = not name.kind and not hit and any(area.id[0] != "D" for area in self._areas.get(key, ()))
        return Matches(
            status,
            tuple(readings[:most]),
            len(readings),
            _provinces(reading.commune for reading in readings),
            _province(beside),
            rest,
            sure=not doubt and not open_ and (name.kind in _COMMUNES or hit or not rest),
        )

    def _in_area(self, text: str, words: list[_Word], beside: list[_Span], most: int) -> Matches:
        """Answer for a text that names a district or a province but no commune."""
        if not beside:
            return Matches("none", rest=_rest(text, words, []))
        numbers = set.intersection(
            *(set(chain.from_iterable(self._by_area[area.id] for area in span.areas)) for span in beside)
        )
        today = [
            Reading(self._communes[self._units[number].codes[0]][-1])
            for number in sorted(numbers)
            if self._units[number].old is None
        ]
        communes = [reading.commune for reading in today]
        rest = _rest(text, words, beside)
        # A province has too many communes to offer a few of them.
        offered = today[:most] if any(area.id[0] == "D" for span in beside for area in span.areas) else []
        return Matches(
            "area", tuple(offered), len(today), _provinces(communes), _province(beside), rest, not rest
        )


def _version(versions: list[_V] | None, on: date | None) -> _V | None:
    """Choose the version that was in force on a day, without a day the last."""
    if not versions:
        return None
    if on is None:
        return versions[-1]
    return next((v for v in versions if v.since <= on and (v.until is None or on <= v.until)), None)


@lru_cache(maxsize=64)
def _day(day: str) -> date:
    return date.fromisoformat(day)


def _end(day: str) -> date | None:
    return _day(day) if day else None


def _city(name: str) -> str:
    return _CITY.get(name, name)


def _alone(words: list[_Word], start: int, end: int, followed: bool = False) -> bool:
    """Say whether only "ở" stands before a word that is no number, and nothing or a larger place after it."""
    if words[start].plain.isdigit():
        return False
    before = start == 0 or words[start].gap == 2 or words[start - 1].plain in _LEADS
    return before and (end == len(words) or words[end].gap == 2 or followed)


def _larger(span: _Span) -> bool:
    """Say whether the words name a larger place, not a commune or a street called after one."""
    return span.kind not in _COMMUNES and span.kind not in _VILLAGES


def _beside(areas: list[_Span], name: _Span | None) -> list[_Span]:
    """Choose the larger places named next to a name: those that cover most words and share none."""
    free = []
    for span in areas:
        if name and not _larger(span) and name.start <= span.at < name.end <= span.start:
            free.append(span._replace(at=span.start, kind=""))  # "xã Ba To" ends in what looks like tổ
        elif _larger(span) and not (name and span.meets(name)):
            free.append(span)
    free = sorted(free, key=lambda span: span.end)[-_PLACES:]
    covers: list[list[_Span]] = []  # the best choice among the first spans, for each number of them
    for number, span in enumerate(free):
        fitting = [cover for cover in covers[:number] if not any(span.meets(other) for other in cover)]
        covers.append([*max(fitting, key=_covered, default=[]), span])
    return max(covers, key=_covered, default=[])


def _covered(spans: list[_Span]) -> tuple[int, int]:
    return sum(span.end - span.at for span in spans), -len(spans)


def _cut_short(words: list[_Word], name: _Span, beside: list[_Span]) -> bool:
    """Say whether the word right behind a name may be a part of it that was misspelled."""
    end = name.end
    if end == len(words) or words[end].gap or any(span.at == end for span in beside):
        return False
    plain = words[end].plain
    return not (plain.isdigit() or plain in _FILLERS or plain in _TAILS or _kind_at(words, end))


def _unread_kinds(words: list[_Word], names: list[_Span], areas: list[_Span]) -> list[tuple[int, int]]:
    """Find "xã …" and "phường …" with no known name behind: where that word begins, where the name should."""
    known = {span.start for span in (*names, *areas)}
    found = []
    for start in range(1, len(words)):
        kind, at = _kind_before(words, start)
        if kind in _COMMUNES and start not in known:
            found.append((at, start))
    return found


def _guesses(
    words: list[_Word], unread: list[tuple[int, int]], beside: list[_Span]
) -> Iterator[tuple[int, int, int]]:
    """Give the runs of words that may be a misspelled name: behind the word of a kind, otherwise any."""
    taken = {number for span in beside for number in range(span.at, span.end)}
    if unread:
        for at, start in unread[:3]:
            for end in range(start + 1, min(start + 4, len(words)) + 1):
                if end - 1 in taken or (end - 1 > start and words[end - 1].gap):
                    break
                yield at, start, end
        return
    for first, last in _runs(words, taken)[:3]:
        start = end = _past_fillers(words, first, last)
        while end < last and not (words[end].plain in _TAILS or words[end].gap or _kind_at(words, end)):
            end += 1
        # Among other words a near spelling is mere chance: the run must be the name and nothing else.
        if 1 <= end - start <= 4:
            yield start, start, end


def _runs(words: list[_Word], taken: set[int]) -> list[tuple[int, int]]:
    """Part the words that are not taken into runs that no comma and no taken word breaks."""
    runs: list[tuple[int, int]] = []
    for number, word in enumerate(words):
        if number in taken:
            continue
        if runs and runs[-1][1] == number and word.gap < 2:
            runs[-1] = (runs[-1][0], number + 1)
        else:
            runs.append((number, number + 1))
    return runs


def _kind_at(words: list[_Word], start: int) -> bool:
    """Say whether a word of a kind begins here, with something behind it."""
    return any(
        _kind_before(words, end) == (kind, start)
        for end in range(start + 1, min(start + 4, len(words)))
        if (kind := _kind_before(words, end)[0])
    )


def _past_fillers(words: list[_Word], start: int, end: int) -> int:
    """Skip "nhà em ở" before what counts; a name that only looks like fillers is kept."""
    past = start
    for number in range(start, end):
        if words[number].plain not in _FILLERS:
            break
        if words[number].plain in _LEADS or number == end - 1:
            past = number + 1
    return past


def _rest(text: str, words: list[_Word], used: list[_Span]) -> str:
    """Give what the spans leave of a text, as typed, without the words of a sentence around it."""
    taken = {number for span in used for number in range(span.at, span.end)}
    parts = []
    for first, end in _runs(words, taken):
        start, last = _past_fillers(words, first, end), end
        while last > start and words[last - 1].plain in _TAILS:
            last -= 1
        if start < last:
            parts.append(text[words[start].start : words[last - 1].end])
    return ", ".join(parts)


def _provinces(communes: Iterable[Commune]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(commune.province for commune in communes))


def _province(beside: list[_Span]) -> str:
    """Give the province that is named, else the one of the district that is named; "" when that is open."""
    for districts in (False, True):
        codes = {area.province for span in beside for area in span.areas if (area.id[0] == "D") == districts}
        if len(codes) == 1:
            return codes.pop()
    return ""


class Bench(msgspec.Struct, frozen=True):
    """How quickly and how well names are found."""

    queries: int
    p50: float  # milliseconds
    p95: float
    worst: float
    found: float  # share of the texts whose commune is among the readings


def bench(places: Places, clock: Callable[[], float], every: int = 9) -> Bench:
    """Time `find` on texts made of every n-th unit, old and new; `clock` is time.perf_counter or its like."""
    took, hits = [], 0
    for text, codes in _samples(places, every):
        begin = clock()
        matches = places.find(text, most=100)
        took.append((clock() - begin) * 1000)
        hits += bool(codes.intersection(commune.code for commune in matches.communes))
    took.sort()
    last = len(took) - 1
    return Bench(len(took), took[last // 2], took[last * 95 // 100], took[-1], hits / len(took))


def _samples(places: Places, every: int) -> Iterator[tuple[str, set[str]]]:
    """Write units the way people do; which way falls to which unit depends on its place in the list only."""
    for number, unit in enumerate(places._units[::every]):  # noqa: SLF001
        if not unit.name:
            continue
        province = places.label(places._communes[unit.codes[0]][-1]).rpartition(", ")[2]  # noqa: SLF001
        where = places._was(unit).partition(", ")[2] or province  # noqa: SLF001
        full = f"{unit.kind} {unit.name}"
        short = {"thị trấn": "TT", "đặc khu": "đặc khu"}.get(unit.kind, unit.kind[0])
        middle = len(unit.name) // 2
        ways = [
            f"{full}, {where}",
            _plain(f"{full} {where}"),
            f"tôi ở {full} {where}",
            _plain(f"nha em o thon 3 {full}, {where}"),
            f"{short}.{unit.name}, {where}".upper(),
            _plain(f"{unit.kind} {unit.name[:middle]}{unit.name[middle + 1 :]} {where}"),  # a letter missing
            _plain(f"{unit.name} {where} to 7"),
        ]
        if unit.old is None:  # with no larger place the names of today come before the old ones
            ways += [_plain(full), _plain(f"toi o {unit.name[:middle]}n{unit.name[middle:]}")]
        yield ways[number % len(ways)], set(unit.codes)
