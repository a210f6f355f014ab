"""Every choice of every guide can be pressed, in both languages, and leaves nobody without a way on."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest

from bot.shelf import Bookcase
from bot.store.database import Database
from bot.store.records import StoredRecords
from bot.wording import Wording
from handlers import guides
from handlers.talk import Talk
from handlers.turn import Shelf, Turn
from knowledge.languages import LANGUAGES
from knowledge.library import Topic
from tests.handlers.turning import NOW, SOMEBODY, incoming, take_turn

LONGEST_DATA = 64  # bytes a button can carry
LONGEST_LABEL = 25


@pytest.fixture
def records(sqlite_url: str) -> Iterator[StoredRecords]:
    database = Database(sqlite_url)
    with database.write() as connection:
        yield StoredRecords(connection, NOW)
    database.close()


def _first(records: StoredRecords, shelf: Shelf, wording: Wording, topic: Topic) -> Turn:
    """Press "step by step" under the answer."""
    standing = Talk(doing="topic", at=topic.id, context=topic.id, topic=topic.id, met=True)
    person = msgspec.structs.replace(SOMEBODY, lang=topic.lang)
    return take_turn(records, shelf, wording, standing, incoming(choice=f"go@{topic.id}"), person)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_choice_of_every_guide_leads_on(
    records: StoredRecords, bookcase: Bookcase, wording: Wording, lang: str
) -> None:
    shelf = bookcase.shelf()
    for topic in (topic for topic in shelf.library.topics(lang) if topic.steps):
        start = _first(records, shelf, wording, topic)
        waiting, seen, ends = [start.talk], {start.talk.at}, 0
        while waiting:
            talk = waiting.pop()
            assert talk.doing == f"guide {topic.id}"
            for button in talk.offered:
                where = f"{lang} {topic.id} {talk.at} {button.data}"
                assert len(button.data.encode()) <= LONGEST_DATA, where
                assert len(button.label) <= LONGEST_LABEL, where
                after = take_turn(records, shelf, wording, talk, incoming(choice=button.data), start.person)
                assert after.said, where
                assert _has_a_way_on(after), where
                ends += after.talk.at == "end"
                if after.talk.doing == talk.doing and after.talk.at not in {*seen, "end"}:
                    seen.add(after.talk.at)
                    waiting.append(after.talk)
        assert seen == {step.id for step in topic.steps}, topic.id
        assert ends, f"{topic.id} cannot be ended"


def _has_a_way_on(turn: Turn) -> bool:
    """Say whether there is a choice to press, or a question of a form to answer in words."""
    return bool(turn.said[-1].choices) or turn.talk.doing.startswith("form ")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_label_typed_without_accents_does_what_its_button_does(
    records: StoredRecords, bookcase: Bookcase, wording: Wording, lang: str
) -> None:
    shelf = bookcase.shelf()
    for topic in (topic for topic in shelf.library.topics(lang) if topic.steps):
        person = _first(records, shelf, wording, topic).person
        for step in topic.steps:
            standing = take_turn(
                records, shelf, wording, Talk(met=True), incoming(choice=f"?@{step.code}"), person
            ).talk
            assert standing.at == step.id
            labels = [button.label for button in standing.offered]
            for button in standing.offered:
                if labels.count(button.label) > 1:
                    continue
                where = f"{lang} {topic.id} {step.id} {button.label}"
                pressed = take_turn(records, shelf, wording, standing, incoming(choice=button.data), person)
                typed = take_turn(records, shelf, wording, standing, incoming(button.label.lower()), person)
                assert (typed.talk.doing, typed.talk.at) == (pressed.talk.doing, pressed.talk.at), where


def test_a_guide_that_leads_into_another_comes_back(
    records: StoredRecords, bookcase: Bookcase, wording: Wording
) -> None:
    shelf = bookcase.shelf()
    topic = shelf.library.topic("vneid.activate", "vi")
    assert topic is not None
    first = _first(records, shelf, wording, topic)
    inside = take_turn(records, shelf, wording, first.talk, incoming(choice="safe.been-scammed@B70"))
    assert inside.talk.doing == "guide safe.been-scammed"
    assert inside.talk.held is not None
    assert (inside.talk.held.doing, inside.talk.held.held) == ("guide vneid.activate", None)
    ended = msgspec.structs.replace(inside.talk, at="end", context="end")
    helped = take_turn(records, shelf, wording, ended, incoming(choice=f"{guides.HELPED.name}@end"))
    assert (helped.talk.doing, helped.talk.at) == ("guide vneid.activate", topic.steps[0].id)
