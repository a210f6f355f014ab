"""When a link, a number or a transfer code is judged, and that a suspicious one is never repeated to be tapped."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import get_args

import msgspec
import pytest

from bot.shelf import Bookcase
from bot.store.database import Database
from bot.store.records import StoredRecords
from bot.wording import Wording
from handlers import desk, genuine
from handlers.genuine import WHY, why
from handlers.talk import Talk
from handlers.turn import Shelf, Turn
from knowledge.languages import LANGUAGES
from knowledge.links import Reason, judge, shipped
from knowledge.search import Found, Hit
from tests.handlers.turning import NOW, SOMEBODY, incoming, take_turn, told
from tests.knowledge.test_links import TABLE

RESTING = Talk(met=True)
GUIDE = Talk(doing="guide pay.receive-qr", at="name", context="W28", met=True)
NEVER = re.compile(r"an toàn|\bsafe\b|chắc chắn|cam kết", re.I)
TAPPABLE = re.compile(r"[a-z0-9-]\.[a-z]{2}", re.I)
NOTHING = "?"  # what was there before judged links goes on: an answer, or "I do not know"


@pytest.fixture
def records(sqlite_url: str) -> Iterator[StoredRecords]:
    database = Database(sqlite_url)
    with database.write() as connection:
        yield StoredRecords(connection, NOW)
    database.close()


@pytest.fixture
def shelf(bookcase: Bookcase) -> Shelf:
    return bookcase.shelf()


def hear(
    records: StoredRecords, shelf: Shelf, wording: Wording, words: str, talk: Talk = RESTING, found: str = ""
) -> Turn:
    """Let somebody say it; `found` is the topic that the search is sure of."""
    searched = Found("vi", (Hit(found, 0.9),), "answer") if found else Found("vi", (), "unknown")
    turn = Turn(
        event=incoming(words),
        person=SOMEBODY,
        talk=talk,
        now=NOW,
        shelf=shelf,
        records=records,
        found=searched,
    )
    desk.decide(turn)
    return turn


@pytest.mark.parametrize(
    ("words", "found", "said"),
    [
        # A false link is always told of, whatever else stands beside it.
        ("vneid-gov.com", "", "Giả anh/chị ạ"),
        ("em vao vneid-gov.com dang nhap roi lam gi tiep", "", "Giả bạn ạ"),
        ("mat the can cuoc thi khai o dichvucong-gov.vn a", "idcard.lost", "Giả anh/chị ạ"),
        ("họ gửi dichvucong[.]cvgov[.]com/x", "", "Giả anh/chị ạ"),
        ("vneid.gov.vn@evil.com bao vao day", "", "Giả anh/chị ạ"),
        # A real one only where somebody asks, or sends nothing else.
        ("https://dichvucong.gov.vn", "", "Đây là địa chỉ của Cổng Dịch vụ công quốc gia"),
        ("dichvucong.gov.vn co phai that khong", "dvc.portal", "Đây là địa chỉ"),
        ("vao dichvucong.gov.vn khong duoc", "", NOTHING),
        ("nop ho so o dichvucong.gov.vn the nao", "dvc.submit", NOTHING),
        # One that nobody knows: a line beside the answer, or all of it where there is no answer.
        ("https://la-lam.net/x", "", "Tổ Số chưa biết la-lam[.]net là của ai."),
        ("nguoi ta gui la-lam.net/x bao nhan qua", "", "Tổ Số chưa biết la-lam[.]net"),
        ("bao la-lam.net noi mat the can cuoc lam sao", "idcard.lost", "Tổ Số chưa biết la-lam[.]net"),
        # Numbers, where somebody asks whose they are.
        ("so 0912345678 goi bao la cong an, that khong", "", "Tổ Số chưa biết số đó của ai."),
        ("tong dai 1900 0368 co phai cua vneid khong", "", "1900 0368 là tổng đài VNeID."),
        ("so 113 goi toi, co that khong", "", "113 là số gọi công an khi khẩn cấp."),
        ("goi cho toi so 0912345678", "", NOTHING),
        ("sdt cua toi la 0912345678", "", NOTHING),
        # Words that only look like it.
        ("an toan khong", "", NOTHING),
        ("gui file don.pdf cho a@gmail.com", "", NOTHING),
        ("ma 000201 la gi", "", NOTHING),
    ],
)
def test_what_is_judged(
    records: StoredRecords, shelf: Shelf, wording: Wording, words: str, found: str, said: str
) -> None:
    turn = hear(records, shelf, wording, words, found=found)
    heard = told(turn, wording)
    if said == NOTHING:
        assert not re.search(r"Giả |chưa biết số|Đây là địa chỉ|Tổ Số chưa biết \S+\[", heard)
    else:
        assert heard.startswith(said)


def test_beside_an_answer_an_unknown_link_is_a_line(
    records: StoredRecords, shelf: Shelf, wording: Wording
) -> None:
    turn = hear(records, shelf, wording, "bao la-lam.net noi mat the can cuoc lam sao", found="idcard.lost")
    assert len(turn.said) == 2
    assert turn.talk.topic == "idcard.lost"


def test_whoever_tells_of_a_loss_is_led_on_at_once(
    records: StoredRecords, shelf: Shelf, wording: Wording
) -> None:
    words = "toi lo chuyen tien vao vietcombank-qua.top roi"
    turn = hear(records, shelf, wording, words, found=genuine.CHEATED)
    assert "Giả" in told(turn, wording)
    assert turn.talk.topic == genuine.CHEATED
    assert turn.talk.doing == "topic"


@pytest.mark.parametrize(
    ("answer", "doing", "at"),
    [
        ("chưa", "guide pay.receive-qr", "name"),
        ("không", "guide pay.receive-qr", "name"),
        ("1", "guide pay.receive-qr", "name"),
        ("rồi", f"guide {genuine.CHEATED}", "clicked"),
        ("bấm vào rồi", f"guide {genuine.CHEATED}", "clicked"),
        ("em lỡ nhập mật khẩu rồi", f"guide {genuine.CHEATED}", "gave-what"),
        ("đã cài ứng dụng", f"guide {genuine.CHEATED}", "phone-off"),
        ("4", f"guide {genuine.CHEATED}", "phone-off"),
        ("đúng tên mình", "guide pay.receive-qr", "kind"),  # no answer to that: what had waited goes on
        ("tiếp tục", "guide pay.receive-qr", "name"),
        ("huỷ", "guide pay.receive-qr", "name"),
    ],
)
def test_how_far_somebody_went_decides_what_follows(
    records: StoredRecords, shelf: Shelf, wording: Wording, answer: str, doing: str, at: str
) -> None:
    step = take_turn(records, shelf, wording, RESTING, incoming("W28"))
    doubt = take_turn(records, shelf, wording, step.talk, incoming("vneid-gov.com that khong"))
    assert doubt.talk.doing == genuine.DOING
    after = take_turn(records, shelf, wording, doubt.talk, incoming(answer))
    assert (after.talk.doing, after.talk.at) == (doing, at)
    assert after.said


def test_a_button_of_long_ago_still_does_what_it_says(
    records: StoredRecords, shelf: Shelf, wording: Wording
) -> None:
    pressed = take_turn(records, shelf, wording, RESTING, incoming(choice="link-typed@link"))
    assert (pressed.talk.doing, pressed.talk.at) == (f"guide {genuine.CHEATED}", "gave-what")
    back = take_turn(records, shelf, wording, GUIDE, incoming(choice="link-untouched@link"))
    assert back.talk.doing == "guide pay.receive-qr"


def test_an_office_without_that_guide_still_says_what_to_do(
    records: StoredRecords, shelf: Shelf, wording: Wording
) -> None:
    bare = msgspec.structs.replace(shelf, library=msgspec.structs.replace(shelf.library, shelves={"vi": {}}))
    for choice in ("link-opened", "link-how"):
        turn = take_turn(records, bare, wording, RESTING, incoming(choice=f"{choice}@link"))
        assert turn.said
    for words in ("vneid-gov.com", "so 0912345678 cua ai", "dichvucong.gov.vn", "https://la-lam.net"):
        assert take_turn(records, bare, wording, RESTING, incoming(words)).said


@pytest.mark.parametrize("talk", [RESTING, GUIDE])
@pytest.mark.parametrize(
    "link",
    [
        "https://vneid-gov.com/login",
        "http://dichvucong.cvgov.com/xacnhan",
        "https://vneid.gov.vn@evil-page.com/x",
        "https://vneid.gov.vn.evil-page.com",
        "vnеid.gov.vn",
        "https://evil-page.com/vneid.gov.vn",
        "https://la-lam.net/x",
        "bit.ly/3abc",
        "http://103.77.166.12/x",
        "javascript:alert('la.lam')",
    ],
)
def test_no_suspicious_link_is_repeated_so_that_it_can_be_tapped(
    records: StoredRecords, shelf: Shelf, wording: Wording, talk: Talk, link: str
) -> None:
    turn = hear(records, shelf, wording, f"{link} co that khong", talk)
    heard = told(turn, wording)
    assert link not in heard
    assert not re.search(
        r"evil-page\.com|cvgov\.com|vneid-gov\.com|la-lam\.net|bit\.ly|103\.77|javascript:", heard
    )
    assert "an toàn" not in heard
    assert not any(said.link for said in turn.said)


def test_beside_a_form_a_false_link_is_told_of_and_the_form_goes_on(
    records: StoredRecords, shelf: Shelf, wording: Wording
) -> None:
    asked = take_turn(records, shelf, wording, RESTING, incoming("người thật"))
    turn = take_turn(
        records, shelf, wording, asked.talk, incoming("họ gửi https://vneid-gov.com bắt đăng nhập")
    )
    assert told(turn, wording).startswith("Giả anh/chị ạ, đừng bấm. Địa chỉ này mang tên VNeID")
    assert turn.talk.kept["words"] == "họ gửi https://vneid-gov.com bắt đăng nhập"
    assert turn.talk.at == "commune"
    elsewhere = take_turn(records, shelf, wording, turn.talk, incoming("https://la-lam.net là trang gì"))
    assert told(elsewhere, wording).startswith("Tổ Số chưa biết la-lam[.]net là của ai.")
    assert elsewhere.talk.at == "commune"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_reason_is_told_so_that_nobody_can_tap_what_is_suspicious(lang: str, wording: Wording) -> None:
    domains = shipped()
    for line in TABLE:
        verdict = judge(line.link)
        told = wording.word(why(verdict, domains, lang), lang)
        assert not NEVER.search(told), told
        assert "{" not in told
        assert "  " not in told
        rest = told
        for domain in sorted({*domains.officials, verdict.real, ".gov.vn"} - {""}, key=len, reverse=True):
            if domain == ".gov.vn" or domains.official(domain):
                rest = rest.replace(domain, "")
        assert not TAPPABLE.search(rest), f"{line.number}: {told}"
        if verdict.answer == "unknown":
            assert ("Đừng đăng nhập" if lang == "vi" else "Do not sign in") in told


def test_every_reason_has_its_sentence() -> None:
    assert WHY.keys() == {*get_args(Reason), "below"}
