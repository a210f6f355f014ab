"""Which languages beside Vietnamese somebody of a team speaks, told in a line; their lead sees it, and so does the team
on the card of a request whose words speak of such a language."""

from __future__ import annotations

from collections.abc import Sequence

from handlers.records.people import Person
from handlers.rules import tongues
from handlers.text import _
from handlers.turn import Turn


def typed_card(turn: Turn) -> bool:
    """Hear "tôi nói tiếng Tày, tiếng Mông" of somebody who helps; False for other words."""
    told = tongues.told(turn.text) if turn.staff else None
    if told is None:
        return False
    if told.unknown:
        turn.say(
            _("Tổ Số does not know the language “{name}”. Type it like this: I speak Tày, Mông, Khmer.")(
                name=told.unknown[0]
            )
        )
        return True
    turn.know(speaks=told.tongues)
    if told.tongues:
        turn.say(
            _("Noted: you speak {tongues}. Your lead sees it, and the team where a request speaks of it.")(
                tongues=listed(told.tongues)
            )
        )
    else:
        turn.say(_("Noted: no language beside Vietnamese."))
    return True


def listed(names: Sequence[str]) -> str:
    """Give languages in one line."""
    return ", ".join(names)


def able(people: Sequence[Person], words: str) -> list[Person]:
    """Give who speaks a language that words speak of, in the order in which they stand."""
    wanted = set(tongues.mentioned(words))
    return [person for person in people if wanted & set(person.speaks)]
