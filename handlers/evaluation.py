"""A year's summary by which an office and its head are evaluated: "đánh giá năm 2026".

A head sees the own office's; whoever looks at those below sees each of them, and all of them as a table.  It counts
what was sent and decided, and ranks nobody: what it is worth is for whoever evaluates to say.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from decimal import Decimal

from handlers import filing, overview, stagnation, unit_names, yearly
from handlers.filing import lines
from handlers.made import Cell, Sheet
from handlers.records.media import MADE, Thing
from handlers.records.people import Unit
from handlers.rules import reporting, validation, vietnamese
from handlers.rules.periods import Period
from handlers.rules.yearly import Tally
from handlers.text import Text, _, as_is
from handlers.turn import UNSEEN, Choice, Turn
from handlers.yearly import Served, Year
from knowledge.folding import fold
from knowledge.forms import OWING, Form

TABLE = "evaluation"  # behind "made:"
EXPORTED = "exported the evaluation"
SHOWN = 8  # offices, indicators or heads that one answer names
TAPS = 3  # tables that one answer offers
NAMED = 6  # periods that are named one by one
_ASKED = re.compile(
    r"(?:(?:xem|cho xem|cho (?:em|toi|anh|chi) xem) )?(?:ban |phieu |bang )?(?:tong hop )?"
    r"(?:danh gia|tong ket)(?: cuoi| ca)? nam(?: (?P<year>20\d\d))?(?: (?P<rest>.+))?"
    r"|(?:see )?(?:the )?(?:yearly|annual|year end) (?:evaluation|review|summary)"
    r"(?: (?:of|for|in))?(?: (?P<alike>20\d\d))?(?: (?P<also>.+))?"
)
_OWN = {"", "nay", "minh", "xa", "xa minh", "cac xa", "don vi", "cac don vi", "cua minh", "cua xa", "cua cac xa",
        "cua don vi", "cua cac don vi", "this year", "of the units", "of units", "ours"}  # fmt: skip
_KEPT = re.compile(r"(\d{1,17})/([a-z0-9-]+)/(20\d\d)")
NOT_YOURS = _("A year's evaluation is for the head of an office and for whoever is above it.")
NOT_BENEATH = _("{unit} is not beneath your own office, so its evaluation is for others to see.")
COUNTS = _(
    "These are counts of what was sent and decided here. What they are worth is for those who evaluate to say."
)
TO_COME = _("{year} is still to come for {unit}.")
NOTHING = _("No report of {unit} was due in {year}.")


def meant(turn: Turn) -> bool:
    """Say whether words ask for a year's evaluation."""
    return _ASKED.fullmatch(_said(turn)) is not None


def _said(turn: Turn) -> str:
    return fold(turn.text).strip(" .!?")


def typed_card(turn: Turn) -> bool:
    """Hear "đánh giá năm 2026" and "đánh giá năm 2026 xã Ứng Hòa"; False for other words."""
    asked = _ASKED.fullmatch(_said(turn)) if turn.staff else None
    if asked is None:
        return False
    rest = asked["rest"] or asked["also"] or ""
    headed, watched = filing.units(turn, "head"), overview.watched(turn)
    own = list({unit.id: unit for unit in (*headed, *watched)}.values())
    if not own:
        turn.say(NOT_YOURS)
        return True
    year = int(asked["year"] or asked["alike"] or reporting.local_day(turn.now).year)
    if rest in _OWN:
        _tell_all(turn, headed, watched, year)
        return True
    found = unit_names.named(turn, rest, own, NOT_BENEATH)
    if found is None:
        return True
    unit, behind = found
    if unit is None or behind not in _OWN:
        return unit_names.unknown(turn, behind)
    if any(unit.id == one.id for one in watched) and all(unit.id != one.id for one in headed):
        _tell_all(turn, (), (unit,), year)  # of whoever looks at others, the table of these
        return True
    said = list(_of_unit(turn, unit, year))
    turn.say(lines(*said, COUNTS) if said else NOTHING(unit=as_is(unit.name), year=str(year)))
    return True


def _tell_all(turn: Turn, headed: tuple[Unit, ...], watched: tuple[Unit, ...], year: int) -> None:
    """Tell a head of the own office, and whoever looks at those below of these."""
    said = [line for unit in headed for line in _of_unit(turn, unit, year)]
    choices: list[Choice] = []
    for unit in watched:
        for form in _forms(turn):
            if years := yearly.below(turn, unit, form, year):
                said += _of_those_below(turn, unit, years, year)
                title = filing.label(form.title.of(turn.lang), _("As a table"))
                label = title if choices else _("As a table")
                choices.append(Choice("evaluation-table", label, f"{unit.id}/{form.id}/{year}"))
    if said:
        turn.say(lines(*said, COUNTS), choices[:TAPS])
    else:
        first = (*headed, *watched)[0]
        words = TO_COME if year > reporting.local_day(turn.now).year else NOTHING
        turn.say(words(unit=as_is(first.name), year=str(year)))


# --- one office ---


def _of_unit(turn: Turn, unit: Unit, year: int) -> Iterator[Text]:
    """Say what the year of one office comes to, form by form."""
    for form in sorted(turn.shelf.forms.owed_by(filing.level_of(unit)), key=overview.monthly):
        one = yearly.counted(turn, unit, form, year)
        if one is not None:
            yield from _told(turn, one, year)


def _told(turn: Turn, one: Year, year: int) -> Iterator[Text]:
    case = yearly.case_of(turn, one)
    first, last = (filing.period_name(one.form, period) for period in one.span)
    span = first if first == last else _("{first} to {last}")(first=first, last=last)
    yield _("Evaluation of {year}, {unit}: {form}, {span}.")(
        year=str(year), unit=as_is(case.name), form=as_is(one.form.title.of(turn.lang)), span=span
    )
    yield _sent(one.tally)
    for words, spans in ((_("  Late: {list}"), one.late), (_("  Not sent: {list}"), one.missing)):
        if spans:
            yield words(list=as_is(_listed(one.form, spans)))
    if one.tally.measures.reports:
        yield _four(one.tally)
        yield _again(one.tally)
        yield from _figures(turn, one)
    yield from _aims(turn, one)
    yield from _heads(turn, one)


def _sent(tally: Tally) -> Text:
    return _("• Reports due {n}: on time {timely}, late {late}, not sent {missing}.")(
        n=tally.owed, timely=tally.timely, late=tally.late, missing=tally.missing
    )


def _four(tally: Tally) -> Text:
    four = tally.measures
    return _(
        "• Checks passed {right}/{all}, complete {full}/{all}, never corrected {clean}/{n}, on time {alive}/{n}."
    )(
        right=four.right,
        full=four.full,
        all=four.indicators,
        clean=four.clean,
        alive=four.alive,
        n=four.reports,
    )


def _again(tally: Tally) -> Text:
    return _("• Versions the office corrected: {corrected}; versions its head returned: {returned}.")(
        corrected=tally.corrected, returned=tally.returned
    )


def _listed(form: Form, spans: tuple[Period, ...]) -> str:
    names = [filing.short_period(form, one) for one in spans[:NAMED]]
    return ", ".join(names) + (", …" if spans[NAMED:] else "")


def _figures(turn: Turn, one: Year) -> Iterator[Text]:
    yield _("• What arose is summed over the year; of what stands, the last counts:")
    for indicator in one.form.indicators[:SHOWN]:
        value = one.whole[indicator.id]
        yield _("  {n}. {name}: {figure}")(
            n=indicator.number,
            name=as_is(indicator.name.of(turn.lang)),
            figure=validation.shown(indicator, value),
        )
    if one.form.indicators[SHOWN:]:
        yield _("  More indicators, in the table of the unit above: {n}.")(n=len(one.form.indicators) - SHOWN)


def _aims(turn: Turn, one: Year) -> Iterator[Text]:
    found = yearly.aims(turn, one)
    if not found:
        return
    behind = [each for each in found if each.seen.reason != "reached"]
    yield _("• Targets reached: {n} of {all}.")(n=len(found) - len(behind), all=len(found))
    for each in behind:
        yield stagnation.said(each, turn.lang)


def _heads(turn: Turn, one: Year) -> Iterator[Text]:
    if not one.heads:
        yield _("• Nobody was head here when anything was due.")
    for served in one.heads[-SHOWN:]:
        yield _head(turn, served)


def _head(turn: Turn, served: Served) -> Text:
    tally, judged = served.tally, served.judged
    due = _("• {Head} as head: reports due {n}, on time {timely}, late {late}, not sent {missing};")(
        Head=filing.who(turn, served.person, first=True),
        n=tally.owed,
        timely=tally.timely,
        late=tally.late,
        missing=tally.missing,
    )
    if not judged.all:
        return _("{line} no version decided.")(line=due)
    return _("{line} versions decided {all}, within a working day {prompt}.")(
        line=due, all=judged.all, prompt=judged.prompt
    )


# --- those below ---


def _forms(turn: Turn) -> list[Form]:
    """Give the first form of each kind of unit: by these those below are told of."""
    firsts = (min(turn.shelf.forms.owed_by(level), key=overview.monthly, default=None) for level in OWING)
    return list({form.id: form for form in firsts if form is not None}.values())


def _of_those_below(turn: Turn, unit: Unit, years: list[Year], year: int) -> Iterator[Text]:
    """Say what the year of those below comes to, and of whom most never came or came late."""
    tally = sum((one.tally for one in years), Tally())
    yield _("Evaluation of {year}, below {unit}: {form}; units: {n}.")(
        year=str(year), unit=as_is(unit.name), form=as_is(years[0].form.title.of(turn.lang)), n=len(years)
    )
    yield _sent(tally)
    if tally.measures.reports:
        yield _four(tally)
        yield _again(tally)
    ordered = sorted(
        years, key=lambda one: (-one.tally.missing, -one.tally.late, vietnamese.order(one.unit.name))
    )
    worst = [one for one in ordered if one.tally.missing or one.tally.late]
    for one in worst[:SHOWN]:
        yield _("• {unit}: due {n}, on time {timely}, late {late}, not sent {missing}")(
            unit=as_is(overview.called(one.unit)),
            n=one.tally.owed,
            timely=one.tally.timely,
            late=one.tally.late,
            missing=one.tally.missing,
        )
    if worst[SHOWN:]:
        yield _("• And {n} more.")(n=len(worst) - SHOWN)
    elif worst:
        rest = len(years) - len(worst)
        if rest:
            yield _("• The others, {n}: all on time.")(n=rest)
    else:
        yield _("• All of them: all on time.")
    yield _("One unit alone: type “yearly evaluation {year} {unit}”.")(
        year=str(year), unit=as_is(overview.called(ordered[0].unit))
    )


# --- as a table ---


def give(turn: Turn, context: str) -> bool:
    """Have the table of those below made for whoever looks at them."""
    read = _KEPT.fullmatch(context)
    form = turn.shelf.forms.get(read[2]) if read else None
    if read is None or form is None:
        return False
    unit = next((unit for unit in overview.watched(turn) if str(unit.id) == read[1]), None)
    if unit is None:
        turn.say(NOT_YOURS)
        return True
    years = yearly.below(turn, unit, form, int(read[3]))
    if not years:
        turn.say(NOTHING(unit=as_is(unit.name), year=read[3]))
        return True
    turn.make(
        _table(turn, unit, years, read[3]), f"danh-gia-{form.id}-{read[3]}.xlsx", f"{MADE}:{TABLE}:{context}"
    )
    turn.note(EXPORTED, f"{form.id} {read[3]} of {unit.id}")
    return True


def show(turn: Turn, thing: Thing) -> None:
    """Send the table that was made, where its reader still looks at those units."""
    read = _KEPT.fullmatch(thing.about.split(":", 2)[2])
    if read is None or all(str(unit.id) != read[1] for unit in overview.watched(turn)):
        return
    if turn.shelf.office.opens or turn.media.shown(thing, turn.person.id):
        turn.say(
            _("A line for each unit, with who was its head. What stands in it is as of {at}."),
            media=thing.code,
            at=thing.at,
        )
    else:
        turn.say(UNSEEN, name=thing.name)


_COLUMNS: tuple[tuple[Text, int], ...] = (
    (_("Unit"), 34),
    (_("Reports due"), 10),
    (_("on time"), 10),
    (_("sent late"), 10),
    (_("not sent"), 10),
    (_("Indicators asked"), 10),
    (_("Checks passed"), 10),
    (_("Complete"), 10),
    (_("Never corrected"), 10),
    (_("Corrected by the office"), 10),
    (_("Returned by the head"), 10),
    (_("Targets"), 10),
    (_("Targets reached"), 10),
)
_HEADS = (_("Heads: reports due meanwhile (on time, late, not sent); decided (within a working day)"), 60)


def _table(turn: Turn, unit: Unit, years: list[Year], year: str) -> Sheet:
    form = years[0].form
    two = [(one, part) for one in form.indicators for part in range(1 + one.two)]
    headings = [
        *(words for words, _width in _COLUMNS),
        *(_heading(form, one.id, part, turn.lang) for one, part in two),
        _HEADS[0],
    ]
    rows: list[tuple[Cell, ...]] = [
        (
            Cell(
                _("Evaluation of {year}, below {unit}: {form}; units: {n}.")(
                    year=year, unit=as_is(unit.name), form=as_is(form.title.of(turn.lang)), n=len(years)
                ),
                "title",
            ),
        ),
        (Cell(_("What arose is summed over the year; of what stands, the last counts."), "plain"),),
        (Cell(COUNTS, "plain"),),
        (),
        tuple(Cell(words, "heading") for words in headings),
        *(_row(turn, one) for one in years),
    ]
    return Sheet(
        tuple(rows),
        (*(width for _words, width in _COLUMNS), *(14 for _one in two), _HEADS[1]),
        fixed=5,
    )


def _heading(form: Form, of: str, part: int, lang: str) -> Text:
    one = form.indicator(of)
    assert one is not None
    name = as_is(one.name.of(lang))
    return (
        _("{n}. {name}: the whole")(n=one.number, name=name)
        if part
        else _("{n}. {name}")(n=one.number, name=name)
    )


def _row(turn: Turn, one: Year) -> tuple[Cell, ...]:
    tally, four = one.tally, one.tally.measures
    found = yearly.aims(turn, one)
    counts = (
        tally.owed,
        tally.timely,
        tally.late,
        tally.missing,
        four.indicators,
        four.right,
        four.full,
        four.clean,
        tally.corrected,
        tally.returned,
        len(found),
        sum(each.seen.reason == "reached" for each in found),
    )
    cells = [Cell(one.unit.name), *(Cell(str(count), "number") for count in counts)]
    for indicator in one.form.indicators:
        value = one.whole[indicator.id]
        cells.append(_number(None if value.value is None else validation.exact(indicator, value.value)))
        if indicator.two:
            cells.append(_number(value.of))
    return (*cells, Cell(_all_heads(turn, one)))


def _number(value: int | Decimal | None) -> Cell:
    return Cell("" if value is None else str(value), "number")


def _all_heads(turn: Turn, one: Year) -> Text:
    """Say of all who were head what was due meanwhile and what they decided, in one cell."""
    said = [
        _("{Head}: {n} ({timely}, {late}, {missing}); {all} ({prompt})")(
            Head=filing.who(turn, served.person, first=True),
            n=served.tally.owed,
            timely=served.tally.timely,
            late=served.tally.late,
            missing=served.tally.missing,
            all=served.judged.all,
            prompt=served.judged.prompt,
        )
        for served in one.heads
    ]
    return lines(*said) if said else _("nobody")


CARDS: dict[str, Callable[[Turn, str], bool]] = {"evaluation-table": give}
