"""Reminding officers of the report, and telling heads what is missing: never after it was sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

from handlers import filing, reminder_words, supervision, tasks
from handlers.filing import Filing
from handlers.records.people import Person, RoleKind, Unit
from handlers.rules import periods, putting_off, reporting
from handlers.rules.reporting import VIETNAM, Stage
from handlers.talk import Due
from handlers.text import Text, _, as_is
from handlers.turn import Choice, Turn
from knowledge.folding import fold
from knowledge.forms import Level

_STAFF: tuple[RoleKind, ...] = ("reporter", "head")
SAME_TIME = timedelta(minutes=10)  # stages of one hour go out within it
STAMP = "%Y%m%d%H%M"  # of Vietnam's time, in the button that puts a reminder off


# --- what is due ---


def plan(turn: Turn) -> None:
    """Put the coming stages of each form's open and next period, once each, for every office."""
    planned: dict[Level, list[tuple[str, Stage]]] = {}  # all offices of a level have the same days
    begun = list(_with_tasks(turn))
    for unit in turn.reports.offices():
        level = filing.level_of(unit)
        if level not in planned:
            planned[level] = list(_coming(turn, level))
        for key, stage in planned[level]:
            about = f"report:{unit.id}:{key}"
            turn.later(f"{about}:{stage.name}", stage.at, "reports.stage", about, stage=stage.name)
        for key, at, owing in begun:
            if level not in owing:
                continue
            about = f"report:{unit.id}:{key}"
            turn.later(f"{about}:tasks", at, tasks.PLAN, about)
    _plan_weekly(turn)


def _plan_weekly(turn: Turn) -> None:
    """Put this week's reminder of each report of an earlier period that has not come."""
    today = reporting.local_day(turn.now)
    stage = reporting.weekly(today, turn.shelf.calendar)
    if stage.at <= turn.now:
        return
    for form in turn.shelf.forms.in_use:
        codes = [period.code for period in periods.earlier(form, today, today - reporting.OWED_FOR)]
        for unit, code in turn.reports.owing(form.id, codes) if codes else ():
            about = f"report:{unit}:{form.id}:{code}"
            turn.later(f"{about}:{stage.name}", stage.at, "reports.stage", about, stage=stage.name)


def _coming(turn: Turn, level: Level) -> Iterator[tuple[str, Stage]]:
    """Give the stages to be put for every office of a level, with the form and period of each."""
    for form in turn.shelf.forms.in_use:
        now = periods.open_period(form, reporting.local_day(turn.now))
        for period in (now, periods.after(form, now)):
            if not periods.in_force(form, period):
                continue
            valid = turn.shelf.forms.on(form.id, period.start)
            if level not in valid.owed_by:
                continue
            for stage in reporting.plan_of(valid, period, turn.shelf.calendar, level):
                # A stage that has passed was put while it was ahead; who joins later is not chased about it.
                if stage.at > turn.now:
                    yield f"{form.id}:{period.code}", stage


def _with_tasks(turn: Turn) -> Iterator[tuple[str, datetime, tuple[Level, ...]]]:
    """Give the forms and periods that ask for tasks, when these are given, as the period begins, and to which kinds."""
    for form in turn.shelf.forms.in_use:
        now = periods.open_period(form, reporting.local_day(turn.now))
        for period in (now, periods.after(form, now)):
            valid = turn.shelf.forms.on(form.id, period.start)
            if valid.tasks and periods.in_force(form, period):
                begins = max(turn.now, reporting.day_begins(period.start))
                yield f"{form.id}:{period.code}", begins, valid.owed_by


def fire(turn: Turn) -> None:
    """Decide on one stage: send it, hold it until people may be written to, or leave it out.

    Whoever is to hear of other reports at the same time hears of them in the same message.
    """
    case, name = _case(turn), _fact(turn, "stage")
    if case is None or _was_sent(turn, case, name):
        return
    if not filing.owes(turn.shelf.forms.on(case.form.id, case.period.start), case.unit, case.period):
        reason = _not_owed(case)
        if reason == "unit-over" and case.entered and not _told_over(turn, case):
            for officer in filing.there(turn, "reporter", case.unit):
                turn.say(
                    filing.no_more(turn, filing.read_by(case, officer), officer.id),
                    to=officer,
                    kind="notice",
                    about=case.about,
                )
        _decided(turn, case, name, "skipped", reason)
        return
    decision = _decision(turn, case, name)
    if decision.action == "hold" and decision.until is not None:
        _again_at(turn, case, f"{name}:{decision.until:%Y%m%d%H%M}", decision.until, stage=name)
        _decided(turn, case, name, "held", decision.reason)
        return
    if decision.action == "skip":
        _decided(turn, case, name, "skipped", decision.reason)
        return
    if _staffed(turn, case) and not filing.with_us(turn, case):
        _decided(turn, case, name, "skipped", "before-their-time")
        return
    if _stage(turn, case, name).audience == "supervisor":
        supervision.note(turn, case, name)
        return
    together = _together(turn, case, name)
    told: dict[int, tuple[Person, list[tuple[Filing, str]]]] = {}
    heads: dict[int, tuple[Person, list[Filing]]] = {}
    for each, stage in together:
        officers, leading = _audience(turn, each, stage)
        for officer in officers:
            told.setdefault(officer.id, (officer, []))[1].append((each, stage.name))
        for head in leading:
            heads.setdefault(head.id, (head, []))[1].append(each)
        reason = _why(turn, each, stage, officers, leading)
        if reason == "due" and each.key != case.key:
            reason = "together"
        _decided(turn, each, stage.name, "sent" if officers or leading else "skipped", reason)
    for officer, of_them in told.values():
        if len(of_them) == 1:
            reminder_words.remind(turn, of_them[0][0], officer, of_them[0][1])
        else:
            reminder_words.remind_of_all(turn, [each for each, _name in of_them], officer)
    for head, missing in heads.values():
        reminder_words.tell_head(turn, missing, head)


def _told_over(turn: Turn, case: Filing) -> bool:
    """Say whether those who had begun a report of a unit that has ended know it."""
    return any(row.reason == "unit-over" for row in turn.reports.decisions(case.report))


def _not_owed(case: Filing) -> str:
    """Give the reason for which a unit is not asked for a report of which a stage has come."""
    if filing.over(case.unit, case.period):
        return "unit-over"
    return "unit-not-yet" if filing.not_yet(case.unit, case.period) else "not-owed"


def _decision(turn: Turn, case: Filing, name: str) -> reporting.Decision:
    calendar = turn.shelf.calendar
    if weekly := reporting.weekly_named(name, calendar):
        newer = reporting.weekly(reporting.local_day(weekly.at) + timedelta(weeks=1), calendar)
        return reporting.decide_reminder(
            name, (weekly, newer), submitted=case.report.delivered, now=turn.now, calendar=calendar
        )
    following = reporting.stages(case.form, periods.after(case.form, case.period), calendar, case.level)
    return reporting.decide_reminder(
        name,
        reporting.stages(case.form, case.period, calendar, case.level),
        submitted=case.report.delivered,
        now=turn.now,
        calendar=calendar,
        over=following[0].at if following else None,
    )


def _stage(turn: Turn, case: Filing, name: str) -> Stage:
    if weekly := reporting.weekly_named(name, turn.shelf.calendar):
        return weekly
    stages = reporting.stages(case.form, case.period, turn.shelf.calendar, case.level)
    return next(each for each in stages if each.name == name)


def _staffed(turn: Turn, case: Filing) -> bool:
    return any(turn.people.holding(kind, case.unit.id) for kind in _STAFF)


def _audience(turn: Turn, case: Filing, stage: Stage) -> tuple[tuple[Person, ...], tuple[Person, ...]]:
    """Give the officers and the heads whom a stage is for; officers who are at it today are left in peace.

    Where all who report are on leave without anybody in their place the head hears it, once there is something to send.
    """
    asked = "officer" in stage.audience and not filing.worked_on(turn, case)
    officers = filing.there(turn, "reporter", case.unit) if asked else ()
    officers = tuple(officer for officer in officers if _sends(turn, case, officer))
    complete = case.period.cutoff < reporting.local_day(turn.now)
    instead = asked and complete and not officers and _all_on_leave(turn, case)
    return officers, filing.there(turn, "head", case.unit) if "head" in stage.audience or instead else ()


def _sends(turn: Turn, case: Filing, officer: Person) -> bool:
    """Say whether somebody will still report for an office once there is something to send.

    Whoever was asked to send one report is told nothing of the next one.
    """
    ends = [
        role.until
        for role in turn.people.roles(officer.id)
        if role.kind == "reporter" and role.place == case.unit.id
    ]
    first = case.period.cutoff + timedelta(days=1)
    return not ends or any(until is None or reporting.local_day(until) > first for until in ends)


def _all_on_leave(turn: Turn, case: Filing) -> bool:
    """Say whether an office has people who report, and none of them or in their place is there."""
    holding = turn.people.holding("reporter", case.unit.id)
    return bool(holding) and not filing.there(turn, "reporter", case.unit)


def _why(
    turn: Turn, case: Filing, stage: Stage, officers: tuple[Person, ...], heads: tuple[Person, ...]
) -> str:
    """Give the reason that is kept with the decision on a stage that has come."""
    if officers:
        own = {person.id for person in turn.people.holding("reporter", case.unit.id)}
        return "due" if any(officer.id in own for officer in officers) else "stand-in"
    if filing.worked_on(turn, case):
        return "head-only" if heads else "working-on-it"
    if _all_on_leave(turn, case):
        return "head-instead" if heads else "on-leave"
    return "no-reporter"


def _together(turn: Turn, case: Filing, name: str) -> list[tuple[Filing, Stage]]:
    """Give this stage and all others that would go to the same people now, those people's others included.

    All are held until this turn ends: nothing goes out twice, or of a report that is being sent meanwhile.
    """
    found = sorted(_found_together(turn, case, name), key=lambda one: one[0].key)
    together = []
    for each, stage in [(filing.hold(turn, each), stage) for each, stage in found]:
        if _was_sent(turn, each, stage.name):
            continue
        if not each.report.delivered:
            together.append((each, stage))
        elif each.key == case.key:
            _decided(turn, each, name, "skipped", "submitted")
    return together


def _found_together(turn: Turn, case: Filing, name: str) -> list[tuple[Filing, Stage]]:
    found = [(case, _stage(turn, case, name))]
    asked, looked_at = set[int](), set[int]()
    for each, stage in found:  # it grows meanwhile
        for person in (one for side in _audience(turn, each, stage) for one in side):
            if person.id in asked:
                continue
            asked.add(person.id)
            for place in _places_of(turn, person):
                if place in looked_at:
                    continue
                looked_at.add(place)
                unit = each.unit if place == each.unit.id else turn.people.unit(place)
                found += _due_in(turn, unit, case.key) if unit is not None else ()
    return found


def _places_of(turn: Turn, person: Person) -> tuple[int, ...]:
    """Give the offices in which somebody reports or is head, or stands in for somebody who does."""
    places = dict.fromkeys(
        role.place
        for who in (person.id, *(absence.person for absence in turn.people.standing_in(person.id)))
        for role in turn.people.roles(who)
        if role.kind in ("reporter", "head")
    )
    return tuple(places)


def _due_in(turn: Turn, unit: Unit, but: str) -> Iterator[tuple[Filing, Stage]]:
    """Give the reports of an office, open or coming, but for one, that have a stage which goes out now as well."""
    level = filing.level_of(unit)
    for form in turn.shelf.forms.in_use:
        now = periods.open_period(form, reporting.local_day(turn.now))
        if not periods.in_force(form, now):
            continue
        for period in (now, periods.after(form, now)):
            valid = turn.shelf.forms.on(form.id, period.start)
            if not filing.owes(valid, unit, period):
                continue
            plan_of = reporting.plan_of(valid, period, turn.shelf.calendar, level)
            if f"{unit.id}:{form.id}:{period.code}" == but or not any(
                stage.at <= turn.now for stage in plan_of
            ):
                continue  # before anything is read of it
            case = filing.of(turn, unit, form, period)
            if (due := _due_now(turn, case)) is not None:
                yield case, due
    weekly = reporting.weekly(reporting.local_day(turn.now), turn.shelf.calendar)
    if weekly.at <= turn.now < weekly.at + SAME_TIME:
        for case in filing.earlier(turn, [unit]):
            if case.key != but and filing.with_us(turn, case) and not _was_sent(turn, case, weekly.name):
                yield case, weekly


def _due_now(turn: Turn, case: Filing) -> Stage | None:
    """Give the stage of a report that goes out now as well: of this very time of day, or held until it."""
    stages = reporting.plan_of(case.form, case.period, turn.shelf.calendar, case.level)
    stage = next((each for each in reversed(stages) if each.at <= turn.now), None)
    if (
        stage is None
        or stage.audience == "supervisor"
        or _decision(turn, case, stage.name).action != "send"
        or not filing.with_us(turn, case)
    ):
        return None
    rows = [row for row in turn.reports.decisions(case.report) if row.stage == stage.name]
    if any(row.decision == "sent" for row in rows):
        return None
    held = any(row.decision == "held" for row in rows)
    return stage if held or turn.now - stage.at < SAME_TIME else None


def _was_sent(turn: Turn, case: Filing, name: str) -> bool:
    """Say whether a stage has gone out already, in the message of another report."""
    return any(row.stage == name and row.decision == "sent" for row in turn.reports.decisions(case.report))


def again(turn: Turn) -> None:
    """Remind the one officer who asked to be reminded later."""
    case, wanted = _case(turn), _fact(turn, "person")
    if case is None or _chosen_anew(turn, case):
        return
    officer = next(
        (each for each in filing.there(turn, "reporter", case.unit) if str(each.id) == wanted), None
    )
    verdict = reporting.may_send(turn.now, turn.shelf.calendar)
    case = filing.hold(turn, case)
    if case.report.delivered:
        _decided(turn, case, "again", "skipped", "submitted")
    elif officer is None:
        _decided(turn, case, "again", "skipped", "no-reporter")
    elif not verdict.ok:
        turn.later(
            f"{case.about}:again:{wanted}:{verdict.then:%Y%m%d%H%M}",
            verdict.then,
            "reports.again",
            case.about,
            person=wanted,
            until=_fact(turn, "until"),
        )
        _decided(turn, case, "again", "held", verdict.reason)
    else:
        owed = [
            each
            for unit in turn.people.roles(officer.id)
            if unit.kind == "reporter" and (office := turn.people.unit(unit.place)) is not None
            for each in filing.current(turn, office)
            if each.key != case.key and not each.report.delivered and _any_sent(turn, each)
        ]
        if owed:
            reminder_words.remind_of_all(turn, [case, *owed], officer)
        else:
            reminder_words.remind(turn, case, officer, "again")
        _decided(turn, case, "again", "sent", "asked-for")


def _chosen_anew(turn: Turn, case: Filing) -> bool:
    """Say whether the officer has chosen another moment since."""
    stage = f"{filing.AGAIN}-{_fact(turn, 'person')}"
    chosen = [row.reason for row in turn.reports.decisions(case.report) if row.stage == stage]
    return bool(chosen and _fact(turn, "until")) and chosen[-1] != f"{filing.UNTIL}{_fact(turn, 'until')}"


def _any_sent(turn: Turn, case: Filing) -> bool:
    return any(row.decision == "sent" for row in turn.reports.decisions(case.report))


DUE: dict[str, Callable[[Turn], None]] = {
    "reports.plan": plan,
    "reports.stage": fire,
    "reports.again": again,
    **supervision.DUE,
}


# --- cards ---


def remind_later(turn: Turn, context: str) -> bool:
    """Put a reminder off to the moment its button or the words name, and offer others."""
    key, _slash, stamp = context.partition("/")
    case = filing.find(turn, key)
    if case is None:
        return False
    if not filing.acts(turn, "reporter", case.unit):
        turn.say(_("You do not report for {unit} now."), unit=as_is(case.name))
        return True
    if case.report.delivered:
        turn.say(_("The report has been sent; there is nothing left to remind of."))
        return True
    calendar = turn.shelf.calendar
    at = putting_off.moment(turn.text, turn.now, calendar) or _stamped(turn, stamp)
    at = at or putting_off.usual(turn.now, calendar)
    turn.later(
        f"{case.about}:again:{turn.person.id}:{at:%Y%m%d%H%M}",
        at,
        "reports.again",
        case.about,
        person=str(turn.person.id),
        until=at.isoformat(),
    )
    _decided(turn, case, f"{filing.AGAIN}-{turn.person.id}", "held", f"{filing.UNTIL}{at.isoformat()}")
    others = [one for one in putting_off.offered(turn.now, calendar) if one != at]
    turn.say(
        _("All right, again at {at}."),
        [
            Choice("remind-later", _when(turn, one), f"{case.key}/{one.astimezone(VIETNAM):{STAMP}}")
            for one in others
        ],
        letters=True,
        at=at,
    )
    return True


def _stamped(turn: Turn, stamp: str) -> datetime | None:
    """Give the moment in a button, where it is still to come."""
    if not (stamp.isdigit() and len(stamp) == len("202611161400")):
        return None
    at = datetime.strptime(stamp, STAMP).replace(tzinfo=VIETNAM).astimezone(UTC)
    return reporting.next_allowed(at, turn.shelf.calendar) if at > turn.now else None


def _when(turn: Turn, at: datetime) -> Text:
    """Give the words of a button for another moment."""
    local = at.astimezone(VIETNAM)
    if local.date() == reporting.local_day(turn.now):
        return _("At {time} instead")(time=f"{local:%H:%M}")
    return _("The next working morning")


def working(turn: Turn, _context: str) -> bool:
    """Leave an officer in peace who says that they are at it."""
    if not _left_in_peace(turn):
        turn.say(_("The report has been sent; there is nothing left to remind of."))
    return True


def nudge(turn: Turn, context: str) -> bool:
    """Remind the officers because their head wants it, at an hour at which people are written to."""
    case = filing.find(turn, context)
    if case is None:
        return False
    if not filing.acts(turn, "head", case.unit):
        turn.say(_("That is for the head of {unit}."), unit=as_is(case.name))
        return True
    if case.report.delivered:
        turn.say(_("The report has been sent; there is nothing left to remind of."))
        return True
    officers = filing.there(turn, "reporter", case.unit)
    verdict = reporting.may_send(turn.now, turn.shelf.calendar)
    for officer in officers:
        reminder_words.remind(turn, case, officer, "nudge", not_before=None if verdict.ok else verdict.then)
    if not officers and _all_on_leave(turn, case):
        turn.say(_("Whoever reports for {unit} is on leave, and nobody stands in."), unit=as_is(case.name))
        return True
    if not officers:
        turn.say(_("Nobody reports for {unit} now."), unit=as_is(case.name))
        return True
    _decided(turn, case, "nudge", "sent" if verdict.ok else "held", verdict.reason or "asked-for")
    if verdict.ok:
        turn.say(_("A reminder has gone to {who}."), who=filing.who(turn, officers[0].id))
    else:
        turn.say(
            _("A reminder will go to {who} at {at}."),
            who=filing.who(turn, officers[0].id),
            at=verdict.then,
        )
    return True


CARDS: dict[str, Callable[[Turn, str], bool]] = {
    "remind-later": remind_later,
    "working": working,
    "nudge": nudge,
}

_LATER = {"nhac lai", "nhac lai sau", "nhac sau", "nhac toi sau", "remind me later", "remind me"}
_WORKING = {"dang lam", "toi dang lam", "em dang lam", "chi dang lam", "anh dang lam", "dang lam bao cao",
            "toi dang lam bao cao", "working on it", "i am working on it"}  # fmt: skip
_THEM = {"nhac ho", "nhac bao cao", "nhac can bo", "remind them"}


def typed_card(turn: Turn) -> bool:
    """Hear what stands for a button of a reminder: "nhắc lại" of an officer, "nhắc họ" of a head."""
    typed = fold(turn.text)
    later = typed in _LATER or putting_off.moment(turn.text, turn.now, turn.shelf.calendar) is not None
    kind, act = ("reporter", remind_later) if later else ("head", nudge)
    if typed in _WORKING:
        return _left_in_peace(turn)
    if not later and typed not in _THEM:
        return False
    units = filing.units(turn, kind)
    cases = [case for unit in units for case in filing.current(turn, unit)]
    missing = [case for case in cases if not case.report.delivered] or filing.earlier(turn, units) or cases
    return bool(missing) and act(turn, f"{missing[0].key}/" if kind == "reporter" else missing[0].key)


def _left_in_peace(turn: Turn) -> bool:
    """Keep that an officer is working on it: quiet until the next stage that matters; False where nothing is owed."""
    units = filing.units(turn, "reporter")
    owed = [case for unit in units for case in filing.current(turn, unit) if not case.report.delivered]
    owed += filing.earlier(turn, units)
    if not owed or turn.talk.at.startswith("reason") or filing.at_task(turn):
        return False
    for case in owed:
        _decided(turn, case, filing.WORKING, "held", "working-on-it")
        turn.withdraw(case.about)
    turn.withdraw(filing.together(turn.person.id))
    ahead = [at for case in owed if (at := _next_that_matters(turn, case)) is not None]
    if ahead:
        turn.say(
            _("All right. If it has not been sent by then, the next reminder comes at {at}."), at=min(ahead)
        )
    else:
        turn.say(_("All right. No more reminders of it."))
    return True


def _next_that_matters(turn: Turn, case: Filing) -> datetime | None:
    """Give the next stage by which an officer who is at it is reminded again; None where none is to come."""
    plan_of = reporting.plan_of(case.form, case.period, turn.shelf.calendar, case.level)
    if filing.is_earlier(turn, case):
        today = reporting.local_day(turn.now)
        weeks = (today, today + timedelta(weeks=1))
        plan_of = tuple(reporting.weekly(day, turn.shelf.calendar) for day in weeks)
    return next(
        (
            stage.at
            for stage in plan_of
            if "officer" in stage.audience
            and stage.at > turn.now
            and not filing.worked_on(turn, case, reporting.local_day(stage.at))
        ),
        None,
    )


# --- small parts ---


def _case(turn: Turn) -> Filing | None:
    return filing.find(turn, turn.event.about.partition(":")[2]) if isinstance(turn.event, Due) else None


def _fact(turn: Turn, name: str) -> str:
    return turn.event.facts.get(name, "") if isinstance(turn.event, Due) else ""


def _decided(turn: Turn, case: Filing, stage: str, decision: str, reason: str) -> None:
    turn.reports.decided(case.report, stage, decision, reason)
    turn.note(f"reminder {stage} {decision} ({reason})", case.about)


def _again_at(turn: Turn, case: Filing, ending: str, at: datetime, **facts: str) -> None:
    turn.later(f"{case.about}:{ending}", at, "reports.stage", case.about, **facts)
