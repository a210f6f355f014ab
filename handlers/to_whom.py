"""To whom a helper's words go, where several could be meant: asked, never guessed.

Who holds one request writes on as in any talk.  Who holds several is asked at the first words after they
turned from one to another, and after a silence; what they typed waits meanwhile.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from handlers import cases
from handlers.records.requests import Request
from handlers.text import _, as_is, lines
from handlers.turn import Choice, Turn

SILENCE = timedelta(minutes=15)  # after which a helper may have forgotten whose talk is open
OTHERS = 2  # requests offered besides the one that is open
HELPING = "help "  # how the name of a helper's talk begins
UNOPENED = "unopened"  # their words wait, and no talk is open
ASKED = "to-whom"  # the name of the question
FOR_US = Choice("for-us", _("for Tổ Số"))
NOBODY = Choice("send-none", _("Do not send it"))


def clear(turn: Turn, request: Request) -> bool:
    """Say whether what is typed now can only be meant for the citizen of this request."""
    if waiting(turn):
        return False
    spoke = turn.talk.kept.get("spoke")
    if spoke and turn.now - datetime.fromisoformat(spoke) < SILENCE:
        return True
    return all(other.id == request.id for other in turn.requests.held_by(turn.person.id))


def spoken(turn: Turn) -> None:
    """Remember that words went just now, and that none wait."""
    turn.change(kept={"spoke": turn.now.isoformat()}, context="", offered=())


def waiting(turn: Turn) -> bool:
    """Say whether words or pictures wait to be told whom they are for; what another question keeps is none of them."""
    return turn.talk.doing.startswith((HELPING, UNOPENED)) and any(
        turn.talk.kept.get(name) for name in ("words", "things")
    )


def ask(turn: Turn, request: Request, words: str, thing: str) -> None:
    """Keep what was typed, behind what waits already, and ask whom it is for: the open request first."""
    kept = turn.talk.kept
    turn.change(
        kept={
            **kept,
            "words": "\n".join(filter(None, (kept.get("words"), words))),
            "things": f"{kept.get('things', '')} {thing}".strip(),
        },
        context=ASKED,
    )
    others = [other for other in turn.requests.held_by(turn.person.id) if other.id != request.id]
    choices = [_to(turn, one) for one in (request, *others[-OTHERS:])]
    asked = _("Who is this for?")
    waits = turn.talk.kept["words"]
    turn.say(lines(as_is(f"“{waits}”"), asked) if waits else asked, [*choices, NOBODY])


def ask_whether(turn: Turn, request: Request) -> None:
    """Keep words that look like something for Tổ Số itself, and ask whether the citizen is to get them."""
    turn.change(kept={**turn.talk.kept, "words": turn.text}, context=ASKED)
    turn.say(
        lines(as_is(f"“{turn.text}”"), _("Who is this for?")),
        [_to(turn, request), FOR_US, NOBODY],
    )


def ask_of(turn: Turn, held: Sequence[Request], words: str) -> None:
    """Ask whom words are for, none of whose talks is open."""
    choices = [_to(turn, one) for one in held[-OTHERS:]]
    turn.say(lines(as_is(f"“{words}”"), _("Who is this for?")), [*choices, FOR_US, NOBODY])


def _to(turn: Turn, request: Request) -> Choice:
    cases.look(turn, request)
    named = _("to {name}, {code}")(name=cases.citizen(request), code=cases.written(request))
    return Choice("send-to", named, request.code)


def taken(turn: Turn) -> tuple[str, list[str]]:
    """Give the words and the codes of pictures that wait, which wait no longer."""
    kept = turn.talk.kept
    rest = {name: value for name, value in kept.items() if name not in ("words", "things")}
    turn.change(kept=rest, context="", offered=())
    return kept.get("words", ""), kept.get("things", "").split()


def moved(turn: Turn, before: dict[str, str]) -> None:
    """Let what waited in the talk before wait on in this one."""
    waits = {name: value for name, value in before.items() if name in ("words", "things")}
    turn.talk = msgspec.structs.replace(turn.talk, kept={**turn.talk.kept, **waits})


def unsent(turn: Turn) -> None:
    """Tell somebody who leaves the talk what was not sent to anybody."""
    words, things = taken(turn)
    if words or things:
        turn.say(_("Sent to nobody: {words}")(words=f"“{words}”" if words else cases.KINDS["file"]))
