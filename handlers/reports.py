"""The officer's side of the monthly report: figure by figure in chat, corrected, sent, received."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal

import msgspec

from handlers import answers, approvals, filing, reminders, report_counts, schedule, steps
from handlers.filing import Filing, beside, lines
from handlers.records.reports import Submission
from handlers.rules import entry, figures, periods, reporting, validation
from handlers.rules.entry import Half
from handlers.rules.figures import Ambiguous, Figure, Problem
from handlers.rules.template import Filled
from handlers.rules.validation import Value
from handlers.text import Text, _, as_is
from handlers.turn import Choice, Turn
from knowledge.folding import fold
from knowledge.forms import Indicator

DOING = filing.DOING
TOLD = 4  # lines that were not understood, of many at once
MARK = 8  # letters of the fingerprint in a "send" button

MEANING = Choice("meaning", _("How to count"))
NONE = Choice("none", _("No data yet"))
SKIP = Choice("skip", _("Skip for now"))
LEAVE = Choice("leave", _("Leave it as it is"))
NEW, TOTAL = Choice("new", _("New in the period")), Choice("total", _("The total"))
EDIT, DRAFT = Choice("edit", _("Correct one figure")), Choice("draft", _("Keep as a draft"))

_SAID = {
    "meaning": {"nghia", "nghia la gi", "la gi", "y nghia", "dinh nghia", "cach dem", "cach tinh", "dem the nao",
                "tinh the nao", "meaning", "what does it mean", "definition", "how to count"},
    "skip": {"bo qua", "qua", "cau sau", "lam sau", "skip", "next"},
    "leave": {"giu nguyen", "de nguyen", "khong sua", "leave it"},
}  # fmt: skip
_COUNTING = re.compile(
    r"\b(?:tinh|dem|gom|ke ca|mau so|tu so|count|counted|counts|include|includes|including|whole)\b"
)
_CORRECT = re.compile(
    r"(?:b|sua|sua lai|doi|correct|change|edit|fix)(?: (?:chi tieu|chi so|so|muc|indicator|number|no))? (\d{1,2})"
)
_AGREED = re.compile(
    r"(?:đúng rồi|đúng|dung roi|dung|vâng|vang|dạ|da|ừ|ok|yes|right|correct)(?:\s*[,.:;]\s*|\s*$)", re.I
)
_NOT_NOW = re.compile(  # "đang họp, để chiều làm"
    r"(?:.{0,60} )?(?:lat nua|lat|chieu nay|chieu|sang mai|ngay mai|mai|hom sau|luc khac)"
    r"(?: (?:em|chi|anh|minh))?(?: se)? (?:lam|gui|nhap|bo sung)(?: (?:tiep|sau|nhe|a|nha|not))*"
)
_LETTERED = re.compile(r"\s*([abAB])\b\s*([,.;:)])?\s*(.*)", re.S)
_CORRECTS = {"sua", "sua lai", "dinh chinh", "correct", "fix"}
_CORRECTION = {"dinh chinh", "dinh chinh bao cao", "sua bao cao", "correct the report", "correction"}


# --- the ways in ---


def begin(turn: Turn) -> bool:
    """Begin or resume the report of the unit this person reports for; False where there is none."""
    units = filing.units(turn, "reporter")
    if not units:
        return situation(turn)
    cases = _mine(turn)
    if not cases:
        turn.say(_("No report is asked for now."))
        return True
    if len(cases) == 1:
        _open_owed(turn, cases[0])
        return True
    _enter(turn, DOING)
    turn.asks(DOING, "unit")
    choices = [Choice("file-report", filing.short(case, cases), case.key) for case in cases[:4]]
    one_form = len({case.form.id for case in cases}) == 1
    turn.say(_("Which unit's report?") if one_form else _("Which report?"), choices)
    return True


def _mine(turn: Turn) -> list[Filing]:
    """Give the reports that this person's units owe now."""
    return [case for unit in filing.units(turn, "reporter") for case in filing.current(turn, unit)]


def situation(turn: Turn) -> bool:
    """Tell a head what waits; False where the person heads nothing."""
    return approvals.situation(turn)


def file_report(turn: Turn, context: str) -> bool:
    """Open the report a button belongs to, now or long after."""
    case = filing.find(turn, context)
    if case is None:
        return False
    _open(turn, case)
    return True


def correct(turn: Turn, context: str) -> bool:
    """Take a sent report back for correction; what was sent stays readable."""
    case = filing.find(turn, context)
    if case is None:
        return False
    if not _reports_for(turn, case):
        return True
    case = filing.hold(turn, case)
    if case.report.state == "approved":
        turn.say(
            _("This report is approved. Ask {who} to return it; then it can be corrected and sent again."),
            who=filing.who(turn, _latest(case).decided_by),
        )
        return True
    if case.report.state == "submitted":
        report = turn.reports.save(msgspec.structs.replace(case.report, state="draft"))
        case = filing.standing(case, report)
        turn.note(f"taken back version {_latest(case).number}", case.about)
        approvals.taken_back(turn, case)
    _open(turn, case)
    return True


def typed_card(turn: Turn) -> bool:
    """Hear what stands for a button of a report where there are none: "đính chính", "duyệt UH-11-K4M"."""
    if not turn.staff:
        return False
    if fold(turn.text) in _CORRECTION:
        sent = [case for case in _mine(turn) if case.report.latest]
        return bool(sent) and correct(turn, sent[0].key)
    named = filing.naming(turn)
    if named and named.verb in _CORRECTS:
        if named.case is None:
            turn.say(filing.NO_SUCH)
            return True
        return correct(turn, named.case.key)
    return schedule.typed(turn) or reminders.typed_card(turn) or approvals.typed_card(turn)


def _open_owed(turn: Turn, case: Filing) -> None:
    """Open the report a unit owes; one that was due before this person came is only offered."""
    if filing.owed(turn, case):
        _open(turn, case)
        return
    coming = filing.of(turn, case.unit, case.form, periods.after(case.form, case.period))
    turn.say(
        _("The figures of {span} are complete on {day}. From the next day on {title} can be entered."),
        [
            Choice(
                "file-report",
                _("Send {month} too")(month=filing.period_name(case.form, case.period)),
                case.key,
            )
        ],
        span=filing.span(coming),
        day=coming.period.cutoff,
        title=filing.title(coming),
    )


def _open(turn: Turn, case: Filing) -> None:
    """Go to where a report stands: the first open question, the summary, or the receipt."""
    if not _reports_for(turn, case):
        return
    if case.report.delivered:
        _receipt_again(turn, case)
        return
    if case.period.cutoff >= reporting.local_day(turn.now):
        turn.say(
            _("The figures of {span} are complete on {day}. From the next day on {title} can be entered."),
            span=filing.span(case),
            day=case.period.cutoff,
            title=filing.title(case),
        )
        return
    _enter(turn, f"{DOING} {case.key}")
    sent = case.report.latest
    if case.report.state == "returned" and sent:
        before = _("Returned by {who}: “{reason}”")(
            who=filing.who(turn, sent.decided_by), reason=as_is(sent.reason)
        )
    elif case.entered:
        before = _("Going on with {title}: {n} of {all} are entered. It is due {due}.")(
            title=filing.title(case),
            n=case.entered,
            all=len(case.form.indicators),
            due=filing.due_day(turn, case),
        )
    else:
        before = _("{title}: figures of {span}, due {due}.")(
            title=_("Report {month}, {unit}")(month=filing.month(case), unit=as_is(case.name)),
            span=filing.span(case),
            due=filing.due_day(turn, case),
        )
    if case.renewed:
        before = lines(
            before, _("The form has changed since this draft was begun; the figures that still fit are kept.")
        )
    _next(turn, case, before)


def _enter(turn: Turn, doing: str) -> None:
    if not turn.talk.doing.startswith(DOING):
        turn.hold(doing)
    turn.asks(doing)
    turn.change(kept={})


def _reports_for(turn: Turn, case: Filing) -> bool:
    if filing.holds(turn, "reporter", case.unit):
        return True
    turn.say(_("You do not report for {unit} now."), unit=as_is(case.name))
    if turn.talk.doing == f"{DOING} {case.key}":
        turn.end()
    return False


# --- taking answers ---


def take(turn: Turn) -> bool:
    """Take an answer in the report; False when it was none."""
    if turn.talk.at in approvals.STATES:
        pressed = answers.pressed(turn)
        if pressed and pressed[0] in approvals.CARDS:
            return CARDS[pressed[0]](turn, pressed[1])
        return approvals.take(turn)
    pressed = answers.pressed(turn)
    if pressed and pressed[0] in CARDS and pressed[1]:
        return CARDS[pressed[0]](turn, pressed[1])
    command = answers.command(turn)
    case = filing.find(turn, turn.talk.doing.partition(" ")[2])
    if turn.talk.at == "unit" or case is None:
        return _which_unit(turn)
    if command and command not in ("back", "pause", "resume", "stop"):
        return False
    if not _reports_for(turn, case):
        return True
    if case.report.delivered:
        # The other officer of the unit has sent it meanwhile.
        turn.end()
        _receipt_again(turn, case)
        return True
    stage, _dot, name = turn.talk.at.partition(".")
    one = case.form.indicator(name) if name else None
    if stage not in _STAGES or (name and one is None):
        _next(turn, case, _("The form has changed since; this is the next question."))
        return True
    match command:
        case "back":
            _back(turn, case, one)
        case "resume":
            _again(turn, case)
        case "pause" | "stop":
            _pause(turn, case)
        case _:
            _answer(turn, case, stage, one, pressed[0] if pressed else "")
    return True


def again(turn: Turn, before: Text | None = None) -> bool:
    """Offer the open question of a report once more; False when the talk stands in none."""
    if turn.talk.doing.startswith(DOING) and turn.talk.at in approvals.STATES:
        return approvals.again(turn, before)
    case = filing.find(turn, turn.talk.doing.partition(" ")[2])
    if not turn.talk.doing.startswith(f"{DOING} ") or case is None:
        return False
    if case.report.delivered or not filing.holds(turn, "reporter", case.unit):
        return False
    _again(turn, case, before)
    return True


def take_file(turn: Turn, case: Filing, filled: Filled, entered: dict[str, Value], said: Text) -> None:
    """Keep what a filled template brought as figures of the draft, and ask for what is still open."""
    if not (asked_to_fill(turn) and turn.talk.doing == f"{DOING} {case.key}"):
        _enter(turn, f"{DOING} {case.key}")
    put = _put(turn, case, entered) if entered else filing.hold(turn, case)
    if put is None:
        return
    halves = {f"half.{name}": f"{half.ask}:{half.number}" for name, half in filled.halves.items()}
    wholes = {f"whole.{name}": str(number) for name, number in filled.wholes.items()}
    turn.change(kept={**turn.talk.kept, **halves, **wholes})
    _next(turn, put, said)


def asked_to_fill(turn: Turn) -> bool:
    """Say whether the talk stands in a report that is being filled in, so that a figure may be expected."""
    return turn.talk.doing.startswith(f"{DOING} ") and turn.talk.at not in approvals.STATES


def owed_by(turn: Turn) -> list[Filing]:
    """Give the reports that the units of this person owe now."""
    return _mine(turn)


def open_owed(turn: Turn, case: Filing) -> None:
    """Go to where a report stands; one that was due before this person came is only offered."""
    _open_owed(turn, case)


def whole_of(turn: Turn, case: Filing, one: Indicator) -> int | None:
    """Give what a single number of an indicator is out of; None where nothing says so."""
    return _whole(turn, case, one)


def _which_unit(turn: Turn) -> bool:
    typed = fold(turn.text)
    cases = _mine(turn)
    named = [
        case
        for case in cases
        for words in (case.unit.name, case.form.title.vi, case.form.title.en)
        if typed and typed in fold(words)
    ]
    if len({case.key for case in named}) == 1:
        _open_owed(turn, named[0])
        return True
    turn.end()
    return False


def _answer(turn: Turn, case: Filing, stage: str, one: Indicator | None, pressed: str) -> None:
    text = turn.text
    typed = fold(text)
    name = pressed or next((name for name, said in _SAID.items() if typed in said), "")
    many = figures.read_lines(text) if text else []
    if many:
        _take_lines(turn, case, one, many)
    elif stage == "summary":
        _after_summary(turn, case, name)
    elif stage == "edit":
        _edit(turn, case, text)
    elif one is None:
        _next(turn, case)
    elif name == "meaning":
        _again(turn, case, _definition(turn, case, one))
    elif name in ("skip", "leave"):
        _skip(turn, case, one)
    elif name == "none":
        _enter_figure(turn, case, one, validation.NO_DATA)
    elif name.startswith("is-"):
        _figure(turn, case, one, text, meant=Decimal(name.removeprefix("is-")))
    elif stage == "which" and _which_of_pair(turn, case, one, name):
        return
    elif stage == "reason":
        _reason(turn, case, one, text)
    elif not _figure(turn, case, one, text):
        _interrupted(turn, case, one)


def _interrupted(turn: Turn, case: Filing, one: Indicator | None) -> None:
    """Answer what was asked in the middle, then offer the same question again."""
    if _NOT_NOW.fullmatch(fold(turn.text)):
        _pause(turn, case)
        return
    asked = turn.text.rstrip().endswith("?")
    topic = (
        turn.topic(turn.found.hits[0].topic)
        if turn.found is not None and turn.found.verdict == "answer"
        else None
    )
    if one is not None and _COUNTING.search(fold(turn.text)):
        before = _definition(turn, case, one)
    elif topic is not None:
        before = steps.brief(turn, topic)
    elif asked and one is not None:
        before = _definition(turn, case, one)
    else:
        before = figures.UNREADABLE.why if one is not None else _("Please choose one of these.")
    if turn.talk.at == "summary":
        _summary(turn, case, before, brief=True)  # it is to be seen just above
    else:
        _again(turn, case, before)


def _definition(turn: Turn, case: Filing, one: Indicator) -> Text:
    return lines(as_is(one.definition.of(turn.lang)), as_is(case.form.definitions_note.of(turn.lang)))


# --- figures ---


def _figure(
    turn: Turn,
    case: Filing,
    one: Indicator,
    text: str,
    before: Text | None = None,
    meant: Decimal | None = None,
) -> bool:
    """Take words as a figure of an indicator; False when they hold none."""
    got = entry.understood(one, text, _whole(turn, case, one), _half(turn), meant)
    match got:
        case None:
            return False
        case Value():
            _enter_figure(turn, case, one, got, before)
        case Half():
            _ask_half(turn, case, one, got, before)
        case Ambiguous():
            _ask_sure(turn, case, one, got, before)
        case Problem():
            _again(turn, case, lines(before, got.why), one)
    return True


def _enter_figure(turn: Turn, case: Filing, one: Indicator, value: Value, before: Text | None = None) -> None:
    """Keep a figure unless it is impossible; ask why where it is unusual; go on."""
    whole = _whole(turn, case, one)
    for trouble in case.alone(one, value):
        if trouble.level == "impossible":
            _ask(turn, case, one, lines(before, trouble.why), brief=True)
            return
    kept = _put(turn, case, {one.id: value})
    if kept is None:
        return
    if _is_open(kept, one):
        _ask_reason(turn, kept, one, before, titled=False)
        return
    figure = validation.shown(one, value)
    edited = one.id in case.report.values and turn.talk.kept.get("edit")
    noted = _("Changed to {figure}; the other figures stay as they are.") if edited else _("Noted: {figure}.")
    last = case.last.get(one.id)
    if (
        not edited
        and value.of is not None
        and last
        and value.of == last.of == whole
        and str(value.of) not in turn.text
    ):
        noted = _("Noted: {figure}. The {whole} is as before.")(whole=value.of)
    _next(turn, kept, lines(before, noted(figure=figure)))


def _put(turn: Turn, case: Filing, entered: dict[str, Value]) -> Filing | None:
    """Keep figures beside whatever others have entered meanwhile; None when the report was sent meanwhile."""
    held = filing.hold(turn, case)
    if held.report.delivered:
        turn.end()
        _receipt_again(turn, held)
        return None
    report = msgspec.structs.replace(
        held.report, form_version=case.form.version, values={**held.report.values, **entered}
    )
    return msgspec.structs.replace(held, report=turn.reports.save(report), renewed=False)


def _take_lines(turn: Turn, case: Filing, current: Indicator | None, many: list[tuple[int, str]]) -> None:
    """Take several figures at once; what is still unclear is asked in its turn."""
    entered: dict[str, Value] = {}
    unclear: dict[str, str] = {}
    refused: list[Text] = []
    numbered = {number for number, _rest in many}
    for number, rest in many:
        one = case.form.indicator(number) if number else current
        written = as_is(f"{number}: {rest}"[:60] if number else rest[:60])
        if one is None or (not number and one.number in numbered):
            refused.append(_("Not understood: “{words}”")(words=written))
            continue
        got = entry.understood(one, rest, _whole(turn, case, one))
        impossible = (
            [t.why for t in case.alone(one, got) if t.level == "impossible"]
            if isinstance(got, Value)
            else [got.why]
            if isinstance(got, Problem)
            else []
        )
        if got is None:
            refused.append(_("Not understood: “{words}”")(words=written))
        elif impossible:
            refused.append(_("{n}. {why}")(n=one.number, why=impossible[0]))
        elif isinstance(got, Value):
            entered[one.id] = got
        else:
            unclear[f"typed.{one.id}"] = rest
    if entered:
        put = _put(turn, case, entered)
        if put is None:
            return
        case = put
    turn.change(kept={**turn.talk.kept, **unclear, "half": ""})
    shown = [
        _("• {n}. {name}: {figure}")(
            n=one.number, name=as_is(one.name.of(turn.lang)), figure=validation.shown(one, entered[one.id])
        )
        for one in case.form.indicators
        if one.id in entered and any(_is_open(case, each) for each in case.form.indicators)
    ]  # where nothing is open any more the summary shows them all
    left_out = (
        [_("And {n} more lines that fit no indicator.")(n=len(refused) - TOLD)] if refused[TOLD:] else []
    )
    said = [*([_("Noted:"), *shown] if shown else []), *refused[:TOLD], *left_out]
    _next(turn, case, lines(*said) if said else None)


def _reason(turn: Turn, case: Filing, one: Indicator, text: str) -> None:
    """Take why a figure is unusual; or another figure instead."""
    if _NOT_NOW.fullmatch(fold(text)):
        _pause(turn, case)
        return
    if answers.no(turn):
        _ask(turn, case, one, _("All right, not that one."))
        return
    got = entry.understood(one, text, _whole(turn, case, one))
    if isinstance(got, Value | Problem | Ambiguous) or isinstance(figures.read(text), Figure):
        _figure(turn, case, one, text)
        return
    words = _AGREED.sub("", text.strip(), count=1).strip() if _AGREED.match(text.strip()) else text.strip()
    if answers.yes(turn) or len(fold(words).split()) < 2:
        _ask_reason(turn, case, one, _("A few words on why, please: whoever approves reads them."))
        return
    held = filing.hold(turn, case)
    value = held.report.values.get(one.id)
    if value is None or validation.written(one, value, "vi") != turn.talk.kept.get("figure", ""):
        # Somebody else has changed the figure meanwhile; the reason was for another one.
        _next(turn, held)
        return
    explained = msgspec.structs.replace(value, reason=words[: approvals.LONGEST])
    kept = _put(turn, held, {one.id: explained})
    if kept is not None:
        _next(turn, kept, _("The figure and the reason are noted."))


def _which_of_pair(turn: Turn, case: Filing, one: Indicator, name: str) -> bool:
    """Take which of the two numbers was meant, perhaps with the other one behind it: "b, cài mới 2"."""
    half = _half(turn)
    lettered = _LETTERED.fullmatch(turn.text)
    if half is None:
        _ask(turn, case, one)
        return True
    if not name and not lettered:
        return False
    rest = lettered[3] if lettered and not name else ""
    name = name or ("new" if lettered and lettered[1].lower() == "a" else "total")
    other = Half("total" if name == "new" else "new", half.number)
    got = entry.understood(one, rest, None, other) if rest else None
    if isinstance(got, Value):
        _enter_figure(turn, case, one, got)
        return True
    if rest and lettered and not lettered[2]:
        return False  # "a đây là tổng" begins with a word, not with a choice
    _ask_half(turn, case, one, other)
    return True


def _half(turn: Turn) -> Half | None:
    kept = turn.talk.kept.get("half", "")
    return _half_of(kept) if kept else None


def _half_of(kept: str) -> Half:
    ask, _colon, number = kept.partition(":")
    return msgspec.convert({"ask": ask, "number": int(number)}, Half)


def _whole(turn: Turn, case: Filing, one: Indicator) -> int | None:
    """Give what a single number is out of: as entered already, else as last month where the form keeps it."""
    if known := turn.talk.kept.get(f"whole.{one.id}", ""):
        return int(known)
    entered = case.report.values.get(one.id)
    if one.shape != "pair" and entered is not None and entered.of is not None:
        return entered.of
    last = case.last.get(one.id)
    return last.of if one.of_kept and last is not None else None


# --- asking ---


def _next(turn: Turn, case: Filing, before: Text | None = None) -> None:
    """Ask what is still open, in the form's order; when nothing is, show the summary."""
    skipped = turn.talk.kept.get("skipped", "").split()
    left = [one for one in case.form.indicators if _is_open(case, one)]
    if not left:
        _summary(turn, case, before)
        return
    now = next((one for one in left if one.id not in skipped), None)
    if now is None:
        now = left[0]
        turn.change(kept={**turn.talk.kept, "skipped": ""})
        before = lines(before, _("Only what was skipped is left."))
    if now.id in case.report.values:
        _ask_reason(turn, case, now, before)
    else:
        _ask(turn, case, now, before)


def _is_open(case: Filing, one: Indicator) -> bool:
    return one.id not in case.report.values or any(not each.explained for each in case.troubles(one))


def _ask(
    turn: Turn, case: Filing, one: Indicator, before: Text | None = None, *, brief: bool = False
) -> None:
    """Put the question for one indicator; what was typed for it earlier is taken up now."""
    typed = turn.talk.kept.get(f"typed.{one.id}", "")
    if typed:
        turn.change(kept={name: v for name, v in turn.talk.kept.items() if name != f"typed.{one.id}"})
        _at(turn, case, "value", one)
        if _figure(turn, case, one, typed, before):
            return
    right = turn.talk.kept.get(f"half.{one.id}", "")
    if right:  # the half that a file had, beside one that could not be read
        turn.change(kept={name: v for name, v in turn.talk.kept.items() if name != f"half.{one.id}"})
        _ask_half(turn, case, one, _half_of(right), before)
        return
    _at(turn, case, "value", one)
    entered = case.report.values.get(one.id)
    name = as_is(one.name.of(turn.lang))
    if entered is not None:
        question = _("**{n}. {name}** is now {figure}. What is the new figure?")(
            n=one.number, name=name, figure=validation.shown(one, entered)
        )
        turn.say(lines(before, question, _how(turn, case, one)), (MEANING, NONE, LEAVE), letters=True)
        return
    counted = report_counts.offer(turn, case, one)
    ways = (*(counted.ways if counted else ()), MEANING, NONE, SKIP)
    if brief:
        short = beside(as_is(one.ask.of(turn.lang)), _how(turn, case, one))
        turn.say(lines(before, short, counted.words if counted else None), ways, letters=True)
        return
    last = case.last.get(one.id)
    title = _("**{n}/{all}. {name}**")(n=one.number, all=len(case.form.indicators), name=name)
    question = beside(
        as_is(one.ask.of(turn.lang)),
        _("The period before: {figure}.")(figure=validation.shown(one, last)) if last is not None else None,
    )
    several = _("Several at once is fine too, one a line, such as “2: 24/30”.") if not case.entered else None
    told = counted.words if counted else None
    turn.say(lines(before, title, question, told, _how(turn, case, one), several), ways, letters=True)


def _how(turn: Turn, case: Filing, one: Indicator) -> Text | None:
    """Say how to type the figures of this indicator."""
    if not one.two:
        return None
    if one.shape == "pair":
        return _("Type both, such as “new 2, total 46”.")
    if (whole := _whole(turn, case, one)) is not None:
        return _("One number if it is still out of {whole}; else both, such as 24/30.")(whole=whole)
    return _("Type it out of the total, such as 24/30.")


def _ask_half(turn: Turn, case: Filing, one: Indicator, half: Half, before: Text | None = None) -> None:
    """Ask for the number that is still missing, or which of the two was given."""
    _at(turn, case, half.ask, one, half=f"{half.ask}:{half.number}")
    if half.ask == "which":
        last = case.last.get(one.id)
        title = _("**{n}/{all}. {name}**")(
            n=one.number, all=len(case.form.indicators), name=as_is(one.name.of(turn.lang))
        )
        question = beside(
            _("Is {number} what is new in the period, or the total?")(number=half.number),
            _("The period before: {figure}.")(figure=validation.shown(one, last))
            if last is not None
            else None,
        )
        turn.say(lines(before, title, question), (NEW, TOTAL), letters=True)
        return
    ask = one.ask if half.ask == "new" else one.ask_of or one.ask
    noted = {
        "of": _("{number} is noted."),
        "total": _("{number} new is noted."),
        "new": _("{number} in all is noted."),
    }[half.ask]
    question = beside(noted(number=half.number), as_is(ask.of(turn.lang)))
    turn.say(lines(before, question), (MEANING, NONE), letters=True)


def _ask_sure(
    turn: Turn, case: Filing, one: Indicator, unsure: Ambiguous, before: Text | None = None
) -> None:
    """Ask back what a number means that may mean two things."""
    turn.asks(turn.talk.doing, turn.talk.at, context=f"{case.key}.sure.{one.number}")
    readings = [Choice(f"is-{value}", _("{value}")(value=value)) for value in unsure.readings[:3]]
    if unsure.why in ("about", "sum"):
        readings = [Choice(f"is-{unsure.readings[-1]}", _("Yes, exactly"))]
    if unsure.why == "zero-or-none":
        readings.append(NONE)
    turn.say(lines(before, unsure.ask), readings, letters=True)


def _ask_reason(
    turn: Turn, case: Filing, one: Indicator, before: Text | None = None, *, titled: bool = True
) -> None:
    """Ask why a figure is unusual; a figure typed instead replaces it."""
    troubles = case.troubles(one)
    impossible = [trouble.why for trouble in troubles if trouble.level == "impossible"]
    if impossible or not troubles:
        _ask(turn, case, one, lines(before, *impossible) if before or impossible else None)
        return
    _at(turn, case, "reason", one, figure=validation.written(one, case.report.values[one.id], "vi"))
    title = _("▲ {n}. {name}")(n=one.number, name=as_is(one.name.of(turn.lang))) if titled else None
    turn.say(lines(before, title, troubles[0].why), letters=True)


def _summary(turn: Turn, case: Filing, before: Text | None = None, *, brief: bool = False) -> None:
    """Show everything before it is sent; after a correction only what it led to."""
    edited = turn.talk.kept.get("edit", "")
    turn.asks(turn.talk.doing, "summary", context=f"{case.key}.summary", edit="", half="", skipped="")
    if before is None or not (edited or brief):
        every = len(case.form.indicators)
        before = lines(
            before,
            _("{n} of {all} done, not sent yet. Please look it over:")(n=every, all=every),
            *(filing.line(case, one, case.report.values, turn.lang) for one in case.form.indicators),
        )
    heads = turn.people.holding("head", case.unit.id)
    to_head = _("Send it for approval")
    if len(heads) == 1 and filing.name_fits(turn, heads[0].id):
        to_head = _("Send to {who}")(who=filing.who(turn, heads[0].id))
    send_it = Choice("send-report", to_head, f"{case.key}/{_mark(case)}")
    turn.say(before, (send_it, EDIT, DRAFT), letters=True)


def _again(turn: Turn, case: Filing, before: Text | None = None, one: Indicator | None = None) -> None:
    """Put the open question once more."""
    stage, _dot, name = turn.talk.at.partition(".")
    one = one or case.form.indicator(name)
    half = _half(turn)
    if stage == "edit":
        _ask_which(turn, case, before)
    elif one is None:
        _next(turn, case, before)
    elif stage == "reason":
        _ask_reason(turn, case, one, before)
    elif half is not None and stage == half.ask:
        _ask_half(turn, case, one, half, before)
    else:
        _ask(turn, case, one, before, brief=before is not None)


def _at(turn: Turn, case: Filing, stage: str, one: Indicator, **kept: str) -> None:
    turn.asks(
        turn.talk.doing,
        f"{stage}.{one.id}",
        context=f"{case.key}.{stage}.{one.number}",
        **{"half": "", "figure": "", **kept},
    )


# --- moving about ---


def _after_summary(turn: Turn, case: Filing, name: str) -> None:
    typed = fold(turn.text)
    correct_one = _CORRECT.fullmatch(typed)
    if name == DRAFT.name:
        _pause(turn, case)
    elif correct_one:
        _edit(turn, case, correct_one[1])
    elif name == EDIT.name:
        _ask_which(turn, case)
    else:
        _interrupted(turn, case, None)


def _ask_which(turn: Turn, case: Filing, before: Text | None = None) -> None:
    turn.asks(turn.talk.doing, "edit", context=f"{case.key}.edit")
    every = len(case.form.indicators)
    turn.say(lines(before, _("Which one? Type its number, 1 to {all}.")(all=every)), letters=True)


def _edit(turn: Turn, case: Filing, text: str) -> None:
    """Go to the indicator that is to be corrected."""
    number = re.search(r"\d{1,2}", text)
    one = case.form.indicator(int(number[0])) if number else None
    if one is None:
        typed = fold(text)
        named = [each for each in case.form.indicators if len(typed) > 3 and typed in fold(each.name.vi)]
        one = named[0] if len(named) == 1 else None
    if one is None:
        _ask_which(turn, case, _("There is no such number."))
        return
    turn.change(kept={**turn.talk.kept, "edit": "yes"})
    _ask(turn, case, one)


def _back(turn: Turn, case: Filing, one: Indicator | None) -> None:
    """Go to the indicator before; the first stays where it is."""
    place = case.form.indicators.index(one) if one is not None else len(case.form.indicators)
    before = case.form.indicators[max(0, place - 1)]
    skipped = [name for name in turn.talk.kept.get("skipped", "").split() if name != before.id]
    turn.change(kept={**turn.talk.kept, "skipped": " ".join(skipped)})
    _ask(turn, case, before)


def _skip(turn: Turn, case: Filing, one: Indicator) -> None:
    """Leave an indicator for later, or an entered figure as it is."""
    if not _is_open(case, one):
        _next(turn, case)
        return
    skipped = [*turn.talk.kept.get("skipped", "").split(), one.id]
    turn.change(kept={**turn.talk.kept, "skipped": " ".join(dict.fromkeys(skipped))})
    _next(turn, case)


def _pause(turn: Turn, case: Filing) -> None:
    turn.say(
        _("Kept as a draft, {n} of {all}. Type “report” any time to go on; it is due {due}."),
        n=case.entered,
        all=len(case.form.indicators),
        due=filing.due_day(turn, case),
    )
    _leave(turn)


def _leave(turn: Turn) -> None:
    """End the talk about the report; a guide it had interrupted goes on."""
    if turn.talk.doing.startswith(DOING):
        turn.end()
        steps.again(turn, _("Back to where we were:"))


# --- sending ---


def send(turn: Turn, context: str) -> bool:
    """Send the report as it was shown; a second press gets the same receipt."""
    key, _slash, mark = context.partition("/")
    case = filing.find(turn, key) if mark else None
    if case is None:
        return False
    if not _reports_for(turn, case):
        return True
    case = filing.hold(turn, case)
    if case.report.delivered:
        _receipt_again(turn, case)
        return True
    if not case.may_submit or case.renewed:
        _enter(turn, f"{DOING} {case.key}")
        _next(turn, case, _("Something is still open before it can be sent."))
        return True
    if case.report.state == "returned" and _mark(case) != mark:
        _open(turn, case)  # the button is from before the return, whose reason has to be read
        return True
    if _mark(case) != mark:
        _enter(turn, f"{DOING} {case.key}")
        _summary(turn, case, _("A figure has changed since, so please look once more."))
        return True
    _submit(turn, case)
    return True


def _submit(turn: Turn, case: Filing) -> None:
    report = case.report
    number = len(report.submissions) + 1
    sent = Submission(
        number=number,
        form_version=case.form.version,
        values=report.values,
        sha256=_fingerprint(case),
        at=turn.sent,
        by=turn.person.id,
    )
    report = msgspec.structs.replace(
        report,
        state="submitted",
        receipt=report.receipt or turn.reports.receipt(filing.beginning(turn, case)),
        submissions=(*report.submissions, sent),
    )
    case = filing.standing(case, turn.reports.save(report))
    turn.withdraw(case.about)
    turn.withdraw(f"{case.about}:{number - 1}")
    staff = (*turn.people.holding("reporter", case.unit.id), *turn.people.holding("head", case.unit.id))
    for person in staff:
        turn.withdraw(filing.together(person.id))  # it speaks of this one among others
    turn.note(f"submitted version {number}", case.about)
    approvals.tell(turn, case)
    heads = turn.people.holding("head", case.unit.id)
    told = (
        _("{who} has been told; there are no more reminders for this period.")(
            who=filing.who(turn, heads[0].id, first=True)
        )
        if heads
        else _("{unit} has no head here yet who could approve it.")(unit=as_is(case.name))
    )
    turn.say(
        lines(
            _("Sent at {at}, {timely}. Receipt **{receipt}**, version {n}.")(
                at=sent.at,
                timely=filing.timely(turn, case, sent.at),
                receipt=report.receipt,
                n=number,
            ),
            told,
            _(
                "Sending here is not yet the digital signature. Once approved, the file to be signed comes here."
            ),
        ),
        kind="receipt",
        file=filing.proof(case, sent),
    )
    _leave(turn)


def _receipt_again(turn: Turn, case: Filing) -> None:
    """Give the receipt of what was sent, always the same."""
    sent = _latest(case)
    words = _("{title} was sent at {at}. The receipt is still **{receipt}**, version {n}.")(
        title=_("Report {month}, {unit}")(month=filing.month(case), unit=as_is(case.name)),
        at=sent.at,
        receipt=case.report.receipt,
        n=sent.number,
    )
    if case.report.state == "approved":
        words = lines(
            words,
            _("{who} approved it at {at}.")(
                who=filing.who(turn, sent.decided_by, first=True), at=sent.decided
            ),
        )
        turn.say(words, kind="receipt", file=filing.sheet(turn, case, sent))
        return
    turn.say(
        lines(words, _("To correct it, type “correction”.")),
        [Choice("correct-report", _("Correct it"), case.key)],
        kind="receipt",
        file=filing.proof(case, sent),
    )


def _mark(case: Filing) -> str:
    """Give by what a "send" button knows which version it was to send, and the figures it was shown under."""
    return f"{len(case.report.submissions) + 1}.{_fingerprint(case)[:MARK]}"


def _fingerprint(case: Filing) -> str:
    return validation.fingerprint(case.form, case.unit.name, case.period, case.report.values)


def _latest(case: Filing) -> Submission:
    sent = case.report.latest
    assert sent is not None
    return sent


_STAGES = ("value", "of", "which", "new", "total", "reason", "edit", "summary")

CARDS: dict[str, Callable[[Turn, str], bool]] = {
    "file-report": file_report,
    "send-report": send,
    "correct-report": correct,
    **approvals.CARDS,
    **reminders.CARDS,
}
