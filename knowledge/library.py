"""The topics of the knowledge base as conversations use them.

A library is frozen and swapped whole: whoever holds one sees the same topics until the turn ends.
How a topic is written stands in `page.py`, what makes a good one in `check.py`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Literal

import msgspec

from knowledge.languages import DEFAULT
from knowledge.own import BadRow, Renewal, Wording, renewals, wordings
from knowledge.page import Page, Source, WrittenOption, WrittenStep, pages, read_page
from knowledge.told import Faulty, at
from knowledge.told import told as _

TargetKind = Literal["step", "topic", "help", "done"]


class Unreadable(Faulty):
    """The topics cannot be used; the message says where, what is wrong and what to do."""


class Option(msgspec.Struct, frozen=True):
    """A choice of a step."""

    name: str  # what a button sends back; unique within the step
    label: str
    kind: TargetKind
    target: str  # the step's or topic's id; "help" or "done"


class Step(msgspec.Struct, frozen=True):
    """One action of a guide."""

    id: str
    code: str  # what stands on paper and in talks with people, such as B71
    title: str
    text: str  # paragraphs are parted by a line break
    options: tuple[Option, ...]
    position: int  # 1 for the first; the fewest presses that lead here, and one
    shortest_left: int  # steps still to come after this one on the quickest way to the end
    longest_left: int  # and on the longest way from the first step that passes none twice
    desk: bool = False  # one goes to the commune's own desk for it

    @property
    def onward(self) -> Option | None:
        """The choice of whoever is not stuck here: the first that goes on or ends well; None where all lead away."""
        return next((option for option in self.options if option.kind in ("step", "done")), None)

    def option(self, name: str) -> Option | None:
        """Find the choice of that name; None when this step offers no such choice."""
        return next((option for option in self.options if option.name == name), None)


class Topic(msgspec.Struct, frozen=True):
    """One matter, with the answer and perhaps a guide."""

    id: str
    lang: str
    title: str
    code: str  # what leads here from paper: the first step's, or an answer's own; "" where it has none
    questions: tuple[str, ...]
    owner: str
    checked: date
    expires: date
    sources: tuple[Source, ...]
    answer: str
    more: tuple[str, ...]
    steps: tuple[Step, ...]
    desk: bool = False  # it sends to the commune's own desk

    def step(self, step: str) -> Step | None:
        """Find the step of that id; None when the guide has no such step, perhaps no longer."""
        return next((known for known in self.steps if known.id == step), None)

    def way(self, start: Step | None = None) -> tuple[Step, ...]:
        """Give the steps of whoever is never stuck: by the first choice that goes on, until one ends well.

        They begin with `start`, or with the first.
        """
        way: list[Step] = []
        at = start or (self.steps[0] if self.steps else None)
        while at:
            way.append(at)
            ahead = (
                o
                for o in at.options
                if o.kind == "done" or (o.kind == "step" and self.step(o.target) not in way)
            )
            first = next(ahead, None)
            at = self.step(first.target) if first and first.kind == "step" else None
        return tuple(way)

    @property
    def straight(self) -> bool:
        """Whether every way through takes all steps, so that "step 2 of 5" is true."""
        return bool(self.steps) and self.steps[0].shortest_left == len(self.steps) - 1


class Library(msgspec.Struct, frozen=True):
    """All topics in all languages."""

    version: str  # the same for the same content
    shelves: dict[str, dict[str, Topic]]  # by language, then by id
    codes: dict[str, tuple[str, str]]

    def topic(self, topic: str, lang: str) -> Topic | None:
        """Find the topic in the language, else in Vietnamese; None when there is no such topic."""
        return self.shelves.get(lang, {}).get(topic) or self.shelves.get(DEFAULT, {}).get(topic)

    def step(self, code: str) -> tuple[str, str] | None:
        """Find the ids of topic and step that a code stands for, "" for an answer's step; None when it has none."""
        return self.codes.get(code.strip().upper())

    def topics(self, lang: str) -> tuple[Topic, ...]:
        """List the topics written in that language, by id."""
        return tuple(self.shelves.get(lang, {}).values())


KNOTS = 50_000  # states looked at for the longest ways of one guide


def load(folder: Path, own: Path | None = None) -> Library:
    """Read all topics of a folder, and what an office lays over them; raise Unreadable at the first fault."""
    found = pages(folder)
    if not found:
        raise Unreadable(
            _("{folder}: there are no topics. Name the folder that holds vi/ and en/.", folder=folder)
        )
    if own is None:
        return gather(topic_of(page) for page in found)
    try:
        topics = [topic_of(page) for page in (*found, *pages(own))]
        return gather(_renewed(_worded(topics, wordings(own)), renewals(own)))
    except BadRow as error:
        raise Unreadable(error.said) from error


def _worded(topics: list[Topic], added: list[Wording]) -> list[Topic]:
    """Add an office's wordings to the topics they lead to; those of a topic that is no more are passed over."""
    more: dict[tuple[str, str], list[str]] = {}
    for wording in added:
        more.setdefault((wording.topic, wording.lang), []).append(wording.question)
    return [
        msgspec.structs.replace(topic, questions=(*topic.questions, *more.get((topic.id, topic.lang), ())))
        for topic in topics
    ]


def _renewed(topics: list[Topic], renewed: list[Renewal]) -> list[Topic]:
    """Give topics the dates of their last check; a file that was checked later than its row has its own."""
    last = {row.topic: row for row in sorted(renewed, key=lambda row: row.checked)}
    return [
        msgspec.structs.replace(topic, checked=row.checked, expires=row.expires)
        if (row := last.get(topic.id)) and row.checked >= topic.checked
        else topic
        for topic in topics
    ]


def read(path: Path) -> Topic:
    """Read one topic; raise Unreadable when it cannot be used."""
    return topic_of(read_page(path))


def gather(topics: Iterable[Topic]) -> Library:
    """Make a library of topics; a later one takes the place of an earlier one of the same id and language."""
    shelves: dict[str, dict[str, Topic]] = {}
    for topic in sorted(topics, key=lambda topic: topic.id):
        shelves.setdefault(topic.lang, {})[topic.id] = topic
    codes = {
        code.upper(): (topic.id, step)
        for lang in sorted(shelves)  # Vietnamese last: where the languages differ it is right
        for topic in shelves[lang].values()
        for code, step in [(step.code, step.id) for step in topic.steps] or [(topic.code, "")]
        if code
    }
    content = msgspec.json.encode(shelves, order="sorted")
    return Library(hashlib.sha256(content).hexdigest()[:12], shelves, codes)


def topic_of(page: Page) -> Topic:
    """Make a page a topic; raise Unreadable when it has a fault or a step that leads nowhere."""
    for fault in page.faults:
        raise Unreadable(at(page.path, fault.line, fault.what, fault.remedy))
    if page.id != page.path.stem:
        what = _('"id" is not the file\'s name')
        raise Unreadable(at(page.path, page.lines["id"], what, _("Make them the same.")))
    known = {step.id for step in page.steps}
    for option in (option for step in page.steps for option in step.options):
        if option.target.startswith("#") and option.target[1:] not in known:
            what = _('there is no step "{target}"', target=option.target)
            raise Unreadable(at(page.path, option.line, what, _("Correct the target or write the step.")))
    answer, *more = (paragraph.text for paragraph in page.paragraphs)
    return Topic(
        id=page.id,
        lang=page.lang,
        title=page.title,
        code=page.steps[0].code if page.steps else page.code,
        questions=tuple(question.text for question in page.questions),
        owner=page.owner,
        checked=page.checked,
        expires=page.expires,
        sources=page.sources,
        answer=answer,
        more=tuple(more),
        steps=_steps(page.steps),
        desk=page.desk,
    )


def _steps(written: tuple[WrittenStep, ...]) -> tuple[Step, ...]:
    ways = {step.id: [o.target[1:] for o in step.options if o.target.startswith("#")] for step in written}
    if not ways:
        return ()
    first = written[0].id
    positions = _distances([first], ways)
    backwards: dict[str, list[str]] = {step: [] for step in ways}
    for step, nexts in ways.items():
        for after in nexts:
            backwards[after].append(step)
    done = [step.id for step in written if any(option.target == "done" for option in step.options)]
    out = [step for step, nexts in ways.items() if not nexts]
    # A way that cannot end well still ends: with a person or in another topic.
    shortest = _distances(out, backwards) | _distances(done, backwards)
    longest = _longest(first, ways)
    return tuple(
        Step(
            id=step.id,
            code=step.code,
            title=step.title,
            text="\n".join(paragraph.text for paragraph in step.paragraphs),
            options=_options(step.options),
            position=positions.get(step.id, 0) + 1,
            shortest_left=shortest.get(step.id, 0),
            longest_left=max(longest.get(step.id, 0), shortest.get(step.id, 0)),
            desk=step.desk,
        )
        for step in written
    )


def _options(written: tuple[WrittenOption, ...]) -> tuple[Option, ...]:
    options: list[Option] = []
    taken: set[str] = set()
    for option in written:
        kind, target = _target(option.target)
        name, count = target, 1
        while name in taken:
            count += 1
            name = f"{target}-{count}"
        taken.add(name)
        options.append(Option(name, option.label, kind, target))
    return tuple(options)


def _target(target: str) -> tuple[TargetKind, str]:
    if target.startswith("#"):
        return "step", target[1:]
    if target == "help":
        return "help", target
    if target == "done":
        return "done", target
    return "topic", target


def _distances(starts: list[str], ways: dict[str, list[str]]) -> dict[str, int]:
    """Count the steps from the nearest start to each step that can be reached."""
    found = dict.fromkeys(starts, 0)
    waiting = list(starts)
    for step in waiting:
        for after in ways[step]:
            if after not in found:
                found[after] = found[step] + 1
                waiting.append(after)
    return found


def _longest(first: str, ways: dict[str, list[str]]) -> dict[str, int]:
    """Count the steps after each on the longest way from the first that passes none twice.

    What lies behind matters only where it can be met again, so few states have to be looked at.
    In a guide that is knotted beyond `KNOTS` of them the rest counts as near its end.
    """
    place = {step: 1 << number for number, step in enumerate(ways)}
    ahead = {step: sum(place[other] for other in _distances([step], ways)) for step in ways}
    known: dict[tuple[str, int], int] = {}
    left: dict[str, int] = {}

    def walk(step: str, behind: int) -> int:
        behind = (behind | place[step]) & ahead[step]
        if (step, behind) not in known:
            if len(known) >= KNOTS:
                return 0
            known[step, behind] = 0
            known[step, behind] = max(
                (walk(after, behind) + 1 for after in ways[step] if not behind & place[after]), default=0
            )
            left[step] = max(left.get(step, 0), known[step, behind])
        return known[step, behind]

    walk(first, 0)
    return left
