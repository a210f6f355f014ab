"""One-time codes, passcodes and PINs: digits, judged by the words around them.

A number is taken by itself and asked two things: do the words about it name a code, and is it
not counted, dated or called something else?
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache

from handlers.rules.guarding.harmless import MONEY
from handlers.rules.guarding.spelling import any_of
from knowledge.hotlines import hotline

Hit = tuple[int, int, str]
CODE, PASSWORD = "code", "password"
DOTS = "••••••"

# Four to eight digits, together, in groups or one by one.
RUN = re.compile(
    r"(?<![a-z\d])(?<!\d[.,/-])(?:\d(?:[ .,-]{1,2}\d){3,7}|\d{2,4}(?:[ -]\d{2,4}){1,3}|\d{2}(?:\.\d{2}){2}|\d{4,8})"
    r"(?![\d/])(?![.,-]\d)"
)
_DOTTED = re.compile(r"(?<![\d.,])\d{3}\.\d{3}(?![.,]?\d)")  # 482.913, which elsewhere is an amount

# What nothing else is called.
_PIN_OF = r"code|number|no|cua|the|(?:chu )?ky so|vneid|ngan hang|atm|la|moi|cu".replace(" ", r"\ ")
_NAMED = re.compile(
    rf"""\b(?:otp|pass\ ?code|(?:my|the|card|bank)\ pin
    |(?:ma|so|day)\ ?(?:otp|pin|xac\ ?(?:thuc|nhan|minh)|xn|bao\ ?mat|bi\ ?mat|kich\ ?hoat|dang\ ?nhap|mo\ ?khoa
        |khoa\ (?:man\ hinh|may)|sms)
    |pin\ (?:{_PIN_OF})
    |(?P<password>mat\ ?khau|mat\ ?ma|pass(?:word|wd)?|pwd|mkhau|mk)
    |(?:verification|security|one[-\ ]time|confirmation|activation|login|sign[-\ ]in|access|sms|authentication|unlock)
        \ (?:pass)?(?:code|word|pin)
    |(?:[468]|sau|bon|tam)[-\ ]?(?:chu\ )?(?:so|digits?)\ (?:bi\ mat|secret|pin|pass\ ?code|code)
    |secret\ (?:digits|number|code))\b""",
    re.VERBOSE,
)
# "mã", "code", "pin", "sáu số", unless the next word, or the one before, says whose.
_OWNED = any_of(
    r"""ho so, so, khach, bhxh, bhyt, bao hiem, the, danh, giao, yeu cau, thu tuc, buoc, loi, qr, vach,
    vung, buu, don, van don, giam, uu dai, khuyen, hoa don, hop dong, tra cuu, bien, truong, lop, hoc,
    sinh vien, nhan vien, can bo, ho, tinh, xa, phuong, thua, may, hang, san pham, doc, tau,
    ve (?:so|xe|tau|may bay), chung khoan, ngan hang(?! (?:gui|bao|nhan|cho)), quoc gia, swift, mst,
    thue, tien, nganh, nghe, chi tieu, bai, mon, phong, benh, vat, kho, cong, dien, nuoc, khu vuc, zip,
    qua, moi(?! gui| ve)"""
)
_OWNERS = any_of(
    """qr, tax, zip, area, error, postal, country, step, dossier, file, request, customer, bar, swift,
    bank, unit, promo, discount, dress, civil"""
)
_SIX = r"(?:[468]|sau|bon|tam|may|day|nhung|cac|digits?) (?:(?:chu )?so|digits?)\b"
_COUNTED = any_of("nha, dien, dt, tai, tien, lieu, ho, can, cc, cu, moi, hieu, the, dinh, bhxh")
_LOOSE = re.compile(
    rf"\b(?:(?P<ma>ma)(?! (?:{_OWNED})\b)|{''.join(f'(?<!{owner} )' for owner in _OWNERS.split('|'))}code(?! of\b)"
    rf"|pin(?! (?:yeu|con|may|dien thoai|het|day|du phong|sac|chai|trau)\b)|{_SIX}(?! (?:{_COUNTED})\b))\b"
)
_LINK = re.compile(r"(?:\b(?:la|is|was|day|ne|nay|says?|nhu sau)|[:=>])[ :=\"'(]*$")
# The number comes right behind these: read out, typed, come.
_TELLING = any_of(
    """doc, dua, gui, nhap, go, bam, danh, cho, bao, ghi, hien, ra, nhan, duoc, dc, dien, dung, use,
    lan (?:dau|sau|nay|hai), told, gave, typed?, entered, enter, sent, got, type, read"""
)
_TO_WHOM = any_of("la, so, cho, ve, ra, no, roi, them, ho, toi, ba, me, in, him, her, vao, lai, chi, em, anh")
_TOLD = re.compile(rf"\b(?:{_TELLING})(?: (?:{_TO_WHOM}))*[ :]*$")
_PURPOSE = re.compile(
    rf"""\b(?:{
        any_of(
            '''xac (?:thuc|nhan|minh), kich hoat, dang nhap, dang ky, mo khoa, verify, verification, activate, confirm,
            log in, sign in, sms, tin nhan, nhan tin, text message, dien thoai, dt, may'''
        )
    })\b"""
)
_IS = re.compile(r"\W{0,3}(?:(?:do|day|chinh|van|con) )?(?:(?:la|is|as|lam|for)\b|=)")
_PAIRS = re.compile(r"\d\d(?:[ -]\d\d){1,3}|\d{3}[ -]\d{3}|\d{4}[ -]\d{4}|\d(?:[ .-]\d)+")
# Between a name and its number these change nothing.
_SMALL = any_of(
    """la, cua, toi, tui, em, e, anh, a, chi, c, ba, me, bo, con, chau, ong, co, chu, bac, bn, nha, minh,
    day, ne, nay, do, no, ho, roi, r, ve, gui, nhan, duoc, dc, vua, moi, trong, tin, sms, hien, bao,
    thay, so, may, gom, ghi, oi, thi, de, nhap, xac, thuc, ma, zalo, vneid, ngan, hang, i, got, just,
    is, you, sent, my, the, it, they, me, this, that, from, he, she, [468], sau, digits?, was"""
)
_FILLER = re.compile(rf"(?: |,|[.](?= )|\b(?:{_SMALL})\b)*[ :=,.>\"'(–-]{{0,4}}")
# Words that make a number something else, before it and after it.
_NAMED_ELSE = any_of(
    """january, february, march, april, june, july, august, september, october, november, december,
    civil code, nam, luc, ngay, thang, dai, hotline, goi, ho so, so nha, nha so, duong, ngo, hem, pho,
    khu, thon, xom, ap, quan, den so, toi so, vao so, khoang, gan, hon, tren, duoi, qua, toi da,
    it nhat, tien, gia, phi, buoc, trang, dieu, khoan, muc, nghi dinh, thong tu, quyet dinh, cong van,
    van ban, luat, nghi quyet, so dien thoai, sdt, dt, year, in, about, over, under, postal, zip, area,
    tax, file, dossier, request, unit, commune, procedure, step, street, since, until, before, after,
    born, call, dial, live at, lives at, address, nokia, samsung, oppo, vivo, redmi, xiaomi, realme,
    iphone, galaxy, huawei, note, windows, win, android, ios, version, phien ban, model, may le, ext,
    bien so, bien, xe, khach hang, danh bo, giao dich, loi, error, dai so, kenh, dau so, ma so, so may,
    soan, gui den, tin toi, nhan tin, page, room, phong, toa, can ho, tu nam, den nam"""
)
_OTHER_BEFORE = re.compile(rf"(?:\b(?:{_NAMED_ELSE})(?: so)?|\b(?:ve|tu|den|toi|truoc|sau) so(?: may)?)\W*$")
_OTHERS_CODE = re.compile(
    rf"""\b(?:{
        any_of(
            '''ho so, khach hang, giao dich, don hang, don, buu dien, thue, loi, error, hotline, dai, hop dong, hoa don,
            bao hiem, tien, tien nuoc, tien dien, dien, nuoc, cuoc, hoc phi, vien phi, hang, xe, ve, tour, phong,
            tax, zip, area, file'''
        )
    })\W*$"""
)
_YEAR = re.compile(r"(?:19[3-9]|20[0-4])\d")
_YEAR_BEFORE = re.compile(
    r"\b(?:(?:tu|truoc|sau|den|toi|hoi|from|to|by|of)\W*|(?:sinh|sn|nam sinh|born)\b[^.!?\n]*)$"
)
_NOT_BUT = re.compile(r"\b(?:khong|ko|k|kg|hong|chang|chu) phai\b[^.!?\n]{0,24}$")  # "not 1284 but 1384"
_COUNTS = any_of(
    """phan tram, mah, gb, mb, ho so, van ban, giao dich, luot, cuoc, ky tu, chu so, m2, km, kwh,
    characters, times, people, files, hotline, tong dai, days, minutes, hours, seconds, sms, giay, dan,
    ho dan, tin nhan, may\\b(?! do)"""
)
_COUNTS_OF_FOUR = any_of(
    "nguoi, nam, thang, ngay, phut, giay, lan(?! (?:dau|sau|nay|hai|ba)\\b), ho, may, years?, months?"
)
_OTHER_AFTER = re.compile(rf"\s?(?:%|{MONEY}|(?:{_COUNTS})\b)")
_OTHER_AFTER_FOUR = re.compile(rf"\s?(?:{_COUNTS_OF_FOUR})\b")
REACH = 80  # letters from a name to its number; a sentence
_STOP = re.compile(r"[.!?;](?=\s|$)|\n")
_EMPTY = re.compile(
    r"(?:\W|\b(?:a|nhe|nha|ne|day|roi|r|ve roi|la|do|chi|em|anh|bac|dung|chua|gui|it is|is|here)\b)*"
)


def size(run: str) -> int:
    """Count the digits."""
    return sum(letter.isdigit() for letter in run)


def like_a_code(run: str) -> bool:
    """Say whether digits look like a code and nothing else: six of them, or in even groups; no round sum."""
    return (size(run) == 6 or _PAIRS.fullmatch(run) is not None) and not run.endswith("000")


def in_a_longer_row(shown: str, start: int, end: int) -> bool:
    """Say whether digits are only some groups of a longer number, such as 4831 936 477."""
    if re.fullmatch(r"\d{6,8}", shown[start:end]):
        return False
    if re.fullmatch(r"(?:19|20)\d\d ?- ?(?:19|20)\d\d", shown[start:end]):  # from year to year
        return True
    return re.match(r"[ .-]\d\d", shown[end : end + 3]) is not None or (
        re.search(r"\d\d[ .-]$", shown[max(0, start - 3) : start]) is not None
    )


def something_else(plain: str, start: int, end: int) -> bool:
    """Say whether the words around a number make it a year, a count, a street or another code."""
    digits = size(plain[start:end])
    if digits == 4 and hotline(plain[start:end]) and not _LINK.search(plain, max(0, start - 20), start):
        return True
    return bool(
        _OTHER_BEFORE.search(plain, max(0, start - 28), start)
        or (
            digits == 4
            and plain[start:end][:2] in ("19", "20")
            and _YEAR_BEFORE.search(plain, max(0, start - 40), start)
        )
        or _OTHER_AFTER.match(plain, end)
        or (digits == 4 and _OTHER_AFTER_FOUR.match(plain, end))
    )


def named_codes(text: str, plain: str, shown: str) -> Iterator[Hit]:
    """Give the numbers that the words before or behind them call a code."""
    spoken = cache(lambda: _speaks_of_codes(text, shown, 0, len(shown)))
    before = -1  # where the last number began that was not hidden itself
    for run in RUN.finditer(shown):
        if not 4 <= size(run[0]) <= 8 or in_a_longer_row(shown, *run.span()):
            continue
        other = something_else(plain, *run.span())
        if not other and (kind := _called(text, shown, *run.span(), before, spoken)):
            yield *run.span(), kind
        else:
            before = run.start()
    for run in _DOTTED.finditer(plain):
        ahead, _ = _sentence(plain, *run.span())
        name = _last(_NAMED, plain, ahead, run.start())
        if (
            name
            and _FILLER.fullmatch(plain, name.end(), run.start())
            and not something_else(plain, *run.span())
        ):
            yield *run.span(), PASSWORD if name["password"] else CODE


def _called(text: str, shown: str, start: int, end: int, before: int, spoken: Callable[[], bool]) -> str:
    """Give the kind of secret that the sentence makes of a number; nothing where it makes none."""
    ahead, behind = _sentence(shown, start, end)
    digits = size(shown[start:end])
    long = digits >= 6
    linked = _LINK.search(shown, max(0, start - 20), start) is not None
    if name := _last(_NAMED, shown, ahead, start):
        sure = name[0] != "mk" or long  # mk is also "mình"
        if digits == 4 and _YEAR.fullmatch(shown, start, end):
            between = shown[name.end() : start]
            sure &= linked or (_FILLER.fullmatch(between) is not None and not set(between) & set(",.(–-"))
        if sure and (before < name.end() or long) and (long or DOTS not in shown[name.end() : start]):
            return PASSWORD if name["password"] else CODE
    if _NOT_BUT.search(shown, ahead, start):
        return ""
    after = _NAMED.search(shown, end, behind)
    likely = (
        re.match(r"\W{0,3}(?:(?:do|day|chinh|van|con) )?(?:(?:la|is|as|lam|for)\b|=)", shown[end:behind])
        is not None
    )
    told = _TOLD.search(shown, ahead, start) is not None
    if after and (long or likely or told):
        return PASSWORD if after["password"] else CODE
    paired = _PAIRS.fullmatch(shown, start, end) is not None
    for loose in reversed(list(_LOOSE.finditer(shown, ahead, start))):
        if loose["ma"] and text[loose.start() : loose.start() + 2].lower() not in ("ma", "mã"):  # mà, má
            continue
        between = shown[loose.end() : start]
        if _OTHERS_CODE.search(shown, max(0, loose.start() - 24), loose.start()):
            continue
        near = _FILLER.fullmatch(between) is not None
        strange = not near and ("\0" in between or before >= loose.end())
        if shown[start:end].endswith("000") and not linked:
            continue
        sure = loose[0] != "pin" and (digits == 6 or linked or told or paired or not between.strip(" :"))
        if (sure or (near and (linked or long or loose[0] == "pin"))) and not (
            strange and not (told or linked)
        ):
            return CODE
    if shown[start:end].endswith("000") or (digits == 4 and _YEAR.fullmatch(shown, start, end)):
        return ""
    sentence = shown[ahead:behind]
    if (digits == 6 or paired) and spoken():
        return CODE
    if _speaks_of_codes(text, shown, ahead, behind) and "\0" not in sentence[: start - ahead]:
        return CODE
    if digits in (6, 8) and told and _PURPOSE.search(sentence):
        return CODE
    return ""


def _speaks_of_codes(text: str, shown: str, start: int, end: int) -> bool:
    """Say whether a code is spoken of at all, so that a number nobody explains is likely to be it."""
    if any(name[0] != "mk" for name in _NAMED.finditer(shown, start, end)):
        return True
    loose = (found for found in _LOOSE.finditer(shown, start, end) if found["ma"] or found[0] == "code")
    return any(
        not (found["ma"] and text[found.start() : found.end()].lower() not in ("ma", "mã"))
        and not _OTHERS_CODE.search(shown, max(0, found.start() - 24), found.start())
        for found in loose
    )


def _last(pattern: re.Pattern[str], text: str, start: int, end: int) -> re.Match[str] | None:
    found = None
    for match in pattern.finditer(text, start, end):
        found = match
    return found


def _sentence(shown: str, start: int, end: int) -> tuple[int, int]:
    """Give where the words about a number begin and end; a name just before a full stop still counts."""
    ahead = max(0, start - REACH)
    for stop in reversed(list(_STOP.finditer(shown, ahead, start))):
        if not _EMPTY.fullmatch(shown, stop.end(), start):
            ahead = stop.end()
            break
    after = _STOP.search(shown, end, end + REACH)
    return ahead, after.start() if after else min(len(shown), end + REACH)


# --- letters and digits, digits read aloud ---

_MIXED = re.compile(
    r"\b(?:otp(?: code)?|(?:ma|so) ?(?:otp|xac ?(?:thuc|nhan|minh)|xn|bao ?mat|kich ?hoat|dang ?nhap|mo ?khoa)"
    r"|(?:verification|security|one[- ]time|confirmation|activation|login|access|authentication) code)\b"
)
_MIXED_VALUE = re.compile(r"\b(?=[a-z\d]*[a-z])(?=[a-z]*\d[a-z\d]*\d)(?P<code>[a-z\d]{5,8})(?![\w@/]|[.-]\w)")
_NUMERALS = any_of(
    """khong, mot, hai, ba, bon, tu, nam, lam, sau, bay, tam, chin, zero, oh, one, two, three, four, five,
    six, seven, eight, nine"""
)
_NUMERAL = rf"(?:{_NUMERALS})"
_ALOUD = re.compile(rf"\b{_NUMERAL}(?:[ ,.-]+{_NUMERAL}){{3,11}}\b")
_ANY_NAME = re.compile(r"\b(?:otp|ma|code|passcode|pin|mat khau|pass|password|mk)\b")


def mixed_codes(text: str, shown: str, known: re.Pattern[str]) -> Iterator[Hit]:
    """Give codes of letters and digits, behind a name that nothing else has."""
    for name in _MIXED.finditer(shown):
        value = _MIXED_VALUE.search(shown, name.end(), name.end() + 40)
        if value is None:
            continue
        capitals = text[slice(*value.span("code"))].isupper() and not text[: value.start()].isupper()
        likely = capitals or _FILLER.fullmatch(shown, name.end(), value.start())
        if likely and not known.fullmatch(value["code"].rstrip("0123456789")):
            yield *value.span("code"), CODE


def spelled_codes(text: str, plain: str, *, asked: bool = False) -> Iterator[Hit]:
    """Find codes said in words, "bốn tám hai chín"."""
    for aloud in _ALOUD.finditer(plain):
        numerals = len(re.findall(r"[a-z]+", aloud[0]))
        if not 4 <= numerals <= 8:
            continue
        ahead, _ = _sentence(plain, *aloud.span())
        for name in _ANY_NAME.finditer(plain, ahead, aloud.start()):
            if name[0] == "ma" and text[name.start() : name.start() + 2].lower() in ("mà", "má"):
                continue
            if not re.match(r"[ ,]*(?:lan|nam|thang|ngay)\b", plain[aloud.end() : aloud.end() + 8]):
                yield *aloud.span(), CODE
                break
        else:
            if asked:
                yield *aloud.span(), CODE
