"""Words as the guard compares them: without accents, and with the keys of Telex and VNI read as what they mean."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

# The words by which secrets, and what is none, are known; only these are read from keys.
_KNOWN = re.findall(
    r"\w+",
    """
    mã mật khẩu là của số thẻ căn cước công dân định danh chứng minh nhân thư xác nhận thực bí kích hoạt
    đăng nhập bảo mở khóa khoá gửi về đây tài khoản tên người dùng đổi thành sang cũ mới đúng được rồi không
    phải hồ sơ tiền điện ngày năm tháng nước đồng nghìn triệu giờ phút lần hộ bước thuế hiểm khách hàng giao
    dịch nè nhé dạ chị có chưa đọc đưa gõ bấm vào hình như sau ngân máy màn lỗi thủ tục yêu cầu đến tới từ
    chuyển một bốn sáu bảy tám chín thôi bằng ạ tôi làm lộ ký truy cập à đó vâng
    """,
)
_TELEX = {"\u0301": "s", "\u0300": "f", "\u0309": "r", "\u0303": "x", "\u0323": "j"} | {
    "â": "aa", "ê": "ee", "ô": "oo", "ă": "aw", "ơ": "ow", "ư": "uw", "đ": "dd"
}  # fmt: skip
_VNI = {"\u0301": "1", "\u0300": "2", "\u0309": "3", "\u0303": "4", "\u0323": "5"} | {
    "â": "a6", "ê": "e6", "ô": "o6", "ă": "a8", "ơ": "o7", "ư": "u7", "đ": "d9"
}  # fmt: skip
_TYPED = re.compile(r"(?<![^\W_])[^\W_]{2,10}(?![^\W_])")


def any_of(words: str) -> str:
    """Give a pattern for any of the words or phrases, which stand between commas."""
    return "|".join(word.strip() for word in words.split(","))


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


def _keys(word: str, keys: dict[str, str]) -> set[str]:
    """Give the ways to type a word: the mark at the end, behind its vowel, or with ươ as one."""
    tone, bare, within = "", "", ""
    for letter in word:
        marks = unicodedata.normalize("NFD", letter)
        own = "".join(keys[mark] for mark in marks[1:] if mark in keys)
        shape = unicodedata.normalize("NFC", marks[0] + "".join(m for m in marks[1:] if m not in keys))
        typed = keys.get(shape, shape)
        tone += own
        bare += typed
        within += typed + own
    ways = {bare + tone, within}
    return ways | {way.replace("uwow", "uow").replace("u7o7", "uo7") for way in ways}


_READ = {way: word for word in _KNOWN for keys in (_TELEX, _VNI) for way in _keys(word, keys) if way != word}


def spelt_out(text: str) -> tuple[str, list[int] | None]:
    """Give the text with keys read as words, and where each letter stood; None where nothing was read."""
    parts: list[str] = []
    places: list[int] = []
    done = 0
    for found in _TYPED.finditer(text):
        word = _READ.get(found[0].lower())
        if word is None:
            continue
        parts += text[done : found.start()], word
        places += range(done, found.start())
        within = range(found.start(), found.end())
        places += (within[min(n, len(within) - 1)] for n in range(len(word) - 1))
        places.append(within[-1])
        done = found.end()
    if not parts:
        return text, None
    return "".join((*parts, text[done:])), [*places, *range(done, len(text))]
