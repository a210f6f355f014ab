"""Sentences as they stand in the code: an English msgid and its values.

What a reader sees is made in one place outside this package, which knows the
reader's language and form of address.
"""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal

import msgspec

Value = "str | int | Decimal | date | datetime | time | Text"


class Text(msgspec.Struct, frozen=True):
    """A sentence to be translated; `{name}` in it stands for a value."""

    msgid: str
    values: tuple[tuple[str, object], ...] = ()
    as_is: bool = False  # already in the reader's language: knowledge, a person's own words
    lang: str = ""  # a language in which it is said whoever reads it: a message shown before it is sent

    def __str__(self) -> str:
        """Give it in English, as it stands in the code: for a log."""
        if self.as_is or "{" not in self.msgid:
            return self.msgid
        return self.msgid.format_map({name: str(value) for name, value in self.values})

    def __call__(self, **values: object) -> Text:
        """Give the same sentence with these values filled in."""
        return Text(self.msgid, (*self.values, *values.items()), self.as_is, self.lang)


def _(msgid: str) -> Text:
    """Mark a sentence for the catalogues."""
    return Text(msgid)


def lines(*parts: Text) -> Text:
    """Put sentences under each other."""
    text, *more = parts
    for part in more:
        text = _("{before}\n{ask}")(before=text, ask=part)
    return text


def as_is(words: str) -> Text:
    """Carry words that are not ours to translate; `{you}` in them still takes the form of address."""
    return Text(words, as_is=True)


def said_in(lang: str, text: Text) -> Text:
    """Give the same sentence in this language, whoever reads it."""
    return Text(text.msgid, text.values, text.as_is, lang)


__all__ = ["Decimal", "Text", "_", "as_is", "date", "datetime", "lines", "said_in", "time"]
