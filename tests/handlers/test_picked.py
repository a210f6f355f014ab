"""An answer that is kept as it stands is one of those that the question has offered, whoever sends it."""

from __future__ import annotations

from typing import cast

import pytest

from bot.shelf import Bookcase
from bot.store.records import StoredRecords
from bot.wording import Wording
from handlers import forms
from handlers.forms import Checked, Form, Pick, Question
from handlers.talk import Button, Talk
from handlers.text import _, as_is
from handlers.turn import Choice, Turn
from tests.handlers.turning import NOW, SOMEBODY, incoming, told

KINDS = (Choice("pick=cat", as_is("Cat")), Choice("pick=dog", as_is("Dog")))


def _check(turn: Turn, text: str) -> Checked:
    """Ask which of two is meant, as a place does that is in two provinces."""
    return Pick(as_is("Which one?"), (Choice("pick=01", as_is("One")),)) if text == "both" else None


PETS = Form(
    "pets",
    (
        Question(
            "kind", lambda turn: as_is("Which?"), _check, _("Please choose one of these."), lambda turn: KINDS
        ),
    ),
    lambda turn: turn.say(as_is("Done.")),
)


def taken(bookcase: Bookcase, choice: str = "", text: str = "", talk: Talk | None = None) -> Turn:
    """Answer the one question of the form."""
    turn = Turn(
        event=incoming(text, choice),
        person=SOMEBODY,
        talk=talk or Talk(doing=PETS.doing, at="kind", context="pets.kind"),
        now=NOW,
        shelf=bookcase.shelf(),
        records=cast("StoredRecords", None),
    )
    assert forms.take(turn, PETS)
    return turn


def test_what_the_question_offers_is_kept(bookcase: Bookcase) -> None:
    assert taken(bookcase, "pick=dog@pets.kind").talk.kept == {"kind": "dog"}


@pytest.mark.parametrize("invented", ["pick=lion@pets.kind", "pick=@pets.kind", "pick=01@pets.kind"])
def test_what_it_has_not_offered_is_asked_again_and_not_kept(
    bookcase: Bookcase, wording: Wording, invented: str
) -> None:
    turn = taken(bookcase, invented)
    assert turn.talk.kept == {}
    assert told(turn, wording) == "Lựa chọn đó không còn trong số này.\nWhich?"
    assert [choice.name for choice in turn.said[0].choices] == ["pick=cat", "pick=dog"]


def test_what_it_has_asked_back_is_offered_too_and_so_are_the_choices_before(bookcase: Bookcase) -> None:
    asked = taken(bookcase, text="both")
    assert [choice.name for choice in asked.said[0].choices] == ["pick=01"]
    shown = (Button("pick=01@pets.kind", "One"),)
    open_now = Talk(doing=PETS.doing, at="kind", context="pets.kind", offered=shown)
    assert taken(bookcase, "pick=01@pets.kind", talk=open_now).talk.kept == {"kind": "01"}
    since = Talk(doing=PETS.doing, at="kind", context="pets.kind", past=shown)
    assert taken(bookcase, "pick=01@pets.kind", talk=since).talk.kept == {"kind": "01"}
