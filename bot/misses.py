"""What `toso knowledge misses` and `toso knowledge steps` print: lists for people, or a line of JSON each."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

import msgspec

from bot.clock import VIETNAM
from bot.store import misses
from bot.store.database import Database
from handlers.editing_form import group_of
from handlers.rules.losses import weekly
from knowledge.library import Library

WORDINGS = 5  # of a group, in JSON and below its first line


class Group(msgspec.Struct, frozen=True):
    """Questions that ask the same, as they are listed."""

    count: int
    lang: str
    first: date
    last: date
    to_be_told: int  # people who agreed to be told
    why: dict[str, int]
    shown: tuple[str, ...]  # topics that were shown for it
    communes: tuple[str, ...]
    questions: tuple[str, ...]


def unanswered(database: Database, since: date, commune: str = "") -> list[Group]:
    """Give the groups of questions that nobody has answered, the most frequent first."""
    begin = datetime.combine(since, time(), VIETNAM)
    with database.read() as connection:
        asked = misses.open_since(connection, begin, commune)
    found = []
    for group in group_of(asked):
        days = [miss.at.astimezone(VIETNAM).date() for miss in group if miss.at]
        found.append(
            Group(
                count=len(group),
                lang=group[0].lang,
                first=min(days),
                last=max(days),
                to_be_told=len({miss.person for miss in group if miss.person}),
                why={why: sum(miss.why == why for miss in group) for why in sorted({m.why for m in group})},
                shown=tuple(dict.fromkeys(topic for miss in group for topic in miss.shown.split())),
                communes=tuple(sorted({miss.commune for miss in group if miss.commune})),
                questions=tuple(dict.fromkeys(miss.words for miss in group if miss.words))[:WORDINGS],
            )
        )
    return found


def listed(groups: list[Group]) -> Iterator[str]:
    """Give the groups as lines to be read."""
    yield f"{'asked':>5}  {'to tell':>7}  {'last':10}  question"
    for group in groups:
        first, *others = group.questions or ("(words not kept)",)
        shown = f"  [{', '.join(group.shown)}]" if group.shown else ""
        yield f"{group.count:>5}  {group.to_be_told:>7}  {group.last}  {first}{shown}"
        for other in others:
            yield f"{'':28}{other}"
    yield f"{sum(group.count for group in groups)} questions in {len(groups)} groups"


def week_before(today: date, weeks: int) -> str:
    """Name the first of so many weeks that end with this one, such as 2026-W45."""
    return f"{today - timedelta(weeks=weeks - 1):%G-W%V}"


def steps(database: Database, since: str, library: Library) -> Iterator[dict[str, object]]:
    """Give what was counted at the steps of guides since a week, step by step."""
    with database.read() as connection:
        counts = misses.counted(connection, since)
    for loss in weekly(counts):
        topic = library.topic(loss.guide, "vi")
        step = topic.step(loss.step) if topic else None
        yield {
            "week": loss.week,
            "guide": loss.guide,
            "step": loss.step,
            "code": step.code if step else "",
            "title": step.title if step else "",
            "shown": loss.shown,
            "stuck": loss.stuck,
            "left": loss.left,
            "help": loss.help,
            "done": loss.done,
        }


def table(rows: list[dict[str, object]]) -> Iterator[str]:
    """Give the steps as lines to be read, each guide and week under a heading."""
    heading = ("", "")
    for row in rows:
        if heading != (heading := (str(row["week"]), str(row["guide"]))):
            yield f"{heading[0]}  {heading[1]}"
            yield f"{'shown':>7}{'stuck':>7}{'left':>7}{'help':>7}{'done':>7}  step"
        numbers = "".join(f"{row[name]:>7}" for name in ("shown", "stuck", "left", "help", "done"))
        yield f"{numbers}  {row['code'] or row['step']} {row['title']}".rstrip()
    if not rows:
        yield "nobody has used a guide in these weeks"
