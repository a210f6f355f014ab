"""One person on several channels: a one-time code joins them, and either side may leave again."""

from __future__ import annotations

import re

import msgspec

from handlers import answers, cases, profile, steps
from handlers.records.links import WRONG
from handlers.records.people import Person, Wish
from handlers.rules.areas import NEWS
from handlers.talk import Talk
from handlers.text import _, lines
from handlers.turn import Choice, Turn
from knowledge.folding import fold

DOING = "channels"
GUESSES = 5  # wrong codes within an hour
_JOINING, _PARTING = "channels.join", "channels.part"
_CODE = re.compile(r"(?:/?start |.* )?noi[ -]?([a-z]\d[a-z]\d)[ -]?([a-z]\d[a-z]\d)")

JOIN, APART = Choice("join", _("Join them")), Choice("keep", _("Do not join"))
TOGETHER = Choice("keep", _("Leave as it is"))
PRIVATE_ONLY = _("Channels are joined in a private chat only. Please write to Tổ Số there.")


def begin(turn: Turn) -> None:
    """Give out a code, and say what to do with it."""
    turn.note("asked for a code", f"person:{turn.person.id}")
    turn.say(
        lines(
            _("Your code: **{code}**. It works once, within 15 minutes.")(
                code=turn.links.code(turn.person.id)
            ),
            _("Open Tổ Số on your other channel and type it there. Give it to nobody else."),
        )
    )


def typed_code(turn: Turn) -> bool:
    """Take a code, typed or from a link: say what it would join, and ask."""
    found = _CODE.fullmatch(fold(turn.text))
    if found is None:
        return False
    code = f"NOI-{found[1]}-{found[2]}".upper()
    if turn.links.wrong(turn.person.id) >= GUESSES:
        turn.say(_("Too many wrong codes. Please try again in an hour, or type “a person”."))
    elif not (other := turn.links.behind(code)):
        turn.note(WRONG, f"person:{turn.person.id}")
        turn.say(_WRONG)
    elif other == turn.person.id:
        turn.say(_("This code is for your other channel: please type it there."))
    else:
        _ask(turn, _JOINING, code=code)
        chats = turn.links.chats(other)
        turn.say(
            _("Join this talk with the one on {channel}? Only if you asked for this code yourself just now.")(
                channel=chats[0].name if chats else _("the other channel")
            ),
            [JOIN, APART],
        )
    return True


_WRONG = _(
    "That code is wrong, used up or older than 15 minutes. Type “link” on the other channel for a new one."
)


def take(turn: Turn) -> bool:
    """Take the answer to "join?" or "which one leaves?"; False when something else was said."""
    pressed = answers.pressed(turn)
    name = pressed[0] if pressed else "keep" if answers.no(turn) else ""
    if turn.talk.at == _JOINING and (name == JOIN.name or (not pressed and answers.yes(turn))):
        code = turn.talk.kept.get("code", "")
        turn.end()
        _join(turn, code)
        return True
    if turn.talk.at == _PARTING and name.startswith("part="):
        turn.end()
        _part(turn, int(name.removeprefix("part=")))
        return True
    turn.end()
    if name != "keep":
        return False
    turn.say(_("All right, everything stays as it was."))
    if steps.under_way(turn):
        steps.again(turn, _("Back to where we were:"))
    return True


# --- joining ---


def _join(turn: Turn, code: str) -> None:
    before = turn.person.id
    joined = turn.links.join(code, before)
    if joined is None:
        turn.say(_WRONG)
        return
    turn.person = one_person(joined.person, turn.person)
    turn.talk = one_talk(joined.talk, turn.talk)
    turn.staff = bool(turn.people.roles(turn.person.id))
    turn.note("joined channels", f"person:{turn.person.id}", before)
    _keep_apart(turn)
    turn.say(
        lines(
            _("Joined as one talk: {channels}. Write wherever you like; the answer comes there.")(
                channels=profile.channels(turn)
            ),
            _("To part them again, type “unlink”."),
        ),
        everywhere=True,
    )
    turn.resumed = bool(turn.talk.doing)
    if steps.under_way(turn):
        steps.again(turn, _("Back to where we were:"))


_WISHES: tuple[Wish, ...] = ("no", "yes", "some")  # for news; of two people who are one the first holds


def one_person(asked: Person, typed: Person) -> Person:
    """Give both as one: what is known wins over what is not, and the older consent stays, as a no to news does."""
    first = min(
        (person for person in (asked, typed) if person.consent and person.consented),
        key=lambda person: person.consented,  # type: ignore[arg-type, return-value]
        default=asked,
    )
    home = asked if asked.commune else typed
    news: Wish = next((wish for wish in _WISHES if wish in (asked.news, typed.news)), "")
    return Person(
        id=asked.id,
        name=asked.name or typed.name,
        lang=asked.lang or typed.lang,
        address=asked.address or typed.address,
        commune=home.commune,
        village=home.village,
        phone=asked.phone or typed.phone,
        consent=first.consent,
        consented=first.consented,
        news=news,
        areas=tuple(area for area in NEWS if area in (*asked.areas, *typed.areas)) if news == "some" else (),
        speaks=asked.speaks or typed.speaks,
    )


def one_talk(asked: Talk, typed: Talk) -> Talk:
    """Give the talk in which something goes on; of two, the second waits for the end of the first."""
    if not asked.doing:
        return msgspec.structs.replace(typed, met=asked.met or typed.met)
    if not typed.doing:
        return asked
    return _with_waiting(asked, typed)


def _with_waiting(talk: Talk, waiting: Talk) -> Talk:
    held = _with_waiting(talk.held, waiting) if talk.held else waiting
    return msgspec.structs.replace(talk, held=held)


def _keep_apart(turn: Turn) -> None:
    """Let nobody be the helper of their own request, nor write to two citizens at once."""
    for request in turn.requests.held_by(turn.person.id):
        if request.citizen == turn.person.id:
            locked = turn.requests.by_code(request.code)
            if locked is not None:
                cases.release(turn, locked, "release", _("Free again: **{code}**, {place}."))
        elif request.attended and turn.talk.doing != f"help {request.code}":
            cases.change(turn, request, "set aside", attended=False)


# --- parting ---


def part(turn: Turn) -> None:
    """Ask which channel leaves, and say what it leaves behind."""
    chats = turn.links.chats(turn.person.id)
    if len(chats) < 2:
        turn.say(_("Nothing is joined with this channel. To join another one, type “link”."))
        return
    _ask(turn, _PARTING)
    turn.say(
        _(
            "Which channel leaves? It begins again from nothing. Requests, roles and data stay with the others."
        ),
        [
            *(
                Choice(f"part={chat.contact}", _("{channel} leaves")(channel=chat.name), _PARTING)
                for chat in chats[:3]
            ),
            TOGETHER,
        ],
    )


def _part(turn: Turn, contact: int) -> None:
    chats = {chat.contact: chat for chat in turn.links.chats(turn.person.id)}
    leaving = chats.get(contact)
    fresh = turn.links.part(contact, turn.person.id, turn.person.lang) if leaving and len(chats) > 1 else 0
    if leaving is None or not fresh:
        turn.say(_("Nothing is joined with this channel. To join another one, type “link”."))
        return
    turn.note("parted channels", f"person:{turn.person.id}")
    turn.say(_("This channel stands alone now and begins again. Ask anything, any time."), to=fresh)
    turn.say(
        _("Parted: {channel}. Requests, roles and data are still here.")(channel=leaving.name),
        everywhere=True,
    )
    turn.resumed = False  # this may be the channel that has left


def _ask(turn: Turn, at: str, **kept: str) -> None:
    """Let what goes on wait for an answer; a question of ours that is still open is forgotten."""
    if turn.talk.doing == DOING:
        turn.end()
    turn.hold(DOING, at, **kept)
