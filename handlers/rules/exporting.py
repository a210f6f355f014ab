"""A report as a file: one that proves what was sent, and one to be signed in the document system.

Every word in them is the form's own, in the language of the office.
"""

from __future__ import annotations

import csv
import io

import msgspec

from handlers.records.reports import Report, Submission
from handlers.rules.figures import grouped, percentage
from handlers.rules.form_tasks import Stage
from handlers.rules.periods import Period
from handlers.rules.reporting import VIETNAM
from handlers.rules.validation import contents, exact
from handlers.talk import File
from knowledge.forms import Form, Indicator

SIGNS: dict[Stage, str] = {"todo": "–", "doing": "…", "done": "✓"}  # how far a task is
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a table program would compute what begins so


def proof(form: Form, unit: str, period: Period, report: Report, sent: Submission) -> File:
    """Give the content as sent, with its SHA-256: `content`, keys sorted and without spaces, has that sum."""
    content = contents(form.id, sent.form_version, unit, period, sent.values, sent.tasks)
    whole = {
        "receipt": report.receipt,
        "version": sent.number,
        "sent": sent.at,
        **({"corrected": sent.corrected} if sent.corrected else {}),
        "sha256": sent.sha256,
        "content": content,
    }
    encoded = msgspec.json.encode(whole, order="sorted")
    return File(
        f"{report.receipt}-{sent.number}.json", "application/json", msgspec.json.format(encoded, indent=2)
    )


def sheet(form: Form, unit: str, period: Period, report: Report, sent: Submission, approved_by: str) -> File:
    """Give the report as a table for the office's own programs, each number beside the question it answers."""
    rows: list[list[str]] = [
        [form.title.vi],
        [unit, f"{period.start:%d/%m/%Y} – {period.cutoff:%d/%m/%Y}"],
        [
            f"{report.receipt} / {sent.number}",
            f"{sent.at.astimezone(VIETNAM):%H:%M %d/%m/%Y}",
            *([sent.corrected] if sent.corrected else []),
        ],
    ]
    if sent.decided is not None:
        rows.append([approved_by, f"{sent.decided.astimezone(VIETNAM):%H:%M %d/%m/%Y}"])
    rows += [["SHA-256", sent.sha256], []]
    for one in form.indicators:
        rows += _rows(one, sent)
    for task in form.tasks:
        state = sent.tasks.get(task.id)
        told = [SIGNS[state.stage], state.said] if state else ["", ""]
        rows.append([str(task.number), task.name.vi, task.product.vi, *told])
    written = io.StringIO(newline="")
    csv.writer(written, lineterminator="\r\n").writerows([plain(cell) for cell in row] for row in rows)
    # The mark at the beginning tells table programs that this is UTF-8.
    return File(f"{report.receipt}-{sent.number}.csv", "text/csv", written.getvalue().encode("utf-8-sig"))


def _rows(one: Indicator, sent: Submission) -> list[list[str]]:
    value = sent.values.get(one.id)
    number = "" if value is None or value.value is None else grouped(exact(one, value.value), "vi")
    reason = value.reason if value else ""
    rows = [[str(one.number), one.name.vi, one.ask.vi, number, reason]]
    if value is not None and value.value is not None and value.of is not None and one.ask_of:
        rows.append(["", "", one.ask_of.vi, grouped(value.of, "vi"), ""])
        if one.shape == "ratio":
            rows.append(["", "", "%", percentage(value.value, value.of, "vi"), ""])
    return rows


def plain(cell: str) -> str:
    """Give a cell that table programs show as it is, and compute nothing from."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell
