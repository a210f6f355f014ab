"""A mass of cards folded into one message: how many wait, and a way to the queue.

From how many on, and how often, is data beside the service levels.  What is urgent always has its card.
"""

from __future__ import annotations

from handlers import watch
from handlers.records.requests import Request
from handlers.turn import Turn

DIGEST = "cards.digest"


def subject(request: Request) -> str:
    """Say whose cards are folded: a team's, or those of a commune's office."""
    return f"cards:{request.team}:{request.commune}"


def many(turn: Turn, request: Request) -> bool:
    """Say whether so many requests have come to a team within a short time that nobody is shown a card for each."""
    rule = turn.shelf.service.cards
    return turn.requests.newly(request, turn.now - rule.within, rule.most) >= rule.most


def folds(turn: Turn, request: Request) -> bool:
    """Say whether a request has no card of its own now, and see that its helpers are told how many wait."""
    rule = turn.shelf.service.cards
    if watch.urgent(turn, request) or not many(turn, request):
        return False
    # Once now, and once at the end of this span for what still comes within it; the same span is told once.
    span = int(turn.now.timestamp() // rule.digest.total_seconds())
    for number, at in ((span, turn.now), (span + 1, turn.now + rule.digest)):
        turn.later(f"{subject(request)}:{number}", at, DIGEST, subject(request))
    return True
