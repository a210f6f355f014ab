"""Slips of whoever enters a report: taken back, agreed to, asked about, several at once, over another's figure."""

from __future__ import annotations

import msgspec
import pytest

from bot.store.records import StoredRecords
from handlers import report_figures
from handlers.records.reports import Submission
from handlers.rules import figures
from handlers.rules.validation import Value
from handlers.talk import Button, Talk
from handlers.turn import Turn
from knowledge.folding import fold
from tests.handlers.test_bad_reports import BEGAN, FIGURES, HANH, KEY, NOW, Office, office
from tests.handlers.turning import incoming

__all__ = ["office"]

MEETINGS, SIGNED, ONLINE = "paperless-meetings", "signed-documents", "online-transactions"
BEFORE = {**FIGURES, ONLINE: Value(412)}
ODD = {ONLINE: Value(1284)}  # three times as much as the period before
ALL = "9/11, 214/218, mới 2 tổng 46, 58/61, 430, 118/390, 612/640"


@pytest.fixture
def odd(office: Office) -> Office:
    """Give an office with a period before, and an unusual figure in the draft that wants its reason."""
    reports = StoredRecords(office.connection, NOW).reports
    held = reports.hold(1, "monthly", "2026-10")
    sent = Submission(number=1, form_version=1, values=BEFORE, sha256="", at=BEGAN, by=HANH)
    reports.save(msgspec.structs.replace(held, state="approved", receipt="UH-10-A", submissions=(sent,)))
    office.draft(ODD)
    return office


def why(office: Office, typed: str) -> Turn:
    """Answer the question for the reason of the unusual figure."""
    talk = Talk(met=True, doing=f"report {KEY}", at=f"reason.{ONLINE}", kept={"figure": "1.284"})
    return office.turn(incoming(typed), talk=talk)


@pytest.mark.parametrize(
    "typed",
    ["ủa nhầm, 431", "o nham 431", "nhầm, 431", "sai rồi 431", "à không 431", "sorry, 431", "wrong, 431",
     "I mean 431", "em gõ nhầm ạ, phải là 431", "không, 431"],
)  # fmt: skip
def test_a_figure_behind_a_word_that_takes_back_replaces_the_unusual_one(odd: Office, typed: str) -> None:
    said = odd.told(why(odd, typed))
    assert odd.report.values[ONLINE] == Value(431)
    assert "Đã ghi: 431." in said


def test_a_pair_behind_such_a_word_is_read_too(odd: Office) -> None:
    assert figures.corrected("ủa nhầm, 9/11") == "9/11"
    assert figures.corrected("o nham 214/218") == "214/218"
    assert figures.corrected("hộ dân nộp dồn cuối năm") is None


def test_a_word_alone_that_takes_back_asks_for_the_figure_again(odd: Office) -> None:
    said = odd.told(why(odd, "nhầm rồi ạ"))
    assert "Số mới" in said or "số mới" in said
    assert odd.report.values == ODD


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("y nghia la gi", "Số lượt thanh toán trực tuyến"),
        ("con thieu gi", "Còn thiếu mục: 1, 2, 3, 4, 6, 7. Cần lý do hoặc xem lại mục: 5."),
        ("số này lấy ở đâu vậy", "gấp 3,1 lần"),
        ("9/11, 214/218, 58/61", "gấp 3,1 lần"),
        ("em xong roi", "gấp 3,1 lần"),
        ("nhu thang truoc", "gấp 3,1 lần"),
        ("bo qua", "**1/7."),
        ("bỏ qua nhé", "**1/7."),
    ],
)
def test_a_question_or_a_command_is_no_reason(odd: Office, typed: str, answer: str) -> None:
    said = odd.told(why(odd, typed))
    assert answer in said
    assert odd.report.values[ONLINE].reason == ""


@pytest.mark.parametrize(
    "typed",
    [
        "sai sót tháng trước chưa tính thu qua mã QR",
        "Thu tiền vệ sinh qua mã QR",
        "vì kỳ trước dân chưa biết nộp thế nào",
    ],
)
def test_a_reason_is_read_back(odd: Office, typed: str) -> None:
    said = odd.told(why(odd, typed))
    assert f"Đã ghi số và lý do: “{typed}”" in said
    assert odd.report.values[ONLINE].reason == typed


@pytest.mark.parametrize(
    ("words", "later"),
    [
        ("đang họp, để chiều làm", True),
        ("In a meeting, will do it this afternoon", True),
        ("I'll finish the rest tomorrow morning please", True),
        ("not now", True),
        ("later", True),
        ("Citizens will do it next week", False),  # why a figure is low, not when it is typed
        ("the fees are paid later", False),
    ],
)
def test_who_goes_on_later_says_so_in_either_language(words: str, later: bool) -> None:
    assert (report_figures.NOT_NOW.fullmatch(fold(words)) is not None) == later


def sure(office: Office, indicator: str, number: int, reading: str, typed: str) -> Turn:
    """Answer whether it is exactly that number."""
    context = f"{KEY}.sure.{number}"
    talk = Talk(
        met=True,
        doing=f"report {KEY}",
        at=f"value.{indicator}",
        context=context,
        offered=(Button(data=f"is-{reading}@{context}", label="Đúng số đó"),),
        letters=True,
    )
    return office.turn(incoming(typed), talk=talk)


@pytest.mark.parametrize(
    "typed", ["đúng", "đúng rồi ạ", "ừ", "vâng", "phải", "yes", "dạ đúng", "chính xác ạ"]
)
def test_yes_takes_the_number_that_was_offered(office: Office, typed: str) -> None:
    sure(office, ONLINE, 5, "50", typed)
    assert office.report.values == {ONLINE: Value(50)}


@pytest.mark.parametrize("typed", ["không", "không ạ", "chưa chắc", "no"])
def test_no_asks_for_the_number_anew(office: Office, typed: str) -> None:
    said = office.told(sure(office, ONLINE, 5, "50", typed))
    assert "Kỳ này có bao nhiêu giao dịch trực tuyến?" in said
    assert "0, hay" not in said
    assert office.report.values == {}


def test_yes_to_a_choice_between_two_asks_which_once_more(office: Office) -> None:
    office.asked(ONLINE, incoming("không"))
    context = f"{KEY}.sure.5"
    buttons = tuple(Button(data=f"{name}@{context}", label=name) for name in ("is-0", "none"))
    talk = Talk(
        met=True, doing=f"report {KEY}", at=f"value.{ONLINE}", context=context, offered=buttons, letters=True
    )
    said = office.told(office.turn(incoming("đúng rồi"), talk=talk))
    assert said == "Chị chọn một trong hai giúp nhé.\nSố là 0, hay là chưa có số liệu?"
    assert office.report.values == {}


def test_about_two_numbers_is_asked_back_and_taken_whole(office: Office) -> None:
    said = office.asked(MEETINGS, incoming("khoảng 9/11"))
    assert "Có đúng là 9 trên 11 không?" in said
    sure(office, MEETINGS, 1, "9/11", "đúng")
    assert office.report.values == {MEETINGS: Value(9, 11)}


def test_about_two_numbers_where_one_is_asked_says_so(office: Office) -> None:
    assert "Mục này chỉ cần một số." in office.asked(ONLINE, incoming("khoảng 9/11"))


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("7: khoang 600", "Chưa ghi chỉ tiêu 7: “khoang 600” chưa rõ, đến mục này Tổ Số hỏi lại."),
        ("3: 3", "Chưa ghi chỉ tiêu 3: “3” chưa rõ, đến mục này Tổ Số hỏi lại."),
    ],
)
def test_a_figure_that_waits_for_its_turn_is_said_not_to_be_noted(
    office: Office, typed: str, sentence: str
) -> None:
    assert sentence in office.asked(MEETINGS, incoming(typed))


@pytest.mark.parametrize(
    ("typed", "asked"),
    [
        (
            "7: khoang 600",
            "**7/7. Tỷ lệ hồ sơ xử lý trực tuyến**\nBáo cáo cần số đếm đúng. Có đúng là 600 không?",
        ),
        ("7: 612", "**7/7. Tỷ lệ hồ sơ xử lý trực tuyến**\nĐã ghi số 612."),
        (
            "3: 3",
            "**3/7. Số lượt cài phần mềm phòng chống mã độc**\n3 là số mới trong kỳ, hay tổng số đến nay?",
        ),
    ],
)
def test_a_figure_whose_turn_has_come_is_asked_about_by_name(office: Office, typed: str, asked: str) -> None:
    number = int(typed[0])
    office.draft({one: value for place, (one, value) in enumerate(FIGURES.items(), 1) if place != number})
    said = office.asked(list(FIGURES)[number - 1], incoming(typed))
    assert asked in said
    assert said.count(f"**{number}/7.") == 1


def test_a_figure_that_is_noted_and_typed_unclearly_stays_and_that_is_said(office: Office) -> None:
    office.draft({"files-handled-online": Value(612, 640)})
    said = office.asked(MEETINGS, incoming("7: khoang 600"))
    assert "Chỉ tiêu 7 vẫn là 612/640 = 95,63%: “khoang 600” chưa rõ." in said


def test_the_one_that_is_asked_at_once_is_not_named_twice(office: Office) -> None:
    said = office.asked(MEETINGS, incoming("1: 9\n2: 214/218"))
    assert "Tổng số cuộc họp" in said
    assert "Chưa ghi" not in said


@pytest.mark.parametrize("typed", [ALL, ALL.replace(", ", "; "), ALL.replace(", ", "\n")])
def test_a_list_of_as_many_as_the_form_has_is_read_in_order(office: Office, typed: str) -> None:
    said = office.asked(MEETINGS, incoming(typed))
    assert "Xong 7/7" in said
    assert office.report.values == FIGURES


def test_a_list_of_fewer_says_how_to_write_them(office: Office) -> None:
    said = office.asked(MEETINGS, incoming("9/11, 214/218, 58/61"))
    assert "Mỗi số một dòng giúp Tổ Số, như “1: 9/11”." in said
    assert office.report.values == {}


@pytest.mark.parametrize("typed", ["1) 9/11 2) 214/218", "số 1 là 9/11, số 2 214/218", "1: 9/11 2: 214/218"])
def test_several_on_one_line_are_noted(office: Office, typed: str) -> None:
    office.asked(MEETINGS, incoming(typed))
    assert office.report.values == {MEETINGS: Value(9, 11), SIGNED: Value(214, 218)}


def test_whoever_writes_over_another_figure_hears_what_stood_there(office: Office) -> None:
    office.draft({SIGNED: Value(200, 218)})  # the other one's, behind the question shown as unanswered
    said = office.asked(SIGNED, incoming("214/218"))
    assert "Trước đó là 200/218 = 91,74%." in said
    assert office.report.values == {SIGNED: Value(214, 218)}


def test_the_same_figure_from_both_is_no_news(office: Office) -> None:
    office.draft({SIGNED: Value(214, 218)})
    assert "Trước đó" not in office.asked(SIGNED, incoming("214/218"))


def test_what_was_shown_with_the_question_is_not_told_again(office: Office) -> None:
    office.draft({SIGNED: Value(200, 218)})
    talk = Talk(
        met=True, doing=f"report {KEY}", at=f"value.{SIGNED}", kept={"figure": "200/218", "edit": "yes"}
    )
    assert "Trước đó" not in office.told(office.turn(incoming("214/218"), talk=talk))


def test_a_line_over_another_figure_says_so_and_one_over_ones_own_does_not(office: Office) -> None:
    office.draft({SIGNED: Value(200, 218)})
    assert "Chỉ tiêu 2 trước đó là 200/218 = 91,74%." in office.asked(MEETINGS, incoming("2: 214/218"))
    talk = Talk(met=True, doing=f"report {KEY}", at=f"value.{MEETINGS}", kept={"own": SIGNED})
    assert "trước đó" not in office.told(office.turn(incoming("2: 215/218"), talk=talk))


def test_taken_back_where_the_figure_was_refused_it_is_the_one_asked_for(office: Office) -> None:
    talk = Talk(met=True, doing=f"report {KEY}", at=f"value.{SIGNED}")
    refused = office.turn(incoming("219/218"), talk=talk)
    office.turn(incoming("ủa nhầm, 214/218"), talk=refused.talk)
    assert office.report.values == {SIGNED: Value(214, 218)}


def test_taken_back_at_the_next_question_it_says_how_to_change_the_one_before(office: Office) -> None:
    talk = Talk(met=True, doing=f"report {KEY}", at=f"value.{MEETINGS}")
    noted = office.turn(incoming("9/11"), talk=talk)
    said = office.told(office.turn(incoming("o nham 8/11"), talk=noted.talk))
    assert "Muốn sửa chỉ tiêu 1 thì gõ “1: 8/11”." in said
    assert office.report.values == {MEETINGS: Value(9, 11)}
