"""Ten guides are walked from the first step to every end; in none of all goes anybody round in circles."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.shelf import Bookcase
from bot.store.database import Database
from bot.store.records import StoredRecords
from bot.wording import Wording
from handlers import guides
from handlers.talk import Talk
from handlers.turn import Shelf, Turn
from knowledge.languages import DEFAULT, LANGUAGES
from knowledge.library import Option, Step, Topic
from knowledge.overview import longest_way
from tests.handlers.turning import NOW, incoming, take_turn

WALKED = [
    "vneid.register",
    "vneid.activate",
    "vneid.forgot-password",
    "residence.temporary",
    "civil.birth",
    "dvc.submit",
    "health.insurance",
    "pay.qr",
    "safe.been-scammed",
    "safe.fake-police",
]


@pytest.fixture
def records(sqlite_url: str) -> Iterator[StoredRecords]:
    database = Database(sqlite_url)
    with database.write() as connection:
        yield StoredRecords(connection, NOW)
    database.close()


def ways(topic: Topic) -> dict[str, list[str]]:
    """Give the steps that each step leads to."""
    return {
        step.id: [option.target for option in step.options if option.kind == "step"] for step in topic.steps
    }


def every(topic: Topic) -> Iterator[tuple[list[Option], Step, Option]]:
    """Give each choice of each step, and the fewest choices that lead to that step."""
    paths: dict[str, list[Option]] = {topic.steps[0].id: []}
    for at in (waiting := [topic.steps[0]]):
        for option in at.options:
            yield paths[at.id], at, option
            if option.kind == "step" and option.target not in paths:
                paths[option.target] = [*paths[at.id], option]
                after = topic.step(option.target)
                assert after, f"{topic.id} {at.id} leads nowhere"
                waiting.append(after)


@pytest.mark.parametrize("guide", WALKED)
def test_every_choice_is_pressed_on_the_way_from_the_first_step(
    records: StoredRecords, bookcase: Bookcase, wording: Wording, guide: str
) -> None:
    shelf = bookcase.shelf()
    topic = shelf.library.topic(guide, DEFAULT)
    assert topic
    pressed, kinds, steps = 0, set(), set()
    for path, step, option in every(topic):
        turn = _walk(records, shelf, wording, topic, path)
        assert turn.talk.at == step.id
        after = _press(records, shelf, wording, turn.talk, f"{option.name}@{step.code}")
        _goes_on(records, shelf, wording, topic, step, option, after)
        pressed += len(path) + 1
        kinds.add(option.kind)
        steps.add(step.id)
    assert {"done", "help"} <= kinds
    assert steps == {step.id for step in topic.steps}
    print(f"{topic.id}: {pressed} presses, the longest way to an end has {longest_way(topic)} steps")


def _walk(records: StoredRecords, shelf: Shelf, wording: Wording, topic: Topic, path: list[Option]) -> Turn:
    """Begin the guide and press one choice after the other; each has to be on the screen."""
    asked = Talk(doing="topic", at=topic.id, context=topic.id, topic=topic.id, met=True)
    turn = _press(records, shelf, wording, asked, f"go@{topic.id}")
    for option in path:
        step = topic.step(turn.talk.at)
        assert step
        assert f"{option.name}@{step.code}" in [button.data for button in turn.talk.offered]
        turn = _press(records, shelf, wording, turn.talk, f"{option.name}@{step.code}")
        assert (turn.talk.doing, turn.talk.at) == (f"guide {topic.id}", option.target)
    return turn


def _press(records: StoredRecords, shelf: Shelf, wording: Wording, talk: Talk, button: str) -> Turn:
    return take_turn(records, shelf, wording, talk, incoming(choice=button))


def _goes_on(
    records: StoredRecords,
    shelf: Shelf,
    wording: Wording,
    topic: Topic,
    step: Step,
    option: Option,
    after: Turn,
) -> None:
    """Prove that a choice leads where it says and leaves nobody alone."""
    where = f"{topic.id} {step.id} [{option.label}]"
    here = (f"guide {topic.id}", step.id)
    if option.kind == "step":
        assert (after.talk.doing, after.talk.at) == (f"guide {topic.id}", option.target), where
        assert after.talk.offered, where
    elif option.kind == "help":
        assert after.talk.doing.startswith("form "), where
    elif option.kind == "done":
        over = _press(records, shelf, wording, after.talk, f"{guides.HELPED.name}@{after.talk.context}")
        assert not over.talk.doing, where
    else:
        other = shelf.library.topic(option.target, DEFAULT)
        assert other, where
        if other.steps:
            assert after.talk.doing == f"guide {other.id}", where
            assert after.talk.held, where
            assert (after.talk.held.doing, after.talk.held.at) == here, where
        else:  # the answer is told, and the step comes again
            assert (after.talk.doing, after.talk.at) == here, where
            assert len(after.said) == 2, where


@pytest.mark.parametrize("lang", LANGUAGES)
def test_whoever_can_come_back_to_a_step_can_get_to_a_person(bookcase: Bookcase, lang: str) -> None:
    for topic in (topic for topic in bookcase.shelf().library.topics(lang) if topic.steps):
        onward = ways(topic)
        helped = {step.id for step in topic.steps if any(option.kind == "help" for option in step.options)}
        for step in topic.steps:
            reached = _reached(onward, onward[step.id])
            assert step.id not in reached or helped & reached, (
                f"{lang} {topic.id} {step.id} only goes in circles"
            )


def test_no_way_is_longer_than_a_patient_person_walks(bookcase: Bookcase) -> None:
    longest = {
        topic.id: longest_way(topic) for topic in bookcase.shelf().library.topics(DEFAULT) if topic.steps
    }
    for guide, steps in sorted(longest.items(), key=lambda one: -one[1]):
        print(f"{guide}: the longest way to an end has {steps} steps")
    assert max(longest.values()) <= 24


def _reached(onward: dict[str, list[str]], starts: list[str]) -> set[str]:
    found, waiting = set[str](), list(starts)
    for step in waiting:
        if step not in found:
            found.add(step)
            waiting += onward[step]
    return found
