"""The two files of a report: one proves what was sent, one is signed in the document system."""

from __future__ import annotations

import csv
import hashlib
import io
from datetime import UTC, date, datetime

import msgspec
import pytest

from handlers.records.reports import Report, Submission
from handlers.rules import periods
from handlers.rules.exporting import proof, sheet
from handlers.rules.validation import NO_DATA, Value, fingerprint
from knowledge.form_files import load_forms

FORM = load_forms()["monthly"]
PERIOD = periods.period_of(FORM, date(2026, 11, 14))
UNIT = "xã Ứng Hòa, Hà Nội"
SENT = datetime(2026, 11, 16, 1, 21, tzinfo=UTC)


def sent_with(reason: str = "thu tiền vệ sinh qua mã QR", meetings: int = 9) -> tuple[Report, Submission]:
    figures = {
        "paperless-meetings": Value(meetings, 11),
        "signed-documents": Value(214, 218),
        "official-email": NO_DATA,
        "online-transactions": Value(1284, reason=reason),
    }
    sha256 = fingerprint(FORM, UNIT, PERIOD, figures)
    sent = Submission(number=2, form_version=FORM.version, values=figures, sha256=sha256, at=SENT, by=7)
    report = Report(unit=3, form="monthly", period="2026-11", receipt="UH-11-K4M", submissions=(sent,))
    return report, sent


def test_anyone_can_compute_the_sum_from_the_content_of_the_file() -> None:
    report, sent = sent_with()
    file = proof(FORM, UNIT, PERIOD, report, sent)
    said = msgspec.json.decode(file.content)
    content = msgspec.json.encode(said["content"], order="sorted")
    assert hashlib.sha256(content).hexdigest() == said["sha256"] == sent.sha256
    assert (said["receipt"], said["version"]) == ("UH-11-K4M", 2)


def test_another_figure_gives_another_sum() -> None:
    assert sent_with()[1].sha256 != sent_with(meetings=10)[1].sha256


def rows_of(report: Report, sent: Submission) -> list[list[str]]:
    content = sheet(FORM, UNIT, PERIOD, report, sent, "anh Lâm").content.decode("utf-8-sig")
    return list(csv.reader(io.StringIO(content)))


def test_the_sheet_shows_each_number_beside_its_question_as_vietnamese_programs_read_it() -> None:
    rows = rows_of(*sent_with())
    assert ["1", "Số cuộc họp không giấy tờ", "Kỳ này có bao nhiêu cuộc họp không giấy tờ?", "9", ""] in rows
    assert ["", "", "%", "98,17%", ""] in rows
    assert [row[3] for row in rows if row and row[0] == "5"] == ["1.284"]
    assert [row[3] for row in rows if row and row[0] == "4"] == [""]


def test_the_sheet_says_who_approved_and_when() -> None:
    report, sent = sent_with()
    decided = msgspec.structs.replace(sent, decided=datetime(2026, 11, 17, 1, 28, tzinfo=UTC))
    assert ["anh Lâm", "08:28 17/11/2026"] in rows_of(report, decided)


@pytest.mark.parametrize("reason", ["=HYPERLINK(1)", "+84 và hai việc", "@SUM(A1)", "-1 việc"])
def test_no_reason_is_taken_for_a_formula(reason: str) -> None:
    cells = [row[4] for row in rows_of(*sent_with(reason)) if len(row) > 4 and row[0] == "5"]
    assert cells == [f"'{reason}"]


def test_the_files_say_why_a_version_follows_another_beside_its_content() -> None:
    report, sent = sent_with()
    corrected = msgspec.structs.replace(sent, corrected="đếm nhầm thôn 3")
    assert ["UH-11-K4M / 2", "08:21 16/11/2026", "đếm nhầm thôn 3"] in rows_of(report, corrected)
    said = msgspec.json.decode(proof(FORM, UNIT, PERIOD, report, corrected).content)
    assert said["corrected"] == "đếm nhầm thôn 3"
    assert said["content"] == msgspec.json.decode(proof(FORM, UNIT, PERIOD, report, sent).content)["content"]
