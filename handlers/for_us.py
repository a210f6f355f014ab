"""Words typed amid a talk with a citizen that Tổ Số would have taken for itself: they are never passed on unasked."""

from __future__ import annotations

from collections.abc import Callable

from handlers import (
    aims,
    announcements,
    behalf,
    card_keeping,
    delays,
    documents,
    evaluation,
    figures,
    groups,
    incidents,
    judging,
    leave,
    morning,
    news,
    overview,
    ranking,
    reach,
    report_periods,
    report_tables,
    rollout,
    schedule_asked,
    stagnation,
    step_recording,
    target_figures,
    target_following,
    target_setting,
    task_giving,
    trend,
    villages,
    visit_sheet,
    visits,
)
from handlers.turn import Turn
from knowledge.languages import LANGUAGES

# Of the words that work everywhere those that are no part of any talk between two people.
_COMMANDS = {
    "template",
    "card",
    "announce",
    "announced",
    "misses",
    "lost",
    "link",
    "news-on",
    "commune",
    *LANGUAGES,
}
_MEANT: tuple[Callable[[Turn], bool], ...] = (
    leave.meant,
    visits.meant,
    behalf.meant,
    figures.meant,
    groups.meant,
    reach.meant,
    documents.meant,
    card_keeping.meant,
    step_recording.meant,
    announcements.meant,
    judging.meant,
    morning.meant,
    delays.meant,
    rollout.meant,
    overview.meant,
    ranking.meant,
    evaluation.meant,
    report_periods.meant,
    schedule_asked.meant,
    stagnation.meant,
    trend.meant,
    villages.meant,
    visit_sheet.meant,
    incidents.meant,
    target_setting.meant,
    target_following.meant,
    target_figures.meant,
    task_giving.meant,
    aims.meant,
    report_tables.meant,
    news.meant,
)


def meant(turn: Turn, command: str) -> bool:
    """Say whether words look like something that a helper asks of Tổ Số, or tells it."""
    return command in _COMMANDS or any(looks_so(turn) for looks_so in _MEANT)
