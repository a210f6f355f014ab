"""The picture and the recording that a commune has added to a step: shown to its citizens with that step.

How its officer adds them stands in `step_recording.py`.
"""

from __future__ import annotations

from handlers import card
from handlers.text import Text, _
from handlers.turn import Turn

ABOUT = "step"  # what such a thing is about: "step:10402:B71:photo"
KINDS = ("photo", "voice")
SHOWN: dict[str, Text] = {
    "photo": _("Step {code}: a picture from {place}."),
    "voice": _("Step {code}: spoken for {place}."),
}


def about(commune: str, code: str, kind: str) -> str:
    """Say what a commune's picture or recording of a step is about."""
    return f"{ABOUT}:{commune}:{code}:{kind}"


def show(turn: Turn, code: str) -> None:
    """Show the citizen what their commune has added to a step."""
    commune = turn.person.commune
    if not commune:
        return
    for thing in turn.media.newest(*(about(commune, code, kind) for kind in KINDS)):
        kind = thing.about.rpartition(":")[2]
        turn.say(SHOWN[kind](code=code, place=card.place(turn, commune)), media=thing.code)
