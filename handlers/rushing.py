"""Whoever sends faster than anybody reads is answered in one go; all of it is still read and done.

How fast that is is data beside the service levels.  Only the answers to typed words wait, and the newest takes the
place of those before it: what others are told, what was done or kept, and whatever is about danger or a secret is
said at once.  Buttons, pictures and the signs of choices are not counted, however fast they come.
"""

from __future__ import annotations

import msgspec

from handlers import answers, callers
from handlers.rules.areas import area_of
from handlers.rules.levels import kind_of
from handlers.talk import Incoming, Rush, Talk
from handlers.text import _
from handlers.turn import Said, Turn
from knowledge.links import found_in

KIND = "urgent"  # of topics whose answer waits for nobody
LIKELY = 0.2  # of 1: how likely words have to be about such a topic

ALL_READ = _(
    "Tổ Số reads everything you send and keeps the order. So as not to fill your screen, "
    "it answers all of it in one go."
)


def about(person: int) -> str:
    """Say what the answer that waits is about."""
    return f"rush:{person}"


def count(turn: Turn) -> bool:
    """Count what was typed, before it is decided; True where it came too fast for an answer of its own."""
    event = turn.event
    if not turn.shelf.office.slows or not isinstance(event, Incoming):
        return False
    rule, rush = turn.shelf.service.fast, turn.talk.rush
    typed = event.text.strip() and not (event.choice or event.attachment or event.edited)
    if not typed or answers.pressed(turn) or answers.command(turn):
        return False
    if rush is not None and abs(turn.sent - rush.last) > rule.within:
        rush = None
    if rush is not None and rush.count <= rule.most and turn.sent - rush.since > rule.within:
        rush = None  # quick, but not for long: it is counted anew
    before = rush or Rush(turn.sent, turn.sent)
    rush = msgspec.structs.replace(before, last=max(turn.sent, before.last), count=before.count + 1)
    turn.change(rush=rush)
    return rush.count > rule.most


def fold(turn: Turn, before: Talk, *, fast: bool) -> None:
    """Let the answers of a turn that came too fast wait for what follows; the one before them is taken back.

    What a form asks next never waits: a quick "1" would agree to what nobody has read.
    """
    rush, person = turn.talk.rush, turn.person.id
    rule = turn.shelf.service.fast
    rushing = rush is not None and rush.count > rule.most and abs(turn.sent - rush.last) <= rule.within
    own = [place for place, said in enumerate(turn.said) if said.to == person]
    if not rushing or not own or rush is None:
        return
    turn.withdraw(about(person))
    if not fast or turn.notes or _urgent(turn) or _asks_anew(turn, before):
        return
    if not all(_waits(turn.said[place]) for place in own):
        return
    for place in own:
        later = {"about": about(person), "not_before": turn.after(rule.within)}
        turn.said[place] = msgspec.structs.replace(turn.said[place], **later)
    if not rush.told:
        turn.change(rush=msgspec.structs.replace(rush, told=True))
        turn.say(ALL_READ, kind="receipt")


def _asks_anew(turn: Turn, before: Talk) -> bool:
    """Say whether a form has gone on to another question."""
    now = turn.talk
    return now.doing.startswith("form ") and (now.doing, now.at) != (before.doing, before.at)


def _waits(said: Said) -> bool:
    """Say whether a message is only an answer, which another may take the place of."""
    plain = not (said.about or said.voice or said.file or said.media or said.asks)
    return plain and said.kind == "answer"


def _urgent(turn: Turn) -> bool:
    """Say whether words speak of danger, a secret or a link: these have their answer at once."""
    event, found = turn.event, turn.found
    assert isinstance(event, Incoming)
    near = [hit for hit in found.hits if hit.score >= LIKELY] if found is not None else []
    return bool(
        event.masked
        or callers.told_of(event.text)
        or found_in(event.text, turn.shelf.domains)
        or any(_dangerous(turn, hit.topic) for hit in near)
    )


def _dangerous(turn: Turn, topic: str) -> bool:
    return area_of(topic) == "safety" or kind_of(topic, False, turn.shelf.service) == KIND
