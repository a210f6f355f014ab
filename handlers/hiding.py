"""What becomes of a message that holds a secret: what only its question gives away is hidden, and people hear why.

The guard has hidden at intake what shows itself.  A bare number is judged here, before anything is
done with it, by what was asked: a figure of a report, a helper's question, or nothing at all.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

import msgspec

from handlers import announcements, card_keeping, relay, reports, target_figures, target_setting
from handlers.rules import guard
from handlers.talk import Incoming
from handlers.text import _
from handlers.turn import Turn

_FIGURES = {card_keeping.CARD.doing, target_figures.FIGURE.doing, target_setting.TARGET.doing}
ROW = timedelta(minutes=10)  # messages this close are a row, in which each reason is given once


def look(turn: Turn) -> None:
    """Hide in the words of this turn what is secret only as an answer."""
    event = turn.event
    assert isinstance(event, Incoming)
    if not event.text or event.choice or _figure_expected(turn):
        return
    judged = guard.judged(event.text, _awaited(turn, event.text))
    if judged.found and not target_figures.expected(turn):
        kinds = tuple(dict.fromkeys((*event.masked, *judged.found)))
        turn.event = msgspec.structs.replace(event, text=judged.text, masked=kinds)


def _figure_expected(turn: Turn) -> bool:
    figures = turn.talk.doing.startswith(reports.DOING) or turn.talk.doing in _FIGURES
    return figures or announcements.awaits_number(turn) or turn.talk.letters


def _awaited(turn: Turn, text: str) -> guard.Awaited:
    """Say what a helper has asked for last; nobody is asked about words that could hold no secret."""
    if not turn.helped or not guard.judged(text, "secret").found:
        return ""
    return relay.asked(turn)


def tell(turn: Turn, kinds: Iterable[str]) -> None:
    """Say why something was hidden; in a row of messages each reason once."""
    kinds = tuple(kinds)
    known = {kind: at for kind, at in turn.talk.hidden.items() if turn.now - at < ROW}
    for reason in guard.reasons(kind for kind in kinds if kind not in known):
        turn.say(reason)
    turn.change(hidden={**known, **{kind: turn.now for kind in kinds if kind != guard.MARKED}})


def only_hidden(text: str) -> bool:
    """Say whether nothing is left of a message but what was hidden."""
    return not any(letter.isalnum() for letter in text)


HIDDEN_TOO = _("That is hidden as well.")
