"""Questions that had no answer or the wrong one, the answers that editors give, and where guides lose people."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Literal, Protocol

import msgspec

Why = Literal["unknown", "none", "unhelpful"]
"""Nothing was found, none of the offered topics was meant, or the answer was not what was asked for."""

State = Literal["waiting", "returned", "approved", "dropped"]
What = Literal["shown", "on", "stuck", "back", "help", "done"]
"""What happened at a step: it was come to, or left by its way on, by another choice, backwards, for a person, well."""


class Miss(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A question as it is kept: masked, and nobody's unless the asker agreed to be told."""

    id: int = 0
    at: datetime | None = None
    why: Why = "unknown"
    words: str = ""  # none where only the topic is known that did not help
    lang: str = "vi"
    commune: str = ""  # official code, where it is known
    shown: str = ""  # ids of the topics that were shown, the first first
    person: int = 0  # who is to be told
    answer: int = 0  # which answer settles it; 0 while it is open


class Answer(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What an editor answers once, for all who ask the same."""

    id: int = 0
    code: str = ""  # such as 4K7
    state: State = "waiting"
    unit: int = 0  # the office it is of
    author: int = 0
    judge: int = 0
    at: datetime | None = None  # when it was sent for approval
    decided: datetime | None = None
    reason: str = ""  # why it was returned
    kind: Literal["wording", "topic", "date"] = "wording"  # of "date" a topic only holds longer
    topic: str = ""  # which topic answers; of a new one the id it gets
    wordings: tuple[tuple[str, str], ...] = ()  # language and question
    title: str = ""
    text: str = ""
    title_en: str = ""  # both in English, where it is asked for in English
    text_en: str = ""
    source: str = ""
    url: str = ""  # of the source, where it has one
    owner: str = ""
    expires: date | None = None
    version: int = 0


class StepCount(msgspec.Struct, frozen=True):
    """What happened at a step of a guide so many times in a week."""

    week: str  # such as 2026-W48
    guide: str
    step: str
    what: What
    count: int


class Misses(Protocol):
    """What a conversation may ask about unanswered questions and what became of them."""

    def keep(self, miss: Miss) -> int:
        """Keep a question; give its number."""

    def promise(self, miss: int, person: int) -> bool:
        """Note who agreed to be told; False where the question is no more."""

    def open(self, communes: Sequence[str]) -> tuple[Miss, ...]:
        """Give the questions of these communes that nobody has answered yet, the newest first, at most a thousand."""

    def settle(self, misses: Sequence[int], answer: int) -> None:
        """Let an answer take open questions; NOT_NEEDED says that they need none."""

    def release(self, answer: int) -> None:
        """Open the questions of an answer again."""

    def taken(self, answer: int) -> tuple[Miss, ...]:
        """Give the questions that an answer has taken, the oldest first, at most a thousand."""

    def promised(self, answer: int, most: int) -> tuple[Miss, ...]:
        """Give the questions of an answer whose askers are yet to be told, the oldest first."""

    def told(self, answer: int, people: Sequence[int]) -> None:
        """Note that people were told of an answer; from now on all that they asked of it is nobody's."""

    def propose(self, answer: Answer) -> Answer:
        """Keep a new answer; give it with its number and code."""

    def by_code(self, code: str) -> Answer | None:
        """Give the answer with this code; nobody else changes it before the turn ends."""

    def by_number(self, number: int) -> Answer | None:
        """Give the answer with this number; nobody else changes it before the turn ends."""

    def save(self, answer: Answer) -> Answer:
        """Keep a change over the version that was read."""

    def waiting(self, units: Sequence[int]) -> tuple[Answer, ...]:
        """Give the answers of these offices that wait for approval, the oldest first, at most twenty."""

    def steps(self, since: str) -> tuple[StepCount, ...]:
        """Give what was counted at the steps of guides since a week, such as 2026-W48."""


NOT_NEEDED = -1  # in place of an answer: an editor has decided that none is needed
