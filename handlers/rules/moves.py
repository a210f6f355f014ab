"""Where a request can stand, and who may move it from where to where: one table, for the code and for the page.

Lists ask only for the `State`: what waits, what somebody has, what is over.  The `Stage` says where exactly a
request stands, and changes by the moves of this table alone.  Each move is an event that is never edited.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import msgspec

from handlers.records.requests import Request, Stage, State
from handlers.rules.roles import RIGHTS, RightName, Standing
from handlers.text import Text, _

STAGES: dict[Stage, tuple[State, Text]] = {
    "new": ("open", _("new: nobody could be shown it yet")),
    "offered": ("open", _("offered: waits to be taken")),
    "claimed": ("claimed", _("taken: somebody is on it")),
    "waiting": ("claimed", _("waits for a word from who asked")),
    "passed-on": ("open", _("passed on: waits for somebody else")),
    "held": ("held", _("held: waits for the end of an incident")),
    "resolved": ("closed", _("done, not yet confirmed by who asked")),
    "closed": ("closed", _("closed")),
    "reopened": ("open", _("open again: waits to be taken")),
    "withdrawn": ("withdrawn", _("taken back by who asked")),
}

MoveName = Literal[
    "offer",
    "claim",
    "wait",
    "go-on",
    "pass-on",
    "give-back",
    "release",
    "free",
    "reassign",
    "resolve",
    "drop",
    "confirm",
    "settle",
    "withdraw",
    "reopen",
    "return",
    "erase",
    "hold",
    "apart",
    "relieve",
]


class Move(msgspec.Struct, frozen=True):
    """A way from one stage to another."""

    words: Text
    before: frozenset[Stage]
    after: Stage
    right: RightName | None  # what whoever moves it must be allowed; None where Tổ Số itself does
    done: str  # the event that is kept

    @property
    def who(self) -> frozenset[Standing]:
        """Who may, by how they stand to the request; nobody where Tổ Số itself does."""
        return RIGHTS[self.right].who if self.right else frozenset()


def _of(*stages: Stage) -> frozenset[Stage]:
    return frozenset(stages)


_FREE = _of("new", "offered", "passed-on", "reopened")
_HELD = _of("claimed", "waiting")
_OVER = _of("resolved", "closed", "withdrawn")

MOVES: dict[MoveName, Move] = {
    "offer": Move(_("Show it to those who may take it"), _of("new"), "offered", None, "offered"),
    "claim": Move(_("Take it on"), _FREE, "claimed", "claim", "claimed"),
    "wait": Move(
        _("Stop its clock until who asked has written"),
        _of("claimed"),
        "waiting",
        "finish",
        "waiting for citizen",
    ),
    "go-on": Move(
        _("Write again, and its clock goes on"), _of("waiting"), "claimed", "own", "citizen answered"
    ),
    "pass-on": Move(_("Pass it on, with a reason"), _HELD, "passed-on", "finish", "passed on"),
    "give-back": Move(_("Give it back to the team"), _HELD, "offered", "finish", "given back"),
    "release": Move(_("Free it when its helper has left"), _HELD, "offered", None, "released"),
    "free": Move(
        _("Free it when its helper has left it untouched"), _of("claimed"), "offered", None, "left untouched"
    ),
    "reassign": Move(
        _("Give it to somebody else of the team"), _FREE | _HELD, "claimed", "reassign", "reassigned"
    ),
    "resolve": Move(_("Finish it as done, in full or in part"), _HELD, "resolved", "finish", "closed"),
    "drop": Move(_("Finish it as no longer needed"), _HELD, "closed", "finish", "closed"),
    "confirm": Move(_("Say that it works now"), _of("resolved"), "closed", "own", "works"),
    "settle": Move(_("Close what nobody objected to in 7 days"), _of("resolved"), "closed", None, "settled"),
    "withdraw": Move(_("Take it back"), _FREE | _HELD | {"held"}, "withdrawn", "own", "withdrawn"),
    "reopen": Move(_("Open it again within 7 days"), _OVER, "reopened", "own", "reopened"),
    "return": Move(
        _("Give it to the one who had it, when it is open again"),
        _of("reopened"),
        "claimed",
        None,
        "returned",
    ),
    "erase": Move(_("Have one's own data erased"), _FREE | _HELD | {"held"}, "withdrawn", "own", "erased"),
    "hold": Move(_("Hold it until the end of its incident"), _FREE, "held", None, "held for an incident"),
    "apart": Move(
        _("Say that it is no part of the incident"), _of("held"), "offered", "own", "apart from the incident"
    ),
    "relieve": Move(_("Finish it with its incident"), _of("held"), "resolved", None, "incident over"),
}


class Astray(ValueError):
    """A move that the table does not have."""


def stage_of(request: Request) -> Stage:
    """Give where a request stands; of one that was kept before stages were, what its other facts say."""
    if request.stage and STAGES[request.stage][0] == request.state:
        return request.stage
    match request.state:
        case "open":
            return "offered"
        case "claimed":
            return "waiting" if request.paused else "claimed"
        case "closed":
            return "closed" if request.rating or request.outcome == "unneeded" else "resolved"
        case "held" | "withdrawn":
            return request.state


def may(name: MoveName, request: Request, standings: Iterable[Standing]) -> bool:
    """Say whether somebody who stands so may make this move now."""
    move = MOVES[name]
    return stage_of(request) in move.before and not move.who.isdisjoint(standings)


def moved(request: Request, name: MoveName) -> Request:
    """Give a request as it stands after a move; Astray where it does not lead on from here."""
    move = MOVES[name]
    before = stage_of(request)
    if before not in move.before:
        raise Astray(f"request {request.id}: {name} from {before}")
    return msgspec.structs.replace(request, stage=move.after, state=STAGES[move.after][0])
