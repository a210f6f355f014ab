"""The document that is signed of an approved report: sent as a file on request, its number and day noted back."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Literal

import msgspec

from handlers import filing, tasks
from handlers.filing import Filing
from handlers.made import Made
from handlers.records.media import MADE, Thing
from handlers.records.reports import Submission
from handlers.rules import document, reporting, roles
from handlers.rules.roles import Standing
from handlers.text import _, as_is, lines
from handlers.turn import UNSEEN, Choice, Turn
from knowledge.folding import fold

DOCUMENT = "document"  # behind "made:"
_OF_REPORTS: tuple[Literal["reporter", "head"], ...] = ("reporter", "head")
KINDS = ("docx", "xlsx")
LONGEST = 24  # letters of a document's number and sign: a button has to hold it
_ASKED = re.compile(
    r"(?:(?:cho|gui|xuat|lay|tai|in|send|get)(?: (?:xin|toi|em|anh|chi|me))? )?(?:lai )?"
    r"(?:(?:tep|file|ban|van ban|word) ?)?(?:(?P<docx>docx|word|van ban|de ky|document)|(?P<xlsx>xlsx|bang so lieu))"
    r"(?: bao cao)?(?: (?P<receipt>[a-z]{1,6} [0-9a-z]{2} [0-9a-z]{3,12}))?"
)
_NUMBERED = re.compile(
    r"\s*(?:(?:số|so|no\.?)\s*)?(?P<number>\d{1,6}\s?/\s?[A-ZĐ][A-ZĐ0-9]{0,9}(?:-[A-ZĐ0-9&.]{1,20}){0,3})"
    r"[\s,;]+(?:(?:ngày|ngay|dated?|on)\s+)?(?P<day>\d{1,2})[/.-](?P<month>\d{1,2})(?:[/.-](?P<year>\d{4}))?\s*\.?\s*",
    re.I,
)


def ways(case: Filing) -> list[Choice]:
    """Give the buttons by which an approved report is asked for as a file."""
    receipt = case.report.receipt
    return [
        Choice(DOCUMENT, _("Word file (DOCX)"), f"{case.key}/docx", _("DOCX {receipt}")(receipt=receipt)),
        Choice(DOCUMENT, _("Excel file (XLSX)"), f"{case.key}/xlsx", _("XLSX {receipt}")(receipt=receipt)),
    ]


def give(turn: Turn, context: str) -> bool:
    """Have an approved report made as a file for somebody of its office."""
    key, _slash, kind = context.partition("/")
    case = filing.find(turn, key) if kind in KINDS else None
    if case is None:
        return False
    if not _may(turn, case):
        turn.say(_("That file is for those who report for {unit}, and for its head."), unit=as_is(case.name))
        return True
    sent = _approved(case)
    if sent is None:
        turn.say(NOT_APPROVED)
        return True
    form = turn.shelf.forms.version(case.form.id, sent.form_version) or case.form
    named = filing.period_name(form, case.period)
    days = {one.id: filing.task_due(turn, case, one) for one in form.tasks}
    made: Made
    if kind == "docx":
        place = turn.shelf.places.commune(case.unit.commune)
        where = place.name if place else ""
        made = document.letter(form, case.name, where, case.period, case.report, sent, named, days)
    else:
        made = document.table(form, case.name, case.period, case.report, sent, named, days)
    turn.make(made, f"{case.report.receipt}-{sent.number}.{kind}", f"{MADE}:{DOCUMENT}:{case.key}")
    turn.note(f"asked for version {sent.number} as {kind}", case.about)
    return True


NOT_APPROVED = _("This report is not approved yet. Once it is, the file to be signed comes here.")


def show(turn: Turn, thing: Thing) -> None:
    """Send a document that was made, where its reader still belongs to the office."""
    case = filing.find(turn, thing.about.split(":", 2)[2])
    if case is None or not _may(turn, case):
        return
    if not (turn.shelf.office.opens or turn.media.shown(thing, turn.person.id)):
        turn.say(UNSEEN, name=thing.name)
        return
    words = lines(
        _("{title}: number, day, recipients and signature are left for you to fill in.")(
            title=filing.title(case)
        ),
        _("Once it is signed, type its number and day, such as “512/BC-UBND 17/11”."),
    )
    if thing.name.endswith(".xlsx"):
        words = _("The figures of {title}, as approved.")(title=filing.title(case))
    turn.say(words, media=thing.code)


def meant(turn: Turn) -> bool:
    """Say whether words ask for the document of a report, or tell its number."""
    asked = _ASKED.fullmatch(fold(turn.text))
    return _NUMBERED.fullmatch(turn.text) is not None or bool(asked and (asked["docx"] or asked["xlsx"]))


def typed_card(turn: Turn) -> bool:
    """Hear "văn bản", "docx UH-11-K4M", and "512/BC-UBND 17/11"."""
    if not turn.staff or filing.at_task(turn) or turn.talk.doing == tasks.FINISHING:
        return False
    if numbered := _NUMBERED.fullmatch(turn.text):
        return _noted(turn, numbered)
    asked = _ASKED.fullmatch(fold(turn.text))
    if asked is None or not (asked["docx"] or asked["xlsx"]):
        return False
    kind = "docx" if asked["docx"] else "xlsx"
    if asked["receipt"]:
        report = turn.reports.by_receipt(asked["receipt"].replace(" ", "-").upper())
        if report is None:
            turn.say(filing.NO_SUCH)
            return True
        return give(turn, f"{filing.key_of(report)}/{kind}")
    cases = _approved_now(turn)
    if not cases:
        if not _own(turn):
            return False
        turn.say(NOT_APPROVED)
    elif len(cases) == 1:
        give(turn, f"{cases[0].key}/{kind}")
    else:
        choices = [Choice(DOCUMENT, filing.short(case, cases), f"{case.key}/{kind}") for case in cases[:4]]
        turn.say(_("Which report?"), choices)
    return True


def _noted(turn: Turn, said: re.Match[str]) -> bool:
    """Keep number and day of the signed document with the report; ask which one where there are several."""
    cases = _approved_now(turn)
    number = re.sub(r"\s", "", said["number"]).upper()
    if not cases or len(number) > LONGEST:
        return False
    today = reporting.local_day(turn.now)
    try:
        day = date(int(said["year"] or today.year), int(said["month"]), int(said["day"]))
        if not said["year"] and day > today:
            day = day.replace(year=day.year - 1)  # in January of a document of December
    except ValueError:
        turn.say(_("There is no such day. Type number and day, such as “512/BC-UBND 17/11”."))
        return True
    if len(cases) > 1:
        choices = [
            Choice("numbered", filing.short(case, cases), f"{case.key}/{number}/{day:%y%m%d}")
            for case in cases[:4]
        ]
        turn.say(_("Document {number}: of which report?"), choices, number=number)
        return True
    _keep(turn, cases[0], number, day)
    return True


def numbered(turn: Turn, context: str) -> bool:
    """Keep number and day of a document with the report that was chosen."""
    found = re.fullmatch(r"([^/]+)/(.+)/(\d\d)(\d\d)(\d\d)", context)
    case = filing.find(turn, found[1]) if found else None
    if found is None or case is None:
        return False
    _keep(turn, case, found[2], date(2000 + int(found[3]), int(found[4]), int(found[5])))
    return True


def _keep(turn: Turn, case: Filing, number: str, day: date) -> None:
    case = filing.hold(turn, case)
    sent = _approved(case)
    if sent is None or not _may(turn, case):
        turn.say(NOT_APPROVED)
        return
    if day > reporting.local_day(turn.now):
        turn.say(_("That day is still to come. Type the number and the day on the document once more."))
        return
    changed = msgspec.structs.replace(sent, document=number, dated=day)
    report = msgspec.structs.replace(case.report, submissions=(*case.report.submissions[:-1], changed))
    turn.reports.save(report)
    turn.note(f"noted document {number} for version {sent.number}", case.about)
    words = _("Document {number} of {day} is kept with {title}, version {n}.")
    if sent.document and sent.document != number:
        words = _("Document {number} of {day} now stands with {title}, version {n}; before it was {before}.")
    turn.say(words, number=number, day=day, title=filing.title(case), n=sent.number, before=sent.document)


def _own(turn: Turn) -> list[Filing]:
    """Give the present reports of the offices in which this person reports or is head."""
    units = {unit.id: unit for kind in ("reporter", "head") for unit in filing.units(turn, kind)}
    return [case for unit in units.values() for case in filing.current(turn, unit)]


def _approved_now(turn: Turn) -> list[Filing]:
    return [case for case in _own(turn) if _approved(case) is not None]


def _approved(case: Filing) -> Submission | None:
    return case.report.latest if case.report.state == "approved" else None


def _may(turn: Turn, case: Filing) -> bool:
    standings: list[Standing] = [kind for kind in _OF_REPORTS if filing.acts(turn, kind, case.unit)]
    if filing.may_judge(turn, case.unit):
        standings.append("head")
    return roles.may("document", standings)


CARDS: dict[str, Callable[[Turn, str], bool]] = {DOCUMENT: give, "numbered": numbered}
