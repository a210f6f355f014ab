"""Roll-out made visible: who is invited, who has joined, of whom nothing is heard, and inviting somebody anew.

For those of a commune's office and of the province.  Where nobody can be told what is due, a unit stands red.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from datetime import timedelta

import msgspec

from handlers import filing
from handlers.profile import ROLES, named
from handlers.records.people import BODIES, Unit
from handlers.records.rollout import Guest, Joining
from handlers.rules import vietnamese
from handlers.text import Text, _, as_is, lines
from handlers.turn import LABEL, TAPS, Choice, Turn
from knowledge.folding import fold
from knowledge.places import Commune

SILENT = timedelta(days=14)  # so long without a word is silence
SHOWN = 8  # lines of one message
NAMED = 5  # communes without anybody that are named in one line
PAGE = 60  # of them, where all are listed: some 1,000 letters
REMEDY = _("Whoever runs Tổ Số enters their people with a list; each then has a code to join with.")

_ASKS = {
    "ai chua vao", "ai da vao", "tinh hinh tham gia", "tham gia", "moi lai", "ai im lang", "trien khai",
    "ai chua tham gia", "who has joined", "who has not joined", "who has not joined yet", "who hasn t joined",
    "who is missing", "who is silent", "roll out", "rollout", "invite again", "invite anew",
}  # fmt: skip


class Sum(msgspec.Struct, frozen=True):
    """What the units of one place add up to."""

    name: str
    units: tuple[Joining, ...]

    @property
    def red(self) -> int:
        """How many units nobody can be told anything in."""
        return sum(1 for unit in self.units if unit.empty)


def meant(turn: Turn) -> bool:
    """Say whether words ask who has joined."""
    return fold(turn.text).rstrip("?").strip() in _ASKS


def typed_card(turn: Turn) -> bool:
    """Tell who asks how far joining is; False where nobody of an office or the province asks."""
    words = fold(turn.text).rstrip("?").strip()
    if not turn.staff or words not in _ASKS:
        return False
    return show(turn, "")


def show(turn: Turn, context: str) -> bool:
    """Tell how far the units of one's commune are, or the communes of one's province; of one commune in detail."""
    communes = _mine(turn)
    if context:
        communes = [code for code in communes if code == context]
    if not communes:
        return False
    found = joining(turn, communes)
    if len(communes) > 1:
        _tell_province(turn, communes, found)
    else:
        _tell_commune(turn, found)
    return True


def _mine(turn: Turn) -> list[str]:
    """Give the communes that somebody of an office or the province looks after."""
    codes: dict[str, None] = {}
    for role in turn.people.roles(turn.person.id):
        unit = turn.people.unit(role.place) if role.kind in ("officer", "head") else None
        if unit is None or unit.village:
            continue
        if unit.kind == "province":
            codes |= {commune.code: None for commune in turn.shelf.places.communes_of(unit.commune)}
            codes[unit.commune] = None  # what stands beside the office of the province itself
        elif unit.kind == "office" and unit.commune:
            codes[unit.commune] = None
    return list(codes)


def joining(turn: Turn, communes: Iterable[str]) -> tuple[Joining, ...]:
    """Give how far each unit of these communes is (of all, where none is named), the red ones first."""
    found = turn.rollout.joining(tuple(communes), turn.shelf.office.closes, turn.now - SILENT, turn.person.id)
    # Of a school that owes no form nobody is to be reminded.
    asked = {level for form in turn.shelf.forms.in_use for level in form.owed_by}
    found = tuple(unit for unit in found if unit.kind not in BODIES or unit.kind in asked or unit.joined)
    return tuple(sorted(found, key=lambda unit: (not unit.empty, -unit.invited)))


def _tell_commune(turn: Turn, found: tuple[Joining, ...]) -> None:
    if not found:
        turn.say(_("No team or office is known here yet."))
        return
    guests = [unit for unit in found if unit.invited][:TAPS]
    ask = [_("To give somebody a new code, choose where.")] if guests else []
    turn.say(
        lines(counted(found), *map(line, found[:SHOWN]), *_more(len(found)), *ask),
        [Choice("invite-anew", _short(unit.name), f"{unit.unit}/") for unit in guests],
    )


def _tell_province(turn: Turn, communes: Collection[str], found: tuple[Joining, ...]) -> None:
    sums = by_commune(turn, found)
    without = absent(turn, communes, found)
    all_of_them = [Choice("absent", _("Those without anybody"), "0")] if without[NAMED:] else []
    ways = [Choice("joining", _short(each.name), each.units[0].commune) for each in sums]
    turn.say(
        lines(
            counted(found) if sums else _("No team or office is known here yet."),
            *((missing(turn, without, len(communes_among(turn, communes))), REMEDY) if without else ()),
            *(total(each) for each in sums[:SHOWN]),
            *_more(len(sums)),
        ),
        [*ways[: TAPS - len(all_of_them)], *all_of_them],
    )


def communes_among(turn: Turn, codes: Iterable[str]) -> list[Commune]:
    """Give the communes of today that codes stand for; a province's own code is none."""
    found = (turn.shelf.places.commune(code) for code in codes)
    return [commune for commune in found if commune is not None]


def absent(turn: Turn, communes: Iterable[str], found: Iterable[Joining]) -> list[Commune]:
    """Give the communes in which neither an office nor a team was ever entered, by their names."""
    known = {unit.commune for unit in found}
    missed = [commune for commune in communes_among(turn, communes) if commune.code not in known]
    return sorted(missed, key=lambda commune: vietnamese.order(commune.name))


def missing(turn: Turn, without: list[Commune], every: int) -> Text:
    """Say in how many communes nobody was ever entered, and name the first of these."""
    names = [_called(commune) for commune in without[:NAMED]]
    told = _("• **Red**, nobody entered yet: {n} of {all} communes: {names}")(
        n=len(without), all=every, names=as_is(", ".join(names))
    )
    return _("{list} and {n} more")(list=told, n=len(without) - NAMED) if without[NAMED:] else told


def all_absent(turn: Turn, context: str) -> bool:
    """Name the communes in which nobody was ever entered, a page at a time."""
    communes = _mine(turn)
    if not context.isdigit() or len(context) > 5 or len(communes) < 2:
        return False
    without = absent(turn, communes, joining(turn, communes))
    first = int(context)
    page = without[first : first + PAGE]
    if not page:
        turn.say(_("Somebody is entered in every commune."))
        return True
    left = len(without) - first - len(page)
    turn.say(
        lines(
            _("Communes in which nobody is entered yet, {first} to {last} of {n}:")(
                first=first + 1, last=first + len(page), n=len(without)
            ),
            as_is(", ".join(_called(commune) for commune in page)),
            REMEDY,
        ),
        [Choice("absent", _("The next ones"), str(first + PAGE))] if left else (),
    )
    return True


def _called(commune: Commune) -> str:
    return f"{commune.kind} {commune.name}"


def _more(number: int) -> list[Text]:
    return [_("• And {n} more.")(n=number - SHOWN)] if number > SHOWN else []


def _short(name: str) -> Text:
    return filing.label(name, as_is(name[: LABEL - 1] + "…"))


# --- words ---


def by_commune(turn: Turn, found: Iterable[Joining]) -> list[Sum]:
    """Put units together by commune, those with red ones first."""
    together: dict[str, list[Joining]] = {}
    for unit in found:
        together.setdefault(unit.commune, []).append(unit)
    sums = []
    for code, units in together.items():
        place, province = turn.shelf.places.commune(code), turn.shelf.places.province(code)
        name = turn.shelf.places.label(place) if place else province.name if province else code
        sums.append(Sum(name, tuple(units)))
    return sorted(sums, key=lambda each: (-each.red, each.name))


def counted(found: Iterable[Joining]) -> Text:
    """Say how many are invited, have joined and are silent, and how many units stand red."""
    units = tuple(found)
    return _(
        "{joined} joined, {invited} invited and not here yet, {silent} silent for 14 days; {red} of {all} red."
    )(
        joined=sum(unit.joined for unit in units),
        invited=sum(unit.invited for unit in units),
        silent=sum(unit.silent for unit in units),
        red=sum(1 for unit in units if unit.empty),
        all=len(units),
    )


def line(unit: Joining) -> Text:
    """Say of one unit how far it is."""
    values = {
        "unit": as_is(unit.name),
        "joined": unit.joined,
        "invited": unit.invited,
        "silent": unit.silent,
    }
    if not unit.empty:
        return _("• {unit}: {joined} joined, {invited} not yet, {silent} silent")(**values)
    if not unit.joined and not unit.invited:
        return _("• **Red**, {unit}: nobody is invited")(unit=values["unit"])
    return _(
        "• **Red**, {unit}: nobody there gets reminders yet; {joined} joined, {invited} not yet, {silent} silent"
    )(**values)


def total(each: Sum) -> Text:
    """Say of one commune how far its units are."""
    return _("• {place}: {red} of {all} red; {joined} joined, {invited} not yet, {silent} silent")(
        place=as_is(each.name),
        red=each.red,
        all=len(each.units),
        joined=sum(unit.joined for unit in each.units),
        invited=sum(unit.invited for unit in each.units),
        silent=sum(unit.silent for unit in each.units),
    )


# --- a new code ---


def invite_anew(turn: Turn, context: str) -> bool:
    """Give somebody who has not come a new code; where several have not, ask whom first."""
    number, _slash, mark = context.partition("/")
    unit = turn.people.unit(int(number)) if number.isdigit() and len(number) < 18 else None
    if unit is None or unit.commune not in _mine(turn):
        return False
    guests = turn.rollout.guests(unit.id)
    chosen = [guest for guest in guests if guest.mark == mark] if mark else list(guests)
    if not chosen:
        turn.say(_("They have come, or have a newer code."))
    elif len(chosen) > 1:
        turn.say(
            _("Who of {unit} is to have a new code?")(unit=as_is(unit.name)),
            [
                Choice("invite-anew", _short(named(guest.address, guest.name)), f"{unit.id}/{guest.mark}")
                for guest in chosen
            ],
        )
    else:
        _invite(turn, unit, chosen[0])
    return True


def _invite(turn: Turn, unit: Unit, guest: Guest) -> None:
    code = turn.rollout.anew(guest)
    if not code:
        turn.say(_("They have come, or have a newer code."))
        return
    turn.note("invited anew", f"unit:{unit.id}")
    name = as_is(named(guest.address, guest.name))
    turn.say(
        _("A new code for {name}; the old one no longer works. Please pass the next message on.")(name=name)
    )
    turn.say(
        lines(
            _("For {name}: {office} invites you to Tổ Số, as {role} of {unit}.")(
                name=name, office=as_is(turn.shelf.office.name), role=ROLES[guest.kind], unit=as_is(unit.name)
            ),
            _("Type this code to Tổ Số: {code}.")(code=code),
            _("The code works once; please pass it on to nobody else."),
        )
    )


CARDS: dict[str, Callable[[Turn, str], bool]] = {
    "joining": show,
    "absent": all_absent,
    "invite-anew": invite_anew,
}
