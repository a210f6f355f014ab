"""What a well-formed report form may still have wrong, and checks that no report could pass together.

Each fault is (where, name, values): a path within the form's file, and what the sentences about it need.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from functools import partial
from itertools import pairwise

from knowledge.feasible import Limit, most
from knowledge.forms import LEVELS, ON_TIME, OWING, SOURCES, WEEKDAYS, Check, DueRule, Form, Indicator

Values = dict[str, str | int | float]
Found = tuple[str, str, Values]

PLAIN = re.compile(r"[a-z][a-z0-9-]{1,30}")
MOST_DECIMALS = 3
MOST_DAYS = 60  # working days between a report's due day and a task of it
KINDS = ", ".join(OWING)


def faults_of_indicator(one: Indicator) -> list[Found]:
    """List what is wrong with one indicator, wherever it is asked."""
    found: list[Found] = []
    if not PLAIN.fullmatch(one.id):
        found.append((".id", "not-plain", {"id": one.id}))
    if one.two and one.ask_of is None:
        found.append(("", "ask-of-missing", {"id": one.id}))
    if not one.two and (one.ask_of or one.of_kept or one.of_never_falls):
        found.append(("", "no-second-number", {"id": one.id}))
    if one.shape == "pair" and not (one.new_words and one.total_words):
        found.append(("", "pair-without-names", {"id": one.id}))
    if one.shape != "pair" and one.total_of != "standing":
        found.append((".total_of", "no-total", {"id": one.id}))
    if one.decimals and (one.two or not 0 < one.decimals <= MOST_DECIMALS):
        found.append((".decimals", "decimals", {"most": MOST_DECIMALS}))
    if one.source and one.source not in SOURCES:
        found.append((".source", "unknown-source", {"source": one.source, "names": ", ".join(SOURCES)}))
    elif one.source and (one.shape == "pair" or one.decimals):
        found.append((".source", "source-of-pair", {"id": one.id}))
    elif one.source and (one.source == "last-period") != (one.kind == "stock"):
        found.append((".source", "source-of-kind", {"id": one.id, "source": one.source}))
    if one.jump and one.jump <= 1:
        found.append((".jump", "no-jump", {"times": one.jump}))
    if not 0 <= one.least <= one.most:
        found.append((".least", "empty-range", {"least": one.least, "most": one.most}))
    for name in ("name", "definition", "unit", "ask", "ask_of"):
        words = getattr(one, name)
        if words is not None and not (words.vi.strip() and words.en.strip()):
            found.append((f".{name}", "language-missing", {"field": name}))
    return found


def faults_of_owing(written: object) -> Iterator[Found]:
    """Give what is wrong with who owes a form as it is written, before it is read as a form."""
    if written is None:
        return
    if not isinstance(written, list) or not written:
        yield "$.owed_by", "owed-by-nobody", {"kinds": KINDS}
        return
    for place, kind in enumerate(written):
        if kind not in OWING:
            yield f"$.owed_by[{place}]", "unknown-kind", {"kind": str(kind), "kinds": KINDS}
        elif written.index(kind) != place:
            yield f"$.owed_by[{place}]", "owed-twice", {"kind": str(kind)}


def faults_of(form: Form) -> list[Found]:
    """List what is wrong with a form whose indicators are in order."""
    found: list[Found] = []
    if not PLAIN.fullmatch(form.id):
        found.append(("$.id", "not-plain", {"id": form.id}))
    cutoff = form.period.cutoff
    week = form.period.every == "week"
    if (isinstance(cutoff, int) and (week or not 1 <= cutoff <= 28)) or (cutoff in WEEKDAYS and not week):
        found.append(("$.period.cutoff", "cutoff", {"cutoff": cutoff}))
    found += _of_due(form, form.due, "$.due")
    for level in OWING:
        if level in form.levels:
            found += _of_due(form, form.levels[level], f"$.levels.{level}")
    found += _of_order(form)
    found += _of_tasks(form)
    names = [stage.name for stage in form.stages]
    for place, stage in enumerate(form.stages):
        if names.index(stage.name) != place:
            found.append((f"$.stages[{place}].name", "stage-twice", {"name": stage.name}))
        if stage.weeks and not (stage.counted_from == "due" and stage.days > 0):
            found.append((f"$.stages[{place}].weeks", "weeks-before-due", {"name": stage.name}))
        if not PLAIN.fullmatch(stage.name):
            found.append((f"$.stages[{place}].name", "not-plain", {"id": stage.name}))
    if form.valid_from and form.valid_until and form.valid_until < form.valid_from:
        found.append(("$.valid_until", "never-valid", {}))
    return found


def faults_of_looks(form: Form, known: Mapping[str, Indicator]) -> Iterator[Found]:
    """Give what is wrong with a form's ranking, with what it watches for standing still, and with its lock."""
    parts = form.ranking.parts if form.ranking else ()
    for place, part in enumerate(parts):
        where, one = f"$.ranking.parts[{place}]", known.get(part.of)
        if part.of != ON_TIME and one is None:
            yield f"{where}.of", "unknown-indicator", {"id": part.of}
        elif one is not None and one.shape not in ("part", "ratio"):
            yield f"{where}.of", "no-share", {"id": part.of}
        if [each.of for each in parts].index(part.of) != place:
            yield f"{where}.of", "asked-twice", {"id": part.of}
        if not 1 <= part.points <= 1000:
            yield f"{where}.points", "points", {"points": part.points}
    for place, rule in enumerate(form.still):
        where = f"$.still[{place}]"
        if rule.of not in known:
            yield f"{where}.of", "unknown-indicator", {"id": rule.of}
        if not 1 <= rule.periods <= 12:
            yield f"{where}.periods", "still-periods", {"n": rule.periods}
        if (rule.target is None) != (rule.by is None):
            yield where, "target-half", {"id": rule.of}
    if form.lock is not None and not (0 <= form.lock.after <= 250 and 1 <= form.lock.open_for <= 60):
        yield "$.lock", "lock", {}


def faults_of_check(check: Check, known: Mapping[str, Indicator]) -> Iterator[tuple[str, Values]]:
    """Give what is wrong with a check over known indicators, whether or not a form asks them."""
    asked = [(term, known.get(term.removesuffix("/of"))) for term in check.terms]
    for term, one in asked:
        if one is None:
            yield "unknown-term", {"term": term}
        elif term.endswith("/of") and not one.two:
            yield "term-without-whole", {"term": term}
    if both := sorted(set(check.left) & set(check.right)):
        yield "on-both-sides", {"terms": ", ".join(both)}
    if not (check.left and check.right):
        yield "side-missing", {}
    if len({one.decimals for _term, one in asked if one}) > 1:
        yield "decimals-mixed", {}


def _of_due(form: Form, rule: DueRule, where: str) -> Iterator[Found]:
    chosen = [name for name in ("day", "weekday", "working_days") if getattr(rule, name) is not None]
    if len(chosen) != 1:
        yield where, "due-unclear", {}
        return
    if rule.grace < 0 or rule.grace > 20:
        yield f"{where}.grace", "grace", {"days": rule.grace}
    if rule.working_days is not None and not 1 <= rule.working_days <= 60:
        yield f"{where}.working_days", "too-early", {"day": rule.working_days}
    if rule.day is None:
        return
    if form.period.every == "week":
        yield f"{where}.day", "day-of-week", {}
        return
    if isinstance(rule.day, int) and not 1 <= rule.day <= 28:
        yield f"{where}.day", "not-in-every-month", {"day": rule.day}
    last = form.period.cutoff if isinstance(form.period.cutoff, int) else 31
    day = rule.day if isinstance(rule.day, int) else 31
    if rule.month == "same" and day <= last:
        yield f"{where}.day", "too-early", {"day": day}


def _of_tasks(form: Form) -> Iterator[Found]:
    ids = [one.id for one in form.tasks]
    for place, one in enumerate(form.tasks):
        where = f"$.tasks[{place}]"
        if not PLAIN.fullmatch(one.id):
            yield f"{where}.id", "not-plain", {"id": one.id}
        if ids.index(one.id) != place or form.indicator(one.id):
            yield f"{where}.id", "id-taken", {"id": one.id}
        for name in ("name", "product"):
            words = getattr(one, name)
            if not (words.vi.strip() and words.en.strip()):
                yield f"{where}.{name}", "language-missing", {"field": name}
        days = one.due.working_days
        if (one.due.day is None) == (days is None):
            yield f"{where}.due", "task-due-unclear", {"id": one.id}
        if days is not None and abs(days) > MOST_DAYS:
            yield f"{where}.due.working_days", "task-days", {"n": days, "most": MOST_DAYS}
        if one.due.day is not None and form.valid_until is None and form.use:
            yield f"{where}.due.day", "task-for-ever", {"id": one.id}


def _of_order(form: Form) -> Iterator[Found]:
    """A level may not have to send after the one it sends to; only days of a month can be compared."""

    def place(rule: DueRule) -> tuple[int, int] | None:
        if rule.day is None:
            return None
        return int(rule.month == "next"), rule.day if isinstance(rule.day, int) else 31

    rules = [(level, place(form.due_of(level))) for level in LEVELS if level in (*form.levels, "commune")]
    for (lower, before), (upper, after) in pairwise(rules):
        if before and after and before > after:
            yield f"$.levels.{upper}", "levels-crossed", {"lower": lower, "upper": upper}


# --- checks against each other ---


def contradictions(form: Form) -> list[tuple[str, tuple[str, ...], str]]:
    """List the least sets of checks that contradict each other: (how, their ids, the figure it shows at).

    "impossible": no report at all could pass.  "only-least": a figure could be nothing but its least.
    "only-equal": the two sides of a "not above" could only be equal.  Only what must hold counts: a reason
    explains the rest away.
    """
    must = [check for check in form.checks if check.level == "must"]
    if not must:
        return []
    if not _passable(form, must):
        return [("impossible", _least(must, lambda some: not _passable(form, some)), "")]
    found: list[tuple[str, tuple[str, ...], str]] = []
    terms = dict.fromkeys(term for check in must for term in check.terms)
    for term in terms:
        one = form.indicator(term.removesuffix("/of"))
        if one and one.most > one.least and _stuck(form, must, term):
            guilty = _least(must, partial(_stuck, form, term=term))
            found.append(("only-least", guilty, term))
    for check in must:
        if check.rule == "not-above" and _tight(form, must, check):
            guilty = _least(must, partial(_tight, form, check=check))
            if not any(set(guilty) >= set(other) for _how, other, _term in found):
                found.append(("only-equal", guilty, check.id))
    return list({(how, ids): (how, ids, at) for how, ids, at in reversed(found)}.values())[::-1]


def _least(checks: list[Check], bad: Callable[[list[Check]], bool]) -> tuple[str, ...]:
    """Leave checks out as long as what remains is still bad."""
    kept = list(checks)
    for check in checks:
        fewer = [one for one in kept if one is not check]
        if fewer and bad(fewer):
            kept = fewer
    return tuple(one.id for one in kept)


def _passable(form: Form, checks: list[Check]) -> bool:
    return _most_of(form, checks, {}) is not None


def _stuck(form: Form, checks: list[Check], term: str) -> bool:
    """Whether that figure could be nothing but its least."""
    one = form.indicator(term.removesuffix("/of"))
    return one is not None and _most_of(form, checks, {term: 1}) in (None, one.least)


def _tight(form: Form, checks: list[Check], check: Check) -> bool:
    """Whether the two sides of a "not above" could only be equal."""
    if check not in checks:
        return False
    return _most_of(form, checks, {term: -weight for term, weight in _weights(check).items()}) == 0


def _most_of(form: Form, checks: list[Check], wanted: dict[str, int]) -> Fraction | None:
    ranges: dict[str, tuple[int, int]] = {}
    limits: list[Limit] = []
    for check in checks:
        weights = _weights(check)
        limits.append(Limit(weights, 0))
        if check.rule == "equals":
            limits.append(Limit({term: -weight for term, weight in weights.items()}, 0))
    for term in dict.fromkeys([*(term for check in checks for term in check.terms), *wanted]):
        one = form.indicator(term.removesuffix("/of"))
        if one is None:
            continue
        ranges[one.id] = (one.least, one.most)
        if one.two:
            ranges[f"{one.id}/of"] = (one.least, one.most)
            limits.append(Limit({one.id: 1, f"{one.id}/of": -1}, 0))
    return most(wanted, limits, ranges)


def _weights(check: Check) -> dict[str, int]:
    weights: dict[str, int] = {}
    for term in check.left:
        weights[term] = weights.get(term, 0) + 1
    for term in check.right:
        weights[term] = weights.get(term, 0) - 1
    return weights
