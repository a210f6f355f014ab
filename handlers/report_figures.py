"""The figures of a report as an officer types them: read, judged, kept, and the next one asked for."""

from __future__ import annotations

import re
from decimal import Decimal

import msgspec

from handlers import answers, approvals, filing, report_asking, report_receipts, tasks
from handlers.filing import Filing, lines
from handlers.rules import entry, figures, form_tasks, validation
from handlers.rules.entry import Half
from handlers.rules.figures import Ambiguous, Figure, Problem
from handlers.rules.form_tasks import TaskState
from handlers.rules.template import Filled
from handlers.rules.validation import Value
from handlers.text import Text, _, as_is
from handlers.turn import Turn
from knowledge.folding import fold
from knowledge.forms import FormTask, Indicator

TOLD = 4  # lines that were not understood, of many at once

_EXACTLY = re.compile(
    r"(?:(?:da|vang|u|uh|um|ok|phai|yes) )*(?:dung(?: vay| the| roi| day| so do)?|chinh xac|phai|phai roi|exactly"
    r"|that is right|that s right|right|correct|it is)(?: (?:a|nhe|nha|em|chi|anh|do|day|roi|day a))*"
)
_NOT_EXACTLY = re.compile(
    r"(?:da )?(?:khong|khong dung|khong phai|chua dung|chua chac|khong chac|chua|sai|nham|it is not|it isn t"
    r"|not exactly|not sure|wrong)(?: (?:a|nhe|nha|em|chi|anh|dau|roi|the|vay|lam))*"
)
_AGREED = re.compile(
    r"(?:đúng rồi|đúng|dung roi|dung|vâng|vang|dạ|da|ừ|ok|yes|right|correct)(?:\s*[,.:;]\s*|\s*$)", re.I
)
_LATER = r"(?:later|tonight|tomorrow|(?:this|tomorrow) (?:morning|afternoon|evening)|next week|another (?:time|day))"
NOT_NOW = re.compile(  # "đang họp, để chiều làm", "in a meeting, will do it this afternoon"
    r"(?:.{0,60} )?(?:lat nua|lat|chieu nay|chieu|sang mai|ngay mai|mai|hom sau|luc khac)"
    r"(?: (?:em|chi|anh|minh))?(?: se)? (?:lam|gui|nhap|bo sung)(?: (?:tiep|sau|nhe|a|nha|not))*"
    r"|(?:(?:.{0,60} )?(?:i ll|i will|i have to|let me|(?:meeting|busy|out|away|now) will)|will)"
    rf" (?:do|finish|send|enter|go on)(?: with)?(?: (?:it|this|that|the rest|the report))? {_LATER}(?: please)?"
    rf"|(?:not now )?(?:maybe |do it |finish it )?{_LATER}(?: please)?|not now"
)
_NO_REASON = re.compile(  # what says nothing of why
    r"(?:(?:em|chi|anh|minh|toi|co|da|vang|thi|the|ok) )*"
    r"(?:xong(?: roi| het| ca)?|het roi|nhu (?:thang|ky|quy|nam|lan) truoc|nhu cu|giong (?:thang|ky) truoc"
    r"|van (?:the|vay|nhu cu)|(?:the|vay) thoi|khong (?:biet|ro|co ly do|ly do)|chiu|bo qua|qua|tiep|tiep tuc"
    r"|gui|gui di|duyet|bao cao|i am done|i m done|all done|done|same as (?:before|last month)|as before"
    r"|i don t know|don t know|no reason|go on|next|continue|send|skip)"
    r"(?: (?:a|roi|nhe|nha|em|chi|anh|di|day|thoi|cau nay|muc nay|please))*"
)
_BECAUSE = re.compile(r"(?:do|vi|tai|boi|nho|because|since|due)\b(?! sao)")
ECHOED = 120  # letters of a reason that are read back
WHY = _("A few words on why, please: whoever approves reads them.")
_LETTERED = re.compile(r"\s*([abAB])\b\s*([,.;:)])?\s*(.*)", re.S)


def take(
    turn: Turn,
    case: Filing,
    one: Indicator,
    text: str,
    before: Text | None = None,
    meant: Decimal | None = None,
    *,
    titled: bool = False,
) -> bool:
    """Take words as a figure of an indicator; False when they hold none.

    Titled, what is said names the indicator: it was not the last that was asked.
    """
    got = entry.understood(
        one, text, report_asking.whole(turn, case, one), report_asking.half_given(turn), meant
    )
    named = lines(before, report_asking.title(turn, case, one)) if titled else before
    match got:
        case None:
            return False
        case Value():
            enter(turn, case, one, got, named)
        case Half():
            report_asking.ask_half(turn, case, one, got, before, titled=titled)
        case Ambiguous():
            report_asking.ask_sure(turn, case, one, got, named)
        case Problem():
            again(turn, case, lines(named, got.why), one)
    return True


def enter(turn: Turn, case: Filing, one: Indicator, value: Value, before: Text | None = None) -> None:
    """Keep a figure unless it is impossible; ask why where it is unusual; go on."""
    whole = report_asking.whole(turn, case, one)
    for trouble in case.alone(one, value):
        if trouble.level == "impossible":
            ask(turn, case, one, lines(before, trouble.why), brief=True)
            return
    kept = put(turn, case, {one.id: value})
    if kept is None:
        return
    overwritten = _overwritten(turn, case, one, value)
    if report_asking.is_open(kept, one):
        above = lines(before, overwritten) if overwritten else before
        _ask_reason(turn, kept, one, above, titled=False)
        return
    figure = validation.shown(one, value)
    edited = one.id in case.report.values and turn.talk.kept.get("edit")
    noted = _("Changed to {figure}; the other figures stay as they are.") if edited else _("Noted: {figure}.")
    last = case.last.get(one.id)
    if one.shape == "pair" and not edited and _adds_up(value, last):
        noted = _("Noted: {figure}, which is {before} + {new}.")(
            before=last.of if last else 0, new=value.value, figure=figure
        )
    if (
        not edited
        and value.of is not None
        and last
        and value.of == last.of == whole
        and str(value.of) not in turn.text
    ):
        noted = _("Noted: {figure}. The {whole} is as before.")(whole=value.of)
    go_on(turn, kept, lines(before, filing.beside(noted(figure=figure), overwritten)))


def _overwritten(turn: Turn, case: Filing, one: Indicator, value: Value) -> Text | None:
    """Say what stood there, where somebody else has entered another figure since the question was put."""
    there = case.report.values.get(one.id)
    if there is None or _same(there, value):
        return None
    if validation.written(one, there, "vi") == turn.talk.kept.get("figure", ""):
        return None  # it was shown with the question
    return _("Before it was {figure}.")(figure=validation.shown(one, there))


def _same(one: Value, other: Value) -> bool:
    return (one.value, one.of) == (other.value, other.of)


def _adds_up(value: Value, last: Value | None) -> bool:
    """Say whether a total is the one before and what is new."""
    if last is None or last.of is None or value.value is None:
        return False
    return value.of == last.of + value.value


def put(
    turn: Turn, case: Filing, entered: dict[str, Value], told: dict[str, TaskState] | None = None
) -> Filing | None:
    """Keep figures and what was told of tasks beside whatever others have entered meanwhile.

    None when the report was sent meanwhile.
    """
    held = filing.hold(turn, case)
    if entered:
        own = [name for name in turn.talk.kept.get("own", "").split() if name not in entered]
        turn.change(kept={**turn.talk.kept, "own": " ".join([*own, *entered])})
    if held.report.delivered:
        turn.end()
        report_receipts.receipt_again(turn, held)
        return None
    report = msgspec.structs.replace(
        held.report,
        form_version=case.form.version,
        values={**held.report.values, **entered},
        tasks={**held.report.tasks, **(told or {})},
    )
    for name, state in (told or {}).items():
        if (task := case.form.task(name)) is not None:
            tasks.follow(turn, case, task, state)
    return msgspec.structs.replace(held, report=turn.reports.save(report), renewed=False)


def _joined(turn: Turn, case: Filing, many: list[tuple[int, str]]) -> list[tuple[int, str]]:
    """Put what stands behind a numbered figure to it where both make one: "3: mới 2; tổng 46"."""
    joined: list[tuple[int, str]] = []
    for number, rest in many:
        before, said = joined[-1] if joined else (0, "")
        one = case.form.indicator(before) if before and not number else None
        both = f"{said}; {rest}"
        if one is not None and one.shape == "pair":
            whole = report_asking.whole(turn, case, one)
            if isinstance(entry.understood(one, both, whole), Value):
                joined[-1] = (before, both)
                continue
        joined.append((number, rest))
    return joined


def take_lines(
    turn: Turn, case: Filing, current: Indicator | FormTask | None, many: list[tuple[int, str]]
) -> None:
    """Take several figures and tasks at once; what is still unclear is asked in its turn."""
    entered: dict[str, Value] = {}
    told: dict[str, TaskState] = {}
    unclear: dict[str, str] = {}
    waits: list[tuple[Indicator, Text]] = []
    refused: list[Text] = []
    many = _joined(turn, case, many)
    numbered = {number for number, _rest in many if number}
    for place, (number, rest) in enumerate(many):
        one = (case.form.indicator(number) or case.form.task(number)) if number else current
        written = as_is(f"{number}: {rest}"[:60] if number else rest[:60])
        behind = not number and any(before for before, _rest in many[:place])  # what it is of is not said
        if one is None or behind or (not number and one.number in numbered):
            refused.append(_("Not understood: “{words}”")(words=written))
            continue
        if isinstance(one, FormTask):
            if (state := form_tasks.read(rest)) is None:
                refused.append(_("Not understood: “{words}”")(words=written))
            else:
                told[one.id] = state
            continue
        got = entry.understood(one, rest, report_asking.whole(turn, case, one))
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
            waits.append((one, as_is(rest[:60])))
    own = turn.talk.kept.get("own", "").split()
    changed = [
        _("Indicator {n} was {figure} before.")(n=one.number, figure=validation.shown(one, there))
        for one in case.form.indicators
        if one.id in entered
        and not case.report.submissions  # of one that was sent all figures have been shown
        and one.id not in own
        and (there := case.report.values.get(one.id))
        and not _same(there, entered[one.id])
    ]
    if entered or told:
        kept = put(turn, case, entered, told)
        if kept is None:
            return
        case = kept
    turn.change(kept={**turn.talk.kept, **unclear, "half": ""})
    shown = [
        _("• {n}. {name}: {figure}")(
            n=one.number, name=as_is(one.name.of(turn.lang)), figure=validation.shown(one, entered[one.id])
        )
        for one in case.form.indicators
        if one.id in entered
    ]
    shown += [
        _("• {n}. {name}: {figure}")(
            n=task.number, name=as_is(task.name.of(turn.lang)), figure=form_tasks.shown(told[task.id])
        )
        for task in case.form.tasks
        if task.id in told
    ]
    if not any(report_asking.unanswered(case, each) for each in report_asking.asked_in_order(case)):
        shown = []  # where nothing is open any more the summary shows them all
    left_out = [_("More lines that fit no indicator: {n}.")(n=len(refused) - TOLD)] if refused[TOLD:] else []
    now = next((each for each in report_asking.asked_in_order(case) if _asked_now(turn, case, each)), None)
    later = [
        _("Indicator {n} is not noted yet: “{words}” is not clear, and is asked about in its turn.")(
            n=one.number, words=words
        )
        for one, words in waits
        if one != now and report_asking.unanswered(case, one)
    ]
    stands = [
        _("Indicator {n} stays {figure}: “{words}” is not clear.")(
            n=one.number, figure=validation.shown(one, case.report.values[one.id]), words=words
        )
        for one, words in waits
        if not report_asking.unanswered(case, one)
    ]
    noted = [_("Noted:"), *shown] if shown else []
    said = [*noted, *changed, *refused[:TOLD], *left_out, *later[:TOLD], *stands[:TOLD]]
    go_on(turn, case, lines(*said) if said else None)


def _asked_now(turn: Turn, case: Filing, one: Indicator | FormTask) -> bool:
    skipped = turn.talk.kept.get("skipped", "").split()
    return report_asking.unanswered(case, one) and one.id not in skipped


def in_order(
    turn: Turn, case: Filing, current: Indicator | FormTask | None, text: str
) -> list[tuple[int, str]]:
    """Give a list of as many figures as the form has indicators, each for its own; nothing for other words."""
    parts = figures.listed(text)
    if len(parts) < 2 or len(parts) != len(case.form.indicators):
        return []
    if isinstance(current, Indicator) and isinstance(entry.understood(current, text), Value):
        return []  # "2, 46" is the two numbers of one
    pairs = list(zip(case.form.indicators, parts, strict=True))
    if any(entry.understood(one, part, report_asking.whole(turn, case, one)) is None for one, part in pairs):
        return []
    return [(one.number, part) for one, part in pairs]


def take_sure(turn: Turn, case: Filing, one: Indicator, text: str) -> bool:
    """Take yes or no to "is it exactly 50?"; False for other words and other questions."""
    if ".sure." not in turn.talk.context:
        return False
    names = [button.data.partition("@")[0] for button in turn.talk.offered]
    readings = [name.removeprefix("is-") for name in names if name.startswith("is-")]
    yes = answers.yes(turn) or _EXACTLY.fullmatch(fold(text)) is not None
    if len(readings) != 1 or report_asking.NONE.name in names:  # nothing that yes or no would answer
        if yes and readings:
            report_asking.ask_sure(turn, case, one, _either(readings), _("Please choose one of the two."))
        return yes and bool(readings)
    if yes:
        take_meant(turn, case, one, readings[0])
        return True
    if answers.no(turn) or _NOT_EXACTLY.fullmatch(fold(text)):
        again(turn, case, _("All right, not that one."), one)
        return True
    return False


def _either(readings: list[str]) -> Ambiguous:
    """Give the question once more which of two a number is, as its buttons have it."""
    first, *more = (Decimal(reading) for reading in readings)
    if not more:
        return Ambiguous("zero-or-none", (first,), figures.ASK_ZERO)
    return Ambiguous("two-readings", (first, *more), figures.ASK_EITHER(first=first, second=more[0]))


def take_meant(turn: Turn, case: Filing, one: Indicator, reading: str) -> None:
    """Take the reading that was chosen, such as "50" or "9/11"."""
    if "/" in reading:
        take(turn, case, one, reading)
    else:
        take(turn, case, one, turn.text, meant=Decimal(reading))


def take_file(turn: Turn, case: Filing, filled: Filled, entered: dict[str, Value], said: Text) -> None:
    """Keep what a filled template brought as figures of the draft, and ask for what is still open."""
    if not (report_asking.asked_to_fill(turn) and turn.talk.doing == f"{filing.DOING} {case.key}"):
        filing.enter(turn, f"{filing.DOING} {case.key}")
    kept = put(turn, case, entered, filled.tasks) if entered or filled.tasks else filing.hold(turn, case)
    if kept is None:
        return
    halves = {f"half.{name}": f"{half.ask}:{half.number}" for name, half in filled.halves.items()}
    wholes = {f"whole.{name}": str(number) for name, number in filled.wholes.items()}
    turn.change(kept={**turn.talk.kept, **halves, **wholes})
    go_on(turn, kept, said)


def take_reason(turn: Turn, case: Filing, one: Indicator, text: str) -> bool:
    """Take why a figure is unusual, or another figure instead; False for words that are a question."""
    if NOT_NOW.fullmatch(fold(text)):
        report_asking.pause(turn, case)
        return True
    instead = figures.corrected(text)
    if answers.no(turn) or instead == "":
        ask(turn, case, one, _("All right, not that one."))
        return True
    if instead and take(turn, case, one, instead):
        return True
    got = entry.understood(one, text, report_asking.whole(turn, case, one))
    if isinstance(got, Value | Problem | Ambiguous) or isinstance(figures.read(text), Figure):
        take(turn, case, one, text)
        return True
    if answers.asks(text) and not (_BECAUSE.match(fold(text)) and not text.rstrip().endswith("?")):
        return False
    words = _AGREED.sub("", text.strip(), count=1).strip() if _AGREED.match(text.strip()) else text.strip()
    if answers.yes(turn) or _worded(words) < 2 or _NO_REASON.fullmatch(fold(text)):
        _ask_reason(turn, case, one, WHY)
        return True
    held = filing.hold(turn, case)
    value = held.report.values.get(one.id)
    if value is None or validation.written(one, value, "vi") != turn.talk.kept.get("figure", ""):
        # Somebody else has changed the figure meanwhile; the reason was for another one.
        go_on(turn, held)
        return True
    explained = msgspec.structs.replace(value, reason=words[: approvals.LONGEST])
    kept = put(turn, held, {one.id: explained})
    if kept is not None:
        echoed = words if len(words) <= ECHOED else f"{words[:ECHOED].rstrip()}…"
        go_on(turn, kept, _("The figure and the reason are noted: “{words}”")(words=as_is(echoed)))
    return True


def _worded(text: str) -> int:
    """Count the words that are no figures."""
    return sum(not any(letter.isdigit() for letter in word) for word in fold(text).split())


def take_slip(turn: Turn, case: Filing, one: Indicator, text: str) -> bool:
    """Take "nhầm, 9/11" for the figure it is about; False for other words."""
    instead = figures.corrected(text)
    if not instead or (entry.understood(one, instead) is None and not figures.is_figure(instead)):
        return False
    if turn.talk.kept.get("slip"):  # the question is put once more, or asks for another figure already
        return take(turn, case, one, instead)
    own = turn.talk.kept.get("own", "").split()
    before = case.form.indicator(own[-1]) if own else None
    if before is None:
        return take(turn, case, one, instead)
    words = as_is(f"{before.number}: {instead[:40]}")
    again(turn, case, _("To change indicator {n}, type “{words}”.")(n=before.number, words=words), one)
    return True


def take_which(turn: Turn, case: Filing, one: Indicator, name: str) -> bool:
    """Take which of the two numbers was meant, perhaps with the other one behind it: "b, cài mới 2"."""
    half = report_asking.half_given(turn)
    lettered = _LETTERED.fullmatch(turn.text)
    if half is None:
        ask(turn, case, one)
        return True
    if not name and not lettered:
        return False
    rest = lettered[3] if lettered and not name else ""
    name = name or ("new" if lettered and lettered[1].lower() == "a" else "total")
    other = Half("total" if name == "new" else "new", half.number)
    got = entry.understood(one, rest, None, other) if rest else None
    if isinstance(got, Value):
        enter(turn, case, one, got)
        return True
    if rest and lettered and not lettered[2]:
        return False  # "a đây là tổng" begins with a word, not with a choice
    report_asking.ask_half(turn, case, one, other)
    return True


def go_on(turn: Turn, case: Filing, before: Text | None = None) -> None:
    """Ask what is still open, in the form's order; when nothing is, show the summary."""
    skipped = turn.talk.kept.get("skipped", "").split()
    left = [one for one in report_asking.asked_in_order(case) if report_asking.unanswered(case, one)]
    if not left:
        report_asking.summary(turn, case, before)
        return
    now = next((one for one in left if one.id not in skipped), None)
    if now is None:
        now = left[0]
        turn.change(kept={**turn.talk.kept, "skipped": ""})
        before = lines(before, _("Only what was skipped is left."))
    if isinstance(now, FormTask):
        report_asking.ask_task(turn, case, now, before)
    elif now.id in case.report.values:
        _ask_reason(turn, case, now, before)
    else:
        ask(turn, case, now, before)


def ask(turn: Turn, case: Filing, one: Indicator, before: Text | None = None, *, brief: bool = False) -> None:
    """Put the question for one indicator; what was typed for it earlier is taken up now."""
    typed = turn.talk.kept.get(f"typed.{one.id}", "")
    if typed:
        turn.change(kept={name: v for name, v in turn.talk.kept.items() if name != f"typed.{one.id}"})
        report_asking.stand(turn, case, "value", one)
        if take(turn, case, one, typed, before, titled=True):
            return
    right = turn.talk.kept.get(f"half.{one.id}", "")
    if right:  # the half that a file had, beside one that could not be read
        turn.change(kept={name: v for name, v in turn.talk.kept.items() if name != f"half.{one.id}"})
        report_asking.ask_half(turn, case, one, report_asking.half_of(right), before, titled=True)
        return
    report_asking.question(turn, case, one, before, brief=brief)


def _ask_reason(
    turn: Turn, case: Filing, one: Indicator, before: Text | None = None, *, titled: bool = True
) -> None:
    """Ask why a figure is unusual; a figure typed instead replaces it."""
    troubles = case.troubles(one)
    impossible = [trouble.why for trouble in troubles if trouble.level == "impossible"]
    if impossible or not troubles:
        ask(turn, case, one, lines(before, *impossible) if before or impossible else None)
        return
    report_asking.stand(
        turn, case, "reason", one, figure=validation.written(one, case.report.values[one.id], "vi")
    )
    title = _("▲ {n}. {name}")(n=one.number, name=as_is(one.name.of(turn.lang))) if titled else None
    turn.say(lines(before, title, troubles[0].why), letters=True)


def again(turn: Turn, case: Filing, before: Text | None = None, one: Indicator | None = None) -> None:
    """Put the open question once more."""
    stage, _dot, name = turn.talk.at.partition(".")
    one = one or case.form.indicator(name)
    task = case.form.task(name)
    half = report_asking.half_given(turn)
    if stage == "edit":
        report_asking.ask_which(turn, case, before)
    elif stage == filing.PRODUCT and task is not None:
        report_asking.ask_product(turn, case, task, before)
    elif task is not None:
        report_asking.ask_task(turn, case, task, before)
    elif one is None:
        go_on(turn, case, before)
    elif stage == "reason":
        _ask_reason(turn, case, one, before)
    elif half is not None and stage == half.ask:
        report_asking.ask_half(turn, case, one, half, before)
    else:
        ask(turn, case, one, before, brief=before is not None)
