"""Leaflets as they come out of the printer: read back from the file, and their QR code scanned."""

from __future__ import annotations

import ctypes
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import msgspec
import pypdfium2
import pytest
import zxingcpp
from pypdfium2 import raw

from bot.leaflet import Place, make, on_paper, place_of, worded
from bot.paper import HEIGHT, WIDTH, Leaflet, Sheets
from bot.settings import Settings, Unusable
from bot.shelf import TOPICS
from bot.store import schema
from bot.store.card import StoredCard
from bot.store.database import Database
from bot.units import unit_named
from bot.wording import Wording
from handlers.records.card import Line
from knowledge.library import Library, Topic, load
from knowledge.places import Places
from tests.bot.office import Office

NOW = datetime(2026, 11, 30, 1, tzinfo=UTC)
PLACE = Place(
    issuer="UBND xã Ứng Hòa, Hà Nội", hotline="024 3388 1234", address="https://chat.example.gov.vn"
)
SAMPLE = Path(__file__).parents[1] / "knowledge" / "topics-sample"
SMALL, BODY, TITLE = 7.0, 12.0, 24.0  # points
EDGE = 5.0  # millimetres that no printer reaches


class Letter(msgspec.Struct, frozen=True):
    """A letter on a page, in points from its lower left corner."""

    sign: str
    size: float
    left: float
    bottom: float
    right: float
    top: float


@pytest.fixture(scope="module")
def library() -> Library:
    return load(TOPICS)


@pytest.fixture(scope="module")
def wording() -> Wording:
    return Wording()


def topic_of(library: Library, topic: str, lang: str = "vi") -> Topic:
    found = library.topic(topic, lang)
    assert found
    return found


@contextmanager
def opened(file: Path | bytes) -> Iterator[Any]:
    document = pypdfium2.PdfDocument(file)
    try:
        yield document
    finally:
        document.close()


def text_of(file: Path | bytes) -> str:
    """All words of a file, with one space between."""
    with opened(file) as document:
        pages = [page.get_textpage().get_text_range() for page in document]
    return " ".join("\n".join(pages).replace("\u00a0", " ").split())


def letters(page: Any) -> Iterator[Letter]:
    text = page.get_textpage()
    for number, sign in enumerate(text.get_text_range()):
        if sign.strip():
            box = text.get_charbox(number, loose=True)
            size = raw.FPDFText_GetFontSize(text, number)
            yield Letter(sign, round(size, 2), *box)


def scanned(file: Path | bytes) -> list[tuple[str, float]]:
    """What the QR codes of the first page say, and how wide each is in millimetres."""
    with opened(file) as document:
        picture = document[0].render(scale=300 / 72).to_pil().convert("L")
    return [
        (found.text, (found.position.top_right.x - found.position.top_left.x) / 300 * 25.4)
        for found in zxingcpp.read_barcodes(picture)
    ]


def pdf(leaflet: Leaflet) -> bytes:
    sheets = Sheets(NOW)
    sheets.add(leaflet)
    return sheets.bytes()


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_every_topic_makes_a_leaflet_of_two_pages_that_nothing_leaves(
    library: Library, wording: Wording, caplog: pytest.LogCaptureFixture, lang: str
) -> None:
    sheets = Sheets(NOW)
    topics = library.topics(lang)
    pages = {topic.id: sheets.add(worded(topic, library, PLACE, wording)) for topic in topics}
    assert len(pages) == len(topics) > 50
    assert {topic for topic, count in pages.items() if count > 3} == set()
    assert sum(count > 2 for count in pages.values()) <= 4
    file = sheets.bytes()
    assert [record.getMessage() for record in caplog.records if record.levelname != "INFO"] == []
    with opened(file) as document:
        assert len(document) == sum(pages.values())
        for page in document:
            shown = list(letters(page))
            assert min(letter.left for letter in shown) > EDGE / 25.4 * 72
            assert max(letter.right for letter in shown) < (WIDTH - EDGE) / 25.4 * 72
            assert min(letter.bottom for letter in shown) > EDGE / 25.4 * 72
            assert max(letter.top for letter in shown) < (HEIGHT - EDGE) / 25.4 * 72
    said = text_of(file)
    for topic in topics:
        assert topic.title in said
        assert {step.code for step in topic.way()} <= set(re.findall(r"[A-Z]\d\d", said))


def test_a_leaflet_says_what_to_bring_what_to_do_and_whom_to_ask(library: Library, tmp_path: Path) -> None:
    [made] = make(library, ["residence.temporary"], "vi", PLACE, tmp_path / "new", NOW)
    assert (made.path, made.pages) == (tmp_path / "new" / "residence.temporary.vi.pdf", 2)
    said = text_of(made.path)
    topic = topic_of(library, "residence.temporary")
    for words in (
        "UBND xã Ứng Hòa, Hà Nội",
        topic.title,
        *[re.sub(r"\*\*", "", words) for words in (topic.answer, *topic.more)],
        "Mang gì, làm ở đâu, hết bao nhiêu",
        *[f"{step.title}" for step in topic.way()],
        "Dưới 30 ngày: B11",
        "Không đưa mã OTP, mật khẩu, ảnh căn cước cho ai",
        "hoặc vào chat.example.gov.vn, nhắn B10.",
        "Điện thoại: 024 3388 1234",
        "Giờ làm việc:",
        "Nguồn: ",
        "Đã kiểm tra thứ Hai 30/11/2026",
        "Xem tiếp trang sau",
        "trang 1/2",
        "trang 2/2",
    ):
        assert words in said, words
    numbers = re.findall(r"(\d+) [^•]*?\b(B\d\d)\b", said[said.index("Làm từng bước") :])
    assert ("1", "B10") in numbers


def test_the_letters_are_large_enough_and_come_along(library: Library, wording: Wording) -> None:
    file = pdf(worded(topic_of(library, "residence.temporary"), library, PLACE, wording))
    with opened(file) as document:
        assert document.get_metadata_dict()["Title"] == "Đăng ký, gia hạn tạm trú"
        for page in document:
            assert [round(side / 72 * 25.4) for side in page.get_size()] == [WIDTH, HEIGHT]
            for thing in page.get_objects(filter=[raw.FPDF_PAGEOBJ_TEXT]):
                font = raw.FPDFTextObj_GetFont(thing)
                assert raw.FPDFFont_GetIsEmbedded(font) == 1
                name = ctypes.create_string_buffer(80)
                raw.FPDFFont_GetBaseFontName(font, name, 80)
                assert b"Roboto" in name.value
        first = list(letters(document[0]))
        heading = [letter for letter in first if letter.size >= TITLE]
        assert "".join(letter.sign for letter in heading) == "Đăngký,giahạntạmtrú"
        sizes = {letter.size for letter in first} | {letter.size for letter in letters(document[1])}
        assert {size for size in sizes if size < BODY * 0.86} == {
            SMALL,
            10.0,
        }  # sources; the head and the foot


@pytest.mark.parametrize(
    ("topic", "lang", "address"),
    [
        ("idcard.lost", "vi", "https://chat.example.gov.vn/?code=P19"),
        ("idcard.lost", "en", "https://chat.example.gov.vn/?lang=en&code=P19"),
        ("land.tax", "vi", "https://chat.example.gov.vn/?code=H80"),
    ],
)
def test_the_qr_code_leads_to_the_step(
    library: Library, wording: Wording, topic: str, lang: str, address: str
) -> None:
    [(said, width)] = scanned(pdf(worded(topic_of(library, topic, lang), library, PLACE, wording)))
    assert said == address
    assert 31 <= width <= 33


def test_without_an_address_the_code_stands_there_in_large_letters(
    library: Library, wording: Wording
) -> None:
    file = pdf(worded(topic_of(library, "idcard.lost"), library, Place(), wording))
    assert scanned(file) == []
    said = text_of(file)
    assert "Nhắn mã P19 cho Tổ Số" in said
    assert "Điện thoại: Giờ làm việc:" in said
    with opened(file) as document:
        assert "".join(letter.sign for letter in letters(document[0]) if letter.size == 34) == "P19"


def test_an_answer_without_a_code_is_asked_for_by_its_title(library: Library, wording: Wording) -> None:
    topic = msgspec.structs.replace(topic_of(library, "land.tax"), code="")
    assert 'Hỏi Tổ Số: "Thuế đất, lệ phí đất đai"' in text_of(pdf(worded(topic, library, Place(), wording)))
    [(said, _width)] = scanned(pdf(worded(topic, library, PLACE, wording)))
    assert said == "https://chat.example.gov.vn/"


@pytest.mark.parametrize(
    ("villages", "line"),
    [
        (("thôn 2", "thôn 10"), "Tổ công nghệ số: thôn 2, thôn 10"),
        (tuple(f"thôn {number}" for number in range(12)), "Tổ công nghệ số có ở 12 thôn, tổ dân phố"),
    ],
)
def test_the_teams_of_the_commune_are_named(
    library: Library, wording: Wording, villages: tuple[str, ...], line: str
) -> None:
    place = msgspec.structs.replace(PLACE, villages=villages)
    assert line in text_of(pdf(worded(topic_of(library, "help.team"), library, place, wording)))


def test_nothing_is_cut_however_much_there_is(library: Library, wording: Wording) -> None:
    topic = topic_of(library, "residence.temporary")
    words = [f"từ{number}" for number in range(3000)]
    long = msgspec.structs.replace(topic, title=f"{topic.title} " * 4, more=(" ".join(words), "x" * 400))
    said = text_of(pdf(worded(long, library, PLACE, wording)))
    assert set(words) <= set(re.split(r"[ .]", said))
    # Where it goes on overleaf, the page's head and foot stand between.
    assert sum(len(run) for run in re.findall("x{5,}", said.replace(" ", ""))) == 400


def test_the_same_leaflet_is_the_same_file(library: Library, wording: Wording) -> None:
    leaflet = worded(topic_of(library, "land.tax"), library, PLACE, wording)
    assert pdf(leaflet) == pdf(leaflet)


def test_staff_are_not_warned_of_swindlers(library: Library, wording: Wording) -> None:
    assert "OTP" not in text_of(
        pdf(worded(topic_of(library, "cadre.report-deadline"), library, PLACE, wording))
    )


@pytest.mark.parametrize(
    ("lang", "words", "left"),
    [
        ("vi", "Thẻ bị mất hay hỏng? Đừng gửi vào đây ảnh thẻ, số thẻ hay mã.", "Thẻ bị mất hay hỏng?"),
        ("vi", "Hỏi cho ai? Đừng gửi ảnh giấy tờ vào đây nhé. Chọn đi.", "Hỏi cho ai? Chọn đi."),
        ("vi", "Mã về thì tự nhập, đừng gửi vào đây.", "Mã về thì tự nhập."),
        ("vi", "Đừng gửi tiền cho ai.", "Đừng gửi tiền cho ai."),
        ("en", "Do not send codes or passwords here. What is it?", "What is it?"),
        ("en", "Type the code yourself; do not send it here.", "Type the code yourself."),
    ],
)
def test_what_is_said_of_the_chat_is_left_out(lang: str, words: str, left: str) -> None:
    assert on_paper(words, lang) == left


@pytest.mark.parametrize(
    ("name", "code", "commune", "issuer"),
    [
        ("UBND phường Đông Ngạc", "00602", "", "UBND phường Đông Ngạc, Hà Nội"),
        ("Sở Khoa học và Công nghệ", "", "Ứng Hòa, Hà Nội", "Sở Khoa học và Công nghệ · xã Ứng Hòa, Hà Nội"),
        ("Tổ Số", "", "xã Ứng Hòa, Hà Nội", "xã Ứng Hòa, Hà Nội"),
        ("Tổ Số", "", "", ""),
    ],
)
def test_office_and_commune_are_named_once(
    tmp_path: Path, name: str, code: str, commune: str, issuer: str
) -> None:
    chosen = Settings(
        database=f"sqlite:///{tmp_path}/none.db",
        office_name=name,
        office_commune=code,
        office_hotline="1022",
        public_address=PLACE.address,
    )
    assert place_of(chosen, commune, NOW.date()) == Place(issuer, "1022", (), PLACE.address)
    assert not (tmp_path / "none.db").exists()


def test_a_commune_that_is_not_known_is_refused() -> None:
    with pytest.raises(Unusable, match="“Atlantis” does not name one commune of today"):
        place_of(Settings(), "Atlantis", NOW.date())


TEAM, OFFICE = "thôn Đoài, xã Ứng Hòa, Hà Nội", "xã Ứng Hòa, Hà Nội"
LINES = (
    ("centre", "Trung tâm Phục vụ hành chính công, số 1 đường Trần Đăng Ninh", date(2027, 6, 30)),
    ("hours", "thứ 2 đến thứ 6, 7h30-11h30, 13h-17h; thứ 7 8h-11h", date(2026, 12, 31)),
    ("phone", "024 3888 1234, bộ phận một cửa", date(2026, 12, 31)),
    ("visit", "3/12, 8h-11h, nhà văn hóa thôn Đoài", date(2026, 12, 3)),
)


def filled(url: str) -> Settings:
    """Give the settings of an office whose store has a team and a card."""
    database = Database(url)
    with database.write() as connection:
        for label, kind in ((TEAM, "team"), (OFFICE, "office")):
            unit_named(connection, Places.load(), label, kind)
        card = StoredCard(connection, NOW)
        for kind, words, day in LINES:
            line = msgspec.convert(
                {"commune": "10402", "kind": kind, "words": words, "day": day, "by": 1, "at": NOW}, Line
            )
            card.put(line)
    database.close()
    return Settings(database=url, office_hotline="1022", public_address=PLACE.address)


def test_the_card_of_the_unit_is_printed_with_its_team(url: str, library: Library, wording: Wording) -> None:
    place = place_of(filled(url), "", NOW.date(), TEAM)
    said = text_of(pdf(worded(topic_of(library, "civil.birth"), library, place, wording)))
    assert "xã Ứng Hòa, Hà Nội" in said
    assert "Tổ công nghệ số: thôn Đoài" in said
    assert "Trung tâm Phục vụ hành chính công, số 1 đường Trần Đăng Ninh" in said
    assert "Điện thoại: 024 3888 1234, bộ phận một cửa" in said
    assert "1022" not in said
    assert "thứ Hai đến thứ Sáu 07:30–11:30, 13:00–17:00; thứ Bảy 08:00–11:00 (đến hết 31/12/2026)" in said
    assert "nhà văn hóa" not in said  # what passes soon is no matter for a notice board


def test_what_has_ended_is_left_to_the_pen(url: str, library: Library, wording: Wording) -> None:
    place = place_of(filled(url), OFFICE, date(2027, 1, 1))
    leaflet = worded(topic_of(library, "civil.birth"), library, place, wording)
    assert leaflet.contact[-3:] == (LINES[0][1], "Điện thoại: **1022**", "Giờ làm việc:")


def test_a_unit_is_known_by_its_name_in_other_letters_and_no_other_is(url: str) -> None:
    chosen = filled(url)
    place = place_of(chosen, "", NOW.date(), "thon Doai, Ứng Hòa, Hà Nội")
    assert (place.villages, len(place.card)) == (("thôn Đoài",), 4)
    with pytest.raises(Unusable, match="There is no team or office “thôn Trung, xã Ứng Hòa, Hà Nội”"):
        place_of(chosen, "", NOW.date(), "thôn Trung, xã Ứng Hòa, Hà Nội")
    with pytest.raises(Unusable, match="--unit names a commune already"):
        place_of(chosen, OFFICE, NOW.date(), TEAM)


def test_a_unit_needs_a_database(tmp_path: Path) -> None:
    with pytest.raises(schema.OtherSchema, match="There is no database"):
        place_of(Settings(database=f"sqlite:///{tmp_path}/none.db"), "", NOW.date(), TEAM)


# --- the command ---


def test_the_command_makes_a_file_for_each_topic(tmp_path: Path) -> None:
    here = Office(tmp_path)
    here.write('public_address = "https://chat.example.gov.vn"\n[office]\nhotline = "1022"\n')
    assert here.toso("db", "upgrade").status == 0
    team = "tổ dân phố 7, phường Đông Ngạc, Hà Nội"
    assert here.toso("invite", "member", team, "Chị Hường").status == 0
    done = here.toso(
        "knowledge", "leaflet", "idcard.lost", "land.tax", "--commune", "Đông Ngạc", "--out", "board"
    )
    assert done.status == 0
    assert done.out.splitlines() == ["board/idcard.lost.vi.pdf: 2 pages", "board/land.tax.vi.pdf: 2 pages"]
    said = text_of(tmp_path / "board" / "idcard.lost.vi.pdf")
    assert "phường Đông Ngạc, Hà Nội" in said
    assert "Điện thoại: 1022" in said
    assert "Tổ công nghệ số:" not in said  # nobody has joined that team yet


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (("idcard.lost", "no.such"), "There is no topic “no.such”."),
        (("idcard.lost", "--lang", "fr"), "--lang is “fr”. Known are: vi, en."),
        (("idcard.lost", "--unit", "tổ 7, phường Đông Ngạc, Hà Nội"), "There is no database at"),
        (("idcard.lost", "--commune", "Tân Lập"), "“Tân Lập” does not name one commune of today."),
    ],
)
def test_what_cannot_be_made_is_said_and_nothing_is_written(
    tmp_path: Path, words: tuple[str, ...], error: str
) -> None:
    done = Office(tmp_path).toso("knowledge", "leaflet", *words)
    assert (done.status, done.out) == (1, "")
    assert done.err.startswith(error)
    assert [path.name for path in tmp_path.iterdir() if path.suffix == ".pdf"] == []


def test_an_expired_answer_is_told_of(tmp_path: Path) -> None:
    topics = Path(shutil.copytree(SAMPLE, tmp_path / "topics"))
    for path in topics.rglob("library.lost.md"):
        path.write_text(path.read_text().replace("expires: 2027-05-01", "expires: 2026-11-02"))
    done = Office(tmp_path).toso("knowledge", "leaflet", "library.lost", knowledge=str(topics))
    assert (done.status, done.out) == (0, "library.lost.vi.pdf: 1 page\n")
    assert done.err == "library.lost expired on 2026-11-02. Check it before it hangs.\n"
