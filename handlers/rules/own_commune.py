"""Whether words ask about a commune's own desk: "xã mình làm việc mấy giờ", "hôm nay phường có làm không".

A question has to name the commune's office and nothing else that is unknown here: the police, a bank and a health
station keep hours of their own.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Literal

import msgspec

from handlers.records.card import Kind
from handlers.rules import days
from handlers.rules.guard import fold
from knowledge.folding import expand, plain, words
from knowledge.places import Places

LONGEST = 120  # letters of such a question

What = Literal["card", "today"] | Kind


class Asked(msgspec.Struct, frozen=True):
    """What is asked, of which commune, for which day."""

    what: What
    commune: str = ""  # named in the words; nothing for the citizen's own
    day: date | None = None


_CENTRE = (
    r"trung tam(?: phuc vu)?(?: hanh chinh)?(?: cong)?|bo phan mot cua|mot cua|uy ban(?: nhan dan)?|tru so"
)
_OFFICE = re.compile(
    rf"\b(?:(?:{_CENTRE}|bo phan tiep nhan)(?: cua)?(?: (?:xa|phuong))?|xa|phuong"
    r"|(?:commune|ward)(?: s)?(?: (?:office|centre|center|people s committee))?|people s committee)\b"
)
_OTHERS = re.compile(
    r"\b(?:cong an|xa hoi|tram|y te|benh vien|truong|ngan hang|buu dien|buu cuc|toa an|thue|dien luc|doan|hoi"
    r" (?:phu nu|nong dan)|police|bank|school|post|health)\b"
)
_FILLING = frozenset(
    re.findall(
        r"\w+",
        "o cua ben ngoai minh toi tui ta em chau con bac co chu anh chi nha thi la vay a ah da nhe nha nhi the ha roi "
        "vao ngay xin cho hoi biet muon can bao nay do day oi to so lam on giup voi ca duoc nhu nao khong ko k chua ai "
        "noi cai ra den ve buoi sang trua chieu hay dang va luc gio bay dau may lai viec "
        "is are my our of in at to do does you please me tell what which when it for on this i s",
    )
)
_WORKS = r"(?:lam viec|lam|mo cua|dong cua|nghi|tiep dan|truc)"
_WHEN = r"(?:may gio|gio nao|khi nao|luc nao|bao gio)"
_ASKED: tuple[tuple[What, str], ...] = (
    ("visit", r"(?:diem|xe|lich)?(?: dich vu cong| phuc vu)? ?luu dong|mobile (?:service )?point"),
    ("class", r"lop hoc|lop|(?:training )?class(?:es)?"),
    ("point", r"diem (?:tiep nhan|nhan)(?: ho so)?(?: gan nhat)?|receiving points?"),
    (
        "phone",
        r"(?:so )?dien thoai(?: lien he)?|so may|so lien he|lien he|goi|(?:tele)?phone(?: numbers?)?|call",
    ),
    (
        "hours",
        rf"gio {_WORKS}|gio hanh chinh|{_WORKS}(?: (?:vao|tu|luc|den|toi|o|,))* {_WHEN}(?: (?:den|toi) {_WHEN})?"
        rf"|{_WHEN}(?: (?:thi|o|,))* {_WORKS}|(?:opening|office|working|desk) (?:hours|times?)"
        r"|(?:what time|when)(?: (?:does|is|are))?",
    ),
    ("today", rf"{_WORKS}|open|closed|work(?:ing)?"),
)
_READERS = tuple((what, re.compile(rf"\b(?:{asked})\b")) for what, asked in _ASKED)
_ENGLISH_TIME = re.compile(r"\b(?:what time|when)\b")
_WHETHER = re.compile(
    r"\b(?:khong|chua|ko|hong|ha|nhi)(?: (?:a|vay|the|nhi|em|chau|anh|chi))*$|^(?:is|are|does)\b"
)
_WHOLE = re.compile(
    r"(?:(?:cho )?(?:xem|hoi) )?(?:(?:the|thong tin|o|thong tin o|thong tin cua|thong tin ve) (?:xa|phuong)(?: cua)?"
    r"(?: (?:toi|minh|em|chau|con|bac|co|chu|anh|chi|nha|ta))*|(?:xa|phuong) (?:toi|minh|em|ta))(?: (?:a|nhe))*"
    r"|(?:in |about )?(?:my|our) (?:commune|ward)(?: card)?|(?:commune|ward) card"
)


def read(text: str, today: date, places: Places) -> Asked | None:
    """Read a question about a commune's own desk; None for anything else."""
    typed = _spelt_out(text) if len(text) <= LONGEST else ""
    if not typed or _OTHERS.search(typed):
        return None
    if _WHOLE.fullmatch(typed):
        return Asked("card")
    named = days.named(text, today)
    left = _spelt_out(days.without(text)) if named.days else typed
    office = _OFFICE.search(left)
    if office is None or named.unreal:
        return None
    rest = " ".join(f"{left[: office.start()]} , {left[office.end() :]}".split())
    for what, reader in _READERS:
        found = reader.search(rest)
        if found is None or (what == "today" and not (named.days or _WHETHER.search(left))):
            continue
        besides = _OFFICE.sub(" ", f"{rest[: found.start()]} {rest[found.end() :]}")
        if what == "hours" and _ENGLISH_TIME.match(found[0]):
            besides = re.sub(r"\b(?:open|close|work)s?\b", " ", besides)
        unknown = set(besides.replace(",", " ").split()) - _FILLING
        commune = _commune(text, unknown, places) if unknown else ""
        if commune is None:
            return None
        day = named.days[0] if named.days else None
        return Asked("today" if what == "hours" and day else what, commune, day)
    return None


def _spelt_out(text: str) -> str:
    """Give the words without accents and abbreviations."""
    return " ".join(plain(word) for word in expand(words(text)))


def _commune(text: str, unknown: set[str], places: Places) -> str | None:
    """Give the commune that the other words name; None where they name none, or something besides."""
    one = places.find(text).one
    return one.code if one and unknown <= set(re.findall(r"\w+", fold(places.label(one)))) else None
