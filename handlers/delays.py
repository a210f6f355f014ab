"""What is late in a commune, in one list, and letting somebody else see to it: to a report below, to a request.

For whoever heads the commune's office or is its officer; somebody of the commune may send a late report of an office
for one period, after which that ends by itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta

from handlers import answers, approvals, cases, filing, forms, leading, morning, overview
from handlers.filing import Filing
from handlers.forms import Checked, Form, Pick, Question
from handlers.morning import BEHIND, SHOWN
from handlers.records.people import Person, Unit
from handlers.records.requests import Request
from handlers.rules import arrival, periods, reporting, roles
from handlers.rules.reporting import VIETNAM
from handlers.rules.roles import Standing
from handlers.rules.routing import same_village
from handlers.text import Text, _, as_is, lines
from handlers.turn import TAPS, Choice, Turn
from knowledge.folding import fold

AGREED, OTHER = Choice("agreed", _("Agreed")), Choice("other", _("Somebody else"))
_SHOW = {"phan cham", "xem phan cham", "what is late", "see what is late"}
_MINE = {"bao cao", "bao cao nay", "bao cao cua toi", "report", "the report", "my report"}
_AWAY = {"giao nguoi khac", "giao nguoi khac gui", "giao nguoi khac gui thay", "nho nguoi khac gui",
         "somebody else sends", "let somebody else send"}  # fmt: skip
_GIVEN = (
    re.compile(r"(?P<what>.+?) (?:giao|nho)(?: lai)?(?: cho)? (?P<who>(?:anh|chi|em|co|chu|bac|ong|ba) .+)"),
    re.compile(r"(?:giao|nho)(?: lai)? (?P<what>.+?) cho (?P<who>.+)"),
    re.compile(r"(?:give|hand) (?P<what>.+?) to (?P<who>.+)"),
)
_THAT = {
    "viec kia", "viec do", "viec nay", "viec con lai", "viec qua han", "yeu cau kia", "yeu cau do", "yeu cau qua han",
    "the other", "the other one", "that request",
}  # fmt: skip
_CODE = re.compile(rf"(?:viec |yeu cau |request )?{cases.CODE}")


# --- one list ---


def show(turn: Turn, context: str) -> bool:
    """List what is late in the communes that somebody looks after: reports first, then requests."""
    communes = morning.mine(turn, context, "head", "officer")
    if not communes:
        return False
    late = [case for commune in communes for case in morning.behind_reports(turn, commune)]
    past = [request for commune in communes for request in morning.overdue(turn, commune)]
    if not late and not past:
        turn.say(_("Nothing is late any more."))
        return True
    told = [approvals.missing(turn, case) for case in late[:SHOWN]]
    told += [morning.past_its_time(turn, request) for request in past[:SHOWN]]
    more = len(late[SHOWN:]) + len(past[SHOWN:])
    if more:
        told.append(_("• And {n} more.")(n=more))
    alone = [case for case in late if not filing.there(turn, "reporter", case.unit)]
    ways = [_hand(case) for case in alone if _may(turn, case)][:2]
    ways += [_again(request) for request in past if request.state == "claimed"][:1]
    turn.say(lines(*told), [*ways, *approvals.to_review(turn)][:TAPS])
    return True


def _hand(case: Filing) -> Choice:
    name = case.name.partition(",")[0]
    words = _("Who sends for {unit}")(unit=as_is(name))
    return Choice("hand-over", words if len(name) <= 12 else _("Who sends instead"), case.key)


def _again(request: Request) -> Choice:
    return Choice("reassign", _("Reassign {code}")(code=cases.written(request)), request.code)


# --- somebody else sends a report ---


def hand_over(turn: Turn, context: str, name: str = "") -> bool:
    """Ask who is to send a late report, and whether that is meant; a name that was told needs only the second."""
    case = filing.find(turn, context)
    if case is None:
        return False
    if not _may(turn, case):
        turn.say(
            _("Only those of {unit}, or of the unit above, let somebody else send its report.")(
                unit=as_is(case.name)
            )
        )
    elif case.report.delivered:
        turn.say(_("The report has been sent; there is nothing left to remind of."))
    elif not (people := _people(turn, case)):
        turn.say(_("Nobody else of this commune is known here yet. Type “who has joined” to invite anew."))
    else:
        chosen = _meant(case, people, name)
        kept = {"to": str(chosen[0].id)} if len(chosen) == 1 else {"name": name}
        forms.begin(turn, HANDING, case=case.key, **kept)
    return True


def _standings(turn: Turn, case: Filing) -> set[Standing]:
    """Give how somebody stands to an office: of it, or of the unit above it."""
    over = filing.above(turn, case.unit)
    found: set[Standing] = set()
    for role in turn.people.roles(turn.person.id):
        if role.place == case.unit.id and role.kind in ("head", "officer", "reporter"):
            found.add(role.kind)
        if over is not None and role.place == over.id and role.kind in ("head", "officer"):
            found.add("province" if over.kind == "province" else role.kind)
    return found


def _may(turn: Turn, case: Filing) -> bool:
    return roles.may("hand-over", _standings(turn, case))


def _people(turn: Turn, case: Filing) -> dict[int, tuple[Person, Unit]]:
    """Give who of the commune could send a report, those of the same village first; nobody who is on leave."""
    units = [*turn.people.units("team", case.unit.commune), *turn.people.units("office", case.unit.commune)]
    if case.unit.body:  # whoever is of it knows its figures
        units = [case.unit]
    units.sort(key=lambda unit: not _same_place(unit, case.unit))
    found: dict[int, tuple[Person, Unit]] = {}
    for unit in units:
        for kind in ("lead", "head", "member", "officer", "reporter"):
            for person in turn.people.holding(kind, unit.id):
                if person.name and person.id != turn.person.id:
                    found.setdefault(person.id, (person, unit))
    sends = {person.id for person in turn.people.holding("reporter", case.unit.id)}
    return {
        number: one
        for number, one in found.items()
        if number not in sends and not filing.on_leave(turn, number)
    }


def _same_place(one: Unit, other: Unit) -> bool:
    names = [village.name for village in one.covers] or [one.village]
    return any(same_village(name, other.village) for name in names if name and other.village)


def _meant(case: Filing, people: dict[int, tuple[Person, Unit]], name: str) -> list[Person]:
    """Give who is called so; of several those of the same village, where there are any."""
    called = leading.named_so([person for person, _unit in people.values()], name)
    near = [person for person in called if _same_place(people[person.id][1], case.unit)]
    return near or called


def _case(turn: Turn) -> Filing:
    case = filing.find(turn, turn.talk.kept["case"])
    assert case is not None  # it was when the form began, and units and forms stay
    return case


def _ask_whom(turn: Turn) -> Text:
    case, name = _case(turn), turn.talk.kept.get("name", "")
    ask = _("Who sends {title}? Choose, or type a name.")(title=filing.title(case))
    if not name:
        return ask
    several = _meant(case, _people(turn, case), name)
    told = _("Several are called so.") if several else _("Nobody there is called “{name}”.")(name=name)
    return lines(told, ask)


def _near(turn: Turn) -> list[Choice]:
    case = _case(turn)
    people = _people(turn, case)
    named = _meant(case, people, turn.talk.kept.get("name", "")) or [
        person for person, _unit in people.values()
    ]
    return [Choice(f"pick={person.id}", cases.helper_first(turn, person.id)) for person in named[:TAPS]]


def _who(turn: Turn, text: str) -> Checked:
    case = _case(turn)
    found = _meant(case, _people(turn, case), text)
    if len(found) > 1:
        ways = tuple(Choice(f"pick={one.id}", cases.helper_first(turn, one.id)) for one in found[:TAPS])
        return Pick(_("Several are called so. Who is meant?"), ways)
    return str(found[0].id) if found else None


def _read_back(turn: Turn) -> Text:
    case, to = _case(turn), int(turn.talk.kept["to"])
    unit = _people(turn, case)[to][1] if to in _people(turn, case) else None
    return lines(
        _("{Name} ({unit}) is to send {title}.")(
            Name=cases.helper_first(turn, to), unit=as_is(unit.name) if unit else "", title=filing.title(case)
        ),
        _("It holds for this period only, until {day}.")(day=_last_day(turn, case)),
    )


def _sure(turn: Turn, text: str) -> Checked:
    """Take yes or somebody else, perhaps with more behind it: "1, việc kia giao anh Sơn"."""
    first, rest = answers.parts(text)
    offered = [(button.data, button.label) for button in turn.talk.offered]
    chosen = (answers.chosen(offered, first) or "").partition("@")[0] if first else ""
    if chosen in (AGREED.name, OTHER.name):
        turn.change(kept={**turn.talk.kept, "then": rest})
        return chosen
    if answers.yes(turn):
        return AGREED.name
    return forms.one_of(AGREED.name, OTHER.name)(turn, text)


def _handed(turn: Turn) -> None:
    kept = turn.talk.kept
    if kept["sure"] == OTHER.name:
        turn.change(kept={"case": kept["case"]})
        forms.ask_next(turn, HANDING)
        return
    case = _case(turn)
    turn.end()
    case = filing.hold(turn, case)
    to = int(kept["to"])
    if not _may(turn, case) or to not in _people(turn, case):
        turn.say(_("{Name} is not there now.")(Name=cases.helper_first(turn, to)))
    elif case.report.delivered:
        turn.say(_("The report has been sent; there is nothing left to remind of."))
    else:
        _lend(turn, case, to)
    then = kept.get("then", "")
    if then and not _given(turn, then):
        turn.say(_("Not understood: “{words}”"), words=as_is(then))


def _lend(turn: Turn, case: Filing, to: int) -> None:
    day = _last_day(turn, case)
    until = datetime.combine(day + timedelta(days=1), time(0), VIETNAM).astimezone(UTC)
    turn.people.lend("reporter", case.unit.id, to, until)
    turn.note("let somebody else send", case.about)
    late = filing.late_by(turn, case, turn.now)
    asked = _("{Who} asks you to send {title}.")(
        Who=filing.who(turn, turn.person.id, first=True),
        title=filing.title(filing.read_by(case, turn.people.get(to))),
    )
    timely = (
        filing.reworked(turn, case)
        if arrival.reworked(case.report)
        else _("It is {days} late; it was due {due}.")(
            days=filing.workdays(late), due=filing.due_day(turn, case)
        )
        if late
        else _("It is due {due}.")(due=filing.due_day(turn, case))
    )
    turn.say(
        lines(asked, timely, _("It holds for this period only, until {day}.")(day=day)),
        [Choice("file-report", _("Begin now") if not case.entered else _("Go on"), case.key, _("REPORT"))],
        to=to,
        letters=True,
        kind="notice",
        about=case.about,
    )
    turn.say(_("{Name} has been told and may send it now.")(Name=cases.helper_first(turn, to)))
    if turn.talk.doing == f"{filing.DOING} {case.key}":  # what was being filled in is theirs now
        turn.end()


def _last_day(turn: Turn, case: Filing) -> date:
    """Give the last day of a report's period of sending: that on which the next figures are complete."""
    following = periods.after(case.form, case.period)
    now = periods.period_of(case.form, reporting.local_day(turn.now))
    return max(following.cutoff, now.cutoff)


HANDING = Form(
    "handing",
    (
        Question(
            "to",
            ask=_ask_whom,
            check=_who,
            otherwise=_("Please choose somebody, or type a name of the commune."),
            choices=_near,
        ),
        Question(
            "sure",
            ask=_read_back,
            check=_sure,
            otherwise=_("Please choose one of the two."),
            choices=lambda turn: (AGREED, OTHER),
        ),
    ),
    _handed,
)


# --- in words ---


def typed_card(turn: Turn) -> bool:
    """Hear "phần chậm", "thôn Đình giao chị Hiền" and "việc kia giao anh Sơn"; False for other words and people."""
    if not turn.staff or turn.talk.doing == HANDING.doing:
        return False
    if fold(turn.text) in _SHOW:
        return show(turn, "")
    if fold(turn.text) in _AWAY:
        return _hand_on(turn, "")
    return _given(turn, turn.text)


def meant(turn: Turn) -> bool:
    """Say whether words ask what is late."""
    return fold(turn.text) in _SHOW | _AWAY


def _given(turn: Turn, text: str) -> bool:
    """Let somebody see to what was named; False where that names nothing late this person looks after."""
    typed = fold(text)
    found = next((match for pattern in _GIVEN if (match := pattern.fullmatch(typed))), None)
    if found is not None and found["what"] in _MINE:
        return _hand_on(turn, found["who"])
    communes = morning.mine(turn, "", "head", "officer") if found else []
    if found is None or not communes:
        return False
    what, who = found["what"], found["who"]
    if code := _CODE.fullmatch(what):
        return leading.reassign(turn, code[1], who)
    if what in _THAT:
        return _the_other(turn, communes, who)
    meant = [case for case in _missing_below(turn) if _is_called(case, what)]
    if len({(case.unit.id, case.form.id) for case in meant}) != 1:
        return False
    late = [case for case in meant if filing.late_by(turn, case, turn.now)]
    return hand_over(turn, (late or meant)[0].key, who)


def _hand_on(turn: Turn, who: str) -> bool:
    """Let somebody else send the report that this person owes, or owes next; False where they report for nothing."""
    for unit in filing.units(turn, "reporter"):
        for case in filing.current(turn, unit):
            if not case.report.delivered and filing.owed(turn, case):
                return hand_over(turn, case.key, who)
            return hand_over(
                turn, f"{unit.id}:{case.form.id}:{periods.after(case.form, case.period).code}", who
            )
    return False


def _the_other(turn: Turn, communes: list[str], who: str) -> bool:
    past = [request for commune in communes for request in morning.overdue(turn, commune)]
    if len(past) == 1:
        return leading.reassign(turn, past[0].code, who)
    if past:
        turn.say(_("Several requests are past their time. Which one?"), [_again(one) for one in past[:TAPS]])
    return bool(past)


def _missing_below(turn: Turn) -> list[Filing]:
    """Give the reports that have not come from the offices that this person looks after."""
    places = [
        unit
        for role in turn.people.roles(turn.person.id)
        if role.kind in ("head", "officer") and (unit := turn.people.unit(role.place)) is not None
    ]
    units = [unit for place in places for unit in (place, *overview.below(turn, place, empty=True))]
    now = (case for unit in units for case in filing.current(turn, unit) if not case.report.delivered)
    return [*filing.earlier(turn, units), *now]


def _is_called(case: Filing, said: str) -> bool:
    name = case.name.partition(",")[0]
    return fold(name) == said or (bool(case.unit.village) and same_village(case.unit.village, said))


# --- all are here ---


def arrived(turn: Turn, case: Filing) -> None:
    """Tell the unit above once the last of its late reports has come."""
    over = filing.above(turn, case.unit)
    if over is None or len(case.report.submissions) != 1 or not filing.late_by(turn, case, turn.sent):
        return
    level = filing.level_of(case.unit)
    counted = [
        each
        for unit in overview.below(turn, over, empty=True)
        if filing.level_of(unit) == level
        for each in (filing.of(turn, unit, case.form, case.period),)
        if arrival.came(each.report)
        or (filing.owes(each.form, each.unit, each.period) and filing.expected(turn, each))
    ]
    if not all(arrival.came(each.report) for each in counted):
        return
    late = [each for each in counted if filing.late_by(turn, each, _came(each))]
    late.sort(key=_came)
    for head in filing.there(turn, "head", over):
        turn.say(
            lines(
                _("All offices have sent {month}: {all}.")(
                    all=len(counted), month=filing.month(filing.read_by(case, head))
                ),
                _("Those that came late:"),
                *(
                    _("• {unit}: {at}")(unit=as_is(each.name.partition(",")[0]), at=_came(each))
                    for each in late[:SHOWN]
                ),
                *([_("• And {n} more.")(n=len(late) - SHOWN)] if late[SHOWN:] else []),
            ),
            to=head,
            kind="notice",
            about=f"arrived:{over.id}",
        )


def _came(case: Filing) -> datetime:
    """Give when a report that has come came first."""
    return case.report.submissions[0].at


CARDS: dict[str, Callable[[Turn, str], bool]] = {BEHIND.name: show, "hand-over": hand_over}
FORMS = (HANDING,)
