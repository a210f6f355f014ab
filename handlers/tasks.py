"""Tasks within a commune: whose they are, how they are spoken of, and what is told of them when their day comes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date

import msgspec

from handlers import filing
from handlers.filing import Filing
from handlers.records.people import Person, RoleKind, Unit
from handlers.records.tasks import Task
from handlers.rules import periods, roles, tasking
from handlers.rules.form_tasks import TaskState
from handlers.rules.reporting import end_of_day, local_day, may_send
from handlers.rules.roles import RightName
from handlers.talk import Due
from handlers.text import Text, _, as_is, lines
from handlers.turn import LABEL, TAPS, Choice, Turn
from knowledge.forms import FormTask

STAGE = "tasks.stage"
FINISHING = "form task-done"  # what a talk does that asks what came of a task
_OWNERS: tuple[RoleKind, ...] = (
    "officer",
    "reporter",
    "head",
    "lead",
)  # of a unit the first that anybody has

LIST = Choice("tasks", _("Tasks given"), typed=_("TASKS"))
DONE = Choice("task-done", _("It is done"), typed=_("TASK DONE"))


# --- whose ---


def units(turn: Turn, right: RightName, person: int = 0) -> list[Unit]:
    """Give the teams and offices of communes in which somebody may do this, those of whom they stand in for too."""
    own = person or turn.person.id
    people = (own, *(absence.person for absence in turn.people.standing_in(own)))
    found: dict[int, Unit] = {}
    for one in people:
        for role in turn.people.roles(one):
            unit = turn.people.unit(role.place) if role.kind in roles.RIGHTS[right].who else None
            if unit is not None and unit.kind != "province":
                found[unit.id] = unit
    return list(found.values())


def owners(turn: Turn, task: Task) -> tuple[Person, ...]:
    """Give who is told of a task now: its owner or who stands in, or of a unit those who act there."""
    if task.person:
        return _present(turn, task.person)
    unit = turn.people.unit(task.place)
    if unit is not None and task.role:
        return filing.there(turn, task.role, unit)
    return acting(turn, unit) if unit else ()


def acting(turn: Turn, unit: Unit) -> tuple[Person, ...]:
    """Give who does what a unit is given: those of the first role that anybody there has."""
    return next(filter(None, (filing.there(turn, kind, unit) for kind in _OWNERS)), ())


def givers(turn: Turn, task: Task) -> tuple[Person, ...]:
    """Give who hears what became of a task: who gave it, or who stands in.

    Of one that a form asks for the heads of the unit do.
    """
    unit = turn.people.unit(task.place) if task.role else None
    return _present(turn, task.giver) if unit is None else filing.there(turn, "head", unit)


def _present(turn: Turn, person: int) -> tuple[Person, ...]:
    if not person:
        return ()
    if not filing.on_leave(turn, person):
        return (turn.people.get(person),)
    absence = turn.people.absence(person)
    other = absence.stand_in if absence else 0
    return (turn.people.get(other),) if other and not filing.on_leave(turn, other) else ()


def owned(turn: Turn, person: int = 0) -> list[Task]:
    """Give the open tasks that somebody is to do, the earliest first."""
    return [task for task in _around(turn, "task-own", person) if _owns(turn, task, person or turn.person.id)]


def handed_out(turn: Turn, person: int = 0) -> list[Task]:
    """Give the open tasks that somebody has given, or a form whose report they answer for, the earliest first."""
    own = person or turn.person.id
    return [
        task
        for task in _around(turn, "task", own)
        if own == task.giver or (task.role != "head" and own in _ids(givers(turn, task)))
    ]


def _around(turn: Turn, right: RightName, person: int) -> tuple[Task, ...]:
    communes = tuple(dict.fromkeys(unit.commune for unit in units(turn, right, person)))
    return turn.tasks.open_in(communes) if communes else ()


def _owns(turn: Turn, task: Task, person: int) -> bool:
    return person == task.person or person in _ids(owners(turn, task))


def _ids(people: Iterable[Person]) -> set[int]:
    return {person.id for person in people}


def found(turn: Turn, context: str) -> Task | None:
    """Give the task of this number; None where there is none."""
    return turn.tasks.one(int(context)) if context.isdigit() and len(context) < 18 else None


def mine(turn: Turn, task: Task) -> bool:
    """Say whether the person of this turn is to do an open task."""
    return any(one.id == task.id for one in owned(turn))


def gave(turn: Turn, task: Task) -> bool:
    """Say whether the person of this turn gave an open task."""
    return any(one.id == task.id for one in handed_out(turn))


# --- in words ---


def about(task: Task) -> str:
    """Give what messages and audit rows about a task carry."""
    return f"task:{task.id}"


def whose(turn: Turn, task: Task) -> Text:
    """Name who is to do a task: somebody, or a unit by the name that its commune knows."""
    if task.person:
        return filing.who(turn, task.person)
    if task.role and len(people := owners(turn, task)) == 1:
        return filing.who(turn, people[0].id)
    unit = turn.people.unit(task.place)
    return called(unit) if unit else _("somebody of the office")


def called(unit: Unit) -> Text:
    """Name a team or office within its commune."""
    name = as_is(unit.name.partition(",")[0])
    return _("the digital team of {place}")(place=name) if unit.kind == "team" else name


def words(turn: Turn, task: Task, lang: str = "") -> Text:
    """Say what a task is: as it was given, or as its form names it in the reader's language."""
    case, item = _asked(turn, task)
    return as_is(item.name.of(lang or turn.lang) if case and item else task.words)


def whence(turn: Turn, task: Task, lang: str = "") -> Text:
    """Name who gave a task, or the report that asks for it."""
    case, _item = _asked(turn, task)
    if case is None:
        return filing.who(turn, task.giver)
    return filing.title(msgspec.structs.replace(case, lang=lang or turn.lang))


def short(turn: Turn, task: Task) -> Text:
    """Name a task on a button."""
    named = words(turn, task).msgid
    return filing.label(named, as_is(named[: LABEL - 1] + "…"))


def line(turn: Turn, task: Task) -> Text:
    """Say in one line what a task is, whose, and until when."""
    return _("• {words}: {who}, by {day}")(words=words(turn, task), who=whose(turn, task), day=task.due)


def own_line(turn: Turn, task: Task) -> Text:
    """Say the same to whoever is to do it."""
    given, asked = _("• {words}: by {day}, from {who}"), _("• {words}: by {day}, asked by {who}")
    return (asked if task.role else given)(words=words(turn, task), who=whence(turn, task), day=task.due)


def to_list(task: Task) -> Choice:
    """Give the tap by which its owner says that a task is done."""
    return Choice(DONE.name, DONE.label, str(task.id), DONE.typed)


def overdue(turn: Turn, person: Person) -> list[Task]:
    """Give the open tasks whose day has passed that somebody is to do, or has given."""
    today = local_day(turn.now)
    every = {task.id: task for task in (*handed_out(turn, person.id), *owned(turn, person.id))}
    return [task for task in every.values() if task.due < today]


def overdue_line(turn: Turn, late: list[Task], lang: str = "") -> Text:
    """Name in one line what is past its day."""
    first = words(turn, late[0], lang)
    if len(late) == 1:
        return _("• A task past its day: {words}")(words=first)
    return _("• {n} tasks are past their day, the first: {words}")(n=len(late), words=first)


# --- what is due ---


def put(turn: Turn, task: Task) -> None:
    """Have the owner of a new task reminded, and its giver told once where its day passes without it."""
    for stage in tasking.stages(task.due, turn.shelf.calendar, turn.now):
        turn.later(
            f"{about(task)}:{stage.name}",
            stage.at,
            STAGE,
            _ordered(task),
            task=str(task.id),
            stage=stage.name,
        )


def _ordered(task: Task) -> str:
    """Give what orders the stages of a task: those of a unit's forms go one behind the other, to be told together."""
    return f"tasks:{task.place}:{task.role}" if task.role else about(task)


def fire(turn: Turn) -> None:
    """Decide on one stage of a task: tell of it, hold it until people may be written to, or leave it out."""
    facts = turn.event.facts if isinstance(turn.event, Due) else {}
    task, stage = found(turn, facts["task"]), facts["stage"]
    if task is None or any(
        one.stage == stage and one.decision == "sent" for one in turn.tasks.decisions(task)
    ):
        return
    if task.state != "open":
        _decided(turn, task, stage, "skipped", "submitted" if task.state == "done" else "withdrawn")
        return
    verdict = may_send(turn.now, turn.shelf.calendar)
    if not verdict.ok:
        if stage != "missed" and local_day(verdict.then) > task.due:
            _decided(turn, task, stage, "skipped", "period-over")
            return
        again = f"{about(task)}:{stage}:{verdict.then:%Y%m%d%H%M}"
        turn.later(again, verdict.then, STAGE, _ordered(task), task=str(task.id), stage=stage)
        _decided(turn, task, stage, "held", verdict.reason)
        return
    if stage != "missed" and local_day(turn.now) > task.due:
        _decided(turn, task, stage, "skipped", "period-over")
        return
    people = givers(turn, task) if stage == "missed" else owners(turn, task)
    several = [task, *_beside(turn, task, stage)]
    for person in people:
        if stage == "missed":
            _tell_missed(turn, several, person)
        else:
            _remind(turn, several, person)
    _decided(turn, task, stage, "sent" if people else "skipped", "due" if people else "no-reporter")
    for other in several[1:]:
        _decided(turn, other, stage, "sent" if people else "skipped", "together" if people else "no-reporter")


def _beside(turn: Turn, task: Task, stage: str) -> list[Task]:
    """Give the other open tasks of a unit's forms that are the same people's, and due on the same day."""
    if not task.role:
        return []
    return [
        other
        for other in turn.tasks.open_in((task.commune,))
        if (other.place, other.role, other.due) == (task.place, task.role, task.due)
        and other.id != task.id
        and not any(one.stage == stage and one.decision == "sent" for one in turn.tasks.decisions(other))
    ]


def _remind(turn: Turn, several: list[Task], person: Person) -> None:
    task, lang = several[0], person.lang or "vi"
    today = task.due == local_day(turn.now)
    if len(several) > 1:
        head = _("Due today, {n} tasks:") if today else _("{n} tasks are due on {day}:")
        told = lines(
            head(n=len(several), day=task.due),
            *(_("• {words}")(words=words(turn, one, lang)) for one in several),
        )
    else:
        asks = _("Due today: {words}") if today else _("A task is due on {day}: {words}")
        told = asks(day=task.due, words=words(turn, task, lang))
    from_form = _("{what}\nAsked for by {who}. When it is done, type “task done” and a sentence.")
    given = _("{what}\nGiven by {who}. When it is done, type “task done” and a sentence.")
    turn.say(
        (from_form if task.role else given)(what=told, who=whence(turn, task, lang)),
        [to_list(task)] if len(several) == 1 else [_which(turn, one, lang) for one in several[:TAPS]],
        to=person,
        kind="reminder",
        about=about(task),
        until=end_of_day(turn.now),
    )


def _which(turn: Turn, task: Task, lang: str) -> Choice:
    named = words(turn, task, lang).msgid
    return Choice(DONE.name, filing.label(named, as_is(named[: LABEL - 1] + "…")), str(task.id), DONE.typed)


def _tell_missed(turn: Turn, several: list[Task], person: Person) -> None:
    task, lang = several[0], person.lang or "vi"
    told = words(turn, task, lang)
    for other in several[1:]:
        told = _("{list}; {one}")(list=told, one=words(turn, other, lang))
    turn.say(
        _("Not reported yet, given to {who}, due {day}: {words}")(
            words=told, who=whose(turn, task), day=task.due
        ),
        [Choice(LIST.name, LIST.label, "all", LIST.typed)] if units(turn, "task", person.id) else (),
        to=person,
        kind="notice",
        about=about(task),
    )


def _decided(turn: Turn, task: Task, stage: str, decision: str, reason: str) -> None:
    turn.tasks.decided(task, stage, decision, reason)
    turn.note(f"task reminder {stage} {decision} ({reason})", about(task), 0)


# --- what a form asks for ---


def origin(case: Filing, item: FormTask) -> str:
    """Give the name of a form's task; one with a day of its own is the same in every period."""
    day = item.due.day.isoformat() if item.due.day else case.period.code
    return f"{case.unit.id}:{case.form.id}:{day}:{item.id}"


def of_form(turn: Turn, case: Filing, item: FormTask) -> Task | None:
    """Give what is kept of a form's task outside its report; None where nothing is."""
    return turn.tasks.of_origin(origin(case, item))


def _asked(turn: Turn, task: Task) -> tuple[Filing | None, FormTask | None]:
    """Give the report that asks for a task, and what its form says of it; None where somebody gave it."""
    unit, _colon, rest = task.origin.partition(":")
    form, _colon, rest = rest.partition(":")
    period, _colon, item = rest.partition(":")
    known = turn.shelf.forms.get(form)
    if known is not None and period == task.due.isoformat():  # its own day, the same in every period
        period = periods.open_period(known, local_day(turn.now)).code
    case = filing.find(turn, f"{unit}:{form}:{period}") if known else None
    return case, case.form.task(item) if case else None


def put_of(turn: Turn, case: Filing) -> None:
    """Give a unit the tasks of a form whose day is still to come, each once; whoever is to do them is reminded."""
    owed = filing.owes(case.form, case.unit, case.period)
    if not (case.form.tasks and owed) or case.report.delivered:
        return
    today = local_day(turn.now)
    for item in case.form.tasks:
        due = filing.task_due(turn, case, item)
        if due >= today and item.id not in case.report.tasks and of_form(turn, case, item) is None:
            _keep(turn, case, item, due)


def _keep(turn: Turn, case: Filing, item: FormTask, due: date) -> Task:
    task = turn.tasks.keep(
        Task(
            unit=case.unit.id,
            commune=case.unit.commune,
            giver=0,
            place=case.unit.id,
            role="head" if item.owner == "head" else "reporter",
            origin=origin(case, item),
            words=item.name.vi,
            due=due,
        )
    )
    turn.note("task of a form", about(task), 0)
    put(turn, task)
    return task


def follow(turn: Turn, case: Filing, item: FormTask, state: TaskState) -> None:
    """Let what a report says of a task hold for its reminders too; nobody is told who does not read the report."""
    task = of_form(turn, case, item)
    if task is None:
        if state.stage != "done":
            _keep(turn, case, item, filing.task_due(turn, case, item))
    elif state.stage == "done" and (task.state, task.said) != ("done", state.said):
        after = msgspec.structs.replace(task, state="done", said=state.said)
        turn.tasks.save(after, "done", turn.person.id, state.said)
        turn.note("task done", about(task))
    elif state.stage != "done" and task.state != "open":
        after = msgspec.structs.replace(task, state="open", said="")
        turn.tasks.save(after, "reopened", turn.person.id, state.said)
        turn.note("task open again", about(task))


def into_report(turn: Turn, task: Task, said: str) -> bool:
    """Let a draft that said something else of a task say that it is done; one that said nothing asks, and offers it.

    False where the report has been sent already, which stays as it is.
    """
    case, item = _asked(turn, task)
    if case is None or item is None:
        return True
    case = filing.hold(turn, case)
    if item.id in case.report.tasks and not case.report.delivered:
        done = {**case.report.tasks, item.id: TaskState("done", said)}
        turn.reports.save(msgspec.structs.replace(case.report, tasks=done))
    return not case.report.delivered


def plan(turn: Turn) -> None:
    """Give a unit the tasks of a form whose period has begun."""
    case = filing.find(turn, turn.event.about.partition(":")[2]) if isinstance(turn.event, Due) else None
    if case is not None:
        put_of(turn, filing.hold(turn, case))


PLAN = "tasks.of-form"
DUE: dict[str, Callable[[Turn], None]] = {STAGE: fire, PLAN: plan}
