"""Who stands where: an office's place among its like, with the numbers behind it and how it is counted.

For heads and whoever is above them; for those who report only where the form says so.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

import msgspec

from handlers import filing, overview, stagnation
from handlers.filing import Filing, lines
from handlers.records.people import Unit
from handlers.records.reports import Report
from handlers.rules import figures, period_words, periods, ranking, reporting
from handlers.rules.arrival import came, in_time
from handlers.rules.periods import Period
from handlers.rules.ranking import NONE_GIVEN, Figure, Placed
from handlers.text import Text, _, as_is
from handlers.turn import Choice, Turn
from knowledge.folding import fold
from knowledge.forms import ON_TIME, OWING, Form, Indicator, RankPart, RankRule

SHOWN = 10  # offices of one message
FEWEST = 3  # offices with a figure; of two there is none in the middle
NEAR, FAR = 2, 24  # periods to come that words may name, without their year and with it
HELD = _("The province has not released this ranking yet. Until then only one's own line is seen.")
NOTHING = _("There is nothing to rank yet: no office has sent its report of {month}.")
_ASKED = re.compile(
    r"(?:(?:xem |cho xem )?(?:bang )?xep hang(?: cac (?:xa|don vi|thon|phuong))?"
    r"|(?:(?:xa|phuong|thon|don vi|ben)? ?(?:minh|ta|toi|em|anh|chi)? ?)(?:dang )?(?:dung|xep)(?: hang)? thu may"
    r"|(?:see the )?ranking|what(?: is|s) our place|where do we stand)"
    rf"(?:(?: of| for| in)? {period_words.NAMED})?"
)

Entries = dict[int, dict[str, Figure]]


class Table(msgspec.Struct, frozen=True):
    """A ranking of offices of one level for one period."""

    form: Form
    rule: RankRule
    period: Period
    units: dict[int, Unit]
    entries: Entries
    before: Entries  # of the period before
    placed: tuple[Placed, ...]  # nobody, while no office has sent anything

    @property
    def empty(self) -> bool:
        """Whether there is nothing to rank: no office has sent a report."""
        return not self.placed


# --- asked for ---


def meant(turn: Turn) -> bool:
    """Say whether words ask where an office stands."""
    return _found(turn) is not None


def _found(turn: Turn) -> re.Match[str] | None:
    return _ASKED.fullmatch(fold(turn.text).rstrip("?").strip())


def typed_card(turn: Turn) -> bool:
    """Answer "xã mình đứng thứ mấy"; False for other words, and for whoever has nothing to do with reports."""
    found = _found(turn) if turn.staff else None
    if found is None:
        return False
    headed, reported = filing.units(turn, "head"), filing.units(turn, "reporter")
    watched = [unit for unit in overview.watched(turn) if overview.below(turn, unit)]
    nobody = None if watched or reported else overview.nobody_below(turn)
    if nobody is not None:
        turn.say(nobody)
        return True
    if not (headed or watched or reported):
        return False
    own = [unit for unit in headed if _has_peers(turn, unit)]
    own = own or [unit for unit in reported if _opened(turn, unit, found) and _has_peers(turn, unit)]
    above = [unit for unit in watched if forms_below(turn, unit)]
    if own or not above:
        ranked = [form for unit in own or (*headed, *reported) for form in _ranked(turn, unit)]
    else:
        ranked = forms_below(turn, above[0])
    form, period = asked_for(turn, ranked, found)
    if form is None:
        turn.say(_("No report form ranks offices."))
        return True
    if period_words.names(found) and period is None:
        turn.say(_("There is no such period. Type it like this: ranking 10/2026."))
        return True
    if period is not None and (own or above):
        newest = last_ranked(turn, form, peers(turn, own[0]) if own else compared(turn, form, above[0]))
        if period.start > newest.start:
            turn.say(not_over(turn, form, period))
            return True
    if own:
        _tell_own(turn, form, own[0], [unit for unit in above if compared(turn, form, unit)], period)
    elif above:
        _show(turn, form, above[0], "below", 0, period)
    elif headed:
        turn.say(_("There is no other office to compare {unit} with yet."), unit=as_is(headed[0].name))
    else:
        turn.say(
            _("The ranking is for heads and for the unit above. The province has not opened it to others.")
        )
    return True


def table(turn: Turn, context: str) -> bool:
    """Show a page of the ranking to whoever may see it."""
    found = re.fullmatch(r"([^/]+)/(own|below)\.(\d{1,4})", context)
    case = filing.find(turn, found[1]) if found else None
    if found is None or case is None:
        return False
    if not _may(turn, case, found[2]):
        turn.say(
            _("The ranking is for heads and for the unit above. The province has not opened it to others.")
        )
        return True
    if found[2] == "own" and held(turn, case.form, case.period, case.unit):
        turn.say(HELD)
        return True
    _show(turn, case.form, case.unit, found[2], int(found[3]), case.period)
    return True


def how(turn: Turn, context: str) -> bool:
    """Say how places are counted."""
    form = turn.shelf.forms.get(context)
    rule = form.ranking if form else None
    if form is None or rule is None:
        return False
    over = (
        _("Figures are those of one period.")
        if rule.over == "period"
        else _("Figures are summed since the reporting year began.")
    )
    turn.say(
        lines(
            _("How places are counted, out of {n} points:")(n=ranking.FULL),
            *(
                _("• {name}: {points} points")(name=_name(form, part, turn.lang), points=part.points)
                for part in rule.parts
            ),
            _("Of each part: numerator over denominator, times its points."),
            over,
            _("Where nothing arose the part is left out. Where no figure came it gives 0."),
            _("Equal points share a place, and the places behind are left out: 1, 2, 2, 4."),
            _("In the middle is what at least half of the offices reach."),
        )
    )
    return True


CARDS: dict[str, Callable[[Turn, str], bool]] = {"rank-table": table, "rank-below": table, "rank-how": how}


# --- who, and with whom ---


def _ranked(turn: Turn, unit: Unit) -> list[Form]:
    """Give the forms by which a unit is ranked among its kind, the monthly one first."""
    ranked = [form for form in turn.shelf.forms.owed_by(filing.level_of(unit)) if form.ranking is not None]
    return sorted(ranked, key=overview.monthly)


def forms_below(turn: Turn, unit: Unit) -> list[Form]:
    """Give the forms by which those below a unit are ranked, those of the first kind before the others."""
    below = sorted(overview.below(turn, unit), key=lambda one: OWING.index(filing.level_of(one)))
    return list({form.id: form for one in below for form in _ranked(turn, one)}.values())


def compared(turn: Turn, form: Form, unit: Unit, period: Period | None = None) -> list[Unit]:
    """Give those below a unit that a form ranks, now or for a period: of one kind, since only equals are compared."""
    now = overview.below(turn, unit)
    owing = [one for one in now if filing.level_of(one) in form.owed_by]
    level = min((filing.level_of(one) for one in owing), key=OWING.index, default=None)
    if period is not None and level is not None:
        return overview.of_level(turn, unit, level, form, period, now)
    return [one for one in owing if filing.level_of(one) == level]


def _opened(turn: Turn, unit: Unit, found: re.Match[str]) -> bool:
    """Say whether the ranking that is asked for is open to officers of a unit."""
    form, _period = asked_for(turn, _ranked(turn, unit), found)
    return form is not None and form.ranking is not None and form.ranking.seen_by == "officers"


def asked_for(turn: Turn, ranked: list[Form], found: re.Match[str]) -> tuple[Form | None, Period | None]:
    """Give which of some forms is asked for, and the period that words name; of none that is named None."""
    if not period_words.names(found):
        return (ranked[0] if ranked else None), None
    form = period_words.form_meant(ranked, found)
    today = reporting.local_day(turn.now)
    coming = FAR if found["year"] or found["alone"] else NEAR  # of which is said why they are not ranked
    period = period_words.period_meant(form, found, today, coming=coming) if form else None
    return form or (ranked[0] if ranked else None), period


def peers(turn: Turn, unit: Unit, form: Form | None = None, period: Period | None = None) -> list[Unit]:
    """Give the offices that report where this one does, itself among them, of its level, now or for a period."""
    over = filing.above(turn, unit)
    if over is None:
        over = Unit(
            id=-1, kind="office", name="", commune=filing.place_above(turn, unit)
        )  # 0 would be the parent of all that name none
    level, now = filing.level_of(unit), overview.below(turn, over)
    if form is not None and period is not None:
        return overview.of_level(turn, over, level, form, period, now)
    return [one for one in now if filing.level_of(one) == level]


def _has_peers(turn: Turn, unit: Unit) -> bool:
    return bool(_ranked(turn, unit)) and len(peers(turn, unit)) > 1


def _may(turn: Turn, case: Filing, whose: str) -> bool:
    if whose == "below":
        return any(unit.id == case.unit.id for unit in overview.watched(turn))
    rule = case.form.ranking
    opened = rule is not None and rule.seen_by == "officers"
    return filing.acts(turn, "head", case.unit) or (opened and filing.acts(turn, "reporter", case.unit))


def held(turn: Turn, form: Form, period: Period, unit: Unit) -> bool:
    """Say whether the province keeps a ranking in which an office stands to itself; a commune never does."""
    rule = form.ranking
    if rule is None or rule.released == "due" or len(filing.place_above(turn, unit)) == filing.COMMUNE:
        return False
    over = filing.above(turn, unit)
    return over is None or (over.kind == "province" and not released(turn, over, form, period))


def released(turn: Turn, over: Unit, form: Form, period: Period) -> bool:
    """Say whether a province shows a ranking to those below it now."""
    said = turn.publications.releases(over.id, form.id, period.code)
    return bool(said) and not said[-1].withdrawn


# --- counted ---


def last_ranked(turn: Turn, form: Form, units: Iterable[Unit]) -> Period:
    """Give the newest period that nobody of these can still send in time."""
    period = periods.open_period(form, reporting.local_day(turn.now))
    levels = {filing.level_of(unit) for unit in units}
    over = all(reporting.due_end(form, period, turn.shelf.calendar, level) <= turn.now for level in levels)
    return period if over else periods.before(form, period)


def counted(turn: Turn, form: Form, units: list[Unit], period: Period | None = None) -> Table | None:
    """Rank offices for a period, or for the last one that is over; None where the form does not rank."""
    if form.ranking is None or not units:
        return None
    period = period or last_ranked(turn, form, units)
    past = overview.past(form, period)
    reports = turn.reports.of_units([unit.id for unit in units], form.id, past)
    entries = _entries(turn, form, form.ranking, period, units, reports)
    before = _entries(turn, form, form.ranking, periods.before(form, period), units, reports)
    window = {one.code for one in _window(form, form.ranking, period)}
    nothing = all(came(report) is None for (_unit, code), report in reports.items() if code in window)
    return Table(
        form,
        form.ranking,
        period,
        {unit.id: unit for unit in units},
        entries,
        before,
        () if nothing else ranking.ranked(form.ranking.parts, entries),
    )


def _entries(
    turn: Turn,
    form: Form,
    rule: RankRule,
    period: Period,
    units: list[Unit],
    reports: dict[tuple[int, str], Report],
) -> Entries:
    window = _window(form, rule, period)
    entries: Entries = {}
    for unit in units:
        sent = {
            code: report
            for (number, code), report in reports.items()
            if number == unit.id and came(report) is not None
        }
        owed = [one for one in window if _owed(turn, form, one, unit, sent, newest=one == period)]
        if not owed:
            continue
        found = {
            part.of: _figure(form, part, [sent[one.code] for one in owed if one.code in sent])
            for part in rule.parts
        }
        if ON_TIME in found:
            timely = sum(one.code in sent and _in_time(turn, form, one, unit, sent[one.code]) for one in owed)
            found[ON_TIME] = Figure(timely, len(owed))
        entries[unit.id] = found
    return entries


def _window(form: Form, rule: RankRule, period: Period) -> list[Period]:
    """Give the periods whose figures count, the oldest first: one, or the reporting year so far."""
    window = [period]
    while rule.over == "year" and not periods.opens_the_year(form, window[0]):
        window.insert(0, periods.before(form, window[0]))
    return window


def _owed(
    turn: Turn, form: Form, period: Period, unit: Unit, sent: dict[str, Report], *, newest: bool
) -> bool:
    """Say whether an office owed a report: it had sent one by then, or of the newest, somebody was here in time."""
    if any(code <= period.code for code in sent):
        return True
    empty = Report(unit=unit.id, form=form.id, period=period.code)
    if not newest or not filing.owes(form, unit, period):
        return False
    return filing.with_us(turn, Filing(unit, form, period, empty, {}, unit.name))


def _in_time(turn: Turn, form: Form, period: Period, unit: Unit, report: Report) -> bool:
    ends = reporting.due_end(form, period, turn.shelf.calendar, filing.level_of(unit))
    return in_time(report, ends)


def _figure(form: Form, part: RankPart, reports: list[Report]) -> Figure:
    """Give what reports say of one part: flows summed, of what stands the last."""
    one = form.indicator(part.of)
    values = [sent.values.get(part.of) for report in reports if (sent := report.latest) is not None]
    given = [
        Figure(value.value, value.of)
        for value in values
        if value is not None and value.value is not None and value.of is not None
    ]
    if one is None or not given:
        return NONE_GIVEN
    return ranking.summed(given) if one.kind == "flow" else given[-1]


# --- in words ---


def _name(form: Form, part: RankPart, lang: str) -> Text:
    one = form.indicator(part.of)
    if one is None:
        return _("Sent on time")
    return _("{n}. {name}")(n=one.number, name=as_is(one.name.of(lang)))


def _shown(figure: Figure) -> Text:
    if not figure.given:
        return _("no figure came")
    if figure.rate is None:
        return _("nothing arose")
    return _("{part}/{whole} = {percent}%")(
        part=figure.part, whole=figure.whole, percent=figures.share(figure.part, figure.whole)
    )


def _percent(figure: Figure) -> Text:
    return _("{percent}%")(percent=figures.share(figure.part, figure.whole))


def _tell_own(turn: Turn, form: Form, unit: Unit, above: list[Unit], period: Period | None = None) -> None:
    of = period or last_ranked(turn, form, peers(turn, unit))
    board = counted(turn, form, peers(turn, unit, form, of), of)
    assert board is not None
    case = filing.of(turn, unit, form, board.period)
    waiting = None if period else _not_yet(turn, board)
    if board.empty:
        turn.say(lines(waiting, NOTHING(month=filing.month(case))))
        return
    own = next((one for one in board.placed if one.unit == unit.id), None)
    choices = [Choice("rank-how", _("How it is counted"), form.id)]
    kept_back = held(turn, form, board.period, unit)
    if own is None:
        said = [
            _("{unit} has no place in the ranking of {month}: nothing was owed.")(
                unit=as_is(case.name), month=filing.month(case)
            )
        ]
    else:
        said = list(_own_lines(turn, board, case, own))
        if kept_back:
            said.append(HELD)
        else:
            choices.append(Choice("rank-table", _("The whole ranking"), f"{case.key}/own.0"))
    if above:
        key = f"{above[0].id}:{form.id}:{board.period.code}"
        choices.append(Choice("rank-below", _("Those below"), f"{key}/below.0"))
    if own is not None:
        choices.append(stagnation.picture(case))
    turn.say(lines(waiting, *said), choices)


def _not_yet(turn: Turn, board: Table) -> Text | None:
    """Say why the period that is reported now is not ranked yet."""
    now = periods.open_period(board.form, reporting.local_day(turn.now))
    if now.code == board.period.code:
        return None
    return not_over(turn, board.form, now)


def not_over(turn: Turn, form: Form, period: Period) -> Text:
    """Say why a period is not ranked yet: its figures are not complete, or some can still come in time."""
    month = filing.period_name(form, period)
    if period.cutoff >= reporting.local_day(turn.now):
        return _("{month} is not ranked yet: its figures are complete on {day}.")(
            month=month, day=period.cutoff
        )
    return _("{month} is not ranked yet: it can still be sent in time.")(month=month)


def _own_lines(turn: Turn, board: Table, case: Filing, own: Placed) -> Iterable[Text]:
    alone = _(
        "Ranking {month}: only {unit} has a place, with {score} of {full} points; the others owed nothing then."
    )
    among = _("Ranking {month}: {unit} is number **{place} of {all}**, with {score} of {full} points.")
    yield (among if board.placed[1:] else alone)(
        month=filing.month(case),
        unit=as_is(case.name),
        place=own.place,
        all=len(board.placed),
        score=own.score,
        full=ranking.FULL,
    )
    if own.tied:
        yield _("Others on the same place, with equal points: {n}.")(n=own.tied)
    for part in board.rule.parts:
        yield _part_line(turn, board, own, part)
    lost = ranking.most_lost(board.rule.parts, own)
    if lost is not None:
        yield _("Most points were lost at: {name}.")(name=_name(board.form, lost, turn.lang))
    yield from _series(turn, board, [own.unit])


def _part_line(turn: Turn, board: Table, own: Placed, part: RankPart) -> Text:
    figure = board.entries[own.unit][part.of]
    line = _("• {name}: {figure}")(name=_name(board.form, part, turn.lang), figure=_shown(figure))
    last = board.before.get(own.unit, {}).get(part.of, NONE_GIVEN)
    if part.of != ON_TIME and last.rate is not None:
        line = _("{line}, before it {last}")(line=line, last=_percent(last))
    got = own.got[part.of]
    if got is None:
        line = _("{line}; it does not count")(line=line)
    else:
        line = _("{line}; {got} of {points} points")(line=line, got=got, points=part.points)
    of_all = [each[part.of] for each in board.entries.values()]
    whole = _percent(ranking.summed(of_all))
    middle, there = ranking.middle(of_all), sum(one.rate is not None for one in of_all)
    if middle is None or there < FEWEST:  # the two together would tell the other one's
        return line
    return _("{line}; in the middle {middle}, all offices taken together {whole}")(
        line=line, middle=_percent(middle), whole=whole
    )


def _show(turn: Turn, form: Form, unit: Unit, whose: str, first: int, period: Period | None = None) -> None:
    units = peers(turn, unit) if whose == "own" else compared(turn, form, unit)
    of = period or last_ranked(turn, form, units)
    units = peers(turn, unit, form, of) if whose == "own" else compared(turn, form, unit, of)
    board = counted(turn, form, units, of)
    if board is None:
        turn.say(_("There is nothing to rank yet."))
        return
    case = filing.of(turn, unit, form, board.period)
    waiting = None if period else _not_yet(turn, board)
    if board.empty:
        turn.say(lines(waiting, NOTHING(month=filing.month(case))))
        return
    page = board.placed[first : first + SHOWN]
    parts = [_("sent on time") if part.of == ON_TIME else _number(form, part) for part in board.rule.parts]
    order = parts[0]
    for part in parts[1:]:
        order = _("{list} · {one}")(list=order, one=part)
    head = _("Ranking {month}, offices: {n}. Behind the points: {order}.")(
        month=filing.month(case), n=len(board.placed), order=order
    )
    choices = [Choice("rank-how", _("How it is counted"), form.id)]
    if board.placed[first + SHOWN :]:
        choices.insert(0, Choice("rank-table", _("Further down"), f"{case.key}/{whose}.{first + SHOWN}"))
    told = [_row(board, one, own=one.unit == unit.id) for one in page]
    marks = {mark for one in page for mark in _numbers(board, one).split(" · ")} & {"–", "?"}
    legend = _("“–”: nothing arose. “?”: no figure came.") if marks else None
    kept_back = whose == "below" and held(turn, form, board.period, units[0])
    if kept_back:
        choices.append(Choice("rank-release", _("Release the ranking"), case.key))
    closing = _("Not released yet: heads below see only their own line.") if kept_back else None
    turn.say(
        lines(waiting, head, *told, legend, *_series(turn, board, [one.unit for one in page]), closing),
        choices,
    )


def _series(turn: Turn, board: Table, numbers: Iterable[int]) -> Iterator[Text]:
    """Say of units that took the place of others from which period on their figures count."""
    first = _window(board.form, board.rule, board.period)[0]
    units = [board.units[number] for number in numbers]
    before = periods.before(board.form, first)
    for unit, begins in overview.begun(turn, board.form, units, before, board.period):
        yield _("{unit} took the place of others: its series begins with {month}.")(
            unit=as_is(overview.called(unit)), month=filing.period_name(board.form, begins)
        )


def _number(form: Form, part: RankPart) -> Text:
    one: Indicator | None = form.indicator(part.of)
    return _("indicator {n}")(n=one.number if one else 0)


def _row(board: Table, one: Placed, *, own: bool) -> Text:
    unit = board.units[one.unit]
    words = _("{place}. {unit}: {score} points ({numbers})")
    if own:
        words = _("{place}. **{unit}**: {score} points ({numbers})")
    name = unit.name.rpartition(", ")[0] or unit.name
    return words(place=one.place, unit=as_is(name), score=one.score, numbers=_numbers(board, one))


def _numbers(board: Table, one: Placed) -> str:
    """Give the numbers behind a place, in the order of the parts."""
    shown = []
    for part in board.rule.parts:
        figure = board.entries[one.unit][part.of]
        shown.append("?" if not figure.given else f"{figure.part}/{figure.whole}" if figure.whole else "–")
    return " · ".join(shown)
