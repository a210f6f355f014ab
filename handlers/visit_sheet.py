"""A sheet of visits entered at once: several lines in one message, read back with their numbers, kept together.

Each line is read as `visits.py` reads a single one.  What is wrong is mended by its number and the rest stays;
nothing is kept before every line is understood.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

import msgspec

from handlers import answers, card, forms, steps, visits
from handlers.forms import Checked, Form, Pick, Question
from handlers.records.visits import Visit
from handlers.rules import visit_sheet
from handlers.rules.reporting import local_day
from handlers.rules.visit_sheet import Row
from handlers.text import Text, _, as_is, lines
from handlers.turn import Choice, Turn
from knowledge.folding import fold

MOST = 20  # lines at once: a message that is read back has an end
LONGEST = 200  # letters of a line
SHOWN = 60  # of them, where a line is not understood

KEEP, NEW_ONES, ALL, DROP = (
    Choice("keep", _("Right, keep them")),
    Choice("keep-new", _("Keep the new ones only")),
    Choice("keep-all", _("Keep all of them")),
    Choice("drop", _("Do not keep it")),
)
_BEGIN = re.compile(
    r"(?:ghi|nhap) (?:ca )?(?:to|bang)(?: so)?(?: tham)?(?: nha| ho)?|(?:ghi|nhap) nhieu dong"
    r"|enter (?:a |the |my )?sheet"
)


class Entry(msgspec.Struct, frozen=True):
    """A line of the sheet: the visit that it tells of, or what is wrong with it."""

    line: str
    visit: Visit | None = None
    wrong: Text | None = None
    like: Text | None = None  # what says the same already


def meant(turn: Turn) -> bool:
    """Say whether words are a sheet of visits, or begin one."""
    return bool(_BEGIN.fullmatch(fold(turn.text)) or visit_sheet.told(turn.text, local_day(turn.sent)))


def typed_card(turn: Turn) -> bool:
    """Hear several lines about visits, and "nhập tờ sổ thăm"; False for other words."""
    free = (
        not turn.talk.doing.startswith(("form ", "report", "announce"))
        or turn.talk.doing == visits.VISIT.doing
    )
    if not turn.staff or not free:
        return False
    today = local_day(turn.sent)
    begins = _BEGIN.fullmatch(fold(turn.text))
    if not begins and not visit_sheet.told(turn.text, today):
        return False
    if not visits.units(turn):
        if begins:
            turn.say(visits.NOT_YOURS)
        return bool(begins)
    if turn.talk.doing == visits.VISIT.doing:
        turn.end()
    turn.hold(SHEET.doing, "")
    if not begins:
        _put(turn, visit_sheet.lines_of(turn.text, today))
    forms.ask_next(turn, SHEET)
    return True


# --- what is kept meanwhile ---


def _put(turn: Turn, found: Sequence[str]) -> None:
    kept = {"told": local_day(turn.sent).isoformat(), **turn.talk.kept}
    kept |= {
        "lines": "\n".join(line[:LONGEST] for line in found[:MOST]),
        "left": str(max(0, len(found) - MOST)),
    }
    turn.change(kept=kept)


def _lines(turn: Turn) -> list[str]:
    return [line for line in turn.talk.kept.get("lines", "").split("\n") if line]


def _today(turn: Turn) -> date:
    told = turn.talk.kept.get("told", "")
    return date.fromisoformat(told) if told else local_day(turn.sent)


def _entries(turn: Turn) -> list[Entry]:
    """Read every line, and say which of them are told already."""
    own = visits.units(turn)
    names = [village.name for unit in own for village in unit.covers]
    known: dict[tuple[int, date], list[tuple[object, Text]]] = {}
    found: list[Entry] = []
    for number, row in enumerate(visit_sheet.rows(_lines(turn), _today(turn), names), 1):
        entry = _entry(turn, row)
        if visit := entry.visit:
            there = (visit.unit, visit.day)
            if there not in known:
                known[there] = [(_same(old), _told_at(turn, old)) for old in turn.visits.on(*there)]
            like = next((said for same, said in known[there] if same == _same(visit)), None)
            known[there].append((_same(visit), _("the same as line {n}")(n=number)))
            entry = msgspec.structs.replace(entry, like=like)
        found.append(entry)
    return found


def _same(visit: Visit) -> object:
    """Give what two lines have in common that tell of the same."""
    return visit.village, frozenset(visit.counts)


def _told_at(turn: Turn, visit: Visit) -> Text:
    day = card.on_day(local_day(visit.at), turn.lang) if visit.at else as_is("")
    return _("in the log already, told on {day}")(day=day)


def _entry(turn: Turn, row: Row) -> Entry:
    own = visits.units(turn)
    unit = visits.unit_for(own, row.read.place)
    village = visits.village_for(unit, row.read) if unit else ""
    wrong: Text | None = None
    if row.read.fault:
        wrong = visits.FAULTS[row.read.fault]
    elif row.undated:
        wrong = _("It is not clear on which day.")
    elif row.read.doubt:
        wrong = _("Is who had a need one of the others (“of them 1”), or besides (“1 more”)?")
    elif unit is None:
        wrong = _("It is not clear for which team: name the village.")
    elif not village and len(unit.covers) > 1:
        wrong = _("It is not clear in which village.")
    if wrong is not None or unit is None:
        return Entry(row.line, wrong=wrong)
    return Entry(
        row.line,
        Visit(
            unit=unit.id,
            village=village,
            day=row.read.day or _today(turn),
            counts=row.read.counts,
            minutes=row.read.minutes,
            by=turn.person.id,
        ),
    )


# --- read back ---


def _read_back(turn: Turn) -> Text:
    entries = _entries(turn)
    wrong = [number for number, entry in enumerate(entries, 1) if entry.wrong]
    told = [_("The sheet, {n} lines:")(n=len(entries))]
    told += [_shown(turn, number, entry) for number, entry in enumerate(entries, 1)]
    if left := int(turn.talk.kept.get("left", "0")):
        told.append(
            _("{n} more lines were not read: {most} at once. Send them afterwards.")(n=left, most=MOST)
        )
    if wrong:
        told.append(_("Type the number and what is right, such as “{n} {example}”, or “remove {n}”.")(
            n=wrong[0], example=_("yesterday 5 households insurance 90 minutes")
        ))  # fmt: skip
    elif any(entry.like for entry in entries):
        told.append(_("What is there already is not kept twice, unless you choose so."))
    else:
        told.append(_("Is all of it right? To change a line type its number and the whole line anew."))
    return lines(*told)


def _shown(turn: Turn, number: int, entry: Entry) -> Text:
    visit = entry.visit
    if visit is None:
        short = entry.line if len(entry.line) <= SHOWN else f"{entry.line[: SHOWN - 1]}…"
        return _("{n}. **Not clear** “{line}”: {why}")(n=number, line=as_is(short), why=entry.wrong)
    unit = turn.people.unit(visit.unit)
    what = visits.totals(visit.counts)
    for topic, count in visits.matters(visit):
        what = _("{before}, {more}")(before=what, more=_("{what} {n}")(what=visits.label_of(topic), n=count))
    if visit.minutes is not None:
        what = _("{before}, {more}")(before=what, more=_("{n} minutes")(n=visit.minutes))
    told = _("{n}. {day}, {place}: {what}")(
        n=number,
        day=as_is(f"{visit.day:%d/%m}"),
        place=as_is(visit.village or (unit.name if unit else "")),
        what=what,
    )
    return _("{line} ({like})")(line=told, like=entry.like) if entry.like else told


def _choices(turn: Turn) -> list[Choice]:
    entries = _entries(turn)
    if any(entry.wrong for entry in entries) or not entries:
        return [DROP]
    if any(entry.like for entry in entries):
        some = [NEW_ONES] if any(entry.like is None for entry in entries) else []
        return [*some, ALL, DROP]
    return [KEEP, DROP]


def _some_lines(turn: Turn, text: str) -> Checked:
    found = visit_sheet.lines_of(turn.text, _today(turn))
    if not any(row.read.counts for row in visit_sheet.rows(found, _today(turn), [])):
        return None
    _put(turn, found)
    return turn.talk.kept["lines"]


def _sure(turn: Turn, text: str) -> Checked:
    """Accept a choice; whatever changes a line is read back with all others."""
    if not visits.units(turn):
        return KEEP.name  # whose role has ended meanwhile hears so
    offered = {choice.name for choice in _choices(turn)}
    changes = (
        None if text.strip(" .)").isdigit() else visit_sheet.changed(_lines(turn), turn.text, _today(turn))
    )
    if changes is not None:
        _put(turn, changes)
        if not changes:
            return DROP.name
        return Pick(_read_back(turn), tuple(_choices(turn)))
    answer = forms.one_of(*offered)(turn, text)
    if answer is None and answers.yes(turn):
        answer = KEEP.name if KEEP.name in offered else None
    return DROP.name if answer is None and answers.no(turn) else answer


def _done(turn: Turn) -> None:
    entries, sure = _entries(turn), turn.talk.kept["sure"]
    units = {unit.id for unit in visits.units(turn)}
    turn.end()
    if sure == DROP.name:
        turn.say(_("All right, nothing was kept."))
    elif not units or not units.issuperset(entry.visit.unit for entry in entries if entry.visit):
        turn.say(visits.NOT_YOURS)
    else:
        _keep(
            turn, [entry.visit for entry in entries if entry.visit and not (entry.like and sure != ALL.name)]
        )
    if steps.under_way(turn):
        steps.again(turn, _("Back to where we were:"))


def _keep(turn: Turn, told: list[Visit]) -> None:
    first = 0
    for visit in told:
        number = turn.visits.keep(msgspec.structs.replace(visit, sheet=first))
        turn.note("told", f"visit:{number}")
        first = first or number
    turn.say(
        lines(
            _("Kept, {n} lines: {totals}.")(n=len(told), totals=visits.totals(visits.summed(told))),
            _(
                "Was that wrong? Type “take back my last visit”; the sheet or its last line, that is asked then."
            )
            if len(told) > 1
            else _("Was that wrong? Type “take back my last visit”."),
        ),
        kind="receipt",
    )


SHEET = Form(
    "visit-sheet",
    (
        Question(
            "lines",
            ask=lambda turn: _(
                "Type the whole sheet in one message, each row on a line of its own: day, village, what, how long."
            ),
            check=_some_lines,
            otherwise=visits.FAULTS["nothing"],
        ),
        Question(
            "sure", ask=_read_back, check=_sure, otherwise=_("Please choose one of these."), choices=_choices
        ),
    ),
    _done,
)
FORMS = (SHEET,)
