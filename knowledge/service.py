"""Service levels and desk hours: by when a request is taken up and done, and when a commune's desk is open.

The shipped file is data/service.yaml; what an office writes in a file of its own comes before it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, time, timedelta
from pathlib import Path
from typing import Any, Literal

import msgspec
import yaml

from knowledge.forms import WEEKDAYS, Weekday
from knowledge.told import Faulty, at
from knowledge.told import told as _

FILE = Path(__file__).parent / "data" / "service.yaml"
OWN = "service.yaml"  # beside an office's own topics
_SPAN = re.compile(r"([0-9]{1,3}) (minute|hour|day)s?")
_UNITS: dict[str, Literal["minutes", "hours", "days"]] = {"minute": "minutes", "hour": "hours", "day": "days"}
_HOURS = re.compile(r"([0-2][0-9]):([0-5][0-9])-([0-2][0-9]):([0-5][0-9])")
_HOUR = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")


_COMPARE = _("Compare it with {file} of the release.", file=FILE.name)


class BadService(Faulty):
    """The file cannot be used; the message says where, what is wrong and what to do."""

    def __init__(self, file: Path, line: int, what: str, remedy: str = _COMPARE) -> None:
        super().__init__(at(file, line, what, remedy))


class _Unfit(ValueError):
    """A value that cannot be used; the message is told."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


class _Misplaced(Exception):
    """A value that cannot be used, and the names that lead to it."""

    def __init__(self, at: tuple[str, ...], what: str) -> None:
        super().__init__(what)
        self.at, self.what = at, what


class Span(msgspec.Struct, frozen=True):
    """A time to be counted: in minutes or hours of an open desk, or in working days."""

    number: int
    unit: Literal["minutes", "hours", "days"]


Ring = Literal["commune", "province"]
RINGS: tuple[Ring, ...] = ("commune", "province")  # who is asked beyond those of the village, in this order


class Untouched(msgspec.Struct, frozen=True):
    """How long whoever has a request may leave it untouched."""

    asked: Span  # after which they are asked whether they are still on it
    free: Span  # after which it is free for others again


class Level(msgspec.Struct, frozen=True):
    """By when a kind of request is taken up, and by when it is done; whom else it is shown, and when it is freed."""

    take_up: Span
    done: Span
    source: str
    topics: tuple[str, ...] = ()  # that make a request one of this kind
    widen: tuple[tuple[Ring, Span], ...] = ()  # after which a ring is shown what nobody has taken
    untouched: Untouched | None = None  # none: whoever has it keeps it


Hours = tuple[tuple[time, time], ...]


class Closure(msgspec.Struct, frozen=True):
    """A day on which a commune's desk is closed, or open at other hours."""

    day: date
    why: str
    open: Hours = ()


class Desk(msgspec.Struct, frozen=True):
    """When a commune's desk is open."""

    open: Hours  # on working days
    saturday: Hours = ()  # on Saturdays of a common week
    on_call: bool = False  # urgent requests are looked after at any hour
    closed: tuple[Closure, ...] = ()

    def closure(self, day: date) -> Closure | None:
        """Give what differs on a day; None for a day like others."""
        return next((closure for closure in self.closed if closure.day == day), None)


class Alike(msgspec.Struct, frozen=True):
    """How many who ask the same are proposed as one incident, and when it is asked about again."""

    people: int
    within: timedelta
    again_after: timedelta  # what was refused, or not answered, is proposed again
    still_after: timedelta  # whoever said yes is asked whether it still goes on


class Cards(msgspec.Struct, frozen=True):
    """From how many new requests on a team is told how many wait, and is shown no card for each."""

    most: int
    within: timedelta
    digest: timedelta  # between two such messages
    ahead: (
        timedelta  # in which whoever helped somebody last is shown their new request alone; none at all for 0
    )


class Fast(msgspec.Struct, frozen=True):
    """From how many typed messages within how long on somebody is answered in one go."""

    most: int
    within: timedelta


class Idle(msgspec.Struct, frozen=True):
    """After how long a role that nobody uses is asked about, or ends."""

    after: timedelta
    answer: timedelta  # in which an answer is waited for


class Daily(msgspec.Struct, frozen=True):
    """When the day's figure of a target is asked for, and when its followers are told how it stands."""

    ask_at: time
    week_on: Weekday  # the first working day from then on
    week_at: time
    back: int  # days that a figure may lie back
    pace: int  # days by which the pace is taken


class Service(msgspec.Struct, frozen=True):
    """All of it."""

    desk: Desk  # of communes that say nothing else
    levels: dict[str, Level]
    warning: int  # of 100
    steps: tuple[
        Span, ...
    ]  # after the end: for whoever has it, the lead, the commune's officer, the province
    communes: dict[str, Desk]  # by official code
    incident: Alike
    cards: Cards
    idle: Idle
    fast: Fast
    targets: Daily
    unnamed: frozenset[str]  # topics that a card in a group does not name

    def desk_of(self, commune: str) -> Desk:
        """Give when a commune's desk is open."""
        return self.communes.get(commune, self.desk)

    @classmethod
    def load(cls, own: Path | None = None) -> Service:
        """Read the shipped file, and before it the office's own where there is one; BadService says what is wrong."""
        written, _lines = _read(FILE)
        if own is None or not own.is_file():
            return _service(written)
        mine, lines = _read(own)
        _complete(mine.get("levels"), written["levels"])
        for name, value in mine.items():
            if name not in written:
                remedy = _("Write one of: {names}.", names=", ".join(written))
                what = _("“{name}” is not known", name=name)
                raise BadService(own, lines.get((str(name),), 1), what, remedy)
            kept = written[name]
            written[name] = kept | value if isinstance(kept, dict) and isinstance(value, dict) else value
        try:
            return _service(written)
        except _Misplaced as error:
            known = [error.at[:length] for length in range(len(error.at), 0, -1)]
            line = next((lines[at] for at in known if at in lines), 1)
            raise BadService(own, line, error.what) from error


def _complete(mine: object, shipped: dict[str, Any]) -> None:
    """Give an office's own levels what they do not say of widening and of leaving untouched, as it is shipped."""
    for name, level in mine.items() if isinstance(mine, dict) else ():
        if isinstance(level, dict):
            usual = shipped.get(str(name), shipped["how-to"])
            for part in ("widen", "untouched"):
                level.setdefault(part, usual[part])


def _read(file: Path) -> tuple[dict[str, Any], dict[tuple[str, ...], int]]:
    """Give what a file says, and the line of each of its names."""
    correct = _("Correct that, or put the file back from the release.")
    try:
        text = file.read_text("utf-8")
        written, lines = yaml.safe_load(text), dict(_lines(yaml.compose(text, yaml.SafeLoader)))
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise BadService(file, line, error.problem or _("it cannot be read"), correct) from error
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise BadService(file, 1, " ".join(str(error).split()), correct) from error
    if not isinstance(written, dict):
        raise BadService(file, 1, _("“name: value” is expected"))
    return written, lines


def _lines(node: yaml.Node | None, at: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], int]]:
    if isinstance(node, yaml.MappingNode):
        for name, value in node.value:
            yield (*at, str(name.value)), name.start_mark.line + 1
            yield from _lines(value, (*at, str(name.value)))


def _service(written: dict[str, Any]) -> Service:
    with _at("hours"):
        usual = _hours(written["hours"]["open"])
    levels, communes = dict[str, Level](), dict[str, Desk]()
    with _at("levels"):
        for name, level in written["levels"].items():
            with _at(str(name)):
                levels[str(name)] = _level(level)
    with _at("warning"):
        warning = int(written["warning"])
    with _at("steps"):
        steps = tuple(_span(step) for step in written["steps"])
    with _at("communes"):
        for code, desk in (written["communes"] or {}).items():
            with _at(str(code)):
                communes[str(code)] = _desk(desk, usual)
    with _at("incident"):
        incident = _alike(written["incident"])
    with _at("cards"):
        cards = _cards(written["cards"])
    with _at("idle"):
        idle = _idle(written["idle"])
    with _at("fast"):
        fast = _fast(written["fast"])
    with _at("groups"):
        unnamed = _unnamed(written["groups"])
    with _at("targets"):
        targets = _daily(written["targets"])
    return Service(
        desk=Desk(usual),
        levels=levels,
        warning=warning,
        steps=steps,
        communes=communes,
        incident=incident,
        cards=cards,
        idle=idle,
        fast=fast,
        targets=targets,
        unnamed=unnamed,
    )


@contextmanager
def _at(name: str) -> Iterator[None]:
    """Say of whatever cannot be used below a name that it stands there."""
    try:
        yield
    except _Misplaced as error:
        raise _Misplaced((name, *error.at), error.what) from error
    except KeyError as error:
        raise _Misplaced((name,), _("“{name}” is missing", name=error.args[0])) from error
    except _Unfit as error:
        raise _Misplaced((name,), error.what) from error
    except (TypeError, AttributeError, ValueError) as error:
        raise _Misplaced((name,), _("the value does not fit ({problem})", problem=str(error))) from error


def _alike(written: dict[str, Any]) -> Alike:
    counts = _counts(written, "people", "minutes", "again_after_hours", "still_after_hours")
    return Alike(
        counts["people"],
        timedelta(minutes=counts["minutes"]),
        timedelta(hours=counts["again_after_hours"]),
        timedelta(hours=counts["still_after_hours"]),
    )


def _cards(written: dict[str, Any]) -> Cards:
    counts = _counts(written, "most", "minutes", "digest_minutes", also=("ahead_minutes",))
    with _at("ahead_minutes"):
        before = written["ahead_minutes"]
        if not isinstance(before, int) or isinstance(before, bool) or before < 0:
            raise _Unfit(_("“{written}” is no number of minutes; write 0 or more", written=before))
    return Cards(
        counts["most"],
        timedelta(minutes=counts["minutes"]),
        timedelta(minutes=counts["digest_minutes"]),
        timedelta(minutes=before),
    )


def _idle(written: dict[str, Any]) -> Idle:
    counts = _counts(written, "days", "answer_days")
    return Idle(timedelta(days=counts["days"]), timedelta(days=counts["answer_days"]))


def _fast(written: dict[str, Any]) -> Fast:
    counts = _counts(written, "most", "seconds")
    return Fast(counts["most"], timedelta(seconds=counts["seconds"]))


def _unnamed(written: dict[str, Any]) -> frozenset[str]:
    with _at("unnamed"):
        topics = written["unnamed"]
        if not isinstance(topics, list) or not all(isinstance(topic, str) for topic in topics):
            raise _Unfit(_("“{written}” is no list of topics; write [civil.death]", written=topics))
    return frozenset(topics)


def _daily(written: dict[str, Any]) -> Daily:
    counts = _counts(written, "back", "pace", also=("ask_at", "week_on", "week_at"))
    with _at("week_on"):
        day = str(written["week_on"])
        if day not in WEEKDAYS:
            raise _Unfit(_("“{written}” is no weekday; write monday", written=day))
    return Daily(
        _hour(written, "ask_at"),
        next(name for name in WEEKDAYS if name == day),
        _hour(written, "week_at"),
        counts["back"],
        counts["pace"],
    )


def _hour(written: dict[str, Any], name: str) -> time:
    with _at(name):
        found = _HOUR.fullmatch(str(written[name]))
        if found is None:
            raise _Unfit(_('“{written}” is no hour; write "17:00" with its marks', written=written[name]))
        return time(int(found[1]), int(found[2]))


def _counts(written: dict[str, Any], *names: str, also: tuple[str, ...] = ()) -> dict[str, int]:
    """Read whole numbers of one or more, and nothing else but where they come from and what is read elsewhere."""
    unknown = set(written) - {*names, *also, "source"}
    if unknown:
        raise _Unfit(_("“{name}” is not known here", name=min(unknown)))
    found = {}
    for name in names:
        with _at(name):
            number = written[name]
            if not isinstance(number, int) or isinstance(number, bool) or number < 1:
                raise _Unfit(_("“{written}” is no number; write 1 or more", written=number))
            found[name] = number
    return found


def _level(written: dict[str, Any]) -> Level:
    with _at("take_up"):
        take_up = _span(written["take_up"])
    with _at("done"):
        done = _span(written["done"])
    with _at("widen"):
        widen = _widen(written.get("widen") or {})
    with _at("untouched"):
        untouched = _untouched(written.get("untouched") or {})
    return Level(
        take_up,
        done,
        str(written["source"]),
        tuple(str(topic) for topic in written.get("topics", ())),
        widen,
        untouched,
    )


def _widen(written: dict[str, Any]) -> tuple[tuple[Ring, Span], ...]:
    unknown = set(written) - set(RINGS)
    if unknown:
        name = min(map(str, unknown))
        raise _Unfit(_("“{name}” is not known; write commune or province", name=name))
    return tuple((ring, _span(written[ring])) for ring in RINGS if ring in written)


def _untouched(written: dict[str, Any]) -> Untouched | None:
    return Untouched(_span(written["asked"]), _span(written["free"])) if written else None


def _desk(written: dict[str, Any], usual: Hours) -> Desk:
    unknown = set(written) - {"open", "saturday", "on_call", "closed"}
    if unknown:
        raise _Unfit(_("“{name}” is not known of a desk", name=min(unknown)))
    return Desk(
        _hours(written["open"]) if "open" in written else usual,
        _hours(written.get("saturday", ()), closed=True),
        bool(written.get("on_call", False)),
        tuple(
            Closure(_day(one["day"]), str(one["why"]), _hours(one.get("open", ()), closed=True))
            for one in written.get("closed", ())
        ),
    )


def _day(written: object) -> date:
    return written if isinstance(written, date) else date.fromisoformat(str(written))


def _span(written: object) -> Span:
    found = _SPAN.fullmatch(str(written))
    if found is None:
        raise _Unfit(_("“{written}” is no span; write 8 hours, or 2 days", written=written))
    return Span(int(found[1]), _UNITS[found[2]])


def _hours(written: object, *, closed: bool = False) -> Hours:
    """Read hours such as 07:30-11:30, in order; none where it may be closed."""
    if not isinstance(written, list | tuple) or not (written or closed):
        raise _Unfit(_('hours are a list such as ["07:30-11:30", "13:00-17:00"]'))
    found: list[tuple[time, time]] = []
    for one in written:
        part = _HOURS.fullmatch(str(one))
        if part is None:
            raise _Unfit(_("“{written}” is no span of hours; write 07:30-11:30", written=one))
        begin, end = time(int(part[1]), int(part[2])), time(int(part[3]), int(part[4]))
        if begin >= end or (found and begin < found[-1][1]):
            raise _Unfit(_("“{written}” does not come after what stands before it", written=one))
        found.append((begin, end))
    return tuple(found)
