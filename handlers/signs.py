"""What people do without a word: they come, leave or call, or an official answers in the bot's place."""

from __future__ import annotations

from datetime import timedelta

from handlers import answers, cases, hiding, support, team
from handlers.talk import Incoming, Quiet, Sign
from handlers.text import _
from handlers.turn import Turn

QUIET = timedelta(minutes=30)  # after the last word of an official


def heed(turn: Turn, sign: Sign) -> None:
    """Greet who is new, and nobody twice; tell who calls in vain; keep quiet once an official has written.

    What a helper has taken goes to the others when the last channel on which they are reached has blocked us.
    """
    event = turn.event
    assert isinstance(event, Incoming)
    if sign == "official":
        turn.change(quiet=Quiet(event.account, (event.sent or turn.now) + QUIET))
    elif sign == "called" and not _taken_over(turn, event):
        turn.say(_("Tổ Số cannot answer telephone calls. Please type a few words here."))
        if hotline := turn.shelf.office.hotline:
            turn.say(_("In a hurry, call {hotline}."), hotline=hotline)
    elif sign == "left" and turn.staff and not _elsewhere(turn):
        team.let_go(turn, cases.LOST)
    elif sign == "came" and not turn.talk.met and not _taken_over(turn, event):
        turn.change(met=True)
        turn.say(
            _(
                "Hello. This is Tổ Số, the automatic assistant of {office}. Ask in your own words: VNeID, public "
                "services, payments, scams.\nFor a helper type “a person”. To see what is kept type “privacy”."
            ),
            office=turn.shelf.office.name,
        )


def _elsewhere(turn: Turn) -> bool:
    """Say whether somebody is still reached by another way than the one they are leaving."""
    person, open_to_us = turn.person.id, [chat for chat in turn.links.chats(turn.person.id) if not chat.gone]
    return len(open_to_us) > 1 or turn.links.outside(person, turn.shelf.office.outside)


def quiet(turn: Turn) -> bool:
    """Say whether words are left to the official who answers them; a pressed button or "menu" ends that."""
    event = turn.event
    assert isinstance(event, Incoming)
    if not _taken_over(turn, event):
        return False
    if event.choice or answers.command(turn) == "menu":
        turn.change(quiet=None)
        return False
    hiding.look(turn)
    assert isinstance(turn.event, Incoming)
    hiding.tell(turn, turn.event.masked)
    if turn.helped:
        support.relay(turn)  # a helper elsewhere does not see the official's screen
    return True


def _taken_over(turn: Turn, event: Incoming) -> bool:
    found = turn.talk.quiet
    return found is not None and found.on == event.account and turn.now < found.until
