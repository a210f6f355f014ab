"""The tasks of a form as an officer tells how far they are, beside the figures: taken, kept, the next one asked for."""

from __future__ import annotations

from handlers import answers, cases, evidence, filing, report_asking, report_figures, tasks, things
from handlers.filing import Filing
from handlers.records.media import Thing
from handlers.rules import form_tasks
from handlers.rules.form_tasks import TaskState
from handlers.talk import Due, Incoming
from handlers.text import Text, _
from handlers.turn import Turn
from knowledge.folding import fold
from knowledge.forms import FormTask


def take(turn: Turn, case: Filing, one: FormTask, stage: str, pressed: str) -> bool:
    """Take a choice or words as how far a task is; False when they say nothing of it."""
    if pressed:
        state = _pressed(turn, case, one, pressed)
    elif report_figures.NOT_NOW.fullmatch(fold(turn.text)):
        return False
    else:
        state = form_tasks.read(turn.text)
        if stage == filing.PRODUCT:
            state = _product(turn, state)
        if state is not None and state.said and answers.asks(turn.text):
            return False
    if state is None:
        return False
    if state.stage == "done" and not state.said and stage == filing.TASK and pressed in ("", "done"):
        report_asking.ask_product(turn, case, one)
        return True
    enter(turn, case, one, state)
    return True


def _product(turn: Turn, state: TaskState | None) -> TaskState | None:
    """Give what words say that came of a task; None where they hold none."""
    said = form_tasks.tidy(turn.text)
    if answers.no(turn):
        return TaskState("done")
    if state is None and any(letter.isalnum() for letter in said):
        return TaskState("done", said)
    return state


def enter(turn: Turn, case: Filing, one: FormTask, state: TaskState) -> None:
    """Keep how far a task is, and go on."""
    edited = one.id in case.report.tasks and turn.talk.kept.get("edit")
    kept = report_figures.put(turn, case, {}, {one.id: state})
    if kept is None:
        return
    noted: Text = _("Changed to: {state}.") if edited else _("Noted: {state}.")
    report_figures.go_on(turn, kept, noted(state=form_tasks.shown(state)))


def _pressed(turn: Turn, case: Filing, one: FormTask, name: str) -> TaskState | None:
    told = tasks.of_form(turn, case, one)
    match name:
        case "told" if told is not None:
            return TaskState("done", told.said)
        case "before" if (last := case.last_tasks.get(one.id)) is not None:
            return TaskState(last.stage, last.said)  # its picture was of then
        case "done" | "doing" | "todo":
            return TaskState(name)
        case "no-product":
            return TaskState("done")
    return None


# --- a picture as what came of it ---

_SHOWS = "/task"  # behind the report that a picture is about


def attached(turn: Turn) -> bool:
    """Take a photo or document as what came of the task that is asked about; False for anything else."""
    case = filing.find(turn, turn.talk.doing.partition(" ")[2])
    one = case.form.task(turn.talk.at.partition(".")[2]) if case else None
    thing = turn.event.attachment if isinstance(turn.event, Incoming) else None
    if case is None or one is None or thing is None or thing.kind not in ("photo", "file"):
        return False
    if thing.name.casefold().endswith((".xlsx", ".xls", ".ods", ".csv")):
        return False  # the template, filled in
    if case.report.delivered or not filing.acts(turn, "reporter", case.unit):
        return False
    code = things.noted(turn)
    if not code:
        report_figures.again(turn, case)
        return True
    turn.media.want(code, f"{case.about}{_SHOWS}")
    enter(turn, case, one, TaskState("done", form_tasks.tidy(turn.text), code))
    return True


def show(turn: Turn, case: Filing) -> None:
    """Give whoever judges a report that has been sent its pictures."""
    sent = case.report.latest
    for state in sent.tasks.values() if sent else ():
        thing = turn.media.get(state.photo) if state.photo else None
        if thing is not None and thing.state == "kept":
            evidence.to_judges(turn, case, thing)


def kept(turn: Turn) -> bool:
    """Give whoever judges a report a picture that came after it was sent; False where it shows no task."""
    thing, case = _shown(turn)
    sent = case.report.latest if case and case.report.delivered else None
    wanted = [state.photo for state in sent.tasks.values()] if sent else []
    if thing is not None and case is not None and thing.code in wanted:
        evidence.to_judges(turn, case, thing)
    return case is not None


def refused(turn: Turn) -> bool:
    """Tell whoever sent a picture of a task that it did not come; False where it shows none."""
    thing, case = _shown(turn)
    if thing is not None and case is not None:
        why = things.REFUSED[thing.reason or "lost"]
        turn.say(why(code=filing.month(case), kind=cases.KINDS[thing.kind]), to=thing.person)
    return case is not None


def _shown(turn: Turn) -> tuple[Thing | None, Filing | None]:
    assert isinstance(turn.event, Due)
    about = turn.event.about.partition(":")[2]
    case = filing.find(turn, about.removesuffix(_SHOWS)) if about.endswith(_SHOWS) else None
    return turn.media.get(turn.event.facts["code"]), case
