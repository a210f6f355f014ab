"""Keeps secrets out of what is stored: codes, passwords, card and identity numbers.

The guard reads words only.  It does not know who speaks or what was asked, so a bare number
of four to eight digits passes here; the turn judges it (`bare_number`, `hide_numbers`).
Everything is compared without accents, since half of the messages have none.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

import msgspec

from handlers.text import Text, _

DOTS = "••••••"

CODE, PASSWORD, CARD, IDENTITY = "code", "password", "card", "identity"
MARKED = "marked"  # a file that carries a marking of secrecy; it is refused, not hidden

WHY = {
    CODE: _("I have hidden the code. Type it only in the app or page that asked for it, never to a person."),
    PASSWORD: _("I have hidden the password. Nobody needs it here, not even the team that helps."),
    CARD: _("I have hidden the card number. Nobody needs it here."),
    IDENTITY: _("I have hidden the identity number. It is not needed here."),
    MARKED: _(
        "Papers marked secret have no place in a chat. The file was not fetched, and nothing of it is kept. "
        "Bring them to the office by the way that is laid down for such papers."
    ),
}


class Guarded(msgspec.Struct, frozen=True):
    """What may be stored, and the kinds of secrets that were hidden, each once, in order."""

    text: str
    found: tuple[str, ...] = ()


def mask(text: str) -> Guarded:
    """Hide every secret that shows itself as one; the rest of the words stay as they were written."""
    text = unicodedata.normalize("NFC", text)
    plain = fold(text)
    if not _MAY_HOLD.search(plain):
        return Guarded(text)
    digits = _size(plain)
    password = _PASSWORD_NEAR.search(plain)
    shown = _without_the_harmless(plain) if digits >= 3 or password else plain
    hits: list[Hit] = []
    if digits >= 9:
        hits += *_cards_and_identities(shown), *_named_identities(plain)
    if digits >= 3:
        hits += _named_codes(text, plain, shown)
    if digits >= 2:
        hits += _mixed_codes(shown)
    hits += _spelled_codes(text, plain)
    if password:
        hits += _named_passwords(text, plain, shown)
    return _hidden(text, hits) if hits else Guarded(text)


def bare_number(text: str) -> bool:
    """Say whether a message is nothing but four to eight digits: a code, or just a figure."""
    plain = fold(unicodedata.normalize("NFC", text))
    return bool(_BARE.fullmatch(plain)) and not _NEVER_A_CODE.fullmatch(plain.strip())


def hide_numbers(text: str) -> Guarded:
    """Hide every number of four to eight digits, for a turn that was not asking for a figure."""
    text = unicodedata.normalize("NFC", text)
    shown = _without_the_harmless(fold(text))
    return _hidden(text, [(*m.span(), CODE) for m in _SHORT.finditer(shown) if _size(m[0]) >= 4])


def reasons(found: tuple[str, ...]) -> list[Text]:
    """Say kindly, one sentence a kind, why something was hidden."""
    return [WHY[kind] for kind in found]


@lru_cache(maxsize=4096)
def _fold_letter(letter: str) -> str:
    if letter in "đĐ":
        return "d"
    if unicodedata.category(letter) == "Cf":  # zero-width marks that come with copied text
        return " "
    digit = unicodedata.decimal(letter, None)
    return str(digit) if digit is not None else unicodedata.normalize("NFKD", letter)[0].lower()[0]


def fold(text: str) -> str:
    """Give lower case without accents, letter for letter, so that positions stay the same."""
    return "".join(map(_fold_letter, text))


Hit = tuple[int, int, str]


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


def _size(run: str) -> int:
    return sum(letter.isdigit() for letter in run)


# ---- What is never a secret ----------------------------------------------------------------

_MONEY = r"(?:dong|vnd|usd|trieu|ty|nghin|ngan)\b"
_HARMLESS = re.compile(
    rf"""
      (?:https?://|www\.)\S+
    | \b[a-z0-9-]{{1,63}}(?:\.[a-z0-9-]{{1,63}}){{0,4}}\.(?:vn|com|net|org|me|info)\b(?:/\S*)?
    | (?<![\w.+-])[\w.+-]{{1,64}}@[a-z0-9-]{{1,63}}(?:\.[a-z]{{2,}})+\b
    | (?:\b\d{{3}}\.\d{{2}}\.(?:\d{{2,3}}\.)*|\b)[a-z]\d{{2}}(?:\.\d{{1,3}})*-\d{{6}}-\d{{3,6}}\b  # files
    | \b\d\.\d{{6}}(?:\.\d{{3}}(?:\.\d{{2}})*(?:\.[a-z]\d{{2}})?)?\b          # procedures, 1.004222
    | \byc-?[a-z0-9]{{2,4}}\b | \b[a-z]\d{{2}}\b                             # requests and steps
    | \b[a-z]{{2}}\d{{13}}\b                                               # health insurance cards
    | (?<![\d/.-])(?:\d{{1,2}}[/.-]\d{{1,2}}[/.-]\d{{4}}|\d{{4}}-\d{{1,2}}-\d{{1,2}}
        |\d{{1,2}}/\d{{1,2}}/\d{{2}})(?![\d/-])                             # dates
    | (?<!\d)\d{{1,2}}(?:[:hg]|\ gio\ )\d{{2}}(?!\d)                        # times, 7h30
    | (?<![\d.,])\d[\d.,]{{0,7}}\s?/\s?\d[\d.,]{{0,7}}(?!\d)                 # 214/218
    | (?<![\d.,])\d[\d.,]*\s?%
    | (?<![\d.,])(?!0\d)(?:\d{{1,3}}(?:[.,\ ]\d{{3}})+|\d+(?:[.,]\d+)?)(?:\s?{_MONEY}|(?:d|k|tr|ty)\b)
    | (?<![\d.,])[1-9]\d{{0,2}}(?:[.,]\d{{3}})+(?![.,]?\d)                  # 1.234.000
    | (?:\+|\b00)84[ .-]?\(?\d\)?(?:[ .-]?\d){{8,9}}(?![ .-]?\d)            # phones
    | (?<![\d+])0\d{{9}}(?!\d) | (?<!\d)02\d{{9}}(?!\d)
    | (?<![\d.])1[89]00[ .]?\d{{4}}(?!\d) | (?<![\d.])1[89]00[ .]?\d{{2}}(?:[ .]?\d{{2}})?(?![ .]?\d)
    """,
    re.VERBOSE,
)
_GROUPED_PHONE = re.compile(r"(?<![\d+])(?<!\d[ .-])\(?0\d{1,4}\)?(?:[ .-]{1,2}\d{2,4}){1,3}(?![ .-]?\d)")


def _without_the_harmless(plain: str) -> str:
    """Blank out phones, dates, amounts, codes of files and addresses; positions stay the same."""

    def phone(match: re.Match[str]) -> str:
        digits = _size(match[0])
        landline = match[0].lstrip("(").startswith("02")
        return "\0" * len(match[0]) if digits == 10 or (digits == 11 and landline) else match[0]

    return _GROUPED_PHONE.sub(phone, _HARMLESS.sub(lambda match: "\0" * len(match[0]), plain))


# ---- Cards and identity numbers ------------------------------------------------------------

_MAY_HOLD = re.compile(
    r"\d|\b(?:mk|mkhau|pass|pw|pwd|passwd|password|passcode|mat\s?khau|mat\s?ma|otp|ma|code)\b"
)
_STRETCH = re.compile(r"(?<![a-z\d])\d+(?:[ .-]\d+)*")
_IDENTITY_NAMED = re.compile(
    r"\b(?:cccd|cmnd|cmt(?:nd)?|cc|can cuoc(?: cong dan)?|dinh danh(?: ca nhan)?"
    r"|chung minh(?: nhan dan| thu)?|identity(?: card| number)?|id(?: card)?(?: number| no)?)"
    r"(?![a-z])[^\d\n\0]{0,30}(\d(?:[ .,-]?\d){8,11})(?!\d)"
)


def _luhn(digits: str) -> bool:
    doubled = (int(d) * 2 for d in digits[-2::-2])
    return (sum(d - 9 if d > 9 else d for d in doubled) + sum(map(int, digits[-1::-2]))) % 10 == 0


def _cards_and_identities(shown: str) -> Iterator[Hit]:
    stretches = list(_STRETCH.finditer(shown))
    for stretch in stretches:
        groups = list(re.finditer(r"\d+", stretch[0]))
        begin = stretch.start()
        for group in groups:
            kind = _whole(group[0])
            if kind:
                yield begin + group.start(), begin + group.end(), kind
        alone = len(stretches) == 1 and not (shown[:begin] + shown[stretch.end() :]).strip(" .,!\0")
        kind = _grouped([group[0] for group in groups], stretch[0], alone=alone)
        if kind:
            yield *stretch.span(), kind
            continue
        for first in range(len(groups)):
            for last in range(first + 1, min(first + 6, len(groups))):
                window = [group[0] for group in groups[first : last + 1]]
                if _card_in_groups(window):
                    yield begin + groups[first].start(), begin + groups[last].end(), CARD


def _whole(digits: str) -> str:
    """Judge digits written without a gap."""
    if len(digits) in (9, 12) and not digits.endswith("000000"):  # round: an amount
        return IDENTITY
    return CARD if 13 <= len(digits) <= 19 and _luhn(digits) else ""


def _card_in_groups(groups: list[str]) -> bool:
    # A row of a report's figures passes Luhn one time in ten, so the groups and the
    # first digit must be those of a card too.
    digits = "".join(groups)
    shaped = min(map(len, groups[:-1])) >= 4 and digits[0] in "234569"
    return shaped and 13 <= len(digits) <= 19 and _luhn(digits)


def _grouped(groups: list[str], written: str, *, alone: bool) -> str:
    """Judge digits written in groups, with spaces, dots or dashes between them."""
    digits = "".join(groups)
    if len(groups) == 1:
        return ""
    one_by_one = max(map(len, groups)) == 1
    if one_by_one and 13 <= len(digits) <= 19 and _luhn(digits):
        return CARD
    if len(digits) not in (9, 12) or (len(groups[0]) < 3 and not one_by_one):
        return ""
    dashes = not {" ", "."} & set(written)
    return IDENTITY if digits[0] == "0" or dashes or (alone and "." not in written) else ""


def _named_identities(plain: str) -> Iterator[Hit]:
    for match in _IDENTITY_NAMED.finditer(plain):
        if _size(match[1]) in (9, 12):
            yield *match.span(1), IDENTITY


# ---- One-time codes ------------------------------------------------------------------------

_NUMBER = r"(?:\d{2,4}(?:[ -]\d{2,4}){1,2}|\d{4,8}|\d(?:[ .,-]\d){3,7})"
_CODE_NAMED = re.compile(
    r"\b(?:otp|(?:ma|so) ?(?:otp|pin|xac ?(?:thuc|nhan|minh)|bao ?mat|kich ?hoat|dang ?nhap|mo ?khoa)"
    r"|pass ?code|pin (?:code|number|no)|mat ?khau|mat ?ma|pass(?:word|wd)?|pwd"
    r"|(?:verification|security|one[- ]time|confirmation|activation|login|access|sms|authentication)"
    r" (?:pass)?(?:code|word|pin)|(?:6|4|8|sau|bon|tam) (?:chu )?so bi mat)\b"
)
_FILLER = (
    r"(?:la|cua|toi|tui|em|anh|chi|ba|me|bo|con|chau|ong|co|chu|bac|nha|minh|day|ne|nay|do|roi|ve|gui|nhan|duoc|dc"
    r"|vua|moi|trong|tin|nhan|sms|hien|bao|thay|so|6|sau|gom|ghi|a|oi|may|thi|i|got|just|is|you|sent|my|the|it)"
)
_CODE_NEAR = re.compile(
    rf"\b(?:ma(?! so\b)|code|pin|(?:6|sau|day|4|8) (?:chu )?so)\b(?:[ ,]+{_FILLER}\b){{0,8}}"
    rf"[ :=,.>\"'(–-]{{0,4}}(?<!\d)({_NUMBER})(?!\d)"
)
_CVV = re.compile(
    r"\b(?:cvv2?|cvc2?|ma bao mat(?: the)?|3 so (?:mat )?sau(?: the)?)\b[^\d\n]{0,20}(\d{3,4})(?!\d)"
)
_BEFORE = re.compile(  # "482913 is your code"
    rf"(?<!\w)(?:[a-z]-)?({_NUMBER})\)?[ ,:-]+(?:(?:do|day|chinh) )?(?:la|is|=)[ :]+(?:\w+ ){{0,3}}?"
    r"(?:(?P<named>otp|mat khau|pin|password|passcode"
    r"|ma (?:otp|pin|xac|bao mat|kich hoat|dang nhap))|ma|code)\b"
)
_SPELLED_CODE = re.compile(
    rf"\b(?:otp|ma|passcode|pin|mat khau|code)\b(?:[ ,]+{_FILLER}\b){{0,8}}[ :=,-]{{0,4}}\b"
    r"((?:(?:khong|mot|hai|ba|bon|tu|nam|lam|sau|bay|tam|chin"
    r"|zero|one|two|three|four|five|six|seven|eight|nine)[ ,.-]*\b){4,8})"
)
_CODE_MIXED = re.compile(  # letters and digits, behind a name that nothing else has
    r"\b(?:otp(?: code)?|(?:ma|so) ?(?:otp|xac ?(?:thuc|nhan|minh)|bao ?mat|kich ?hoat|dang ?nhap|mo ?khoa)"
    r"|(?:verification|security|one[- ]time|confirmation|activation|login|access|authentication) code)\b"
    rf"(?:[ ,]+{_FILLER}\b){{0,8}}[ :=,.>\"'(–-]{{0,4}}"
    r"\b(?=[a-z\d]*[a-z])(?=[a-z]*\d[a-z]*\d)(?P<code>[a-z\d]{5,8})(?![\w@/]|[.-]\w)"
)
_CODE_DOTTED = re.compile(  # 482.913, which elsewhere is an amount
    rf"\b(?:otp|pass ?code|pin|ma xac (?:thuc|nhan|minh))\b(?:[ ,]+{_FILLER}\b){{0,8}}[ :=]{{0,4}}"
    r"(\d{3}\.\d{3})(?![.\d])"
)
_SHORT = re.compile(rf"(?<![a-z\d]){_NUMBER}(?!\d)")
_BARE = re.compile(
    r"\W*(?:(?:da|day|la|ne)\b\W*)?\d(?:[ .-]?\d){3,7}\W*(?:(?:a|ne|nhe|nha|day|em|chau|con|roi)\b\W*){0,3}"
)
_NEVER_A_CODE = re.compile(
    r"\d{1,2}[/.-]\d{1,2}[/.-](?:\d{4}|\d{2})|\d{4}-\d{2}-\d{2}|1[89]00[ .]?\d{2}(?:[ .]?\d{2})?"
)
# Words that make a number something else, before it and after it.
_OTHER_BEFORE = re.compile(
    r"(?:\b(?:nam|luc|ngay|thang|dai|hotline|goi|ho so|so nha|duong|den so|ve so|toi so|khoang|gan|hon|tien"
    r"|gia|phi|buoc|trang|dieu|dinh|thong tu|year|in|about|postal|zip|area|tax|file|dossier|request|unit"
    r"|commune|procedure))\W*$"
)
_NOT_BUT = re.compile(r"\b(?:khong|ko|k|kg|hong|chang|chu) phai\b[^.!?\n]{0,24}$")  # "not 1284 but 1384"
_OTHER_AFTER = re.compile(
    rf"\s?(?:%|{_MONEY}|(?:phan tram|mah|ho so|van ban|giao dich|luot|cuoc|ky tu|chu so|m2|km)\b)"
)
_OTHER_AFTER_FOUR = re.compile(r"\s?(?:nguoi|nam|thang|ngay|gio|phut|giay|lan|ho|may)\b")
_REACH = 70  # letters from a name to its number; a sentence


def _something_else(plain: str, start: int, end: int) -> bool:
    return bool(
        _OTHER_BEFORE.search(plain, max(0, start - 24), start)
        or _OTHER_AFTER.match(plain, end)
        or (_size(plain[start:end]) == 4 and _OTHER_AFTER_FOUR.match(plain, end))
    )


def _named_codes(text: str, plain: str, shown: str) -> Iterator[Hit]:
    for name in _CODE_NAMED.finditer(shown):
        kind = PASSWORD if name[0].startswith(("mat", "pass", "pwd")) and "code" not in name[0] else CODE
        reach = _sentence(shown, name.end())
        first = True
        for run in _SHORT.finditer(shown, name.end(), reach):
            six = 6 <= _size(run[0]) <= 8
            first = first and DOTS not in shown[name.end() : run.start()]  # read again, nothing changes
            if _size(run[0]) >= 4 and (first or six) and not _something_else(plain, *run.span()):
                yield *run.span(), kind
                first = False
    for near in _CODE_NEAR.finditer(shown):
        size = _size(near[1])
        word = text[near.start() : near.start() + 2].lower()
        linked = bool(re.search(r"\b(?:la|is|day|ne)\b|[:=]", near[0][: -len(near[1])]))
        if plain.startswith("ma", near.start()) and word not in ("ma", "mã"):  # mà, má
            continue
        ahead = plain[max(0, near.start() - 40) : near.start()]
        if _OTHER_BEFORE.search(ahead) or _NOT_BUT.search(ahead):
            continue
        likely = plain.startswith("pin", near.start()) or linked or size == 6
        round_sum = near[1].endswith("000")
        if likely and size >= 4 and not round_sum and not _something_else(plain, *near.span(1)):
            yield *near.span(1), CODE
    for dotted in _CODE_DOTTED.finditer(plain):
        if not _something_else(plain, *dotted.span(1)):
            yield *dotted.span(1), CODE
    for cvv in _CVV.finditer(plain):
        yield *cvv.span(1), CARD
    for before in _BEFORE.finditer(shown):
        if before["named"] or _size(before[1]) == 6:
            yield *before.span(1), CODE


def _mixed_codes(shown: str) -> Iterator[Hit]:
    for mixed in _CODE_MIXED.finditer(shown):
        if not _KNOWN.fullmatch(mixed["code"].rstrip("0123456789")):
            yield *mixed.span("code"), CODE


def _spelled_codes(text: str, plain: str) -> Iterator[Hit]:
    """Find codes said in words, "bốn tám hai chín"."""
    for spelled in _SPELLED_CODE.finditer(plain):
        if text[spelled.start() : spelled.start() + 2].lower() not in ("mà", "má"):
            yield spelled.start(1), spelled.start(1) + len(spelled[1].rstrip()), CODE


_STOP = re.compile(r"[.!?\n;](?=\s|$)(?!\s*\d)|\n(?!\s*\d)")
_STOP_OF_ANSWER = re.compile(r"[.!\n;](?=\s|$)")  # "the password? it was …"


def _sentence(shown: str, start: int, stops: re.Pattern[str] = _STOP) -> int:
    """Say where the sentence after a name ends; a number straight after the stop still belongs to it."""
    stop = stops.search(shown, start, start + _REACH)
    return stop.start() if stop else start + _REACH


# ---- Passwords -----------------------------------------------------------------------------

_NAME = r"(?:mat ?khau|mat ?ma|mk|mkhau|pass(?:word|wd|code| code)?|pw|pwd|ma pin)"
_PASSWORD_LINKED = re.compile(
    rf"\b{_NAME}\b(?: [a-z]+){{0,6}}?(?:(?: ?(?P<link>la|is|:|=|->)[ :=]*))[\"'“”]?"
    r"(?P<value>\d{2,4}(?:[ -]\d{2,4}){1,2}(?!\S)|\S+)"
)
_PASSWORD_NEXT = re.compile(rf"\b(?P<name>{_NAME}) [\"'“”(]?(?P<value>\S+)")
_PASSWORD_NEAR = re.compile(rf"\b{_NAME}\b")
_PASSWORD_BEFORE = re.compile(
    r"(?<!\S)(?P<value>\S{6,}) (?:la|is) (?:(?:the|my|your|cai) )?(?:mat ?khau|mk|password|pass(?:code)?)\b"
)
_LEADING = ":=(\"'“>-"
_TRAILING = ".,;:?)\"'”…"
_SYLLABLE = re.compile(
    r"(?:ngh?|gh|gi|ch|kh|ph|qu|th|tr|nh|[bcdghklmnprstvx])?[aeiouy]{1,3}(?:ch|ng|nh|[cmnpt])?"
)
_KNOWN = re.compile(
    r"vneid|zalo|iphone|ipad|galaxy|redmi|windows|android|youtube|facebook|gmail|email|wifi|google|banking|internet|smartbanking|incorrect"
    r"|correct|wrong|required|expired|forgotten|invalid|changed|reset|needed|short|strong|weak|different|another"
    r"|missing|something|nothing"
)


def _named_passwords(text: str, plain: str, shown: str) -> Iterator[Hit]:
    for match in _PASSWORD_LINKED.finditer(plain):
        value = _bare_token(text, *match.span("value"))
        long_name = not match[0].startswith(("mk ", "mk:")) or match["link"] in ":="
        if _secret(text[slice(*value)], any_word=match["link"] != "is" and long_name):
            yield *value, PASSWORD
    for match in _PASSWORD_NEXT.finditer(shown):
        value = _bare_token(text, *match.span("value"))
        word = text[slice(*value)]
        short_digits = word.isdigit() and (len(word) < 4 or (match["name"] == "mk" and len(word) < 6))
        likely = _size(word) and not short_digits and _secret(word, any_word=False)
        if likely and not _something_else(plain, *value):
            yield *value, PASSWORD
    for name in _PASSWORD_NEAR.finditer(shown):
        reach = _sentence(shown, name.end(), _STOP_OF_ANSWER)
        for token in re.compile(r"[^\s\0]{6,}").finditer(shown, name.end(), reach):
            value = _bare_token(text, *token.span())
            if _strong(text[slice(*value)]):
                yield *value, PASSWORD
    for match in _PASSWORD_BEFORE.finditer(shown):
        value = _bare_token(text, *match.span("value"))
        if _secret(text[slice(*value)], any_word=False):
            yield *value, PASSWORD


def _bare_token(text: str, start: int, end: int) -> tuple[int, int]:
    """Leave out the punctuation around a word."""
    while start < end and text[start] in _LEADING:
        start += 1
    while end > start and text[end - 1] in _TRAILING:
        end -= 1
    return start, end


def _strong(word: str) -> bool:
    """Say whether a word is what a page asks of a password, and no make of phone."""
    if _KNOWN.fullmatch(fold(word).rstrip("0123456789")):
        return False
    kinds = (str.isdigit, str.islower, str.isupper, lambda c: c in "@#$%^&*!_+=~")
    return len(word) >= 6 and sum(any(kind(c) for c in word) for kind in kinds) >= 3


def _secret(word: str, *, any_word: bool) -> bool:
    """Say whether the word where a password was announced is one, and not "gì" or "ngày sinh"."""
    plain = fold(word)
    if len(word) < 4 or (_HARMLESS.fullmatch(plain) and re.match(r"[a-z(+]|\d{3}\.\d\d\.", plain)):
        return False
    digits = _size(word)
    if digits:
        return digits >= 4 or digits < len(re.sub(r"[\s/.,%-]", "", word))
    if re.search(r"\w[@#$^&*_+=~]|[@#$^&*_+=~]\w|\w!\w", word):
        return True
    if not word.isascii() or _KNOWN.fullmatch(plain):
        return False
    mixed = bool(re.search(r"[a-z][A-Z]", word))
    return mixed or (any_word and len(word) >= 6 and word.isalpha() and not _SYLLABLE.fullmatch(plain))
