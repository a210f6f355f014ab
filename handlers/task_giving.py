"""Giving a task in the chat, saying that one is done, and taking one back: read back first, each step kept."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import msgspec

from handlers import answers, filing, forms, leading, steps, tasks
from handlers.forms import STOP, Checked, Form, Pick, Question
from handlers.records.people import Person, RoleKind, Unit
from handlers.records.tasks import Task
from handlers.rules import days, tasking
from handlers.rules.reporting import local_day
from handlers.rules.tasking import LONGEST
from handlers.text import Text, _, as_is, lines
from handlers.turn import LABEL, TAPS, Choice, Turn
from knowledge.folding import fold

REVIEW = "head-review"  # where a head has a report before them, as handlers.approvals names it
FARTHEST = timedelta(days=366)
SHOWN = 6  # tasks of a list
BESIDE = 7  # letters of a choice beside a name
_KINDS: tuple[RoleKind, ...] = ("officer", "reporter", "head", "lead")  # who may be given one, in this order

GIVE = Choice("task-give", _("Give somebody a task"), typed=_("GIVE A TASK"))
OFF = Choice("task-off", _("Take it back"), typed=_("TAKE THE TASK BACK"))
SAVE, FIX, DROP = (
    Choice("give", _("Yes, give it")),
    Choice("fix", _("Correct it")),
    Choice("drop", _("Do not give it")),
)
NOT_YOURS = _("Tasks are given by the commune's officer and its head.")


# --- heard ---

_SETTLED = {"xong viec duoc giao", "task done"}  # what is typed for the button


def meant(turn: Turn) -> bool:
    """Say whether words give a task, ask for the tasks, or say that one is done."""
    if tasking.given(turn.text) or tasking.lists(turn.text) or tasking.takes_back(turn.text):
        return True
    return tasking.done(turn.text) is not None and bool(tasks.owned(turn))


def typed_card(turn: Turn) -> bool:
    """Hear "giao một cửa: …", "việc được giao" and "xong việc: …"; False for other words and people."""
    filling = turn.talk.doing.startswith(f"{filing.DOING} ") and turn.talk.at != REVIEW
    if not turn.staff or filling or turn.talk.doing.startswith("form "):
        return False
    if tasking.lists(turn.text):
        return show(turn, "")
    if tasking.takes_back(turn.text):
        return _take_back(turn)
    said = tasking.done(turn.text)
    if said is not None and (own := tasks.owned(turn)):
        kept = {"task": str(own[0].id)} if len(own) == 1 else {}
        forms.begin(turn, FINISHING, **(kept | ({"said": said[:LONGEST]} if said else {})))
        return True
    if fold(turn.text) in _SETTLED and tasks.units(turn, "task-own"):  # an old button, where there are none
        turn.say(_("That task is settled, or somebody else's. Type “tasks” for yours."))
        return True
    if (given := tasking.given(turn.text)) is not None:
        return _begin(turn, given)
    return _beneath(turn)


def _beneath(turn: Turn) -> bool:
    """Take the task that is typed behind the number of a choice that gives one: "1 đề nghị lập danh sách"."""
    number, _space, rest = turn.text.strip().partition(" ")
    place = number.rstrip(".,)")
    if not (place.isdigit() and rest and 0 < int(place[:2]) <= len(turn.talk.offered)):
        return False
    chosen, _at, key = turn.talk.offered[int(place[:2]) - 1].data.partition("@")
    return chosen == GIVE.name and _begin(turn, tasking.Given(what=" ".join(rest.split())), key)


def offered(turn: Turn) -> list[Choice]:
    """Give the taps that give a task, for whoever may: to the one department there is, or to anybody."""
    if not _offices(turn):
        return []
    every = _candidates(turn)
    near = [key for key in every if key.startswith("u") and not _village(turn, key)]
    named = [
        Choice(GIVE.name, _("Give it to {who}")(who=every[key][0]), key)
        for key in near
        if len(near) == 1 and len(every[key][1]) <= LABEL - BESIDE
    ]
    return [*named, msgspec.structs.replace(GIVE, context="new")]


def give(turn: Turn, context: str) -> bool:
    """Ask whom a task is for, or what it is where a unit was named; pressed beneath indicators that stand still."""
    return _begin(turn, tasking.Given(), context)


def _begin(turn: Turn, given: tasking.Given, to: str = "") -> bool:
    """Begin with what a line said; `to` is whom a choice named, or nobody in particular."""
    if not _offices(turn):
        turn.say(NOT_YOURS)
        return True
    if not _candidates(turn):
        turn.say(_("Nobody else of this commune is known here yet. Type “who has joined” to invite anew."))
        return True
    turn.hold(GIVING.doing, "")
    kept = {"who": to} if to in _candidates(turn) else {}
    before = None
    if given.who:
        who = _who(turn, given.who)
        if isinstance(who, str):
            kept["who"] = who
        elif who is not None:
            turn.change(kept=_parts(turn, given.what))
            turn.asks(GIVING.doing, "who", context=f"{GIVING.name}.who")
            turn.say(who.ask, who.choices)
            return True
        else:
            before = _("Nobody there is called “{name}”.")(name=as_is(given.who))
    if given.what:
        kept |= _parts(turn, given.what)
    turn.change(kept=kept)
    forms.ask_next(turn, GIVING, before)
    return True


def _offices(turn: Turn) -> list[Unit]:
    return [unit for unit in tasks.units(turn, "task") if unit.kind == "office" and not unit.village]


def _parts(turn: Turn, words: str) -> dict[str, str]:
    """Give what a line says of a task: its words, and its day where that is one to come."""
    what, day = tasking.parted(words, local_day(turn.now))
    kept = {"what": what[:LONGEST]} if what else {}
    return kept | ({"due": day.isoformat()} if day and _fits(turn, day) else {})


def _fits(turn: Turn, day: date) -> bool:
    today = local_day(turn.now)
    return today <= day <= today + FARTHEST


# --- to whom ---


def _candidates(turn: Turn) -> dict[str, tuple[Text, str]]:
    """Give who may be given a task: what is kept, how it is called, and the name by which it is found."""
    offices = _offices(turn)
    commune = offices[0].commune if offices else ""
    own = {unit.id for unit in offices}
    every = [
        *turn.people.units("office", commune),
        *(turn.people.bodies(commune) if commune else ()),
        *turn.people.units("team", commune),
    ]
    found: dict[str, tuple[Text, str]] = {}
    for unit in every:
        if unit.id not in own and not unit.ended and tasks.acting(turn, unit):
            found[f"u{unit.id}"] = tasks.called(unit), unit.name.partition(",")[0]
    people: dict[str, tuple[Text, str]] = {}
    for kind in _KINDS:
        for unit in sorted(every, key=lambda unit: unit.id not in own):
            for person in turn.people.holding(kind, unit.id):
                if person.name and person.id != turn.person.id:
                    people.setdefault(f"p{person.id}", (filing.who(turn, person.id, first=True), person.name))
    near = {key: one for key, one in found.items() if not _village(turn, key)}
    return near | people | found


def _village(turn: Turn, key: str) -> bool:
    unit = turn.people.unit(int(key[1:]))
    return unit is None or bool(unit.village) or unit.kind == "team"


def _who(turn: Turn, text: str) -> Checked:
    said, every = fold(text), _candidates(turn)
    people = [turn.people.get(int(key[1:])) for key in every if key.startswith("p")]
    named = [f"p{person.id}" for person in leading.named_so(people, text)]
    named += [
        key
        for key, (_t, name) in every.items()
        if key[0] == "u" and said and f" {said} " in f" {fold(name)} "
    ]
    if len(named) > 1:
        ways = tuple(Choice(f"pick={key}", every[key][0]) for key in named[:TAPS])
        return Pick(_("Several are called so. Who is meant?"), ways)
    return named[0] if named else None


def _people(turn: Turn) -> list[Choice]:
    return [Choice(f"pick={key}", one[0]) for key, one in list(_candidates(turn).items())[:TAPS]]


# --- what, until when, sure ---


def _what(turn: Turn, text: str) -> Checked:
    found = _parts(turn, " ".join(text.split()))
    if "what" not in found or answers.asks(text):
        return None
    if "due" in found and "due" not in turn.talk.kept:
        turn.change(kept={**turn.talk.kept, "due": found["due"]})
    return found["what"]


def _due(turn: Turn, text: str) -> Checked:
    day = days.named(text, local_day(turn.now)).one
    if day is None:
        return None
    if not _fits(turn, day):
        return Pick(_("That day has passed, or is more than a year off. Until which day?"), (STOP,))
    return day.isoformat()


def _task(turn: Turn) -> Task:
    """Give the task as it would be kept."""
    kept, office = turn.talk.kept, _offices(turn)[0]
    number = int(kept["who"][1:])
    return Task(
        unit=office.id,
        commune=office.commune,
        giver=turn.person.id,
        person=number if kept["who"][0] == "p" else 0,
        place=number if kept["who"][0] == "u" else 0,
        words=kept["what"],
        due=date.fromisoformat(kept["due"]),
    )


def _read_back(turn: Turn) -> Text:
    task = _task(turn)
    off = turn.shelf.calendar.why_off(task.due, turn.lang)
    return filing.lines(
        _("A task for {who}, by {day}:")(who=tasks.whose(turn, task), day=task.due),
        _("“{words}”")(words=as_is(task.words)),
        _("That day is off; they are reminded on the working day before it.") if off else None,
        _("Give it?"),
    )


def _sure(turn: Turn, text: str) -> Checked:
    if answers.yes(turn):
        return SAVE.name
    if answers.no(turn):
        return DROP.name
    return forms.one_of(SAVE.name, FIX.name, DROP.name)(turn, text)


def _given(turn: Turn) -> None:
    if not _offices(turn):
        _end(turn, NOT_YOURS)
    elif turn.talk.kept["sure"] == FIX.name:
        turn.change(kept={})
        forms.ask_next(turn, GIVING)
    elif turn.talk.kept["sure"] == DROP.name:
        _end(turn, _("All right, nothing was given."))
    else:
        task = turn.tasks.keep(_task(turn))
        turn.note("task given", tasks.about(task))
        tasks.put(turn, task)
        _end(
            turn,
            _("Given to {who}, by {day}. If it is not there that day, Tổ Số tells you once.")(
                who=tasks.whose(turn, task), day=task.due
            ),
        )
        for person in _told(turn, tasks.owners(turn, task)):
            turn.say(
                lines(
                    _("{who} gives you a task, by {day}:")(
                        who=filing.who(turn, task.giver, first=True), day=task.due
                    ),
                    _("“{words}”")(words=as_is(task.words)),
                    _("When it is done, type “task done” and a sentence, or the number of the document."),
                ),
                [tasks.to_list(task)],
                to=person,
                kind="notice",
                about=tasks.about(task),
            )


def _told(turn: Turn, people: tuple[Person, ...]) -> list[Person]:
    return [person for person in people if person.id != turn.person.id]


def _end(turn: Turn, said: Text) -> None:
    turn.end()
    turn.say(said)
    if steps.under_way(turn):
        steps.again(turn, _("Back to where we were:"))


# --- done, and taken back ---


def done(turn: Turn, context: str) -> bool:
    """Ask the owner of a task what came of it."""
    task = tasks.found(turn, context)
    if task is None or not tasks.mine(turn, task):
        if task is None or not tasks.units(turn, "task-own"):
            return False
        turn.say(_("That task is settled, or somebody else's. Type “tasks” for yours."))
        return True
    forms.begin(turn, FINISHING, task=context)
    return True


def _own(turn: Turn) -> list[Choice]:
    return [Choice(f"pick={task.id}", tasks.short(turn, task)) for task in tasks.owned(turn)[:TAPS]]


def _said(turn: Turn, text: str) -> Checked:
    words = " ".join(text.split())
    return words[:LONGEST] if words and not answers.asks(text) else None


def _ask_said(turn: Turn) -> Text:
    task = tasks.found(turn, turn.talk.kept["task"])
    return _("“{words}”: what came of it? One sentence, or the number of the document.")(
        words=tasks.words(turn, task) if task else ""
    )


def _finished(turn: Turn) -> None:
    task, said = tasks.found(turn, turn.talk.kept["task"]), turn.talk.kept["said"]
    if task is None or not tasks.mine(turn, task):
        _end(turn, _("That task is settled, or somebody else's. Type “tasks” for yours."))
        return
    after = msgspec.structs.replace(task, state="done", said=said)
    turn.tasks.save(after, "done", turn.person.id, said)
    turn.note("task done", tasks.about(task))
    hear = _told(turn, tasks.givers(turn, task))
    if task.role:
        words = _("Kept for {title}. Thank you.")
        if not tasks.into_report(turn, task, said):
            words = _("Kept as done. Thank you. It does not change {title}, which has been sent already.")
        _end(turn, words(title=tasks.whence(turn, task)))
    else:
        _end(turn, _("Kept, and {who} hears it. Thank you.")(who=filing.who(turn, task.giver)))
    for person in hear:
        turn.say(
            _("{who} has done it: “{words}”\nWhat came of it: “{said}”")(
                who=filing.who(turn, turn.person.id, first=True),
                words=tasks.words(turn, task, person.lang or "vi"),
                said=as_is(said),
            ),
            to=person,
            kind="notice",
            about=tasks.about(task),
        )


def off(turn: Turn, context: str) -> bool:
    """Take back a task for whoever gave it; its owner hears it."""
    task = tasks.found(turn, context)
    if task is None or not tasks.units(turn, "task"):
        return False
    if task.role:
        turn.say(
            _("That task is asked by {title}, so it is not taken back here."), title=tasks.whence(turn, task)
        )
        return True
    if not tasks.gave(turn, task):
        turn.say(_("That task is settled, or somebody else's. Type “tasks” for yours."))
        return True
    turn.tasks.save(msgspec.structs.replace(task, state="dropped"), "dropped", turn.person.id, "")
    turn.note("task dropped", tasks.about(task))
    turn.say(_("Taken back: “{words}”. {who} is told.")(words=as_is(task.words), who=tasks.whose(turn, task)))
    for person in _told(turn, tasks.owners(turn, task)):
        turn.say(
            _("{who} has taken this task back: “{words}”. Nothing is left to do there.")(
                who=filing.who(turn, turn.person.id, first=True), words=as_is(task.words)
            ),
            to=person,
            kind="notice",
            about=tasks.about(task),
        )
    return True


def _take_back(turn: Turn) -> bool:
    handed = [task for task in tasks.handed_out(turn) if not task.role]
    if not tasks.units(turn, "task"):
        return False
    if len(handed) == 1:
        return off(turn, str(handed[0].id))
    turn.say(
        _("Which task?") if handed else _("No task is open."),
        [Choice(OFF.name, tasks.short(turn, task), str(task.id)) for task in handed[:TAPS]],
    )
    return True


# --- listed ---


def show(turn: Turn, context: str) -> bool:
    """List what somebody is to do and what they have given, the earliest day first."""
    if not (tasks.units(turn, "task-own") or tasks.units(turn, "task")):
        return False
    own, handed = tasks.owned(turn), tasks.handed_out(turn)
    if not own and not handed:
        turn.say(_("No task is open."))
        return True
    told: list[Text] = []
    for title, some, line in (
        (_("For you to do:"), own, tasks.own_line),
        (_("Given by you:"), [task for task in handed if not task.role], tasks.line),
        (_("Asked by reports:"), [task for task in handed if task.role], tasks.line),
    ):
        if some:
            told += [title, *(_marked(turn, task, line(turn, task)) for task in some[:SHOWN])]
            told += [_("• And {n} more.")(n=len(some) - SHOWN)] if some[SHOWN:] else []
    ways = [tasks.to_list(task) for task in own[:1]]
    ways += (
        [Choice(OFF.name, OFF.label, str(task.id), OFF.typed) for task in handed[:1]]
        if len(handed) == 1 and not handed[0].role
        else []
    )
    turn.say(lines(*told), ways)
    return True


def _marked(turn: Turn, task: Task, line: Text) -> Text:
    return _("{line} (late)")(line=line) if task.due < local_day(turn.now) else line


GIVING = Form(
    "task",
    (
        Question(
            "who",
            ask=lambda turn: _("Who is to do it? Choose, or type a name."),
            check=_who,
            otherwise=_("Nobody of the commune is called so. Choose, or type another name."),
            choices=_people,
        ),
        Question(
            "what",
            ask=lambda turn: _("What is to be done, and what shall come of it? One line."),
            check=_what,
            otherwise=_("Please type in one line what is to be done."),
        ),
        Question(
            "due",
            ask=lambda turn: _("Until which day? Such as: Friday, or 20/11."),
            check=_due,
            otherwise=_("Please type a day, such as Friday or 20/11."),
        ),
        Question(
            "sure",
            ask=_read_back,
            check=_sure,
            otherwise=_("Please choose one of these."),
            choices=lambda turn: (SAVE, FIX, DROP),
        ),
    ),
    _given,
)
FINISHING = Form(
    "task-done",
    (
        Question(
            "task",
            ask=lambda turn: _("Which task is done?"),
            check=lambda turn, text: None,
            otherwise=_("Please choose one of these."),
            choices=_own,
        ),
        Question(
            "said",
            ask=_ask_said,
            check=_said,
            otherwise=_("Please type one sentence, or the number of the document."),
        ),
    ),
    _finished,
)
FORMS = (GIVING, FINISHING)
CARDS: dict[str, Callable[[Turn, str], bool]] = {
    GIVE.name: give,
    tasks.DONE.name: done,
    OFF.name: off,
    tasks.LIST.name: show,
}
