"""How far a request is, for whoever asked: where it stands, who has it, since when, and what comes next."""

from __future__ import annotations

from datetime import datetime

from handlers import appointments, cases, watch, widening
from handlers.records.requests import Request, Stage
from handlers.rules.moves import stage_of
from handlers.text import Text, _
from handlers.turn import Turn

# In a list, behind the code and the matter.
STATES: dict[Stage, Text] = {
    "new": _("nobody there is on Tổ Số yet"),
    "offered": _("waiting"),
    "claimed": _("{helper} is on it"),
    "waiting": _("{helper} waits for a word from you"),
    "passed-on": _("passed on, waiting"),
    "held": _("waits for the end of the incident"),
    "resolved": _("done, says {helper}"),
    "closed": _("closed"),
    "reopened": _("open again, waiting"),
    "withdrawn": _("withdrawn"),
}


def state(turn: Turn, request: Request) -> Text:
    """Give where a request stands, in a few words."""
    stage = stage_of(request)
    if stage == "resolved" and not request.claimed_by:
        return _("the incident is over")
    if stage == "offered" and (ahead := turn.requests.ahead(request)):
        return _("waiting, {n} before it")(n=ahead)
    return (
        STATES[stage](helper=cases.helper(turn, request.claimed_by)) if request.claimed_by else STATES[stage]
    )


def since(request: Request) -> datetime | None:
    """Give since when it stands there."""
    match stage_of(request):
        case "claimed":
            return request.claimed
        case "waiting":
            return request.paused
        case "resolved" | "closed" | "withdrawn":
            return request.closed
    return request.offered or request.opened


def ahead(turn: Turn, request: Request) -> list[Text]:
    """Give who has it since when, and what comes next, a line each; nothing of what is over for good."""
    due, begun = watch.due(turn, request), since(request)
    late = due is not None and due <= turn.now
    values = {
        "since": begun,
        "due": due,
        "team": cases.team(turn, request),
        "helper": cases.helper(turn, request.claimed_by),
        "short": request.code,
    }
    match stage_of(request):
        case "claimed":
            told = [
                _("{Helper} has had it since {since}.")(
                    Helper=cases.helper_first(turn, request.claimed_by), since=begun
                ),
                _("It should have been done by {due}, sorry; you are asked once it is.")
                if late
                else _("Next: {helper} finishes it by {due}, and you are asked whether it works."),
            ]
        case "waiting":
            told = [_("Since {since}. Next: type your answer here.")]
        case "held":
            told = [_("Next: once it is over you are told, and asked whether it works.")]
        case "resolved":
            told = [_("Since {since}. Next: does it work now?")]
        case "closed" | "withdrawn":
            told = []
        case _:
            told = [
                _("With {team} since {since}."),
                _("It should have been taken by {due}, sorry; you are told as soon as it is.")
                if late
                else _("Next: somebody there takes it by {due}, and you are told who."),
            ]
    if request.state == "open" and request.widened:
        told.insert(1, _("Nobody there could take it, so these have been asked too: {others}."))
        values["others"] = widening.joined(widening.others(turn, request))
    return [*(text(**values) for text in told), *appointments.stands(turn, request)]
