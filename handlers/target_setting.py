"""Setting a target in the chat, changing it and ending it: read back before it counts, each change kept."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta

import msgspec

from handlers import answers, cases, filing, forms, overview, steps, target_asking, targets
from handlers.forms import STOP, Checked, Form, Pick, Question
from handlers.records.people import Person, Unit
from handlers.records.targets import Counts, Target
from handlers.rules import daily, days
from handlers.rules.daily import MOST
from handlers.rules.figures import Figure
from handlers.rules.reporting import local_day, may_send
from handlers.rules.roles import RightName
from handlers.rules.routing import same_village
from handlers.talk import Due
from handlers.text import Text, _, as_is, lines
from handlers.turn import LABEL, Choice, Turn
from knowledge.folding import fold

LISTED = "target.listed"  # that an imported list has set or changed one
LONGEST = 80  # letters of what is counted
FARTHEST = timedelta(days=366)
CHANGES = 6  # shown of the history

EVERY, WHOLE = Choice("every", _("All villages")), Choice("whole", _("The commune as one"))
NEW, TOTAL = Choice("new", _("What is new each day")), Choice("total", _("All there are by then"))
ALL, WORKING = Choice("all-days", _("Every day")), Choice("working-days", _("Working days only"))
SAVE, FIX, DROP = (
    Choice("save", _("Yes, keep it")),
    Choice("fix", _("Correct it")),
    Choice("drop", _("Leave it as it was")),
)
GOAL, SPAN, PLACES, COUNTING = (
    Choice("what", _("What, how much")),
    Choice("span", _("The days")),
    Choice("where", _("The places")),
    Choice("counts", _("How it is counted")),
)
_OF: dict[str, tuple[str, ...]] = {  # what is asked once more
    GOAL.name: ("what", "form", "measure"),
    SPAN.name: ("span",),
    PLACES.name: ("where",),
    COUNTING.name: ("counts", "base", "days"),
}
NOT_YOURS = _("Targets are set by the commune's officer and its head.")
_CHOOSE = _("Please choose one of these.")
_CHANGES = re.compile(
    r"(?:sua|chinh|thay doi|doi|change|edit|correct) (?:lai )?(?:the )?"
    r"(?:muc tieu|chien dich|target|campaign)\b(?P<name>.*)"
)
_ENDS = re.compile(
    r"(?:ket thuc|dung|huy|bo|thoi|dong|end|close|stop) (?:the )?(?:muc tieu|chien dich|target|campaign)\b(?P<name>.*)"
)
_HISTORY = re.compile(
    r"lich su (?:cua )?(?:muc tieu|chien dich)\b(?P<name>.*)|(?:target history|history of (?:the )?target)(?P<other>.*)"
)


def meant(turn: Turn) -> bool:
    """Say whether words set, change or end a target."""
    typed = fold(turn.text)
    return daily.sets(turn.text) is not None or any(
        one.fullmatch(typed) for one in (_CHANGES, _ENDS, _HISTORY)
    )


def typed_card(turn: Turn) -> bool:
    """Hear "đặt mục tiêu", "sửa mục tiêu", "kết thúc mục tiêu" and "lịch sử mục tiêu"; False for other words."""
    if not turn.staff or turn.talk.doing.startswith("form ") or not meant(turn):
        return False
    said, typed = daily.sets(turn.text), fold(turn.text)
    if history := _HISTORY.fullmatch(typed):
        return _choose(turn, "target-history", history["name"] or history["other"] or "", "target-see")
    if said is None:
        changes = _CHANGES.fullmatch(typed)
        if changes and re.search(r"\d", changes["name"]):
            return False  # a figure that is corrected
        ends = changes or _ENDS.fullmatch(typed)
        return _choose(
            turn, "target-change" if changes else "target-end", ends["name"] if ends else "", "target"
        )
    if not _offices(turn):
        turn.say(NOT_YOURS)
        return True
    turn.hold(TARGET.doing, "")
    what = _check_what(turn, said) if said else None
    if isinstance(what, str):
        turn.change(kept={**turn.talk.kept, "what": what})
    forms.ask_next(turn, TARGET, what.ask if isinstance(what, Pick) else None)
    return True


def _choose(turn: Turn, choice: str, words: str, right: RightName) -> bool:
    """Take the target that words name, or ask which; tell whoever may not."""
    found = targets.theirs(turn, right)
    if not found:
        turn.say(_("No target is under way.") if targets.mine(turn, right) else NOT_YOURS)
        return True
    which = daily.read(words, local_day(turn.now), (), [one.name for one in found], 0).which
    named = [found[number] for number in which]
    if len(named) == 1:
        return CARDS[choice](turn, str(named[0].id))
    turn.say(_("Which target?"), targets.choices(turn, choice, named))
    return True


# --- what is asked ---


def _offices(turn: Turn) -> list[Unit]:
    return list({unit.id: unit for _kind, unit in targets.mine(turn, "target")}.values())


def _office(turn: Turn) -> Unit | None:
    own, picked = _offices(turn), _kept(turn, "unit")
    return next((unit for unit in own if str(unit.id) == picked), own[0] if own else None)


def _kept(turn: Turn, name: str) -> str:
    return turn.talk.kept.get(name, "")


def _check_unit(turn: Turn, text: str) -> Checked:
    return next((str(unit.id) for unit in _offices(turn) if fold(unit.name) == fold(text)), None)


def _check_what(turn: Turn, text: str) -> Checked:
    goal = daily.goal_in(_without_days(text))
    if goal is None or answers.asks(text):
        return None
    if len(goal.name) > LONGEST:
        return Pick(_("That has at most {n} letters. Please type it more briefly.")(n=LONGEST), (STOP,))
    if goal.number and not _forms(turn, goal.number):
        return Pick(_("No report has a count of number {n}.")(n=goal.number), (STOP,))
    if goal.goal <= int(_kept(turn, "base") or 0):
        return Pick(
            _("The target has to be above the {n} there were before.")(n=int(_kept(turn, "base"))), (STOP,)
        )
    if isinstance(found := _span_in(turn, text), str) and "span" not in turn.talk.kept:
        turn.change(kept={**turn.talk.kept, "span": found})
    return _without_days(text)


def _without_days(text: str) -> str:
    """Give the words up to where they name the days: "500 hộ cài VNeID từ 1/12 đến 14/1"."""
    found = re.search(
        r"[\s,]+(?:từ|tu|from|between|trước|truoc|đến hết|den het|đến ngày|den ngay)\s+.*\d.*$", text, re.I
    )
    return text[: found.start()] if found else text


def _goal(turn: Turn) -> daily.Goal:
    return daily.goal_in(_without_days(_kept(turn, "what"))) or daily.Goal(0)


def _forms(turn: Turn, number: int) -> list[str]:
    """Give the reports that ask for a count of this number, of the office or of those below it."""
    office = _office(turn)
    offices = (office, *overview.below(turn, office, empty=True)) if office else ()
    kinds = {filing.level_of(unit) for unit in offices}
    return [
        form.id
        for form in turn.shelf.forms.in_use
        for one in form.indicators
        if kinds & set(form.owed_by)
        and one.number == number
        and one.shape in ("count", "pair")
        and not one.decimals
    ]


def _form(turn: Turn) -> str:
    found = _forms(turn, _goal(turn).number)
    return _kept(turn, "form") or (found[0] if found else "")


def _form_choices(turn: Turn) -> list[Choice]:
    found = [turn.shelf.forms[form] for form in _forms(turn, _goal(turn).number)]
    return [Choice(f"pick={form.id}", as_is(form.title.of(turn.lang)[:LABEL])) for form in found]


def _check_measure(turn: Turn, text: str) -> Checked:
    said = " ".join(text.split()).strip(" .,;:“”\"'")
    return said[:LABEL] if said and not re.search(r"\d", said) and not answers.asks(text) else None


def _span_in(turn: Turn, text: str) -> str | Pick | None:
    """Read the first and the last day; one alone is the last, and it begins today."""
    today = local_day(turn.now)
    found = days.named(text, today)
    if found.unreal:
        return Pick(
            _("There is no day {day}. Please type it once more.")(day=as_is(found.unreal[0])), (STOP,)
        )
    if not found.days:
        return None
    first, last = (found.days[0], found.days[-1]) if len(found.days) > 1 else (today, found.days[0])
    if len(found.days) == 1 and re.search(r"\b(?:tu|from)\b(?!.*\b(?:den|to|until)\b)", fold(text)):
        return Pick(_("And until which day?"), (STOP,))
    if last <= first or last < today or first < today - FARTHEST or last > today + FARTHEST:
        return Pick(_("The last day has to lie ahead, behind the first, and within a year."), (STOP,))
    return f"{first} {last}"


def _villages(turn: Turn) -> dict[int, str]:
    office = _office(turn)
    listed = turn.villages.listed(office.commune) if office else ()
    return {one.id: one.name for one in listed if one.since is None or one.since <= turn.now}


def _where_choices(turn: Turn) -> list[Choice]:
    return [*([EVERY] if _villages(turn) else []), WHOLE]


def _check_where(turn: Turn, text: str) -> Checked:
    """Accept one of the two choices, or villages of the list."""
    chosen = forms.one_of(EVERY.name, WHOLE.name)(turn, text)
    if chosen is not None:
        return chosen
    found, strange = dict[str, None](), list[str]()
    for said in filter(None, map(str.strip, re.split(r"[,;\n]|\s+(?:và|va|and)\s+", text))):
        same = [number for number, name in _villages(turn).items() if same_village(name, said)]
        if len(same) == 1:
            found[str(same[0])] = None
        else:
            strange.append(said)
    if found and strange:
        none = _("The commune's list has no “{name}”. Whose figures?")(name=as_is(strange[0]))
        return Pick(none, tuple(_where_choices(turn)))
    return " ".join(found) or None


def _check_base(turn: Turn, text: str) -> Checked:
    reading = daily.value_in(text)
    value = int(reading.value) if isinstance(reading, Figure) and reading.of is None else -1
    if value >= _goal(turn).goal:
        return Pick(_("The target has to be above that. How many were there before?"), (STOP,))
    return str(value) if 0 <= value <= MOST else None


def _target(turn: Turn) -> Target:
    """Give the target as it would be kept."""
    office, goal, where = _office(turn), _goal(turn), _kept(turn, "where")
    assert office is not None
    first, last = map(date.fromisoformat, _kept(turn, "span").split())
    name, measure, form, indicator = goal.name, _kept(turn, "measure") or daily.measure_of(goal.name), "", ""
    counts: Counts = "total" if _kept(turn, "counts") == TOTAL.name else "new"
    if goal.number:
        form = _form(turn)
        one = next(one for one in turn.shelf.forms[form].indicators if one.number == goal.number)
        indicator, name, measure = one.id, one.name.vi, one.unit.vi
    return Target(
        unit=office.id,
        commune=office.commune,
        name=name,
        measure=measure,
        form=form,
        indicator=indicator,
        goal=goal.goal,
        base=int(_kept(turn, "base") or 0) if counts == "total" else 0,
        first=first,
        last=last,
        every=where == EVERY.name,
        places=() if where in (EVERY.name, WHOLE.name) else tuple(map(int, where.split())),
        counts=counts,
        days_off=_kept(turn, "days") != WORKING.name,
    )


def told_of(turn: Turn, target: Target, lang: str = "") -> Text:
    """Give a target in words: what, how much, from when to when, by whom, and how it is counted."""
    found = targets.places(turn, target)
    names = targets.joined(place.name for place in found)
    by = _("• Told by: {names}")(names=names)
    if target.every:
        by = _("• Told by all villages: {names}")(names=names)
    counted = _("• Each day: what is new that day")
    if target.counts == "total":
        counted = _("• Each day: all there are by then; {n} before the first day")(n=target.base)
    return lines(
        _("**{what}**")(what=targets.title(turn, target, lang)),
        _("• {span}, {days}")(
            span=targets.span(target, lang or turn.lang),
            days=_("days off too") if target.days_off else _("working days only"),
        ),
        by,
        counted,
    )


def _check_sure(turn: Turn, text: str) -> Checked:
    if answers.yes(turn):
        return SAVE.name
    if answers.no(turn):
        return DROP.name
    return forms.one_of(SAVE.name, FIX.name, DROP.name)(turn, text)


# --- kept ---


def _done(turn: Turn) -> None:
    """Keep what was confirmed, or ask once more for what was not right."""
    sure, fix = _kept(turn, "sure"), _kept(turn, "fix")
    if fix:
        again = {"fix", "sure", *_OF[fix]}
        turn.change(kept={name: value for name, value in turn.talk.kept.items() if name not in again})
        forms.ask_next(turn, TARGET)
        return
    number = _kept(turn, "target")
    if sure == DROP.name:
        _end(turn, _("All right, nothing was kept."))
        return
    if _office(turn) is None:
        _end(turn, NOT_YOURS)
        return
    after = _target(turn)
    if number:
        _change(turn, int(number), after)
        return
    target = turn.targets.keep(after, turn.person.id)
    turn.targets.follow(target.id, turn.person.id)
    turn.note("target set", f"target:{target.id}")
    at = turn.shelf.service.targets.ask_at
    _end(
        turn,
        _("Kept. Whoever has told no figure by {at} is asked for it once that day; you follow the target.")(
            at=at
        ),
    )
    _tell(turn, target, _("A new target of {place}, written by {who}:"))
    target_asking.put(turn, target.commune, local_day(turn.now))


def _change(turn: Turn, number: int, after: Target) -> None:
    before = turn.targets.hold(number)
    if before is None or before.state != "running" or not targets.may(turn, "target", before):
        _end(turn, _("That target is over."))
        return
    if str(before.version) != _kept(turn, "version"):
        _end(
            turn, _("Somebody else has changed it meanwhile, so this was not kept. Please look at it again.")
        )
        return
    kept = msgspec.structs.replace(
        after,
        id=before.id,
        version=before.version,
        unit=before.unit,
        key=before.key,
        listed=before.listed,
    )
    if kept == before:
        _end(turn, _("Nothing of it was changed."))
        return
    saved = turn.targets.save(kept, "changed", turn.person.id, msgspec.json.encode(before).decode())
    turn.note("target changed", f"target:{number}")
    _end(turn, _("Kept. What was so before can be read with “target history”."))
    _tell(turn, saved, _("A target of {place} was changed by {who}:"))
    target_asking.put(turn, saved.commune, local_day(turn.now))


def listed(turn: Turn) -> None:
    """Tell of what an imported list has set or changed, in hours in which people are written to, and ask as ever."""
    facts = turn.event.facts if isinstance(turn.event, Due) else {}
    target = (
        turn.targets.one(int(turn.event.about.partition(":")[2])) if isinstance(turn.event, Due) else None
    )
    if target is None or target.state != "running":
        return
    turn.note(f"target {facts['what']} by a list", f"target:{target.id}", 0)
    opening = (
        _("A new target of {place}, from the office's list:")
        if facts["what"] == "set"
        else _("A target of {place} was changed by the office's list:")
    )
    _tell(turn, target, opening, not_before=may_send(turn.now, turn.shelf.calendar).then)
    target_asking.put(turn, target.commune, local_day(turn.now))


def _tell(turn: Turn, target: Target, opening: Text, not_before: datetime | None = None) -> None:
    """Tell the leads whose villages are concerned, each which of them."""
    found: dict[int, tuple[Person, list[str]]] = {}
    for place in targets.places(turn, target):
        for lead in targets.asked(turn, target, place):
            found.setdefault(lead.id, (lead, []))[1].append(place.name)
    first = opening(place=targets.where(turn, target), who=cases.helper(turn, turn.person.id))
    for person, names in found.values():
        if person.id == turn.person.id:
            continue
        turn.say(
            lines(
                first,
                told_of(turn, target, person.lang or "vi"),
                _("From you: {names}. A figure a day is enough, such as “target {n}”.")(
                    names=targets.joined(names), n=12
                ),
            ),
            [Choice("target-follow", _("Follow it"), str(target.id), _("FOLLOW THE TARGET"))],
            to=person,
            kind="notice",
            about=f"target:{target.id}",
            not_before=not_before,
        )


def _end(turn: Turn, said: Text) -> None:
    turn.end()
    turn.say(said)
    if steps.under_way(turn):
        steps.again(turn, _("Back to where we were:"))


# --- changed and ended ---


def change(turn: Turn, context: str) -> bool:
    """Show a target to whoever may change it, and ask what is not right."""
    target = found_by(turn, context, "target")
    if target is None:
        return False
    kept = {
        "unit": str(next((one.id for one in _offices(turn) if one.commune == target.commune), 0)),
        "target": str(target.id),
        "version": str(target.version),
        "what": f"{target.goal} {target.name}",
        "measure": target.measure,
        "span": f"{target.first} {target.last}",
        "where": EVERY.name if target.every else " ".join(map(str, target.places)) or WHOLE.name,
        "counts": TOTAL.name if target.counts == "total" else NEW.name,
        "base": str(target.base),
        "days": ALL.name if target.days_off else WORKING.name,
        "sure": FIX.name,
    }
    if target.form:
        number = next(
            one.number for one in turn.shelf.forms[target.form].indicators if one.id == target.indicator
        )
        kept |= {"what": f"{target.goal} chỉ tiêu {number}", "form": target.form}
    turn.hold(TARGET.doing, "", **kept)
    forms.ask_next(turn, TARGET, told_of(turn, target))
    return True


def found_by(turn: Turn, context: str, right: RightName) -> Target | None:
    """Give the target of this number where somebody may do that with it and it is not ended."""
    target = turn.targets.one(int(context)) if context.isdigit() and len(context) < 18 else None
    if target is None or target.state != "running" or not targets.may(turn, right, target):
        return None
    return target


def end(turn: Turn, context: str) -> bool:
    """Ask whether a target is really to end."""
    target = found_by(turn, context, "target")
    if target is None:
        return False
    turn.say(
        lines(
            targets.so_far(turn, targets.view(turn, target)),
            _("End it now? Its figures stay; nobody is asked any more."),
        ),
        [
            Choice("target-ended", _("Yes, end it"), f"{target.id}/{target.version}"),
            Choice("target-see", _("No, let it go on"), str(target.id)),
        ],
    )
    return True


def ended(turn: Turn, context: str) -> bool:
    """End a target that is as it was when that was asked."""
    number, _slash, version = context.partition("/")
    if found_by(turn, number, "target") is None:
        return False
    target = turn.targets.hold(int(number))
    if target is None or target.state != "running" or str(target.version) != version:
        turn.say(_("Somebody else has changed it meanwhile, so this was not kept. Please look at it again."))
        return True
    saved = turn.targets.save(msgspec.structs.replace(target, state="ended"), "ended", turn.person.id, "")
    turn.note("target ended", f"target:{number}")
    turn.say(_("Ended. Its figures stay."))
    for person in {
        lead.id: lead for place in targets.places(turn, saved) for lead in targets.asked(turn, saved, place)
    }:
        if person != turn.person.id:
            turn.say(
                _("The target “{name}” has been ended by {who}. No figures are asked for it any more.")(
                    name=targets.name(turn, saved), who=cases.helper(turn, turn.person.id)
                ),
                to=person,
                kind="notice",
                about=f"target:{number}",
            )
    return True


def history(turn: Turn, context: str) -> bool:
    """Tell who did what to a target and when, the latest first."""
    target = found_by(turn, context, "target-see")
    if target is None:
        return False
    told = []
    for one in turn.targets.history(target.id, CHANGES):
        what = {"set": _("set"), "changed": _("changed"), "ended": _("ended")}[one.what]
        who = cases.helper(turn, one.by) if one.by else _("somebody of the office")
        told.append(_("• {moment}, {who}: {what}")(moment=one.at, who=who, what=what))
        if one.detail:
            told.append(_("It was before:"))
            told.append(told_of(turn, msgspec.json.decode(one.detail, type=Target)))
    turn.say(lines(told_of(turn, target), *told))
    return True


CARDS: dict[str, Callable[[Turn, str], bool]] = {
    "target-change": change,
    "target-end": end,
    "target-ended": ended,
    "target-history": history,
}
TARGET = Form(
    "target",
    (
        Question(
            "unit",
            ask=lambda turn: _("A target of which office?"),
            check=_check_unit,
            otherwise=_CHOOSE,
            choices=lambda turn: [
                Choice(f"pick={unit.id}", as_is(unit.name[:LABEL])) for unit in _offices(turn)[:4]
            ],
            needed=lambda turn: len(_offices(turn)) > 1,
        ),
        Question(
            "what",
            ask=lambda turn: _(
                "What is counted, and how much of it is wanted? In one line, such as: {example}."
            )(example=_("500 households using VNeID")),
            check=_check_what,
            otherwise=_("Please type a number and what is counted, or “500 indicator 6” of a report."),
        ),
        Question(
            "form",
            ask=lambda turn: _("Of which report?"),
            check=lambda turn, text: None,
            otherwise=_CHOOSE,
            choices=_form_choices,
            needed=lambda turn: len(_forms(turn, _goal(turn).number)) > 1,
        ),
        Question(
            "measure",
            ask=lambda turn: _("By what is it counted? Such as: households, people, files."),
            check=_check_measure,
            otherwise=_("Please type one or two words, without a number."),
            needed=lambda turn: not _goal(turn).number and not daily.measure_of(_goal(turn).name),
        ),
        Question(
            "span",
            ask=lambda turn: _("From which day to which? Such as: 1/12 to 14/1."),
            check=_span_in,
            otherwise=_("Tổ Số did not read a day in that. Type both, such as 1/12 to 14/1."),
        ),
        Question(
            "where",
            ask=lambda turn: _("Whose figures? Choose, or type the names of villages."),
            check=_check_where,
            otherwise=_("Please type names of the commune's list with a comma between, or choose."),
            choices=_where_choices,
        ),
        Question(
            "counts",
            ask=lambda turn: _("What is told each day?"),
            check=forms.one_of(NEW.name, TOTAL.name),
            otherwise=_CHOOSE,
            choices=lambda turn: (NEW, TOTAL),
        ),
        Question(
            "base",
            ask=lambda turn: _("How many are there already, before the first day?"),
            check=_check_base,
            otherwise=_("Please type a number, 0 where there are none."),
            needed=lambda turn: _kept(turn, "counts") == TOTAL.name,
            letters=True,
        ),
        Question(
            "days",
            ask=lambda turn: _("Do days off count as well?"),
            check=forms.one_of(ALL.name, WORKING.name),
            otherwise=_CHOOSE,
            choices=lambda turn: (ALL, WORKING),
        ),
        Question(
            "sure",
            ask=lambda turn: lines(told_of(turn, _target(turn)), _("Is that right?")),
            check=_check_sure,
            otherwise=_CHOOSE,
            choices=lambda turn: (SAVE, FIX, DROP),
        ),
        Question(
            "fix",
            ask=lambda turn: _("What is to be changed?"),
            check=forms.one_of(*_OF),
            otherwise=_CHOOSE,
            choices=lambda turn: (GOAL, SPAN, PLACES, COUNTING),
            needed=lambda turn: _kept(turn, "sure") == FIX.name,
        ),
    ),
    _done,
)
FORMS = (TARGET,)
DUE: dict[str, Callable[[Turn], None]] = {LISTED: listed}
