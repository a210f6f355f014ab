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
from handlers.answers import SHORTCUTS
from handlers.text import Text
from knowledge.folding import fold
from knowledge.languages import DEFAULT, LANGUAGES

LOCALES = Path(__file__).parent.parent / "locales"


def read_catalogue(lang: str, folder: Path = LOCALES) -> Catalog:
    """Give the catalogue of a language; an empty one where it has none (English stands in the code)."""
    path = folder / lang / "LC_MESSAGES" / "toso.po"
    if not path.exists():
        return Catalog(locale=lang)
    with path.open("rb") as file:
        return read_po(file, locale=lang)


def _sentences(catalogue: Catalog) -> dict[str, str]:
    return {str(entry.id): str(entry.string) for entry in catalogue if entry.id and entry.string}


class Wording:
    """The catalogues, loaded once; the only place that knows them."""

    def __init__(self, folder: Path = LOCALES) -> None:
        written = {lang: _sentences(read_catalogue(lang, folder)) for lang in LANGUAGES}
        # English stands in the code; what another language lacks is said as Vietnam says it.
        self._sentences = {
            lang: own if lang == "en" else written[DEFAULT] | own for lang, own in written.items()
        }

    def word(self, text: Text, lang: str, address: str = "") -> str:
        """Give a sentence in the reader's language, speaking to them as they wish."""
        lang = text.lang or (lang if lang in LANGUAGES else DEFAULT)
        if text.as_is:
            return spoken_to(text.msgid, address)
        sentence = self._sentences[lang].get(text.msgid, text.msgid)
        if "{" not in sentence:
            return sentence
        values = {} if lang == "en" else dict(addresses(address))
        for name, value in text.values:
            values[name] = self._value(value, lang, address)
        return sentence.format_map(values)

    def _value(self, value: object, lang: str, address: str) -> str:
        if isinstance(value, str):
            return value
        if isinstance(value, Text):
            return self.word(value, lang, address)
        return shown(value, lang)


def shortcuts(wording: Wording) -> dict[str, list[tuple[str, str]]]:
    """Give the words that work everywhere, as commands with what they do; "" for whoever has no language of ours."""

    def worded(lang: str) -> list[tuple[str, str]]:
        return [
            (fold(wording.word(typed, lang)).replace(" ", "_"), wording.word(does, lang))
            for typed, does in SHORTCUTS
        ]

    return {"": worded(DEFAULT), **{lang: worded(lang) for lang in LANGUAGES if lang != DEFAULT}}


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
    language = LANGUAGES[lang]
    if isinstance(value, datetime):
        local = value.astimezone(VIETNAM)
        return language.moment.format(time=shown(local.time(), lang), date=shown(local.date(), lang))
    if isinstance(value, date):
        weekday, month = language.weekdays[value.weekday()], language.months[value.month - 1]
        return language.date.format(weekday=weekday, day=value.day, month=month, year=value.year)
    if isinstance(value, time):
        return f"{value.hour:02d}:{value.minute:02d}"
    if isinstance(value, int | Decimal):
        return f"{value:,}".translate(str.maketrans(",.", language.marks))
    return str(value)
