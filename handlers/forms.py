"""Conversations that ask one question after another.

A form is a table an officer could check: what is asked, what counts as an
answer, what is said otherwise.  Answers are kept by name, so a form may be
changed while people stand in the middle of it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

import msgspec

from handlers import answers
from handlers.text import Text, _
from handlers.turn import Choice, Turn

STOP = Choice("menu-stop", _("Never mind"), "menu")
PICK = "pick="  # before an answer that is kept as it stands


class Pick(msgspec.Struct, frozen=True):
    """An answer that fits several things: the person chooses among them."""

    ask: Text
    choices: tuple[Choice, ...]


Checked = str | Pick | None
Check = Callable[[Turn, str], Checked]


class Question(msgspec.Struct, frozen=True):
    """One thing to ask; `name` outlives every wording of it."""

    name: str
    ask: Callable[[Turn], Text]
    check: Check  # the value to keep, a choice between several, or None for "no answer"
    otherwise: Text
    choices: Callable[[Turn], Sequence[Choice]] = lambda turn: ()
    needed: Callable[[Turn], bool] = lambda turn: True
    asks: Literal["", "phone"] = ""  # what a channel may have a form of its own for
    about: Callable[[Turn], str] = lambda turn: ""  # whose words it may repeat, which they can have erased
    letters: bool = False  # a figure is expected: a typed digit chooses nothing


class Form(msgspec.Struct, frozen=True):
    """Questions in their order, and what happens when all are answered."""

    name: str
    questions: tuple[Question, ...]
    done: Callable[[Turn], None]

    @property
    def doing(self) -> str:
        """What a talk in this form says it is doing."""
        return f"form {self.name}"


def one_of(*names: str) -> Check:
    """Accept these choices, pressed or typed."""

    def check(turn: Turn, text: str) -> Checked:
        pressed = answers.pressed(turn, loosely=True)
        if pressed and pressed[0] in names:
            return pressed[0]
        if "yes" in names and answers.yes(turn):
            return "yes"
        if "no" in names and answers.no(turn):
            return "no"
        return None

    return check


def words(turn: Turn, text: str) -> Checked:
    """Accept any words."""
    return text or None


def begin(turn: Turn, form: Form, **kept: str) -> None:
    """Start a form; what goes on now waits for its end."""
    turn.hold(form.doing, "", **kept)
    ask_next(turn, form)


def ask_next(turn: Turn, form: Form, before: Text | None = None) -> None:
    """Ask the first question that is needed and has no answer, or finish."""
    for question in form.questions:
        if question.name not in turn.talk.kept and question.needed(turn):
            ask(turn, form, question, before)
            return
    form.done(turn)


def ask(turn: Turn, form: Form, question: Question, before: Text | None = None) -> None:
    """Put one question, after a sentence that answers what was just said."""
    turn.asks(form.doing, question.name, context=f"{form.name}.{question.name}")
    text = question.ask(turn)
    if before is not None:
        text = _("{before}\n{ask}")(before=before, ask=text)
    turn.say(
        text,
        question.choices(turn),
        asks=question.asks,
        letters=question.letters,
        about=question.about(turn),
    )


def take(turn: Turn, form: Form) -> bool:
    """Take an answer to the open question; False when it was none and the person said something else."""
    question = next((entry for entry in form.questions if entry.name == turn.talk.at), None)
    if question is None:
        # The form has changed since this person last wrote.  Asking again is tedious;
        # guessing where they were could send something wrong.
        ask_next(turn, form)
        return True
    pressed = answers.pressed(turn)
    if pressed and pressed[1] not in ("", turn.talk.context):
        return False
    if pressed and pressed[0].startswith(PICK):
        if not _offers(turn, question, pressed[0]):
            ask(turn, form, question, _("That choice is no longer among these."))
            return True
        answer: Checked = pressed[0].removeprefix(PICK)
    else:
        answer = question.check(turn, turn.text)
    if isinstance(answer, Pick):
        turn.asks(form.doing, question.name, context=turn.talk.context)
        turn.say(answer.ask, answer.choices, letters=question.letters)
        return True
    if answer is None:
        return False
    turn.change(kept={**turn.talk.kept, question.name: answer})
    ask_next(turn, form)
    return True


def _offers(turn: Turn, question: Question, name: str) -> bool:
    """Say whether an answer that is taken as it stands is one that this question has offered."""
    if any(choice.name == name for choice in question.choices(turn)):
        return True
    shown = {button.data for button in (*turn.talk.offered, *turn.talk.past)}
    return f"{name}@{turn.talk.context}" in shown


def insist(turn: Turn, form: Form) -> None:
    """Say what would be an answer; the question itself is still to be seen above."""
    question = next((entry for entry in form.questions if entry.name == turn.talk.at), None)
    if question is None:
        ask_next(turn, form)
        return
    choices = question.choices(turn)
    turn.say(question.otherwise, choices or [STOP], letters=question.letters)


def back(turn: Turn, form: Form) -> None:
    """Ask once more what was answered last; the first question stays open."""
    answered = [question.name for question in form.questions if question.name in turn.talk.kept]
    if answered:
        turn.change(kept={name: value for name, value in turn.talk.kept.items() if name != answered[-1]})
    ask_next(turn, form)
