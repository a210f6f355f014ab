"""The document that is signed of an approved report: sent as a file on request, its number and day noted back."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Literal

import msgspec

from handlers import filing, tasks
from handlers.filing import Filing
from handlers.made import Made
from handlers.records.media import MADE, Thing
from handlers.records.reports import Submission
from handlers.rules import document, reporting, roles
from handlers.rules.roles import Standing
from handlers.text import Text, _, as_is, lines
from handlers.turn import UNSEEN, Choice, Turn
from knowledge.folding import fold

DOCUMENT = "document"  # behind "made:"
_OF_REPORTS: tuple[Literal["reporter", "head"], ...] = ("reporter", "head")
KINDS = ("docx", "xlsx")
LATEST = timedelta(days=183)  # after the figures were closed that a day without its year can be
LONGEST = 24  # letters of a document's number and sign: a button has to hold it
_ASKED = re.compile(
    r"(?:(?:cho|gui|xuat|lay|tai|in|send|get)(?: (?:xin|toi|em|anh|chi|me))? )?(?:lai )?"
    r"(?:(?:tep|file|ban|van ban|word) ?)?(?:(?P<docx>docx|word|van ban|de ky|document)|(?P<xlsx>xlsx|bang so lieu))"
    r"(?: bao cao)?(?: (?P<receipt>[a-z]{1,6} [0-9a-z]{2} [0-9a-z]{3,12}))?"
)
_NUMBERED = re.compile(
    r"\s*(?:(?:(?:dạ|da|đã|em|anh|chị|chi|cô|vừa|vua|we|have|i)\s+)*(?:ký|ky|signed)(?:\s+(?:rồi|roi|xong))?[\s,:]+)?"
    r"(?:(?:văn bản|van ban|vb|công văn|cong van|document)\s*)?(?:(?:số|so|no\.?)\s*)?"
    r"(?P<number>\d{1,6}\s?/\s?[A-ZĐ][A-ZĐ0-9]{0,9}(?:-[A-ZĐ0-9&.]{1,20}){0,3})"
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
        _("Document of {title}: number, day, recipients and signature are for you to fill in.")(
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
    if len(number) > LONGEST or not (cases or _own(turn)):
        return False
    if not cases:
        turn.say(NOT_APPROVED)
        return True
    days = [_day_of(case, said) for case in cases]
    if None in days:
        turn.say(_("There is no such day. Type number and day, such as “512/BC-UBND 17/11”."))
        return True
    dated = [(case, day) for case, day in zip(cases, days, strict=True) if day is not None]
    if len(cases) > 1:
        choices = [
            Choice("numbered", filing.short(case, cases), f"{case.key}/{number}/{day:%y%m%d}")
            for case, day in dated[:4]
        ]
        turn.say(_("Document {number}: of which report?"), choices, number=number)
        return True
    _keep(turn, *dated[0], number)
    return True


def _day_of(case: Filing, said: re.Match[str]) -> date | None:
    """Give the day on a document; without a year it is the first such day since the figures were closed.

    None where there is no such day.
    """
    closed = case.period.cutoff
    years = [int(said["year"])] if said["year"] else range(closed.year, closed.year + 9)
    for year in years:
        try:
            day = date(year, int(said["month"]), int(said["day"]))
        except ValueError:
            continue  # 29/2 of a year that has none
        if said["year"] or day >= closed:
            return _just_before(day, closed) if not said["year"] else day
    return None


def _just_before(day: date, closed: date) -> date:
    """Give the year before for a day that would be long after: 5/11 of figures closed on 14/11 is too early."""
    if day <= closed + LATEST:
        return day
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return day  # 29/2


def numbered(turn: Turn, context: str) -> bool:
    """Keep number and day of a document with the report that was chosen."""
    found = re.fullmatch(r"([^/]+)/(.+)/(\d\d)(\d\d)(\d\d)", context)
    case = filing.find(turn, found[1]) if found else None
    if found is None or case is None:
        return False
    _keep(turn, case, date(2000 + int(found[3]), int(found[4]), int(found[5])), found[2])
    return True


def _keep(turn: Turn, case: Filing, day: date, number: str) -> None:
    case = filing.hold(turn, case)
    sent = _approved(case)
    if sent is None or not _may(turn, case):
        turn.say(NOT_APPROVED)
        return
    if day > reporting.local_day(turn.now):
        turn.say(_("That day is still to come. Type the number and the day on the document once more."))
        return
    if day < case.period.cutoff:
        turn.say(
            _(
                "The document says {day}, before the figures were closed on {closed}. Type number and day again."
            ),
            day=day,
            closed=case.period.cutoff,
        )
        return
    changed = msgspec.structs.replace(sent, document=number, dated=day)
    report = msgspec.structs.replace(case.report, submissions=(*case.report.submissions[:-1], changed))
    turn.reports.save(report)
    turn.note(f"noted document {number} for version {sent.number}", case.about)
    words = _("Document {number} of {day} is kept with {title}, version {n}.")
    if sent.document and sent.document != number:
        words = _("Document {number} of {day} now stands with {title}, version {n}; before it was {before}.")
    kept = words(number=number, day=day, title=filing.title(case), n=sent.number, before=sent.document)
    turn.say(filing.beside(kept, _finished(turn, case)) if not sent.document else kept)


def _finished(turn: Turn, case: Filing) -> Text | None:
    """Say that nothing of a unit's period is left; None while one of its reports has no document."""
    others = [one for one in filing.current(turn, case.unit) if one.key != case.key]
    if any((sent := _approved(one)) is None or not sent.document for one in others):
        return None
    if case.name.startswith("xã "):
        return _("The commune's period is done.")
    return _("This period of {unit} is done.")(unit=as_is(case.name))


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
