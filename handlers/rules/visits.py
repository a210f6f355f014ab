"""What a helper's line about visits says: "hôm qua 5 hộ bhyt xóm trên 90p".

A plain function of the words, the day they were written and the villages of the team.  It guesses at nothing that
cannot be read back: the conversation shows what was understood and keeps it once that is confirmed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import zip_longest
from typing import Literal

import msgspec

from handlers.records.visits import NEEDS, Count, Kind, Need
from handlers.rules import spoken
from handlers.rules.guard import fold
from handlers.rules.routing import same_village
from handlers.rules.visit_times import BACK, day_in, time_in
from handlers.rules.visit_words import ENDS_A_NAME, MATTERS, NOT_A_PLACE, NOUNS, PLACES
from handlers.rules.visit_words import NEEDS as NEED_WORDS

MOST = 300  # of one kind in one line; more is a slip of the finger
LONGEST = 24 * 60  # minutes of one line

Fault = Literal[
    "", "nothing", "to-come", "too-old", "no-such-day", "several-days", "several-places", "too-many"
]


class Read(msgspec.Struct, frozen=True, kw_only=True):
    """What a line says."""

    counts: tuple[Count, ...] = ()
    day: date | None = None
    dated: bool = False  # a day is named; otherwise it is today
    minutes: int | None = None
    place: str = ""  # as the team's list calls it, else in the helper's own words
    listed: bool = False  # the place is one of the team's villages
    doubt: int = 0  # households with a need, of whom it is not clear whether they are counted already
    fault: Fault = ""

    def total(self, kind: Kind) -> int:
        """Add up one kind."""
        return sum(one.count for one in self.counts if one.kind == kind)


def read(line: str, today: date, villages: Sequence[str] = ()) -> Read:
    """Read a line about visits; its `fault` says why it cannot be kept as it is."""
    rest, place, listed = _place(unicodedata.normalize("NFC", line), villages)
    rest, other, other_listed = _place(rest, villages)
    if other_listed and not listed:
        place, listed = other, True  # "xóm trên, thôn Đoài"
    text = _digits(rest)
    text, day, unfit = day_in(text, today)
    fault: Fault = unfit
    text, minutes, each = time_in(text)
    counts, doubt = _counts(text)
    households = sum(one.count for one in counts if one.kind == "household")
    if each and minutes is not None:
        minutes *= max(households, 1)
    if not counts:
        fault = "nothing"
    elif other_listed and listed and place != other:
        fault = "several-places"
    elif any(one.count > MOST for one in counts) or (minutes or 0) > LONGEST:
        fault = "too-many"
    return Read(
        counts=counts,
        day=day or today,
        dated=day is not None,
        minutes=minutes,
        place=place,
        listed=listed,
        doubt=doubt,
        fault=fault,
    )


def unfit(day: date, today: date) -> Fault:
    """Say why a day cannot be one of a visit; nothing where it can."""
    return "to-come" if day > today else "too-old" if today - day > timedelta(days=BACK) else ""


def settled(found: Read, *, inside: bool) -> Read:
    """Give what was read, once it is known whether those with a need are counted already."""
    if not found.doubt:
        return found
    more = () if inside else (Count("household", found.doubt),)
    needs = [one for one in found.counts if one.kind == "unmet"]
    others = [one for one in found.counts if one.kind != "unmet"]
    return msgspec.structs.replace(found, counts=(*others, *more, *needs), doubt=0)


_DONE = re.compile(
    r"\b(?:di|den|tham|giup|ho tro|huong dan|lam|xong|mo|day|to chuc|visited|helped|held|went|taught)\b"
)


def told(line: str, today: date) -> bool:
    """Say whether words that answer no question tell of visits."""
    found = read(line, today)
    if not found.counts or not re.search(r"\d", _digits(line)):
        return False
    started = re.match(r"\W*(?:so tham|ghi so|tham nha|visits?)?\W*\d", _digits(line))
    return bool(
        found.dated or found.fault or found.minutes is not None or started or _DONE.search(fold(line))
    )


def minutes_in(answer: str) -> int | None:
    """Give the minutes of an answer such as "90", "90p" or "tiếng rưỡi"; None where it names none."""
    text = _digits(answer).strip(" .")
    if text.isdigit() and len(text) <= 4:
        found: int | None = int(text)
    else:
        _rest, found, _each = time_in(text)
    return found if found is not None and found <= LONGEST else None


# --- numbers ---

_HOUSES = "|".join(sorted((noun.strip() for noun in NOUNS["household"].split(",")), key=len, reverse=True))
# Without accents these are other words as well, unless a noun follows.
_UNSURE = {"nam": "5", "sau": "6", "tam": "8", "tu": "4"}
_SPELT = re.compile(rf"\b(nam|sau|tam|tu) (?=(?:{_HOUSES}|lop|buoi|nguoi|cua hang|quan)\b)")
_ENGLISH = {"one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8",
            "nine": "9", "ten": "10", "a dozen": "12", "twelve": "12"}  # fmt: skip
_SPELT_ENGLISH = re.compile(rf"\b({'|'.join(_ENGLISH)})\b")


def _digits(line: str) -> str:
    """Give the words without accents and with their numbers in digits."""
    text = spoken.written(line)[0]
    text = _SPELT.sub(lambda said: f"{_UNSURE[said[1]]} ", text)
    text = _SPELT_ENGLISH.sub(lambda said: _ENGLISH[said[1]], text)
    text = re.sub(r"\b1 (?=trong so|so |vai)", "", text)
    return re.sub(r"\s+", " ", text.replace("\n", " ; "))


# --- where ---

_PLACE = re.compile(rf"(?<!\w)({PLACES})\s+(\S+(?:\s+\S+){{0,3}})", re.I)
_PLAIN_PLACE = re.compile(rf"(?<!\w)({fold(PLACES)})\s+(\S+(?:\s+\S+){{0,3}})")

_ENGLISH_PLACE = re.compile(r"\b(?:in |at |of )?(?:the )?((?!the |a |our |my )(\w+) (?:hamlet|village))\b")


def _place(line: str, villages: Sequence[str]) -> tuple[str, str, bool]:
    """Give the words without the place they name, the place, and whether it is one of the villages."""
    plain = fold(line)
    for name in sorted(villages, key=len, reverse=True):
        found = re.search(rf"(?<!\w){re.escape(fold(name))}(?!\w)", plain)
        if found and same_village(name, line[slice(*found.span())]):
            return f"{line[: found.start()]} , {line[found.end() :]}", name, True
    accented = plain != line.lower()
    if found := _ENGLISH_PLACE.search(plain):
        name = line[slice(*found.span(1))]
        called = next((known for known in villages if same_village(known, found[2])), "")
        return f"{line[: found.start()]} , {line[found.end() :]}", called or name, bool(called)
    for found in (_PLACE if accented else _PLAIN_PLACE).finditer(line if accented else plain):
        if (said := _name(found, line)) is None:
            continue
        end = found.start() + len(said)
        called = next((known for known in villages if same_village(known, said)), "")
        return f"{line[: found.start()]} , {line[end:]}", called or said, bool(called)
    return line, "", False


def _name(found: re.Match[str], line: str) -> str | None:
    """Give the name of a place as far as it goes; None where the words are no place."""
    kind, end = fold(found[1]), found.start(2)
    taken = 0
    for word in re.finditer(r"\S+", found[2]):
        bare = fold(word[0]).rstrip(",.;:()")
        if taken == 0 and f"{kind} {bare}" in NOT_A_PLACE:
            return None
        number = bool(re.fullmatch(r"(?:so\s?)?\d{1,3}[a-z]?", bare))
        if taken == 0 and kind == "to" and not number:
            return None
        if (
            (taken and (number or re.match(r"\d", bare)))
            or bare in ENDS_A_NAME
            or (taken and _TOPIC_AT.match(bare))
        ):
            break
        end = found.start(2) + word.start() + len(word[0].rstrip(",.;:()"))
        taken += 1
        if word[0][-1] in ",.;:()" or number or taken == 3:
            break
    return line[found.start() : end] if taken else None


# --- how many ---


class _Item(msgspec.Struct):
    """A count, a matter or a need, where it stands."""

    clause: int
    count: int = 0
    kind: Kind | None = None  # of a count; None for "2 vneid"
    topic: str = ""
    need: str = ""
    inside: bool = False  # "trong đó"
    further: bool = False  # "thêm"


def _either(words: str) -> str:
    return "|".join(sorted((re.escape(word.strip()) for word in words.split(",")), key=len, reverse=True))


_TOPIC = "|".join(
    re.escape(word)
    for word in sorted(
        (word.strip() for _label, words in MATTERS.values() for word in words.split(",")),
        key=len,
        reverse=True,
    )
)
_TOPIC_AT = re.compile(rf"(?:{_TOPIC})\b")
_TOPIC_OF = {word.strip(): topic for topic, (_label, words) in MATTERS.items() for word in words.split(",")}
_NOUN_OF = {word.strip(): kind for kind, words in NOUNS.items() for word in words.split(",")}
_NOUN = "|".join(re.escape(word) for word in sorted(_NOUN_OF, key=len, reverse=True))
_NEED = "|".join(f"(?P<{need.replace('-', '_')}>{words})" for need, (_label, words) in NEED_WORDS.items())
_CALLED = ("ba", "ong", "bac", "co", "chu", "anh", "chi", "cu")  # "bà Chín" is nobody's nine
_NO_NAME = "".join(rf"(?<!\b{before} )" for before in _CALLED)
_ANY_NEED = "|".join(f"(?:{words})" for _label, words in NEED_WORDS.values())
_ITEM = re.compile(
    r"(?P<inside>\btrong do\b|\bof (?:them|which|whom)\b|\bamong them\b)"
    r"|(?P<further>\bthem\b|\bnua\b|\bngoai ra\b|\bmore\b|\bbesides\b)"
    rf"|(?<![\w.,])(?P<n>\d{{1,5}}) ?(?P<noun>{_NOUN})\b|\b(?:{_NEED})\b|(?P<topic>\b(?:{_TOPIC})\b)"
    rf"|(?P<bare>{_NO_NAME}(?<![\w.,])\d{{1,4}}"
    rf"(?= (?:(?:ca |luot |the |lam |cai |ve )*(?:{_TOPIC})\b|(?:{_ANY_NEED}))))"
    rf"|(?P<house>\b(?:nha|ho) (?:ba|ong|bac|co|chu|anh|chi|cu|mr|mrs)\b)"
)
_BREAK = re.compile(r"\s*(?:[,;:.+]|\bva\b|\bvoi\b|\bcon\b|\band\b|\broi\b)\s*")


def _items(text: str) -> Iterator[_Item]:
    """Find what is counted and what is said of it, clause by clause."""
    clauses = [clause for clause in _BREAK.split(text) if clause.strip()]
    for number, clause in enumerate(clauses):
        inside = further = house = False
        found: list[_Item] = []
        for match in _ITEM.finditer(clause):
            part = match.groupdict()
            if part["inside"]:
                inside = True
            elif part["further"]:
                further = True
            elif part["house"]:
                house = True
            elif part["n"]:
                found.append(_Item(number, count=int(part["n"]), kind=_NOUN_OF[part["noun"]]))
            elif part["bare"]:
                found.append(_Item(number, count=int(part["bare"])))
            elif part["topic"]:
                found.append(_Item(number, topic=_TOPIC_OF[part["topic"]]))
            else:
                need = next(need for need in NEEDS if part[need.replace("-", "_")])
                found.append(_Item(number, need=need))
        if house and not any(item.count for item in found) and any(item.need or item.topic for item in found):
            found.insert(0, _Item(number, count=1, kind="household"))
        for item in found:
            item.inside, item.further = inside, further
            yield item


class _Group(msgspec.Struct):
    """A count with what is said of it."""

    count: int
    kind: Kind | None
    topics: list[str]
    needs: list[str]
    inside: bool
    further: bool


def _groups(items: Sequence[_Item]) -> tuple[list[_Group], list[str]]:
    """Join each matter and need to its count; give also the needs of all, which stand by no count."""
    groups: list[_Group] = []
    loose: list[str] = []
    waiting: list[str] = []  # matters that stand before their count
    for clause in sorted({item.clause for item in items}):
        here = [item for item in items if item.clause == clause]
        counts = [item for item in here if item.count]
        before = bool(counts) and bool(here[0].topic) and bool(here[-1].count)  # "vneid 2 hộ bhyt 3 hộ"
        current: _Group | None = None
        for item in here:
            if item.count:
                current = _Group(item.count, item.kind, [], [], item.inside, item.further)
                groups.append(current)
                if waiting:
                    current.topics, waiting = waiting, []
            elif item.topic:
                if before or (current is None and counts):
                    waiting.append(item.topic)
                elif current is not None:
                    current.topics.append(item.topic)
                elif groups and (
                    not (groups[-1].topics or groups[-1].needs)
                    or not any(other.count for other in items if other.clause > clause)
                ):
                    groups[-1].topics.append(item.topic)
                else:
                    waiting.append(item.topic)
            elif current is not None:
                current.needs.append(item.need)
            elif counts:  # "chưa có điện thoại 2 hộ"
                continue
            else:
                loose.append(item.need)
        if counts and current is not None:
            at = here.index(counts[0])
            early = [item.need for item in here[:at] if item.need]
            target = (
                next(group for group in groups if group.count == counts[0].count and not group.needs)
                if early
                else None
            )
            if target is not None:
                target.needs += early
    if waiting and groups:
        groups[-1].topics += waiting
    return groups, loose


def _counts(text: str) -> tuple[tuple[Count, ...], int]:
    """Give what is counted, and how many households with a need may be counted already or not."""
    groups, loose = _groups(list(_items(text)))
    rows: list[Count] = []
    needy = [group for group in groups if group.needs and not group.topics]
    plain = [group for group in groups if group not in needy]
    households = [group for group in plain if group.kind in (None, "household")]
    if plain and not any(group.kind == "household" for group in households):
        # "2 cửa hàng: 1 mã qr" counts shops.
        owner = next(
            (group for group in plain if group.kind in ("business", "class", "session", "person")), None
        )
        if owner is not None:
            bare = [group for group in households if group.kind is None]
            owner.topics += [topic for group in bare for topic in group.topics]
            households = []
            plain = [group for group in plain if group not in bare]
    for group, after in zip_longest(plain, plain[1:]):
        if group.kind in ("class", "session") and not group.topics and after and after.kind == "person":
            group.topics = after.topics  # "1 lớp 25 người về mã qr"
    for group in plain:
        if group.kind not in (None, "household"):
            rows += [Count(group.kind, group.count, *group.topics[:1])]
    rows += _households(households)
    total = sum(row.count for row in rows if row.kind == "household")
    free = sum(row.count for row in rows if row.kind == "household" and not row.topic)
    unmet: list[Count] = []
    doubt = 0
    for group in needy:
        unmet += [Count("unmet", group.count, need) for need in dict.fromkeys(group.needs)]
        if group.kind not in (None, "household"):
            rows.append(Count(group.kind or "person", group.count))
        elif group.further or not total:
            rows.append(Count("household", group.count))
        elif group.inside or group.count <= free:
            free -= min(free, group.count)
        else:
            doubt += group.count
    for group in plain:
        unmet += [Count("unmet", group.count, need) for need in dict.fromkeys(group.needs)]
    everybody = sum(row.count for row in rows if row.kind == "household")
    unmet += [Count("unmet", everybody, need) for need in dict.fromkeys(loose) if everybody]
    return (*_added(rows), *_added(unmet)), doubt


def _households(groups: Sequence[_Group]) -> Iterator[Count]:
    """Give the households by matter: what follows a count without a matter is part of it, as far as it fits."""
    if not groups:
        return
    first, *others = groups
    parts = [group for group in others if group.kind is None or sum(o.count for o in others) <= first.count]
    if first.topics or first.kind is None or not parts or len(parts) < len(others):
        for group in groups:
            yield from _by_matter(group, group.count)
        return
    left = first.count
    for group in parts:
        if not group.topics and not group.needs:
            continue
        yield from _by_matter(group, min(left, group.count))
        left -= min(left, group.count)
    if left:
        yield Count("household", left)


def _by_matter(group: _Group, houses: int) -> Iterator[Count]:
    """Give the households of one count, and its further matters."""
    matter = group.topics[0] if group.topics else ""
    if houses:
        yield Count("household", houses, matter)
    if group.count > houses and matter:
        yield Count("more", group.count - houses, matter)
    for topic in group.topics[1:]:
        yield Count("more", group.count, topic)


def _added(rows: Sequence[Count]) -> tuple[Count, ...]:
    """Put counts of the same kind and matter together, in their order."""
    sums: dict[tuple[Kind, str], int] = {}
    for row in rows:
        sums[row.kind, row.topic] = sums.get((row.kind, row.topic), 0) + row.count
    return tuple(Count(kind, count, topic) for (kind, topic), count in sums.items())


__all__ = ["BACK", "Need", "Read", "minutes_in", "read", "settled", "told"]
