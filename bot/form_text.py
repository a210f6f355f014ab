"""A report form as an officer reads it: what is asked when, how it is counted, what is checked."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from handlers.filing import CALLED, period_name
from handlers.rules import periods, reporting
from handlers.rules.validation import exact
from handlers.schedule import when
from handlers.text import Text, _, as_is
from knowledge.calendar import Calendar
from knowledge.forms import OWING, Check, Form, FormTask, Indicator, StageRule

AHEAD = 3  # periods whose days are shown

_EVERY = {
    "week": _("every week"),
    "month": _("every month"),
    "quarter": _("every quarter"),
    "half-year": _("every half-year"),
    "nine-months": _("once a year, of nine months"),
    "year": _("every year"),
}
_WHOM = {
    "officer": _("the officer"),
    "officer+head": _("the officer and the head"),
    "supervisor": _("the supervising unit"),
    "head": _("the head"),
}
_SOURCES = {
    "help-given": _("people helped through requests and households helped at home"),
    "people-helped": _("people helped through requests"),
    "households-visited": _("households helped at home"),
    "last-period": _("the figure of the period before"),
}
_SHIFT = {
    "next": _("On a day off: the next working day."),
    "previous": _("On a day off: the working day before."),
    "none": _("On a day off it stays where it is."),
}


def explained(form: Form, calendar: Calendar, today: date, lang: str) -> Iterator[Text]:
    """Give a form line by line: its days, its reminders, each indicator, what is checked between them."""
    yield _("{title} ({id}, version {version})")(
        title=as_is(form.title.of(lang)), id=form.id, version=form.version
    )
    if not form.use:
        yield _("It is off. An office turns it on with a file of its own.")
    yield as_is(form.source)
    yield as_is("")
    yield from _days(form, calendar, today)
    yield as_is("")
    yield _("Reminders:")
    for stage in form.stages:
        yield _stage(stage)
    for one in form.indicators:
        yield as_is("")
        yield from _indicator(one, lang)
    if form.checks:
        yield as_is("")
        yield _("Checked between figures:")
    for check in form.checks:
        yield _check(form, check, lang)
    if form.tasks:
        yield as_is("")
        yield _("Tasks, asked behind the figures:")
    for task in form.tasks:
        yield _("{n}. {name} ({id})")(n=task.number, name=as_is(task.name.of(lang)), id=task.id)
        yield _("   To come of it: {product}")(product=as_is(task.product.of(lang)))
        yield _("   Done by {who}, {when}.")(who=_WHOM[task.owner], when=_when(task))
    yield from _looks(form, lang)


def _when(task: FormTask) -> Text:
    """Say until when a task is to be done."""
    if task.due.day is not None:
        return _("by {day}")(day=task.due.day)
    days = task.due.working_days or 0
    if not days:
        return _("by the day on which the report is due")
    words = _("{n} working days after the report is due")
    if days < 0:
        words = _("{n} working days before the report is due")
    return words(n=abs(days))


def _looks(form: Form, lang: str) -> Iterator[Text]:
    """Give how offices are ranked, what is watched for standing still, and when a period is locked."""
    rule = form.ranking
    if rule is not None:
        yield as_is("")
        yield (
            _("Offices are ranked by it; heads and those above see it:")
            if rule.seen_by == "heads"
            else _("Offices are ranked by it; whoever reports sees it too:")
        )
        if rule.released == "province":
            yield _("Communes see the whole table once the province has released it, each period for itself.")
        for part in rule.parts:
            one = form.indicator(part.of)
            name = as_is(one.name.of(lang)) if one else _("Sent on time")
            yield _("• {name}: {points} points")(name=name, points=part.points)
    if form.still:
        yield as_is("")
        yield _("Watched for standing still:")
    for each in form.still:
        one = form.indicator(each.of)
        line = _("• {name}: red after {n} periods without going up")(
            name=as_is(one.name.of(lang)) if one else each.of, n=each.periods
        )
        if each.target is not None and each.by is not None:
            line = _("{line}; target {target} by {day}")(
                line=line, target=Decimal(str(each.target)), day=each.by
            )
        yield line
    if form.lock is not None:
        yield as_is("")
        yield _("Locked {n} working days after the last day in time; opened again for {m} working days.")(
            n=form.lock.after, m=form.lock.open_for
        )


def _days(form: Form, calendar: Calendar, today: date) -> Iterator[Text]:
    yield _("It is asked {every}. {shift}")(every=_EVERY[form.period.every], shift=_SHIFT[form.due.shift])
    if form.due.grace:
        yield _("{n} working days after the due day still count as on time.")(n=form.due.grace)
    period = periods.open_period(form, today)
    owing = [level for level in OWING if level in form.owed_by]
    yield _("It is owed by: {kinds}.")(kinds=_listed([CALLED[level] for level in owing]))
    for _place in range(AHEAD):
        days = [
            _("{level} {day}")(level=CALLED[level], day=reporting.due(form, period, calendar, level))
            for level in owing
        ]
        yield _("• {period}: figures from {start} to {end}. Due: {days}.")(
            period=period_name(form, period), start=period.start, end=period.cutoff, days=_listed(days)
        )
        period = periods.after(form, period)


def _stage(stage: StageRule) -> Text:
    said = _("• {when}, {at}: {whom}")(when=when(stage), at=stage.at, whom=_WHOM[stage.to])
    return _("{said}; then weekly, {n} times at the most")(said=said, n=stage.weeks) if stage.weeks else said


def _indicator(one: Indicator, lang: str) -> Iterator[Text]:
    yield _("{n}. {name} ({id})")(n=one.number, name=as_is(one.name.of(lang)), id=one.id)
    yield _("   How to count: {definition}")(definition=as_is(one.definition.of(lang)))
    yield _("   Asked: {ask}")(ask=as_is(one.ask.of(lang)))
    if one.ask_of:
        yield _("   And: {ask}")(ask=as_is(one.ask_of.of(lang)))
    kind = _("of the period") if one.kind == "flow" else _("at the cut-off")
    yield _("   Counted {kind}, in {unit}, from {least} to {most}.")(
        kind=kind,
        unit=as_is(one.unit.of(lang)),
        least=exact(one, one.least),
        most=exact(one, one.most),
    )
    reasons = list(_reasons(one))
    if reasons:
        yield _("   A reason is asked for: {reasons}.")(reasons=_listed(reasons))
    if one.source:
        yield _("   Offered from what is known, to be confirmed: {source}.")(source=_SOURCES[one.source])
    if one.of_kept:
        yield _("   The second number is filled in from the period before, to be confirmed.")


def _reasons(one: Indicator) -> Iterator[Text]:
    if one.jump:
        yield _("above {times} times the period before, or less than that part of it, from {n} on")(
            times=f"{one.jump:g}", n=exact(one, one.jump_from)
        )
    if one.kind == "flow":
        yield _("exactly as in the period before")
    if one.of_never_falls:
        yield _("a smaller whole than before")
    if one.full_above and one.shape == "ratio":
        yield _("all of more than {n}")(n=one.full_above)
    if one.shape == "pair":
        yield (
            _("a total that is not last total plus new, anew each reporting year")
            if one.total_of == "year"
            else _("a total that is not last total plus new")
        )


def _check(form: Form, check: Check, lang: str) -> Text:
    sign = "=" if check.rule == "equals" else "≤"
    level = _("must hold") if check.level == "must" else _("else a reason")
    return _("• {left} {sign} {right} ({level}). {says}")(
        left=_side(form, check.left),
        sign=sign,
        right=_side(form, check.right),
        level=level,
        says=as_is(check.says.of(lang)),
    )


def _side(form: Form, terms: tuple[str, ...]) -> Text:
    said = _term(form, terms[0])
    for term in terms[1:]:
        said = _("{sum} + {value}")(sum=said, value=_term(form, term))
    return said


def _term(form: Form, term: str) -> Text:
    one = form.indicator(term.removesuffix("/of"))
    words = _("the whole of ({n})") if term.endswith("/of") else _("({n})")
    return words(n=one.number if one else 0)


def _listed(parts: list[Text]) -> Text:
    whole = parts[0]
    for part in parts[1:]:
        whole = _("{list}; {one}")(list=whole, one=part)
    return whole
