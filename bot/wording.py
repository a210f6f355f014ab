"""Sentences made ready for one reader: the language, the form of address, dates and figures."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from bot.clock import VIETNAM
from handlers.text import Text

LOCALES = Path(__file__).parent.parent / "locales"
LANGUAGES = ("vi", "en")
WEEKDAYS = {
    "vi": ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}
MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]


def read_catalogue(lang: str, folder: Path = LOCALES) -> Catalog:
    """Give the catalogue of a language; an empty one where it has none (English stands in the code)."""
    path = folder / lang / "LC_MESSAGES" / "toso.po"
    if not path.exists():
        return Catalog(locale=lang)
    with path.open("rb") as file:
        return read_po(file, locale=lang)


class Wording:
    """The catalogues, loaded once; the only place that knows them."""

    def __init__(self, folder: Path = LOCALES) -> None:
        self._sentences: dict[str, dict[str, str]] = {
            lang: {
                str(entry.id): str(entry.string)
                for entry in read_catalogue(lang, folder)
                if entry.id and entry.string
            }
            for lang in LANGUAGES
        }

    def word(self, text: Text, lang: str, address: str = "") -> str:
        """Give a sentence in the reader's language, speaking to them as they wish."""
        lang = lang if lang in LANGUAGES else "vi"
        if text.as_is:
            return spoken_to(text.msgid, address) if lang == "vi" else text.msgid
        sentence = self._sentences[lang].get(text.msgid, text.msgid)
        if "{" not in sentence:
            return sentence
        values = dict(addresses(address)) if lang == "vi" else {}
        for name, value in text.values:
            values[name] = self._value(value, lang, address)
        return sentence.format_map(values)

    def _value(self, value: object, lang: str, address: str) -> str:
        if isinstance(value, str):
            return value
        if isinstance(value, Text):
            return self.word(value, lang, address)
        return shown(value, lang)


@lru_cache(64)
def addresses(address: str) -> Mapping[str, str]:
    """Give what the placeholders of address stand for; unknown is "anh/chị", or nothing where it reads well."""
    you = address or "anh/chị"
    return {"you": you, "You": you[0].upper() + you[1:], "dear": f" {address}" if address else ""}


def spoken_to(words: str, address: str) -> str:
    """Fill the placeholders of address into words of the knowledge base; other braces stay."""
    if "{" not in words:
        return words
    for name, form in addresses(address).items():
        words = words.replace("{" + name + "}", form)
    return words


def shown(value: object, lang: str) -> str:
    """Give a number, date or time as people of this language write it; moments in Vietnam's time."""
    if isinstance(value, int) and -1000 < value < 1000:
        return f"{value:d}"
    if isinstance(value, datetime):
        local = value.astimezone(VIETNAM)
        return f"{shown(local.time(), lang)} {'ngày' if lang == 'vi' else 'on'} {shown(local.date(), lang)}"
    if isinstance(value, date):
        weekday = WEEKDAYS[lang][value.weekday()]
        if lang == "vi":
            return f"{weekday} {value.day}/{value.month}/{value.year}"
        return f"{weekday} {value.day} {MONTHS[value.month - 1]} {value.year}"
    if isinstance(value, time):
        return f"{value.hour:02d}:{value.minute:02d}"
    if isinstance(value, int | Decimal):
        grouped = f"{value:,}"
        return grouped.translate(str.maketrans(",.", ".,")) if lang == "vi" else grouped
    return str(value)
