"""What a cadre's words say of a task of a form, by when it is due, and what a receipt covers of it."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime

import docx
import msgspec
import pytest

from bot import making
from bot.wording import Wording
from handlers.made import Made
from handlers.records.reports import Report, Submission
from handlers.rules import document, exporting, form_tasks, periods, template, validation
from handlers.rules.form_tasks import TaskState, read
from handlers.rules.template import Mark, Table, TaskRows, Typed, heard
from handlers.rules.validation import Value
from handlers.text import Text, _, as_is
from knowledge.calendar import Calendar
from knowledge.form_files import load_forms
from knowledge.forms import TaskDue

FORM = load_forms()["campaign"]
PERIOD = periods.period_of(FORM, date(2026, 11, 10))

SAID = [
    ("xong", "done", ""),
    ("Xong rồi", "done", ""),
    ("xong roi a", "done", ""),
    ("dạ xong rồi ạ", "done", ""),
    ("da xong", "done", ""),
    ("em làm xong rồi", "done", ""),
    ("xong, 12/KH-UBND", "done", "12/KH-UBND"),
    ("xong 12/KH-UBND ngày 14/11", "done", "12/KH-UBND ngày 14/11"),
    ("xong (12/KH-UBND)", "done", "12/KH-UBND"),
    ("xong việc: đã gửi danh sách lên nhóm", "done", "đã gửi danh sách lên nhóm"),
    ("hoàn thành", "done", ""),
    ("12/KH-UBND", "done", "12/KH-UBND"),
    ("số 12/KH-UBND ngày 14/11/2026", "done", "số 12/KH-UBND ngày 14/11/2026"),
    ("đã họp sáng thứ hai, có biên bản", "done", "đã họp sáng thứ hai, có biên bản"),
    ("done", "done", ""),
    ("Done: minutes 4/BB", "done", "minutes 4/BB"),
    ("task done", "done", ""),
    ("đang làm", "doing", ""),
    ("vẫn đang làm", "doing", ""),
    ("dang lam do", "doing", ""),
    ("em đang làm, còn chờ thôn Đoài", "doing", "còn chờ thôn Đoài"),
    ("chưa xong", "doing", ""),
    ("under way", "doing", ""),
    ("in progress, waiting for two villages", "doing", "waiting for two villages"),
    ("chưa", "todo", ""),
    ("chưa làm", "todo", ""),
    ("chua lam gi", "todo", ""),
    ("dạ chưa ạ", "todo", ""),
    ("chưa làm vì mưa to", "todo", "vì mưa to"),
    ("not begun", "todo", ""),
    ("not yet", "todo", ""),
]


@pytest.mark.parametrize(("text", "stage", "said"), SAID)
def test_words_say_how_far_a_task_is_and_what_came_of_it(text: str, stage: str, said: str) -> None:
    assert read(text) == TaskState(stage, said)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text", ["", "việc này là gì", "đã có mẫu chưa?", "412", "24/30", "mai", "chuyển cho anh Sơn", "xongg"]
)
def test_other_words_say_nothing_of_a_task(text: str) -> None:
    assert read(text) is None


@pytest.mark.parametrize(
    ("rule", "day"),
    [
        (TaskDue(working_days=0), "2026-11-16"),
        (TaskDue(working_days=-1), "2026-11-13"),  # the Friday before
        (TaskDue(working_days=2), "2026-11-18"),
        (TaskDue(day=date(2026, 12, 5)), "2026-12-05"),
    ],
)
def test_a_task_is_due_on_its_day_or_so_many_working_days_from_the_report(rule: TaskDue, day: str) -> None:
    task = msgspec.structs.replace(FORM.tasks[0], due=rule)
    assert form_tasks.due(task, date(2026, 11, 16), Calendar.load()).isoformat() == day


def test_a_task_of_which_nothing_was_told_keeps_a_report_from_being_complete() -> None:
    told = {"campaign-plan": TaskState("done"), "campaign-stuck": TaskState("todo")}
    assert [one.id for one in form_tasks.missing(FORM, told)] == ["campaign-meeting"]
    assert form_tasks.missing(FORM, told | {"campaign-meeting": TaskState("doing")}) == []


def test_the_receipt_covers_tasks_and_is_as_before_where_there_are_none() -> None:
    values = {"campaign-sessions": Value(6, 30)}

    def seal(**tasks: TaskState) -> str:
        return validation.fingerprint(FORM, "xã Ứng Hòa", PERIOD, values, tasks)

    assert seal() == validation.fingerprint(FORM, "xã Ứng Hòa", PERIOD, values)
    assert seal(plan=TaskState("done", "12/KH")) == seal(plan=TaskState("done", " 12/KH "))
    sums = {seal(), seal(plan=TaskState("done", "12/KH")), seal(plan=TaskState("doing", "12/KH"))}
    assert len(sums | {seal(plan=TaskState("done", "13/KH"))}) == 4


# --- in files ---

STATES = {
    "campaign-plan": TaskState("done", "12/KH-UBND"),
    "campaign-stuck": TaskState("doing", "còn chờ thôn Đoài"),
    "campaign-meeting": TaskState("todo"),
}
DUE = {"campaign-plan": date(2026, 11, 13), "campaign-meeting": date(2026, 11, 17)}
SENT = Submission(
    number=1,
    form_version=1,
    values={},
    tasks=STATES,
    sha256=validation.fingerprint(FORM, "xã Ứng Hòa", PERIOD, {}, STATES),
    at=datetime(2026, 11, 16, 1, 21, tzinfo=UTC),
    by=7,
)
REPORT = Report(unit=3, form="campaign", period=PERIOD.code, receipt="UH-46-K4M", submissions=(SENT,))
NAMED = _("week {n}/{year}")(n="46", year="2026")
ROW = ["5", "Lịch ra quân tuần tới", "Lịch có ngày, nơi và người phụ trách từng buổi.", "13/11/2026",
       "cán bộ báo cáo", "xong (12/KH-UBND)"]  # fmt: skip


def worded(text: Text) -> str:
    return Wording().word(text, "vi")


def made(order: Made) -> bytes:
    return making.file(making.ordered(order, worded))


def test_the_document_that_is_signed_has_a_table_of_tasks_with_owner_product_due_and_state() -> None:
    letter = document.letter(FORM, "xã Ứng Hòa", "Ứng Hòa", PERIOD, REPORT, SENT, NAMED, DUE)
    tables = docx.Document(io.BytesIO(made(letter))).tables
    rows = [[cell.text for cell in row.cells] for row in tables[2].rows]
    assert rows[0] == ["TT", "Việc", "Sản phẩm", "Thời hạn", "Người làm", "Trạng thái"]
    assert rows[1] == ROW
    assert [row[5] for row in rows[2:]] == ["đang làm (còn chờ thôn Đoài)", "chưa làm"]
    assert [row[3] for row in rows[2:]] == ["", "17/11/2026"]
    assert rows[3][4] == "lãnh đạo"


def test_the_table_of_figures_has_the_tasks_below_them() -> None:
    sheet = document.table(FORM, "xã Ứng Hòa", PERIOD, REPORT, SENT, NAMED, DUE)
    rows = [
        [str(cell.words) if isinstance(cell.words, str) else worded(cell.words) for cell in row]
        for row in sheet.rows
    ]
    assert ROW in rows
    assert len(sheet.widths) == len(ROW)
    assert made(sheet).startswith(b"PK")


def test_the_proof_of_what_was_sent_has_the_tasks_and_their_sum() -> None:
    proof = msgspec.json.decode(exporting.proof(FORM, "xã Ứng Hòa", PERIOD, REPORT, SENT).content)
    assert proof["content"]["tasks"]["campaign-plan"] == ["done", "12/KH-UBND"]
    assert proof["sha256"] == validation.fingerprint(FORM, "xã Ứng Hòa", PERIOD, {}, STATES)
    sheet = exporting.sheet(FORM, "xã Ứng Hòa", PERIOD, REPORT, SENT, "").content.decode("utf-8-sig")
    assert '5,Lịch ra quân tuần tới,"Lịch có ngày, nơi và người phụ trách từng buổi.",✓,12/KH-UBND' in sheet


def blank(lang: str = "vi", states: dict[str, TaskState] | None = None) -> Table:
    """Give the cells of a fresh template."""
    mark = Mark(3, "campaign", 1, PERIOD.code)
    sheet = template.blank(
        FORM, mark, (as_is("Báo cáo"), as_is("xã")), {}, {}, lang, TaskRows(states or {}, STATES, DUE)
    )
    word = Wording().word
    cells = {}
    for number, row in enumerate(sheet.rows, start=1):
        for place, cell in enumerate(row):
            words = cell.words if isinstance(cell.words, str) else word(cell.words, lang)
            if words:
                cells[f"{chr(65 + place)}{number}"] = Typed(words)
    return Table(cells)


def filled(fresh: Table, **cells: str) -> template.Filled:
    typed = {name: Typed(words) for name, words in cells.items()}
    return heard(FORM, Table({**fresh.cells, **typed}), lambda one: None, lambda one, value: None)


# What was typed into the rows of the tasks (14 to 16), what was understood, which cell is told of.
ROWS = [
    ({}, {}, []),
    ({"C14": "xong", "F14": "13/KH"}, {"campaign-plan": TaskState("done", "13/KH")}, []),
    ({"C14": "xong 13/KH"}, {"campaign-plan": TaskState("done", "13/KH")}, []),
    ({"F14": "13/KH-UBND"}, {"campaign-plan": TaskState("done", "13/KH-UBND")}, []),
    ({"C15": "đang làm", "F15": "chờ thôn"}, {"campaign-stuck": TaskState("doing", "chờ thôn")}, []),
    ({"C15": "Under way", "C16": "chưa"},
     {"campaign-stuck": TaskState("doing"), "campaign-meeting": TaskState("todo")}, []),
    ({"C15": "một nửa", "C16": "done"}, {"campaign-meeting": TaskState("done")}, ["C15"]),
    ({"F15": "thôn Đoài"}, {}, ["C15"]),
    ({"C15": "=A1"}, {}, ["C15"]),
    ({"C16": "xong", "B16": "việc khác"}, {}, ["A16"]),
]  # fmt: skip


@pytest.mark.parametrize("lang", ["vi", "en"])
@pytest.mark.parametrize(("cells", "told", "faults"), ROWS)
def test_the_template_has_a_row_for_each_task_and_gives_it_back(
    cells: dict[str, str], told: dict[str, TaskState], faults: list[str], lang: str
) -> None:
    fresh = blank(lang)
    assert [fresh.cells[f"A{row}"].text for row in (14, 15, 16)] == ["5", "6", "7"]
    got = filled(fresh, **cells)
    assert (got.tasks, [fault.cell for fault in got.faults], got.values) == (told, faults, {})


def test_what_was_told_before_stands_in_the_template_and_says_nothing_new() -> None:
    fresh = blank(states=STATES)
    assert (fresh.cells["C14"].text, fresh.cells["F14"].text) == ("xong", "12/KH-UBND")
    assert fresh.cells["E16"].text == "chưa làm"
    assert fresh.cells["G14"].text.startswith("Lịch có ngày, nơi")
    assert filled(fresh).tasks == {}
    assert filled(fresh, F14="14/KH").tasks == {"campaign-plan": TaskState("done", "14/KH")}
