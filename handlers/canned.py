"""A helper sends a step of the knowledge base instead of typing it: the citizen's own guide goes on at that step."""

from __future__ import annotations

import re
from collections.abc import Callable

from handlers import cases, guides, watch
from handlers.records.requests import Request
from handlers.text import _, as_is, lines
from handlers.turn import Choice, Turn
from knowledge.folding import fold

OPEN = Choice("open-step", _("Go on from here"))
_SENDS = re.compile(
    r"gui(?: cho)?(?: (?:bac|co|chu|anh|chi|em|ong|ba)(?: ay)?)? buoc"
    r" (?:(?P<code>[a-z] ?\d\d)|nay|do)(?: (?:cho|den) (?P<whom>[^\W\d]+(?: [^\W\d]+){0,4}))?"
    r"|send (?:them |him |her )?(?:step (?P<english>[a-z] ?\d\d)|this step|that step)"
    r"(?: to (?P<to>\w+(?: \w+){0,4}))?"
)
_OPENS = re.compile(r"(?:mo|open)(?: buoc| step)? ([a-z]) ?(\d\d)")


def sent(turn: Turn, request: Request, words: str) -> bool:
    """Send the step that "gửi bước B71 cho bác ấy" names, or where the citizen stopped; False for other words."""
    found = _SENDS.fullmatch(fold(words))
    if found is None or _to_oneself(turn, request, found["whom"] or found["to"] or ""):
        return False
    named = (found["code"] or found["english"] or "").replace(" ", "").upper()
    lang = turn.people.get(request.citizen).lang or "vi"
    where = turn.shelf.library.step(named) if named else (request.topic, request.step)
    topic = turn.shelf.library.topic(where[0], lang) if where and where[0] else None
    step = topic.step(where[1]) if topic and where else None
    if topic is None or step is None:
        turn.say(
            _("Tổ Số knows no step {code}, so nothing was sent.")(code=named)
            if named
            else _("{code} came from no step. Name one, such as “send step B71”.")(
                code=cases.written(request)
            )
        )
        return True
    cases.change(turn, request, f"sent step {step.code}", **watch.touch(turn, request))
    turn.say(
        lines(
            _("{Helper} sends you step {code} of “{topic}”:")(
                Helper=cases.helper_first(turn, turn.person.id), code=step.code, topic=topic.title
            ),
            as_is(f"**{step.title}**"),
            as_is(step.text),
        ),
        [Choice(OPEN.name, OPEN.label, step.code, typed=_("OPEN {code}")(code=step.code))],
        to=request.citizen,
        kind="notice",
        about=cases.words_of(request),
    )
    turn.say(
        _("→ {name}, {code}: step {step}, {title}")(
            name=cases.citizen(request), code=cases.written(request), step=step.code, title=step.title
        )
    )
    return True


def line_by_line(words: str) -> list[str]:
    """Part words of which one line asks for a step, so that the other lines go as they are; else give them whole."""
    parts = [part.strip() for part in words.splitlines() if part.strip()]
    asks = [_SENDS.fullmatch(fold(part)) is not None for part in parts]
    return parts if len(parts) > 1 and any(asks) else [words]


def _to_oneself(turn: Turn, request: Request, whom: str) -> bool:
    """Say whether the step is wanted by the helper, who asks the citizen for it: "gửi bước đó cho chị xem"."""
    first, _space, rest = whom.partition(" ")
    own = {"toi", "minh", "me", "us", fold(turn.person.address)} - {fold(request.address)}
    return bool(first) and first in own and rest.partition(" ")[0] != "ay"


def opened(turn: Turn) -> bool:
    """Go on at the step that "mở B71" names, amid a talk with a helper too; False for other words.

    In a helper's own talk they are words for the citizen.
    """
    found = _OPENS.fullmatch(fold(turn.text))
    if found is None or turn.talk.doing.startswith(("form ", "help ")):
        return False
    return go_on(turn, f"{found[1]}{found[2]}".upper())


def go_on(turn: Turn, code: str) -> bool:
    """Go on with one's own guide at this step; False where there is none."""
    return guides.land(turn, code)


CARDS: dict[str, Callable[[Turn, str], bool]] = {OPEN.name: go_on}
