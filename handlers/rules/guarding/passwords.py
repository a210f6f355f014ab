"""Passwords, and the names that people sign in with, judged by the words around them and by their look."""

from __future__ import annotations

import re
from collections.abc import Iterator

from handlers.rules.guarding.codes import something_else
from handlers.rules.guarding.spelling import any_of, fold

Hit = tuple[int, int, str]
PASSWORD, LOGIN = "password", "login"

_NAME = r"(?:mat ?khau|mat ?ma|mk|mkhau|pass(?:word|wd|code| code)?|pw|pwd|ma pin)"
_LINK = r" ?(?P<link>:|=|->|(?:la|is|was|thanh|sang)(?=[ :=]))[ :=]*(?:(?:nhu sau|hinh nhu|cai|the)[ :]+)?"
_LINKED = re.compile(
    rf"\b{_NAME}\b(?: [a-z]+){{0,6}}?(?:{_LINK})[\"'“”(]?(?P<value>\d{{2,4}}(?:[ -]\d{{2,4}}){{1,2}}(?!\S)|[^\s\0]+)"
)
_NEXT = re.compile(rf"\b(?P<name>{_NAME})(?: (?:moi|cu))? [\"'“”(]?(?P<value>[^\s\0]+)")
NEAR = re.compile(rf"\b{_NAME}\b")
_BEFORE = re.compile(
    r"(?<!\S)(?P<value>[^\s\0]{6,}) (?:la|is|lam) (?:(?:the|my|your|cai|a) )?(?:mat ?khau|mk|password|pass(?:code)?)\b"
)
_TOKEN = re.compile(r"[^\s\0=:]{5,}")
_LEADING = ":=(\"'“>-/[,"
_TRAILING = ".,;:?)\"'”…/]"
_SYLLABLE = re.compile(
    r"(?:ngh?|gh|gi|ch|kh|ph|qu|th|tr|nh|[bcdghklmnprstvx])?[aeiouy]{1,3}(?:ch|ng|nh|[cmnpt])?"
)
KNOWN = re.compile(
    r"vneid|zalo|iphone|ipad|galaxy|redmi|windows|win|android|ios|nokia|samsung|oppo|vivo|xiaomi|realme|huawei|note|youtube|facebook|gmail|email"
    r"|wifi|google|banking|internet|smartbanking|incorrect|covid|tiktok|vssid|etax|ihanoi|agribank|vietcombank|vietinbank|techcombank|bidv"
    r"|correct|wrong|required|expired|forgotten|invalid|changed|reset|needed|short|strong|weak|different|another"
    r"|missing|something|nothing|password|username|account|portal|phone|number|login|passcode|step|level|muc|buoc|page|app"
)


def named_passwords(text: str, plain: str, things: str, shown: str) -> Iterator[Hit]:
    """Give what is called a password, or looks like one in a sentence about passwords."""
    for match in _LINKED.finditer(things):
        value = _bare(text, *match.span("value"))
        long_name = not match[0].startswith(("mk ", "mk:")) or match["link"] in (":", "=")
        if _secret(
            text[slice(*value)], any_word=match["link"] not in ("is", "was", "thanh", "sang") and long_name
        ):
            yield *value, PASSWORD
    for match in _NEXT.finditer(shown):
        value = _bare(text, *match.span("value"))
        word = text[slice(*value)]
        short = word.isdigit() and (len(word) < 4 or (match["name"] == "mk" and len(word) < 6))
        likely = _digits(word) and not short and _secret(word, any_word=False)
        if (likely or _signed(word)) and not something_else(plain, *value):
            yield *value, PASSWORD
    for match in _BEFORE.finditer(shown):
        value = _bare(text, *match.span("value"))
        if _secret(text[slice(*value)], any_word=False) and not something_else(plain, *value):
            yield *value, PASSWORD
    for start, end in _clauses(shown):
        if NEAR.search(shown, start, end):
            for token in _TOKEN.finditer(shown, start, end):
                value = _bare(text, *token.span())
                if looks_so(text[slice(*value)]):
                    yield *value, PASSWORD


_STOP = re.compile(r"(?:\.|(?<![\d@#$*!])!)(?=\s|$)|[;\n](?=\s*\S)")


def _clauses(shown: str) -> Iterator[tuple[int, int]]:
    """Give where sentences begin and end; a question belongs to what answers it."""
    begin = 0
    for stop in _STOP.finditer(shown):
        yield begin, stop.start()
        begin = stop.end()
    yield begin, len(shown)


def _bare(text: str, start: int, end: int) -> tuple[int, int]:
    """Leave out the punctuation around a word, and what makes it bold."""
    while text.startswith("**", start) and start + 2 <= end:
        start += 2
    while end - 2 >= start and text.endswith("**", start, end):
        end -= 2
    while start < end and text[start] in _LEADING:
        start += 1
    while end > start and text[end - 1] in _TRAILING:
        end -= 1
    return start, end


def _digits(word: str) -> int:
    return sum(letter.isdigit() for letter in word)


_SIGNED = re.compile(r"\w[@#$^&*_+=~!]+\w|^[@#$^&*!](?=\w*\d)\w{4,}")


def _signed(word: str) -> bool:
    """Say whether a sign stands in a word as only passwords have it."""
    return len(word) >= 5 and word.count("@") < 2 and _SIGNED.search(word) is not None


def looks_so(word: str) -> bool:
    """Say whether a word is made as pages demand of a password, or as people make theirs; no make of phone is."""
    plain = fold(word)
    if not word.isascii() or len(word) < 6 or KNOWN.fullmatch(plain.rstrip("0123456789")):
        return False
    if set(word) & set("()[]{}<>/|"):
        return False
    kinds = (str.isdigit, str.islower, str.isupper, lambda c: c in "@#$%^&*!_+=~")
    if sum(any(kind(c) for c in word) for kind in kinds) >= 3:
        return True
    figures = _digits(word)
    if re.search(r"\w[@#$^&*!]+\w|^[@#$^&*!]\w", word) and any(c.isalpha() for c in word):
        return figures > 0
    return bool(re.fullmatch(r"[A-Z]?[a-z]{2,}\d{3,8}", word)) and figures < len(word)


def _secret(word: str, *, any_word: bool) -> bool:
    """Say whether the word where a password was announced is one, and not "gì" or "ngày sinh"."""
    plain = fold(word)
    if len(word) < 4 or KNOWN.fullmatch(plain.rstrip("0123456789")):
        return False
    digits = _digits(word)
    if digits:
        return digits >= 4 or digits < len(re.sub(r"[\s/.,%-]", "", word))
    if re.search(r"\w[@#$^&*_+=~]|[@#$^&*_+=~]\w|\w!\w", word):
        return True
    if not word.isascii():
        return False
    mixed = bool(re.search(r"[a-z][A-Z]", word))
    return mixed or (any_word and len(word) >= 6 and word.isalpha() and not _SYLLABLE.fullmatch(plain))


# --- names to sign in with ---

_SURE = any_of(
    """ten (?:dang nhap|nguoi dung|tai khoan|truy cap|user|tk|dn), user ?name, user(?: id)?, id dang nhap,
    login(?: name| id)?"""
)
_PERHAPS = any_of(
    """id, tai khoan, tk, tkhoan, nick, acc(?:ount)?, dang nhap(?: bang| vao)?,
    (?:sign|log)(?:ged|ging|ing)?[ -]in (?:as|with)"""
)
_LOGIN = re.compile(rf"\b(?P<sure>{_SURE})\b|\b(?:{_PERHAPS})\b")
_LOGIN_LINK = re.compile(r"(?: [a-z]+){0,4}?(?: (?:la|is|was)\b|[ ]?[:=])[ :=]*$")


def login_names(text: str, shown: str, passwords: list[Hit]) -> Iterator[Hit]:
    """Give the names to sign in with: called so, or beside a password."""
    for name in _LOGIN.finditer(shown):
        beside = next((start for start, _, _ in passwords if name.end() <= start <= name.end() + 90), None)
        if beside is None and not name["sure"]:
            continue
        end = beside if beside is not None else min(len(shown), name.end() + 50)
        password = NEAR.search(shown, name.end(), end)
        limit = password.start() if password else end
        for token in re.compile(r"[^\s\0,;]+").finditer(shown, name.end(), limit):
            value = _bare(text, *token.span())
            linked = _LOGIN_LINK.fullmatch(shown, name.end(), value[0]) is not None
            if (beside is not None or linked) and _login(text[slice(*value)]):
                yield *value, LOGIN
                break


def _login(word: str) -> bool:
    """Say whether a word is nobody's word: it has a figure, a dot or a dash, or is no syllable."""
    plain = fold(word)
    if not re.fullmatch(r"[A-Za-z][\w.-]{3,29}", word, re.ASCII) or KNOWN.fullmatch(
        plain.rstrip("0123456789")
    ):
        return False
    if re.search(r"[\d._]", word):
        return True
    return not _SYLLABLE.fullmatch(plain) and plain not in _ENGLISH


_ENGLISH = frozenset(
    re.findall(
        r"\w+",
        """with from that this does have been will your they them what when where which there then than into over only
        also just very still name work works working found find sign type types typed right the and for not but can get
        got use uses used says said asks asked locked blocked wrong correct already always because tried trying please
        thank thanks help""",
    )
)
