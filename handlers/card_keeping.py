"""How the officer of a commune keeps its card: writing, changing, prolonging and removing lines by chat.

Everything is read back and counts once it is confirmed.  What reminds officers stands in `card_reminders.py`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date, timedelta

import msgspec

from handlers import answers, card, forms, steps
from handlers.forms import Checked, Form, Pick, Question
from handlers.profile import named
from handlers.records.card import KINDS, SINGLE, Kind, Line
from handlers.rules import days, guard, opening
from handlers.rules.reporting import local_day
from handlers.text import Text, _, as_is, lines
from handlers.turn import LABEL, Choice, Turn
from knowledge.folding import fold

LONGEST = 200  # letters of a line
PAGE = 3  # lines to choose from at once
CHANGES = 8  # shown of the history
FARTHEST = timedelta(days=366)  # nobody looks at a line again that is good for ever

ADD, CHANGE, PROLONG, REMOVE = (
    Choice("add", _("Add a line")),
    Choice("change", _("Change a line")),
    Choice("prolong", _("Prolong a line")),
    Choice("remove", _("Remove a line")),
)
MORE = Choice("others", _("Others"))
SAVE, WORDS, DAY, DROP = (
    Choice("save", _("Yes, put it there")),
    Choice("words-again", _("Other words")),
    Choice("day-again", _("Another day")),
    Choice("drop", _("Leave it as it was")),
)
TAKE = Choice("save", _("Yes, remove it"))
NOT_YOURS = _("A commune's card is kept by the officer in charge there. To read it type “in my commune”.")
EDIT = Choice("card-edit", _("Change the card"), typed=_("CHANGE CARD"))


def communes(turn: Turn) -> list[str]:
    """Give the communes whose officer somebody is."""
    found = []
    for role in turn.people.roles(turn.person.id) if turn.staff else ():
        unit = turn.people.unit(role.place) if role.kind == "officer" else None
        if unit and not unit.body and unit.commune not in found:
            found.append(unit.commune)
    return found


# --- getting there ---

_EDITS = re.compile(
    r"(?:sua|cap nhat|thay doi|them vao|viet|lam) (?:the|thong tin)(?: (?:cua )?(?:xa|phuong))?(?: (?:toi|minh))?"
    r"|(?:edit|change|update) (?:the )?(?:commune |ward )?card"
)
_HISTORY = re.compile(
    r"lich su (?:the|sua the)(?: (?:xa|phuong))?|(?:commune |ward )?card history|history of the card"
)


def meant(turn: Turn) -> bool:
    """Say whether words are about the commune's card."""
    return any(form.fullmatch(fold(turn.text)) for form in (_EDITS, _HISTORY))


def typed_card(turn: Turn) -> bool:
    """Hear "sửa thẻ xã" and "lịch sử thẻ xã"."""
    typed = fold(turn.text)
    edits, history = _EDITS.fullmatch(typed), _HISTORY.fullmatch(typed)
    if not edits and not history:
        return False
    if not (own := communes(turn)):
        turn.say(NOT_YOURS)
    elif edits:
        begin(turn)
    else:
        for commune in own:
            tell_history(turn, commune)
    return True


def edit(turn: Turn, commune: str) -> bool:
    """Begin from a button."""
    if commune not in communes(turn):
        turn.say(NOT_YOURS)
    else:
        begin(turn, commune)
    return True


CARDS: dict[str, Callable[[Turn, str], bool]] = {EDIT.name: edit}


def begin(turn: Turn, commune: str = "") -> None:
    """Ask what is to be done to the card."""
    own = communes(turn)
    one = commune or (own[0] if len(own) == 1 else "")
    if turn.talk.doing == CARD.doing:
        turn.change(kept={})
    else:
        turn.hold(CARD.doing, "")
    if not one:
        forms.ask_next(turn, CARD)
        return
    turn.change(kept={"commune": one})
    if card.standing(turn, one):
        forms.ask_next(turn, CARD)
    else:
        turn.change(kept={"commune": one, "act": ADD.name})
        forms.ask_next(turn, CARD, _as_it_is(turn))


# --- what is asked ---


def _kept(turn: Turn, name: str) -> str:
    return turn.talk.kept.get(name, "")


def _commune(turn: Turn) -> str:
    """Give whose card it is; nothing where somebody has ceased to be its officer."""
    return _kept(turn, "commune") or next(iter(communes(turn)), "")


def _without(turn: Turn, *names: str) -> None:
    turn.change(kept={name: value for name, value in turn.talk.kept.items() if name not in names})


def _line(turn: Turn) -> Line | None:
    """Give the line that is worked on, while it is on the card."""
    number = _kept(turn, "line")
    found = turn.card.line(int(number)) if number else None
    return found if found and found.over is None else None


def _kind(turn: Turn) -> Kind:
    line = _line(turn)
    return line.kind if line else next((kind for kind in KINDS if kind == _kept(turn, "kind")), "centre")


def _pressed(turn: Turn) -> str:
    pressed = answers.pressed(turn, loosely=True)
    return pressed[0] if pressed else ""


def _which(turn: Turn) -> list[Choice]:
    return [Choice(f"pick={one}", as_is(card.place(turn, one))) for one in communes(turn)]


def _own(turn: Turn, text: str) -> Checked:
    found = turn.shelf.places.find(text).one
    return found.code if found and found.code in communes(turn) else None


def _as_it_is(turn: Turn) -> Text:
    """Show the card as its officer sees it: who wrote each line, and until when it holds."""
    commune = _commune(turn)
    found = card.standing(turn, commune)
    if not found:
        return _("The card of {place} is empty.")(place=card.place(turn, commune))
    told = [
        _("{line} ({who}, until {day})")(
            line=card.shown(turn, line), who=_author(turn, line.by), day=card.on_day(line.day, turn.lang)
        )
        for line in found
    ]
    return lines(_("The card of {place}:")(place=card.place(turn, commune)), *told)


def _author(turn: Turn, person: int) -> Text:
    known = turn.person if person == turn.person.id else turn.people.get(person)
    name = named(known.address, known.name) if known.name else ""
    return as_is(name) if name else _("an officer")


def _acts(turn: Turn) -> list[Choice]:
    return [ADD, CHANGE, PROLONG, REMOVE] if card.standing(turn, _commune(turn)) else [ADD]


def _act(turn: Turn, text: str) -> Checked:
    act = forms.one_of(ADD.name, CHANGE.name, PROLONG.name, REMOVE.name)(turn, text)
    found = card.standing(turn, _commune(turn))
    if act in (CHANGE.name, PROLONG.name, REMOVE.name) and len(found) == 1:
        turn.change(kept={**turn.talk.kept, "line": str(found[0].id)})
    return act


_NAMED: dict[Kind, set[str]] = {
    "centre": {"trung tam", "dia chi", "tru so", "centre", "center", "address"},
    "hours": {"gio", "gio lam", "gio lam viec", "hours", "opening hours"},
    "phone": {"dien thoai", "so dien thoai", "sdt", "so may", "phone", "telephone"},
    "point": {"diem", "diem tiep nhan", "diem nhan ho so", "point"},
    "visit": {"luu dong", "diem luu dong", "xe luu dong", "mobile point"},
    "class": {"lop", "lop hoc", "class"},
}


def _kinds(turn: Turn) -> list[Choice]:
    return [*(Choice(f"pick={kind}", card.LABELS[kind]) for kind in KINDS[:PAGE]), MORE]


def _check_kind(turn: Turn, text: str) -> Checked:
    if _pressed(turn) == MORE.name:
        return Pick(_ASK_KIND, tuple(Choice(f"pick={kind}", card.LABELS[kind]) for kind in KINDS[PAGE:]))
    return next((kind for kind, names in _NAMED.items() if fold(text) in names), None)


_ASK_KIND = _("What kind of line?")


def _label(turn: Turn, line: Line) -> Text:
    """Give a line as it fits on a button."""
    return as_is(line.words if len(line.words) <= LABEL else f"{line.words[: LABEL - 1].rstrip(' ,;')}…")


def _lines(turn: Turn, first: int = 0) -> list[Choice]:
    found = card.standing(turn, _commune(turn))
    some = found[first : first + PAGE]
    choices = [Choice(f"pick={line.id}", _label(turn, line)) for line in some]
    if len(found) > PAGE:
        after = first + PAGE if first + PAGE < len(found) else 0
        choices.append(Choice(f"page={after}", MORE.label))
    return choices


def _check_line(turn: Turn, text: str) -> Checked:
    pressed = _pressed(turn)
    if pressed.startswith("page="):
        return Pick(_ASK_LINE, tuple(_lines(turn, int(pressed.removeprefix("page=")))))
    typed = fold(text)
    found = [line for line in card.standing(turn, _commune(turn)) if typed in _NAMED[line.kind]]
    return str(found[0].id) if len(found) == 1 else None


_ASK_LINE = _("Which line?")

_ASK_WORDS: dict[Kind, Text] = {
    "centre": _("Name and address of the centre, as people find it?"),
    "hours": _("The desk hours? Such as: Monday to Friday 7:30-11:30, 13:00-17:00; Saturday 8:00-11:00."),
    "phone": _("Which number, and who answers? Only a number of the office."),
    "point": _("Which residential groups does the receiving point serve, and where and when?"),
    "visit": _("When and where does the mobile point come? Such as: 3/12, 8:00-11:00, the culture house."),
    "class": _("What class, when and where?"),
}


def _ask_words(turn: Turn) -> Text:
    line, ask = _line(turn), _ASK_WORDS[_kind(turn)]
    return lines(_("Now it reads: {words}")(words=as_is(line.words)), ask) if line else ask


_PHONE = re.compile(r"\d(?:[ .-]?\d){2,}")
_MOBILE = re.compile(r"(?<!\d)(?:\+?84[ .-]?|0)[35789](?:[ .-]?\d){8}(?!\d)")


def _check_words(turn: Turn, text: str) -> Checked:
    """Accept the words of a line, as long as they say what a line of its kind has to say."""
    words = " ".join(text.split())
    kind = _kind(turn)
    _without(turn, "public")
    if not words:
        return None
    if len(words) > LONGEST:
        return Pick(_("A line has at most {n} letters. Please say it more briefly.")(n=LONGEST), ())
    if guard.DOTS in words:
        return Pick(_("Part of that was hidden, so it would not be read. Please write it without."), ())
    if kind == "hours" and opening.week_of(words) is None:
        return Pick(_HOURS_UNCLEAR, ())
    if kind == "phone" and not _PHONE.search(words):
        return Pick(_("There is no number in that. Please write it with its digits."), ())
    return words


_HOURS_UNCLEAR = _(
    "Tổ Số could not read those hours. Days, then from when to when, such as: Monday to Friday 7:30-11:30, "
    "13:00-17:00."
)


def _personal(turn: Turn) -> str:
    """Give the number in the words that looks like somebody's own mobile; nothing where there is none."""
    found = _MOBILE.search(_kept(turn, "words"))
    return found[0] if found and _kept(turn, "act") in (ADD.name, CHANGE.name) else ""


def _check_public(turn: Turn, text: str) -> Checked:
    answer = forms.one_of("yes", "no")(turn, text)
    if answer == "no":
        _without(turn, "words")
    return answer


def _until(turn: Turn) -> list[Choice]:
    """Offer days: those that the words name, and a few months on."""
    today = local_day(turn.now)
    own = [day for day in days.named(_kept(turn, "words"), today).days if _kind(turn) in ("visit", "class")]
    line = _line(turn)
    own += [line.day] if line and _kept(turn, "act") == CHANGE.name else []
    months = [days.later(today, 3), date(today.year, 12, 31), days.later(today, 12)]
    offered = sorted({day for day in (*own[-2:], *months) if today <= day <= today + FARTHEST})
    return [
        Choice(f"pick={day.isoformat()}", _("Until {day}")(day=card.on_day(day, turn.lang)))
        for day in offered[:4]
    ]


def _ask_day(turn: Turn) -> Text:
    line = _line(turn)
    ask = _("Until which day is that right? Choose, or type a day such as 31/12/2026.")
    if line and _kept(turn, "act") == PROLONG.name:
        now = _("{line}, until {day}")(line=card.shown(turn, line), day=card.on_day(line.day, turn.lang))
        return lines(now, ask)
    return ask


def _check_day(turn: Turn, text: str) -> Checked:
    """Accept a day to come; whatever is wrong with it, nothing else that was typed is lost."""
    today = local_day(turn.now)
    found = days.named(text, today)
    choices = tuple(_until(turn))
    if found.unreal:
        return Pick(
            _("There is no day {day}. Please type it once more.")(day=as_is(found.unreal[0])), choices
        )
    if not found.days:
        return None
    day = found.days[-1]
    if day < today:
        return Pick(
            _("{day} has passed. Please type a day to come.")(day=card.on_day(day, turn.lang)), choices
        )
    if day > today + FARTHEST:
        return Pick(
            _("A line holds for a year at the most, then it is looked at again. Until which day?"), choices
        )
    return day.isoformat()


def _new(turn: Turn) -> Line:
    """Give the line as it would stand on the card."""
    old = _followed(turn)
    return Line(
        commune=_commune(turn),
        kind=_kind(turn),
        words=_kept(turn, "words") or (old.words if old else ""),
        day=date.fromisoformat(_kept(turn, "day")),
        by=turn.person.id,
        at=turn.now,
        follows=old.id if old else 0,
    )


def _followed(turn: Turn) -> Line | None:
    """Give the line that is replaced: the one that was chosen, or the only one of its kind."""
    if line := _line(turn):
        return line
    if _kept(turn, "act") != ADD.name or _kind(turn) not in SINGLE:
        return None
    return next(iter(card.of_kind(card.standing(turn, _commune(turn)), _kind(turn))), None)


def _ask_sure(turn: Turn) -> Text:
    """Read back what will be done."""
    old = _followed(turn)
    place = card.place(turn, _commune(turn))
    if _kept(turn, "act") == REMOVE.name:
        gone = card.shown(turn, old) if old else as_is("")
        return lines(_("From the card of {place} this goes:")(place=place), gone, _("Remove it?"))
    new = _new(turn)
    told = [_("On the card of {place} will stand:")(place=place), card.shown(turn, new)]
    told.append(_("Until {day}.")(day=new.day))
    if old and old.words != new.words:
        told.append(_("It takes the place of: {words}")(words=card.words(turn, old, turn.lang)))
    return lines(*told, _("Is that right?"))


def _sure(turn: Turn) -> Sequence[Choice]:
    match _kept(turn, "act"):
        case REMOVE.name:
            return [TAKE, DROP]
        case PROLONG.name:
            return [SAVE, DAY, DROP]
    return [SAVE, WORDS, DAY, DROP]


def _check_sure(turn: Turn, text: str) -> Checked:
    if answers.yes(turn):
        return SAVE.name
    if answers.no(turn):
        return DROP.name
    return forms.one_of(SAVE.name, WORDS.name, DAY.name, DROP.name)(turn, text)


_CHOOSE = _("Please choose one of these.")


def _changes(turn: Turn) -> bool:
    return _kept(turn, "act") in (ADD.name, CHANGE.name)


def _done(turn: Turn) -> None:
    """Do what was confirmed, or ask once more for what was not right."""
    sure, act, commune = _kept(turn, "sure"), _kept(turn, "act"), _commune(turn)
    if sure in (WORDS.name, DAY.name):
        _without(turn, "sure", *(("words", "public") if sure == WORDS.name else ("day",)))
        forms.ask_next(turn, CARD)
        return
    if sure == DROP.name:
        _end(turn, _("The card stays as it was."), at(commune))
        return
    if commune not in communes(turn):
        _end(turn, NOT_YOURS)
        return
    line = _line(turn)
    if act != ADD.name and line is None:
        kept = False
    elif act == REMOVE.name and line:
        kept = turn.card.take(line.id, turn.person.id)
    else:
        kept = turn.card.put(_new(turn))
    if not kept:
        turn.say(_("Somebody else has changed that line meanwhile. This is the card as it is now."))
        begin(turn, commune)
        return
    done = {ADD.name: "added", CHANGE.name: "changed", PROLONG.name: "prolonged", REMOVE.name: "removed"}
    turn.note(f"card line {done[act]}", f"commune:{commune}")
    told = (
        _("Removed.") if act == REMOVE.name else _("Done. Citizens read it when they type “in my commune”.")
    )
    _end(turn, told, at(commune))


def _end(turn: Turn, told: Text, *choices: Choice) -> None:
    turn.end()
    turn.say(told, choices)
    if steps.under_way(turn):
        steps.again(turn, _("Back to where we were:"))


def at(commune: str) -> Choice:
    """Give the button that begins a change of this card."""
    return msgspec.structs.replace(EDIT, context=commune)


def about(commune: str) -> str:
    """Say what reminders of a card are about."""
    return f"card:{commune}"


CARD = Form(
    "card",
    (
        Question(
            "commune",
            ask=lambda turn: _("Whose card?"),
            check=_own,
            otherwise=_CHOOSE,
            choices=_which,
            needed=lambda turn: len(communes(turn)) > 1,
        ),
        Question(
            "act",
            ask=_as_it_is,
            check=_act,
            otherwise=_CHOOSE,
            choices=_acts,
        ),
        Question(
            "kind",
            ask=lambda turn: _ASK_KIND,
            check=_check_kind,
            otherwise=_CHOOSE,
            choices=_kinds,
            needed=lambda turn: _kept(turn, "act") == ADD.name,
        ),
        Question(
            "line",
            ask=lambda turn: _ASK_LINE,
            check=_check_line,
            otherwise=_CHOOSE,
            choices=_lines,
            needed=lambda turn: _kept(turn, "act") != ADD.name,
        ),
        Question(
            "words",
            ask=_ask_words,
            check=_check_words,
            otherwise=_("Please type it in a few words, or “cancel”."),
            needed=_changes,
        ),
        Question(
            "public",
            ask=lambda turn: _(
                "{number} looks like somebody's own mobile. Everybody can read this card. Keep it?"
            )(number=_personal(turn)),
            check=_check_public,
            otherwise=_CHOOSE,
            choices=lambda turn: (
                Choice("yes", _("It is the office's")),
                Choice("no", _("Write another")),
            ),
            needed=lambda turn: bool(_personal(turn)),
        ),
        Question(
            "day",
            ask=_ask_day,
            check=_check_day,
            otherwise=_("Tổ Số did not read a day in that. Type one such as 31/12/2026, or choose."),
            choices=_until,
            needed=lambda turn: _kept(turn, "act") != REMOVE.name,
        ),
        Question("sure", ask=_ask_sure, check=_check_sure, otherwise=_CHOOSE, choices=_sure),
    ),
    _done,
)
FORMS = (CARD,)

# --- what has been done ---


def tell_history(turn: Turn, commune: str) -> None:
    """Tell who changed what and when, the latest first."""
    found = turn.card.history(commune, 2 * CHANGES)
    if not found:
        turn.say(_("The card of {place} is empty."), place=card.place(turn, commune))
        return
    followed = {line.follows: line for line in found}
    known = {line.id: line for line in found}
    told = []
    for line in found:
        before = known.get(line.follows) or (turn.card.line(line.follows) if line.follows else None)
        same = before is not None and before.words == line.words
        what = _("prolonged") if same else _("changed") if before else _("added")
        told.append((line.at, line.id, what, line.by, line))
        if line.over and line.id not in followed:
            told.append((line.over, line.id, _("removed"), line.over_by, line))
    told.sort(key=lambda one: one[:2], reverse=True)
    shown = [
        _("• {moment}, {who} {what}: {words} (until {day})")(
            moment=at,
            who=_author(turn, by),
            what=what,
            words=as_is(line.words),
            day=card.on_day(line.day, turn.lang),
        )
        for at, _number, what, by, line in told[:CHANGES]
    ]
    turn.say(lines(_("The card of {place}, latest changes:")(place=card.place(turn, commune)), *shown))
