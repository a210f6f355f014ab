"""Files that have no place here, known by their names and the words that go with them.

Nobody looks into a picture: papers marked secret and pictures of identity cards are found by
words only, so what comes without any is not found.
"""

from __future__ import annotations

import re
import unicodedata

from handlers.rules.guard import fold

# ---- Marked secret: MẬT, TỐI MẬT, TUYỆT MẬT ------------------------------------------------

# "Mật" in everyday words: bí mật, bảo mật, thân mật, túi mật, mật khẩu, mật ong.
_EVERYDAY_BEFORE = re.compile(
    r"(?:bí|bảo|thân|cẩn|túi|sỏi|ống|đường|rỉ|gan|trăng|nước|ngọt|nằm gai nếm)[\W_]*$"
)
_EVERYDAY_AFTER = re.compile(
    r"[\W_]*(?:khẩu|mã|ong|mía|độ|thiết|vụ|thám|thư|ngọt|nghị|hoa|danh|kế|heo|gấu|cá|lợn|dừa)(?!\w)"
)
_ACCENTED = re.compile(r"(?<![^\W_])mật(?![^\W_])")
# Without accents "mat" is also mất, mặt and mắt, so that it counts only where nothing else can be meant.
_PAPER = (
    r"(?:van ban|tai lieu|cong van|cv|file|tep|bao cao|quyet dinh|ke hoach|to trinh|(?<!so )do|dau|loai|dong"
    r"|doc|pdf)"
)
_BARE = r"(?:toi[\s_-]*)?mat"
_AFTER_PAPER = re.compile(rf"(?<![a-z0-9]){_PAPER}[\s_:-]+{_BARE}(?![a-z0-9])")
_BARE_AFTER = re.compile(
    r"[\s_-]*(?:khau|ma|ong|do|thiet|vu|tien|the|truoc|sau|sim|so(?! *[0-9])|may|bang|het|roi|dien|mang|song"
    r"|kinh)(?![a-z])"
)
_BRACKETED = re.compile(rf"[\[(]\s*{_BARE}\s*[\])]")
_ALONE = re.compile(rf"[\W_\d]*{_BARE}[\W_\d]*")
_CAPITAL = re.compile(r"(?<![^\W_])(?:TOI[\s_-]*)?MAT(?![^\W_])")
_UTMOST = re.compile(r"(?<![a-z0-9])tuyet[\s_-]*mat(?![a-z0-9])")
_ENGLISH = re.compile(
    r"(?<![a-z0-9])top[\s_-]*secret(?![a-z0-9])"
    r"|(?:marked|stamped|classified as)[\s_:-]+(?:as )?(?:secret|confidential|classified)(?![a-z0-9])"
    r"|[\[(]\s*(?:secret|confidential|classified)\s*[\])]"
    r"|^[\W_\d]*(?:secret|confidential|classified)[\W_\d]*$"
)
_ENGLISH_CAPITAL = re.compile(r"(?<![^\W_])(?:SECRET|CONFIDENTIAL|CLASSIFIED)(?![^\W_])")


def marked_secret(words: str, *, file: bool = False) -> bool:
    """Say whether a caption, or the name of a file, carries a marking of secrecy."""
    words = unicodedata.normalize("NFC", words)
    if file:
        words = re.sub(r"[_-]+", " ", re.sub(r"\.\w{1,5}$", "", words))
    small, plain = words.casefold(), fold(words)
    for found in _ACCENTED.finditer(small):
        before, after = small[: found.start()], small[found.end() :]
        if not (_EVERYDAY_BEFORE.search(before) or _EVERYDAY_AFTER.match(after)):
            return True
    if _UTMOST.search(plain) or _ENGLISH.search(plain):
        return True
    if small == plain:  # written without accents
        if _BRACKETED.search(plain) or _ALONE.fullmatch(plain):
            return True
        if any(not _BARE_AFTER.match(plain, found.end()) for found in _AFTER_PAPER.finditer(plain)):
            return True
    shouted = words.upper() == words
    capitals = () if shouted else (*_CAPITAL.finditer(words), *_ENGLISH_CAPITAL.finditer(words))
    return any(not _BARE_AFTER.match(plain, found.end()) for found in capitals)


# ---- Identity cards ------------------------------------------------------------------------

_CARD = (
    r"(?:cccd|cmnd|cmtnd|can ?cuoc(?: cong dan)?|chung minh (?:nhan dan|thu)|the chip|ho chieu|passport"
    r"|(?:id|identity|citizen) ?cards?|giay to tuy than|identity papers)"
)
_NAMED = re.compile(
    rf"(?<![a-z]){_CARD}(?![a-z])|(?<![a-z])(?:mat|hai mat|2 mat)[ _-]*(?:truoc|sau)?[ _-]*the(?![a-z])"
)
# A picture of a screen may speak of cards.
_SCREEN = re.compile(
    r"(?<![a-z])(?:man hinh|bao loi|loi|thong bao|ung dung|app|vneid|hien|buoc|muc|o nhap|screen(?:shot)?"
    r"|error|step)(?![a-z])"
)
_PICTURE = r"(?:anh|hinh|chup|scan|ban chup|mat truoc|mat sau|2 mat|hai mat|photos?|pictures?|pics?|images?)"
_SENDS = re.compile(
    rf"(?<![a-z])(?:gui|chup|up|dang|scan|send|take|upload|attach)(?![a-z])[^.!?\n]{{0,40}}?(?<![a-z]){_CARD}(?![a-z])"
)
_PICTURED = re.compile(
    rf"(?<![a-z]){_PICTURE}(?![a-z])[^.!?\n]{{0,30}}?(?<![a-z]){_CARD}(?![a-z])"
    rf"|(?<![a-z]){_CARD}(?![a-z])[^.!?\n]{{0,30}}?(?<![a-z]){_PICTURE}(?![a-z])"
)
_NOT = re.compile(
    r"(?<![a-z])(?:dung|khong|ko|chua|chang|never|not|dont|don't|without)(?![a-z])[^.!?\n]{0,25}$"
)


def pictures_card(words: str) -> bool:
    """Say whether a caption or a file's name says that the picture shows an identity card."""
    plain = fold(unicodedata.normalize("NFC", words)).replace("_", " ").replace("-", " ")
    return bool(_NAMED.search(plain)) and not _SCREEN.search(plain)


def announces_card(words: str) -> bool:
    """Say whether somebody is about to send a picture of an identity card, or asks for one."""
    plain = fold(unicodedata.normalize("NFC", words))
    if _SCREEN.search(plain):
        return False
    for found in _SENDS.finditer(plain):
        if _PICTURED.search(plain[max(0, found.start() - 30) : found.end() + 30]):
            return not _NOT.search(plain[: found.start()])
    return False
