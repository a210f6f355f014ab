"""Tasks within a commune: whose they are, how they are spoken of, and what is told of them when their day comes."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from handlers import filing
from handlers.records.people import Person, RoleKind, Unit
from handlers.records.tasks import Task
from handlers.rules import roles, tasking
from handlers.rules.reporting import local_day, may_send
from handlers.rules.roles import RightName
from handlers.talk import Due
from handlers.text import Text, _, as_is
from handlers.turn import Choice, Turn

STAGE = "tasks.stage"
LABEL = 25  # letters of a choice
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
    return acting(turn, unit) if unit else ()


def acting(turn: Turn, unit: Unit) -> tuple[Person, ...]:
    """Give who does what a unit is given: those of the first role that anybody there has."""
    return next(filter(None, (filing.there(turn, kind, unit) for kind in _OWNERS)), ())


def givers(turn: Turn, task: Task) -> tuple[Person, ...]:
    """Give who hears what became of a task: who gave it, or who stands in."""
    return _present(turn, task.giver)


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
    """Give the open tasks that somebody has given, the earliest first."""
    own = person or turn.person.id
    return [
        task for task in _around(turn, "task", own) if own == task.giver or own in _ids(givers(turn, task))
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
    unit = turn.people.unit(task.place)
    return called(unit) if unit else _("somebody of the office")


def called(unit: Unit) -> Text:
    """Name a team or office within its commune."""
    name = as_is(unit.name.partition(",")[0])
    return _("the digital team of {place}")(place=name) if unit.kind == "team" else name


def line(turn: Turn, task: Task) -> Text:
    """Say in one line what a task is, whose, and until when."""
    return _("• {words}: {who}, by {day}")(words=as_is(task.words), who=whose(turn, task), day=task.due)


def own_line(turn: Turn, task: Task) -> Text:
    """Say the same to whoever is to do it."""
    return _("• {words}: by {day}, from {who}")(
        words=as_is(task.words), who=filing.who(turn, task.giver), day=task.due
    )


def to_list(task: Task) -> Choice:
    """Give the tap by which its owner says that a task is done."""
    return Choice(DONE.name, DONE.label, str(task.id), DONE.typed)


def overdue(turn: Turn, person: Person) -> list[Task]:
    """Give the open tasks whose day has passed that somebody is to do, or has given."""
    today = local_day(turn.now)
    every = {task.id: task for task in (*handed_out(turn, person.id), *owned(turn, person.id))}
    return [task for task in every.values() if task.due < today]


def overdue_line(late: list[Task]) -> Text:
    """Name in one line what is past its day."""
    first = as_is(late[0].words)
    if len(late) == 1:
        return _("• A task past its day: {words}")(words=first)
    return _("• {n} tasks are past their day, the first: {words}")(n=len(late), words=first)


# --- what is due ---


def put(turn: Turn, task: Task) -> None:
    """Have the owner of a new task reminded, and its giver told once where its day passes without it."""
    for stage in tasking.stages(task.due, turn.shelf.calendar, turn.now):
        turn.later(
            f"{about(task)}:{stage.name}", stage.at, STAGE, about(task), task=str(task.id), stage=stage.name
        )


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
        turn.later(again, verdict.then, STAGE, about(task), task=str(task.id), stage=stage)
        _decided(turn, task, stage, "held", verdict.reason)
        return
    if stage != "missed" and local_day(turn.now) > task.due:
        _decided(turn, task, stage, "skipped", "period-over")
        return
    people = givers(turn, task) if stage == "missed" else owners(turn, task)
    for person in people:
        if stage == "missed":
            _tell_missed(turn, task, person)
            continue
        today = task.due == local_day(turn.now)
        asks = _("Due today: {words}") if today else _("A task is due on {day}: {words}")
        turn.say(
            _("{what}\nGiven by {who}. When it is done, type “task done” and a sentence.")(
                what=asks(day=task.due, words=as_is(task.words)),
                who=filing.who(turn, task.giver),
            ),
            [to_list(task)],
            to=person,
            kind="reminder",
            about=about(task),
            until=tasking.end_of_day(turn.now),
        )
    _decided(turn, task, stage, "sent" if people else "skipped", "due" if people else "no-reporter")


def _tell_missed(turn: Turn, task: Task, person: Person) -> None:
    turn.say(
        _("Not reported yet: {words}. {who}, the day was {day}. Tổ Số tells it this once.")(
            words=as_is(task.words), who=whose(turn, task), day=task.due
        ),
        [Choice(LIST.name, LIST.label, "all", LIST.typed)],
        to=person,
        kind="notice",
        about=about(task),
    )


def _decided(turn: Turn, task: Task, stage: str, decision: str, reason: str) -> None:
    turn.tasks.decided(task, stage, decision, reason)
    turn.note(f"task reminder {stage} {decision} ({reason})", about(task), 0)


DUE: dict[str, Callable[[Turn], None]] = {STAGE: fire}
