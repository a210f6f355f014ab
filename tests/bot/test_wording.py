"""Sentences as one reader sees them: language, form of address, dates and figures."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po

from bot.wording import Wording, shown
from handlers.text import Text, _, as_is

SENTENCES = {
    "Good. Step {n} of {all}.": "Được{dear}. Bước {n}/{all}.",
    "Choose one.": "{You} chọn một mục nhé, {you}.",
    "{before}\n{ask}": "{before}\n{ask}",
}


@pytest.fixture
def spoken(tmp_path: Path) -> Wording:
    catalogue = Catalog(locale="vi")
    for msgid, vietnamese in SENTENCES.items():
        catalogue.add(msgid, vietnamese)
    path = tmp_path / "vi" / "LC_MESSAGES" / "toso.po"
    path.parent.mkdir(parents=True)
    with path.open("wb") as file:
        write_po(file, catalogue)
    return Wording(tmp_path)


@pytest.mark.parametrize(
    ("text", "lang", "address", "words"),
    [
        (Text("Good. Step {n} of {all}.")(n=2, all=5), "vi", "cô", "Được cô. Bước 2/5."),
        (Text("Good. Step {n} of {all}.")(n=2, all=5), "vi", "", "Được. Bước 2/5."),
        (Text("Good. Step {n} of {all}.")(n=2, all=5), "en", "cô", "Good. Step 2 of 5."),
        (Text("Choose one."), "vi", "bác", "Bác chọn một mục nhé, bác."),
        (Text("Choose one."), "vi", "", "Anh/chị chọn một mục nhé, anh/chị."),
        (Text("Choose one."), "en", "bác", "Choose one."),
        (Text("Choose one."), "", "", "Anh/chị chọn một mục nhé, anh/chị."),
        (Text("Choose one."), "fr", "", "Anh/chị chọn một mục nhé, anh/chị."),
        (Text("Nobody has translated {this}.")(this="me"), "vi", "cô", "Nobody has translated me."),
        (Text("{before}\n{ask}")(before=Text("Choose one."), ask="{x}"), "vi", "cô", "Cô chọn một mục nhé, cô.\n{x}"),
        (as_is("Mời {you} {dear}{x} {"), "vi", "cô", "Mời cô  cô{x} {"),
        (as_is("Press {you} {x}"), "en", "cô", "Press cô {x}"),
    ],
)  # fmt: skip
def test_a_sentence_is_in_the_readers_language_and_speaks_to_them_as_they_wish(
    spoken: Wording, text: Text, lang: str, address: str, words: str
) -> None:
    assert spoken.word(text, lang, address) == words


@pytest.mark.parametrize(
    ("value", "vietnamese", "english"),
    [
        (date(2026, 11, 17), "thứ Ba 17/11/2026", "Tuesday 17 November 2026"),
        (date(2026, 11, 22), "Chủ nhật 22/11/2026", "Sunday 22 November 2026"),
        (time(7, 30), "07:30", "07:30"),
        (datetime(2026, 5, 1, 17, 5, tzinfo=UTC), "00:05 thứ Bảy 2/5/2026", "00:05 on Saturday 2 May 2026"),
        (0, "0", "0"),
        (-7, "-7", "-7"),
        (55000, "55.000", "55,000"),
        (-1234567, "-1.234.567", "-1,234,567"),
        (Decimal("98.17"), "98,17", "98.17"),
        (Decimal("1234.5"), "1.234,5", "1,234.5"),
        ("1,234.5", "1,234.5", "1,234.5"),
    ],
)  # fmt: skip
def test_dates_and_figures_are_written_as_people_write_them(
    value: object, vietnamese: str, english: str, spoken: Wording
) -> None:
    assert (shown(value, "vi"), shown(value, "en")) == (vietnamese, english)
    whole = Text("{it}")(it=value)
    assert (spoken.word(whole, "vi"), spoken.word(whole, "en")) == (vietnamese, english)


def test_a_readers_own_words_are_never_read_as_placeholders(spoken: Wording) -> None:
    typed = "{you} {0} {__class__} %s {n!r}"
    assert spoken.word(Text("{before}\n{ask}")(before=typed, ask="?"), "vi", "cô") == f"{typed}\n?"


def test_the_shipped_sentences_are_vietnamese(wording: Wording) -> None:
    assert wording.word(_("My requests"), "vi") == "Yêu cầu của tôi"
    assert wording.word(_("My requests"), "en") == "My requests"
