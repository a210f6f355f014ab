"""Who may see and do what: one table, for the code that asks it and for the page that shows it.

Where somebody stands is always towards one request: a member is one of the team that it is with, an officer one of
the office of its commune.  Those to whom it was widened, since nobody there had taken it, stand in a way of their own.
What reports allow stands here too, where it follows from a role alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import msgspec

from handlers.text import Text, _

Standing = Literal[
    "citizen", "holder", "member", "lead", "officer", "head", "reporter", "province", "wider", "nobody"
]
STANDINGS: dict[Standing, Text] = {
    "citizen": _("who asked"),
    "holder": _("who took it"),
    "member": _("member of its team"),
    "lead": _("lead of its team"),
    "officer": _("officer of its commune"),
    "head": _("head of its commune"),
    "reporter": _("reporter"),
    "province": _("province"),
    "wider": _("of a team or office it was widened to"),
    "nobody": _("anybody else"),
}

RightName = Literal[
    "card",
    "claim",
    "person",
    "answer",
    "finish",
    "queue",
    "meet",
    "behalf",
    "visit",
    "villages",
    "target",
    "target-figure",
    "target-see",
    "aim",
    "task",
    "task-own",
    "warned",
    "late",
    "load",
    "reassign",
    "note",
    "own",
    "hand-over",
    "report",
    "approve",
    "document",
    "leave",
    "figures",
    "incident",
    "restore",
    "group",
    "group-end",
    "publish",
    "release",
    "evaluation",
    "export",
]


class Right(msgspec.Struct, frozen=True):
    """Something that may be seen or done, and by whom."""

    words: Text
    who: frozenset[Standing]


def _to(*who: Standing) -> frozenset[Standing]:
    return frozenset(who)


_HELPERS = _to("member", "lead", "officer", "head", "wider")

RIGHTS: dict[RightName, Right] = {
    "card": Right(_("See that it waits: place, matter, words; no name and no number"), _HELPERS | {"holder"}),
    "claim": Right(_("Take it on, where it is not their own"), _HELPERS),
    "person": Right(_("See name and telephone of who asked"), _to("holder")),
    "answer": Right(_("Write with each other about it"), _to("citizen", "holder")),
    "finish": Right(_("Close it, pass it on, give it back, stop its clock"), _to("holder")),
    "queue": Right(_("List what waits for their team; in an office, what has no team"), _HELPERS),
    "meet": Right(
        _("Ask whether they may call or come, and read the two words once that is agreed"), _to("holder")
    ),
    "behalf": Right(_("Open a request for somebody without a smartphone"), _to("member", "lead")),
    "visit": Right(
        _("Log visits of their team or office, and take back what they logged"),
        _to("member", "lead", "officer"),
    ),
    "villages": Right(
        _("Edit the commune's list of villages; a lead, the villages of the own team"), _to("lead", "officer")
    ),
    "target": Right(
        _("Set a target of the commune with a daily figure, change it, end it"), _to("officer", "head")
    ),
    "target-figure": Right(
        _("Tell the daily figure of a target; a lead, of the villages of the own team"),
        _to("lead", "officer"),
    ),
    "target-see": Right(
        _("See how the commune's targets stand, and follow them week by week"), _to("lead", "officer", "head")
    ),
    "aim": Right(
        _("Set what an indicator of their office's report is to reach and by when, take it back"),
        _to("officer", "head"),
    ),
    "task": Right(
        _("Give a task to somebody of the commune, take it back, hear what came of it"),
        _to("officer", "head"),
    ),
    "task-own": Right(
        _("Be given a task of the commune, say that it is done"), _to("lead", "officer", "head", "reporter")
    ),
    "warned": Right(_("Hear that it will be late"), _to("lead")),
    "late": Right(
        _("Hear that it is late, in turn"), _to("citizen", "holder", "lead", "officer", "head", "province")
    ),
    "load": Right(_("See who of the team has what"), _to("lead")),
    "reassign": Right(
        _("Give it to somebody else of the team, late or not; the office, to any team"),
        _to("lead", "officer", "head"),
    ),
    "note": Right(_("Write and read notes that who asked never sees"), _to("holder", "lead")),
    "own": Right(
        _("See how far it is, add to it, take it back, open it again, say how it went"), _to("citizen")
    ),
    "hand-over": Right(
        _("Let somebody else send a report of their office, or of one below, for that period"),
        _to("officer", "head", "reporter", "province"),
    ),
    "report": Right(_("Fill in and send the monthly report of their office"), _to("reporter")),
    "approve": Right(
        _(
            "Approve the monthly report of their office, see what is late there; "
            "the commune's officer too, for a village without a head"
        ),
        _to("head"),
    ),
    "document": Right(
        _("Get the approved report of their office as a file, note the number of the document"),
        _to("reporter", "head"),
    ),
    "leave": Right(
        _("Go on leave and name who stands in"),
        _to("member", "lead", "officer", "head", "reporter", "province"),
    ),
    "figures": Right(
        _("See the figures of help of their team or commune; nobody is named in them"),
        _to("lead", "officer", "head"),
    ),
    "incident": Right(
        _("Say whether many alike are one incident, write its notice, end it"), _to("lead", "officer", "head")
    ),
    "restore": Right(
        _("Give back a role of an office that ended after 90 days without a word"), _to("head", "province")
    ),
    "group": Right(_("Link the team's group chat, choose what is shown there, unlink it"), _to("lead")),
    "group-end": Right(_("Unlink the group chat of a team of their commune"), _to("lead", "officer", "head")),
    "publish": Right(_("Publish the figures of a closed period, and withdraw them"), _to("province")),
    "release": Right(_("Release the ranking of a period to the communes, and hold it back"), _to("province")),
    "evaluation": Right(
        _(
            "See a year's evaluation of their own office as its head, and of the offices below with their heads"
        ),
        _to("officer", "head", "province"),
    ),
    "export": Right(
        _("Get all reports of their commune or province as a table"), _to("officer", "head", "province")
    ),
}


def may(right: RightName, standings: Iterable[Standing]) -> bool:
    """Say whether somebody who stands so may do or see this."""
    return not RIGHTS[right].who.isdisjoint(standings)
