"""Photos and files that go with the figures of a report: kept beside an indicator, shown to whoever approves it."""

from __future__ import annotations

import re
from datetime import datetime

from handlers import cases, filing, things
from handlers.filing import Filing
from handlers.records.media import Thing
from handlers.records.people import Person
from handlers.talk import Attachment, Due
from handlers.text import Text, _
from handlers.turn import Turn

PAPERS = (".pdf", ".doc", ".docx", ".jpg", ".jpeg", ".png", ".heic", ".webp")  # files that nobody fills in
_ABOUT = re.compile(r"report:(.+)/e(\d{1,3})")
SHOWN = 12  # of one version


def is_one(thing: Attachment) -> bool:
    """Say whether what was sent may go with a figure: a picture, or a paper that is no table."""
    return thing.kind in ("photo", "video") or (
        thing.kind == "file" and thing.name.casefold().endswith(PAPERS)
    )


def keep(turn: Turn) -> Text | None:
    """Keep what was sent just now beside the indicator that is asked for; None where nothing could be kept."""
    case = filing.find(turn, turn.talk.doing.partition(" ")[2])
    if case is None or case.report.delivered or not filing.acts(turn, "reporter", case.unit):
        return None
    code = things.noted(turn)
    thing = turn.media.get(code) if code else None
    if thing is None:
        return None
    one = case.form.indicator(turn.talk.at.partition(".")[2])
    turn.media.want(code, _about(case, one.number if one else 0))
    kind = cases.KINDS[thing.kind]
    if one is None:
        return _("Tổ Số keeps {kind} with the report, for whoever approves it.")(kind=kind)
    return _("Tổ Số keeps {kind} with indicator {n}, for whoever approves it.")(kind=kind, n=one.number)


def _about(case: Filing, number: int) -> str:
    return f"{case.about}/e{number}"


def of(turn: Turn, case: Filing, since: datetime | None = None) -> list[tuple[int, Thing]]:
    """Give what was sent with a report after a moment, by indicator; 0 stands for the whole report."""
    numbers = [0, *(one.number for one in case.form.indicators)]
    return [
        (number, thing)
        for number in numbers
        for thing in turn.media.of(_about(case, number))
        if since is None or thing.at > since
    ]


def listed(found: list[tuple[int, Thing]]) -> Text | None:
    """Say with which indicators something was sent; None where nothing was."""
    if not found:
        return None
    numbers = dict.fromkeys(number for number, _thing in found if number)
    if not numbers:
        return _("Photos and files with it: {n}.")(n=len(found))
    if len(numbers) == 1:
        return _("Photos and files with it: {n}, of indicator {number}.")(n=len(found), number=min(numbers))
    return _("Photos and files with it: {n}, of indicators {numbers}.")(
        n=len(found), numbers=", ".join(map(str, numbers))
    )


def show(turn: Turn, case: Filing, reader: Person, found: list[tuple[int, Thing]]) -> None:
    """Show somebody what was sent with a report and is here; what is still being fetched follows by itself."""
    kept = [(place, thing) for place, thing in found if thing.state == "kept"]
    for place, thing in kept[:SHOWN]:
        beside = _("(with indicator {n})")(n=place) if place else _("(with the report)")
        hand(turn, case, thing, beside, reader)


def to_judges(turn: Turn, case: Filing, thing: Thing) -> None:
    """Show whoever judges a report, or stands in for them, one thing that came for it."""
    sent = case.report.latest
    for head in filing.judges(turn, case.unit, sent.by if sent else thing.person):
        hand(turn, case, thing, _("(sent {kind})")(kind=cases.KINDS[thing.kind]), head)


def hand(turn: Turn, case: Filing, thing: Thing, words: Text, reader: Person) -> None:
    """Give somebody what is here for a report.

    Where their channel shows it only at an address of its own and the office has none, who sent it is told.
    """
    sent = case.report.latest
    turn.say(
        words,
        to=reader,
        voice=cases.voice_of(turn, thing.person),
        media=thing.code,
        kind="notice",
        about=f"{case.about}:{sent.number if sent else 0}",
    )
    if not (turn.shelf.office.opens or turn.media.shown(thing, reader.id)):
        name = filing.who(turn, reader.id)
        turn.say(
            things.UNCROSSED(code=case.report.receipt, kind=cases.KINDS[thing.kind], name=name),
            to=thing.person,
            kind="notice",
        )


def new(turn: Turn, case: Filing) -> list[tuple[int, Thing]]:
    """Give what was sent with the last version of a report, and not with one before."""
    sent = case.report.submissions
    return of(turn, case, sent[-2].at if len(sent) > 1 else None)


def kept(turn: Turn) -> bool:
    """Show what is here now where its report waits for approval already; False where it is no evidence."""
    case, number, thing = _sent(turn)
    if case is None:
        return False
    sent = case.report.latest
    if thing is not None and sent is not None and case.report.state == "submitted":
        for head in filing.judges(turn, case.unit, sent.by):
            show(turn, case, head, [(number, thing)])
    return True


def refused(turn: Turn) -> bool:
    """Tell whoever sent something with a figure that it was not kept; False where it is no evidence."""
    case, number, thing = _sent(turn)
    if case is None:
        return False
    if thing is not None:
        why = things.REFUSED[thing.reason or "lost"]
        turn.say(why(code=_which(case, number), kind=cases.KINDS[thing.kind]), to=thing.person, kind="notice")
    return True


def _which(case: Filing, number: int) -> Text:
    if not number:
        return filing.title(case)
    return _("Indicator {n} of {title}")(n=number, title=filing.title(case))


def _sent(turn: Turn) -> tuple[Filing | None, int, Thing | None]:
    assert isinstance(turn.event, Due)
    match = _ABOUT.fullmatch(turn.event.about)
    case = filing.find(turn, match[1]) if match else None
    return case, int(match[2]) if match else 0, turn.media.get(turn.event.facts["code"])
