"""Keeps secrets out of what is stored: codes, passwords, card and identity numbers, names to sign in with.

The guard reads words only.  It does not know who speaks; what was asked is told to it where a
bare number is judged (`judged`), which at intake it is not yet.  Everything is compared without
accents, since half of the messages have none.  How each kind is known is in `guarding/`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Literal

import msgspec

from handlers.rules.guarding.codes import (
    CODE,
    DOTS,
    RUN,
    in_a_longer_row,
    like_a_code,
    mixed_codes,
    named_codes,
    size,
    something_else,
    spelled_codes,
)
from handlers.rules.guarding.harmless import without_figures, without_things
from handlers.rules.guarding.numbers import CARD, IDENTITY, Hit, cards_and_identities
from handlers.rules.guarding.passwords import (
    KNOWN,
    LOGIN,
    NEAR,
    PASSWORD,
    login_names,
    looks_so,
    named_passwords,
)
from handlers.rules.guarding.spelling import any_of, fold, spelt_out
from handlers.text import Text, _

__all__ = [
    "CARD",
    "CODE",
    "DOTS",
    "IDENTITY",
    "LOGIN",
    "MARKED",
    "PASSWORD",
    "Guarded",
    "asks",
    "bare_number",
    "fold",
    "hide_numbers",
    "invented",
    "judged",
    "mask",
    "reasons",
]

MARKED = "marked"  # a file that carries a marking of secrecy; it is refused, not hidden

WHY = {
    CODE: _("I have hidden the code. Type it only in the app or page that asked for it, never to a person."),
    PASSWORD: _("I have hidden the password. Nobody needs it here, not even the team that helps."),
    LOGIN: _("I have hidden the sign-in name. Nobody needs it here."),
    CARD: _("I have hidden the card number. Nobody needs it here."),
    IDENTITY: _("I have hidden the identity number. It is not needed here."),
    MARKED: _(
        "Papers marked secret have no place in a chat. The file was not fetched, and nothing of it is kept. "
        "Bring them to the office by the way that is laid down for such papers."
    ),
}
INVENTED = {
    CODE: "482913",
    PASSWORD: "Hoa@1234",
    LOGIN: "lan.hoa85",
    CARD: "4111 1111 1111 1111",
    IDENTITY: "001085012345",
}
SEVERAL = _("I have hidden what is yours alone: codes, passwords, numbers of papers. Nobody needs them here.")

Awaited = Literal["", "words", "secret", "number"]
"""What words answer: nothing; somebody who asked for no number, for a secret, or for another number."""


class Guarded(msgspec.Struct, frozen=True):
    """What may be stored, and the kinds of secrets that were hidden, each once, in order."""

    text: str
    found: tuple[str, ...] = ()


_MAY_HOLD = re.compile(
    r"\d|\b(?:mk|mkhau|pass|pw|pwd|passwd|password|passcode|mat\s?khau|mat\s?ma|otp|ma|code|user|username|login"
    r"|dang nhap|truy cap|nguoi dung|tai khoan|tk|nick|acc|account|pin)\b"
)


def mask(text: str) -> Guarded:
    """Hide every secret that shows itself as one; the rest of the words stay as they were written."""
    text = unicodedata.normalize("NFC", text)
    hits = _found(text)
    return _hidden(text, hits) if hits else Guarded(text)


def _found(text: str) -> list[Hit]:
    """Give where secrets stand, and their kinds."""
    read, places = spelt_out(text)
    plain = fold(read)
    if not _MAY_HOLD.search(plain):
        return []
    digits = size(plain)
    things = without_things(plain)
    shown = without_figures(things)
    hits: list[Hit] = []
    if digits >= 3:
        hits += cards_and_identities(plain, things, shown)
        hits += named_codes(read, plain, shown)
    if digits >= 2:
        hits += mixed_codes(read, shown, KNOWN)
    hits += spelled_codes(read, plain)
    passwords = list(named_passwords(read, plain, things, shown)) if NEAR.search(plain) else []
    hits += passwords
    hits += login_names(read, shown, passwords)
    hits += _lone_password(read)
    return _placed(hits, places)


def invented(text: str) -> str:
    """Give the text with an invented secret in the place of each, so that a talk can be written down and played."""
    text = unicodedata.normalize("NFC", text)
    written, done = "", 0
    for start, end, kind in sorted(_found(text), key=lambda hit: (hit[0], -hit[1])):
        if start >= done:
            written += text[done:start] + INVENTED[kind]
        done = max(done, end)
    return written + text[done:]


def asks(words: str) -> Awaited:
    """Say what the answer to somebody's words will be: a secret, a number that is none, or neither."""
    plain = fold(spelt_out(unicodedata.normalize("NFC", words))[0])
    if not plain.strip():
        return ""
    if not _QUESTION.search(plain):
        return "words"
    if _SECRET_WORD.search(without_figures(without_things(plain))):
        return "secret"
    return "number" if _NUMBER_WORD.search(plain) else "words"


def judged(text: str, awaited: Awaited) -> Guarded:
    """Hide what is a secret only by what was asked: a bare number, and what somebody asked a secret for."""
    if awaited == "number":
        return Guarded(text)
    if awaited == "secret" or (awaited == "words" and not bare_number(text)):
        return _answer(text, asked=awaited == "secret")
    return hide_numbers(text) if bare_number(text) else Guarded(text)


def bare_number(text: str) -> bool:
    """Say whether a message is nothing but four to eight digits and small words: a code, or just a figure."""
    plain = fold(spelt_out(unicodedata.normalize("NFC", text))[0])
    if _NEVER_A_CODE.fullmatch(plain.strip()):
        return False
    runs = list(RUN.finditer(without_things(plain)))
    if len(runs) != 1 or not 4 <= size(plain) <= 8 or size(runs[0][0]) != size(plain):
        return False
    start, end = runs[0].span()
    words = re.findall(r"[^\W_]+", plain[:start] + " " + plain[end:])
    gaps = re.sub(r"[^\W_]", "", plain[:start] + plain[end:])
    small = len(words) <= 6 and set(words) <= _SMALL and not set(gaps) & set("/%@+")
    return small and not something_else(plain, start, end)


def hide_numbers(text: str) -> Guarded:
    """Hide every number of four to eight digits, for a turn that was not asking for a figure."""
    text = unicodedata.normalize("NFC", text)
    shown = without_figures(without_things(fold(text)))
    runs = (run for run in RUN.finditer(shown) if 4 <= size(run[0]) <= 8)
    return _hidden(text, [(*run.span(), CODE) for run in runs if not in_a_longer_row(shown, *run.span())])


def reasons(found: Iterable[str]) -> list[Text]:
    """Say kindly, in one sentence, why something was hidden; nothing where nothing was."""
    kinds = tuple(dict.fromkeys(found))
    if MARKED in kinds or len(kinds) == 1:
        return [WHY[MARKED if MARKED in kinds else kinds[0]]]
    return [SEVERAL] if kinds else []


# --- what was asked ---

_ASKING = any_of(
    """gi, may, bao nhieu, nao, dau, chua, khong, ko, doc, gui, cho, nhan, bao, xin, thu, xem, cung cap,
    nhap, viet, ghi, what, which, how, tell, send, give, read, please"""
)
_OFFICES = any_of(
    """ho so, so, khach, bao hiem, bhxh, bhyt, the, giao dich, yeu cau, thu tuc, buoc, qr, loi, danh bo,
    don, van don"""
)
_SECRETS = any_of(
    rf"""otp, ma(?! (?:{_OFFICES})\b), mat ?khau, mk, pass(?:word|code)?, pin, so bi mat, cccd, cmnd,
    can cuoc, dinh danh, so the, code, tin nhan"""
)
_NUMBERS = any_of(
    """so nha, nha so, dien thoai, sdt, dt, ho so, may gio, luc nao, khi nao, bao gio, nam nao, nam sinh,
    sinh nam, ngay, bao nhieu, may (?:nguoi|ho|lan|phut|tien), bien so, tien, gia, buoc, so may,
    khach hang, bao hiem, bhxh, bhyt, giao dich, mst, thue, how (?:much|many|old|long), when, phone,
    number, year, step, address, dia chi"""
)
_QUESTION = re.compile(rf"\?|\b(?:{_ASKING})\b")
_SECRET_WORD = re.compile(rf"\b(?:{_SECRETS})\b")
_NUMBER_WORD = re.compile(rf"\b(?:{_NUMBERS})\b")
_SMALL = frozenset(
    re.findall(
        r"\w+",
        """da vang u o a na ne nhe nha nghen hen rui day la do nay thoi roi r co dc duoc ve dung chua phai khong ko k
        hong kh hok chi c em e anh ah oi bac co chu chau con ba ong me bo no di nua thay nhan so it is says this
        that the here yes ok okay sir madam please right my i got and chj ad admin shop ban minh m t toi tui""",
    )
)
_NEVER_A_CODE = re.compile(
    r"(?:0?[1-9]|[12]\d|3[01])[/.-](?:0?[1-9]|1[0-2])[/.-](?:\d{4}|\d{2})"
    r"|\d{4}-\d{2}-\d{2}|1[89]00[ .]?\d{2}(?:[ .]?\d{2})?"
)


def _answer(text: str, *, asked: bool) -> Guarded:
    """Hide whatever in an answer can be the secret that was asked for; without that only what looks like a code."""
    text = unicodedata.normalize("NFC", text)
    read, places = spelt_out(text)
    plain = fold(read)
    shown = without_figures(without_things(plain))
    hits: list[Hit] = [
        (*run.span(), CODE)
        for run in RUN.finditer(shown)
        if (4 <= size(run[0]) <= 8 if asked else like_a_code(run[0]))
        and not in_a_longer_row(shown, *run.span())
        and not something_else(plain, *run.span())
    ]
    if asked:
        hits += spelled_codes(read, plain, asked=True)
        for token in re.finditer(r"[^\s\0]{5,}", shown):
            start, end = token.span()
            while end > start and read[end - 1] in ".,?":
                end -= 1
            if looks_so(read[start:end]) and DOTS not in read[start:end]:
                hits.append((start, end, PASSWORD))
    return _hidden(text, _placed(hits, places)) if hits else Guarded(text)


def _lone_password(read: str) -> list[Hit]:
    """Give a message that is one word with a sign in it, as only passwords are."""
    word = read.strip()
    if " " in word or not re.fullmatch(r"(?=.*[A-Za-z])(?=.*\d)[\w.]*[@#$^&*!]+[\w@#$^&*!]*", word, re.ASCII):
        return []
    if len(word) < 6 or without_things(fold(word)) != fold(word) or not looks_so(word):
        return []
    start = read.index(word)
    return [(start, start + len(word), PASSWORD)]


def _placed(hits: Iterable[Hit], places: list[int] | None) -> list[Hit]:
    """Give the hits as they stand in what was typed."""
    if places is None:
        return list(hits)
    return [(places[start], places[end - 1] + 1, kind) for start, end, kind in hits]


def _hidden(text: str, hits: list[Hit]) -> Guarded:
    parts: list[str] = []
    found: list[str] = []
    done = 0
    for start, end, kind in sorted(hits, key=lambda hit: (hit[0], -hit[1])):
        if start >= done:
            parts += text[done:start], DOTS
        if kind not in found and start >= done:
            found.append(kind)
        done = max(done, end)
    parts.append(text[done:])
    return Guarded("".join(parts), tuple(found))
