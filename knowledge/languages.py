"""The languages that people are spoken to in: a row each, and all else about them is in folders of their names.

Sentences stand in catalogues, topics in Markdown, small words in data/common-words.tsv.
"""

from __future__ import annotations

import msgspec

DEFAULT = "vi"  # spoken until something says otherwise, and where another one lacks a topic or a sentence


class Language(msgspec.Struct, frozen=True, kw_only=True):
    """What no catalogue can say of a language."""

    name: str  # as its speakers call it
    asked: tuple[str, ...]  # what people type to be spoken to in it, without accents
    weekdays: tuple[str, ...]  # from Monday on
    months: tuple[str, ...] = tuple(map(str, range(1, 13)))
    date: str = "{weekday} {day}/{month}/{year}"
    moment: str = "{time} {date}"
    marks: str = ".,"  # in figures: between thousands, and before decimals


LANGUAGES = {
    "vi": Language(
        name="tiếng Việt",
        asked=("tieng viet", "vietnamese"),
        weekdays=("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật"),
    ),
    "en": Language(
        name="English",
        asked=("tieng anh", "english", "in english"),
        weekdays=("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
        months=("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
                "November", "December"),
        date="{weekday} {day} {month} {year}",
        moment="{time} on {date}",
        marks=",.",
    ),
}  # fmt: skip
