"""Danger in a talk between a citizen and a helper, from which Tổ Số stays out otherwise.

Whoever writes that they are being cheated reads at once what to do, since the helper may be away; and where a
helper asks for a code or money both sides are reminded.  All words go their way as ever.
"""

from __future__ import annotations

import re

from handlers import callers, canned, cases, expiry, watch
from handlers.records.requests import Request
from handlers.rules import levels
from handlers.text import _, as_is, lines
from handlers.turn import Choice, Turn
from knowledge.folding import fold

CODES = "safe.otp"
TOPICS = ("safe.been-scammed", "safe.fake-police", CODES)  # of these nobody waits for an answer
# "Chưa nhận được mã OTP" is what people say to a helper; danger is where somebody wants it.
_DEMANDED = re.compile(
    r"\b(?:doi|xin|bat|giuc|goi|hoi|bao (?:toi |bac |co |em )?doc|asks?|wants?|calls?|called)\b"
)
_WANTED = re.compile(
    r"\b(?:doc|gui|nhan|dua|bao|noi|chup|cho)\b(?: \w+){0,4} (?:ma|otp|mat khau|passcode|ma pin)\b(?: \w+){0,4}"
    r" cho (?:toi|em|chau|con|anh|chi|minh|tui|co|chu)\b"
    r"|\bcho (?:toi|em|chau|con|anh|chi|minh|tui|co|chu) xin (?:cai |lai )?"
    r"(?:ma otp|otp|mat khau|passcode|ma pin|ma xac)\b"
    r"|\b(?:chuyen|ck|gui|dua|nop|nap|tra)\b(?: \w+){0,3} (?:tien|phi|\d+ ?(?:k|nghin|ngan|tram|trieu|dong|d))\b"
    r".*\b(?:cho|vao tai khoan|vao so) (?:cua )?(?:toi|em|chau|con|anh|chi|minh|tui|co|chu)\b"
    r"|\b(?:chuyen|ck|gui|dua|nop|nap|tra) cho (?:toi|em|chau|con|anh|chi|minh|tui|co|chu)\b(?: \w+){0,2}"
    r" (?:tien|\d+ ?(?:k|nghin|ngan|tram|trieu|dong|d))\b"
    r"|\b(?:send|give|tell|read) me\b(?: \w+){0,3} (?:code|otp|password|passcode|pin|money)\b"
)
_NEVER_MIND = re.compile(r"\b(?:dung|khong|ko|k|chang|chua|never|not|don t)\b")
_ASKED_FOR = {
    "bi lua",
    "bi lua roi",
    "toi bi lua",
    "scammed",
}  # what is told to be typed has its answer each time
LIKELY = 0.6  # of 1: how likely the words have to be about one of them


def wanted(words: str) -> bool:
    """Say whether somebody is asked to give a code, a password or money to whoever writes this."""
    said = fold(words)
    found = _WANTED.search(said)
    return found is not None and not _NEVER_MIND.search(said[: found.end()])


def warn(turn: Turn, request: Request, words: str) -> None:
    """Remind both sides where a helper asks for a code or money; the words have gone their way."""
    if not wanted(words):
        return
    turn.note("asked for a code or money", cases.about(request))
    turn.say(
        lines(callers.NEVER, callers.GIVEN), to=request.citizen, kind="notice", about=cases.about(request)
    )
    turn.say(_("They have been reminded that nobody of the team needs a code, a password or money."))


def _hurry(turn: Turn, topic: str) -> None:
    """Make what a helper has in hand as urgent as the danger is, and tell them; where two have something, both hear."""
    if levels.kind_of(topic, office=False, service=turn.shelf.service) != "urgent":
        return
    for request in turn.requests.helping(turn.person.id):
        if watch.urgent(turn, request) or request.state != "claimed":
            continue
        # Whoever has it has the short time of what is urgent from now on, whatever has been before.
        hurried = cases.change(turn, request, "became urgent", danger=topic, touched=turn.now, nudged=None)
        watch.watch(turn, hurried)
        turn.say(
            _(
                "{code} is urgent now: {name} may be in the hands of a swindler. Please help at once, "
                "or type “give back {short}” so that others can."
            )(code=cases.written(request), name=cases.citizen(request), short=request.code),
            to=request.claimed_by,
            kind="notice",
            about=cases.about(request),
        )


def tell(turn: Turn) -> bool:
    """Say what to do at once where words speak of such a danger, once for each; False for other words."""
    hit = turn.found.hits[0] if turn.found is not None and turn.found.hits else None
    if hit is None or hit.topic not in TOPICS or hit.score < LIKELY:
        return False
    if turn.talk.topic == hit.topic and fold(turn.text) not in _ASKED_FOR:
        return False
    if hit.topic == CODES and not _DEMANDED.search(fold(turn.text)):
        return False
    topic = turn.topic(hit.topic)
    if topic is None:
        return False
    _hurry(turn, topic.id)
    turn.change(topic=topic.id)
    code = topic.steps[0].code if topic.steps else ""
    turn.say(
        lines(
            _("Do this at once, without waiting for an answer:"),
            expiry.dated(turn, topic, as_is(topic.answer)),
        ),
        [Choice(canned.OPEN.name, _("Step by step"), code, typed=_("OPEN {code}")(code=code))]
        if code
        else (),
    )
    return True
