"""A commune's list of villages, edited in the chat: adding, renaming, ending, and merging two into one.

Everything is read back and counts once it is confirmed.  What a change means for those who help there is told
to their leads at once; what it means for requests under way, on the day from which it holds (`changed`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta

import msgspec

from handlers import answers, card, cases, forms, steps
from handlers.forms import Checked, Form, Pick, Question
from handlers.records.people import Unit
from handlers.records.villages import Act, Edit, Listed
from handlers.rules import days, guard, levels, roles
from handlers.rules.reporting import day_begins, local_day
from handlers.rules.routing import alike, same_village
from handlers.talk import Due, Incoming
from handlers.text import Text, _, as_is, lines
from handlers.turn import LABEL, Choice, Turn
from knowledge.folding import fold

WHO = roles.RIGHTS["villages"].who
LONGEST = 60  # letters of a name
PAGE = 3  # villages to choose from at once
NAMED = 40  # that are named one after another
CHANGES = 8  # shown of the history
FARTHEST = timedelta(days=366)
CHANGED = "village.changed"

ADD, RENAME, END, MERGE = (
    Choice("add", _("Add a village")),
    Choice("rename", _("Rename one")),
    Choice("end", _("End one")),
    Choice("merge", _("Merge two")),
)
MORE = Choice("others", _("Others"))
SAVE, NAME, DAY, DROP = (
    Choice("save", _("Yes, keep it")),
    Choice("name-again", _("Another name")),
    Choice("day-again", _("Another day")),
    Choice("drop", _("Leave it as it was")),
)
NOT_YOURS = _("The list of villages is kept by the commune's officer and by the leads of its digital teams.")
_CHOOSE = _("Please choose one of these.")

_EDITS = re.compile(
    r"(?:(?:sua|xem|cap nhat|nhap) )?(?:danh sach |ds )(?:cac )?(?:thon|to dan pho|thon to|thon xom|khu pho|ap|ban)"
    r"(?: (?:cua )?(?:xa|phuong))?|sua (?:thon|to dan pho)"
    r"|(?:(?:edit|change|see) )?(?:the )?(?:list of villages|village list)"
)
_HISTORY = re.compile(
    r"lich su (?:sua )?(?:danh sach )?(?:thon|to dan pho|thon to)|(?:village history|history of the villages)"
)


def meant(turn: Turn) -> bool:
    """Say whether words ask for the list of villages, or what became of it."""
    typed = fold(turn.text)
    return bool(_EDITS.fullmatch(typed) or _HISTORY.fullmatch(typed))


def typed_card(turn: Turn) -> bool:
    """Hear "danh sách thôn" and "lịch sử thôn" from whoever holds a role; False for other words."""
    typed = fold(turn.text)
    edits, history = _EDITS.fullmatch(typed), _HISTORY.fullmatch(typed)
    if not turn.staff or not (edits or history):
        return False
    if not (own := _communes(turn)):
        turn.say(NOT_YOURS)
    elif history:
        for commune in own:
            _tell_history(turn, commune)
    else:
        _begin(turn)
    return True


def _begin(turn: Turn, before: Text | None = None) -> None:
    if turn.talk.doing == VILLAGES.doing:
        turn.change(kept={})
    else:
        turn.hold(VILLAGES.doing, "")
    forms.ask_next(turn, VILLAGES, before)


# --- whose villages ---


def _own(turn: Turn) -> list[tuple[str, Unit]]:
    """Give the roles in which somebody edits lists, each with its unit."""
    found = []
    for role in turn.people.roles(turn.person.id) if turn.staff else ():
        unit = turn.people.unit(role.place) if role.kind in WHO else None
        if unit is not None and unit.local:
            found.append((str(role.kind), unit))
    return found


def _communes(turn: Turn) -> list[str]:
    return list(dict.fromkeys(unit.commune for _kind, unit in _own(turn)))


def _teams(turn: Turn) -> list[Unit]:
    """Give the teams of the commune that somebody leads; none for its officer, whose list is the whole of it."""
    own = [(kind, unit) for kind, unit in _own(turn) if unit.commune == _commune(turn)]
    return [] if any(kind == "officer" for kind, _unit in own) else [unit for _kind, unit in own]


def _villages(turn: Turn) -> list[Listed]:
    """Give the villages that somebody may change: of an officer all, of a lead those of the own teams."""
    listed = [village for village in turn.villages.listed(_commune(turn)) if village.until is None]
    teams = _teams(turn)
    if not teams or any(not (team.covers or team.ended) for team in teams):  # a team of the whole commune
        return listed
    mine = {team.id for team in teams}
    return [village for village in listed if mine & set(turn.villages.teams(village.id))]


# --- what is asked ---


def _kept(turn: Turn, name: str) -> str:
    return turn.talk.kept.get(name, "")


def _without(turn: Turn, *names: str) -> None:
    turn.change(kept={name: value for name, value in turn.talk.kept.items() if name not in names})


def _commune(turn: Turn) -> str:
    return _kept(turn, "commune") or next(iter(_communes(turn)), "")


def _act(turn: Turn) -> Act:
    acts: dict[str, Act] = {"add": "add", "rename": "rename", "end": "end", "merge": "merge"}
    return acts.get(_kept(turn, "act"), "add")


def _place(turn: Turn, commune: str) -> Text:
    return as_is(card.place(turn, commune))


def _which_commune(turn: Turn) -> list[Choice]:
    return [Choice(f"pick={one}", _place(turn, one)) for one in _communes(turn)]


def _check_commune(turn: Turn, text: str) -> Checked:
    found = turn.shelf.places.find(text).one
    return found.code if found and found.code in _communes(turn) else None


def _list(turn: Turn) -> Text:
    """Show the list, with the days of what ends or is to come."""
    listed = sorted(turn.villages.listed(_commune(turn)), key=lambda one: _order(one.name))
    place = _place(turn, _commune(turn))
    if not listed:
        return _("{place} has no village in its list yet.")(place=place)
    told = _shown(turn, listed[0])
    for village in listed[1:NAMED]:
        told = _("{before}, {more}")(before=told, more=_shown(turn, village))
    if len(listed) > NAMED:
        told = _("{names} and {n} more")(names=told, n=len(listed) - NAMED)
    return _("{place}, villages and groups: {n}\n{names}.")(place=place, n=len(listed), names=told)


def _order(name: str) -> list[str]:
    return [part.zfill(4) for part in re.split(r"(\d+)", fold(name))]


def _shown(turn: Turn, village: Listed) -> Text:
    name = as_is(village.name)
    if village.since is not None and village.since > turn.now:
        day = card.on_day(local_day(village.since), turn.lang)
        return _("{name} (from {day})")(name=name, day=day)
    if village.until is not None:
        day = card.on_day(local_day(village.until), turn.lang)
        return _("{name} (until before {day})")(name=name, day=day)
    return name


def _acts(turn: Turn) -> list[Choice]:
    mine = len(_villages(turn))
    return [ADD, *([RENAME, END] if mine else []), *([MERGE] if mine > 1 else [])]


def _choices(turn: Turn, first: int = 0) -> list[Choice]:
    found = sorted(_villages(turn), key=lambda one: _order(one.name))
    found = [village for village in found if str(village.id) != _kept(turn, "which")]
    choices = [
        Choice(f"village-{village.id}", as_is(village.name[:LABEL]))
        for village in found[first : first + PAGE]
    ]
    if len(found) > PAGE:
        after = first + PAGE if first + PAGE < len(found) else 0
        choices.append(Choice(f"page={after}", MORE.label))
    return choices


def _signed(turn: Turn) -> str:
    """Give the choice that was pressed or named by its number; a name is never taken for one that is nearly like it."""
    typed = isinstance(turn.event, Incoming) and not turn.event.choice
    if typed and not turn.text.strip(" .)").isdigit():
        return ""
    pressed = answers.pressed(turn)
    return pressed[0] if pressed else ""


def _check_village(turn: Turn, text: str) -> Checked:
    """Accept a village of one's own, chosen or typed by its name."""
    signed = _signed(turn)
    if signed.startswith("page="):
        return Pick(_ASK_WHICH, tuple(_choices(turn, int(signed.removeprefix("page=")))))
    chosen = signed.removeprefix("village-")
    found = [
        village
        for village in _villages(turn)
        if str(village.id) != _kept(turn, "which")
        and (str(village.id) == chosen if chosen else same_village(village.name, text))
    ]
    return str(found[0].id) if len(found) == 1 else None


_ASK_WHICH = _("Which village or group? Choose it, or type its name.")


def _village(turn: Turn, name: str) -> Listed | None:
    number = _kept(turn, name)
    return turn.villages.one(int(number)) if number.isdigit() else None


def _ended(turn: Turn) -> list[Listed]:
    """Give the villages that are worked on."""
    return [village for name in ("which", "with") if (village := _village(turn, name))]


def _names(turn: Turn) -> list[Choice]:
    """Offer the names of the two that are merged."""
    ended = _ended(turn) if _act(turn) == "merge" else []
    return [Choice(f"name-{village.id}", as_is(village.name[:LABEL])) for village in ended]


def _ask_name(turn: Turn) -> Text:
    if _act(turn) == "merge":
        return _("What is the merged village called? Choose one of the two, or type a new name.")
    return _("Its name, with the kind of place, such as: thôn Đoài, tổ dân phố 7?")


def _check_name(turn: Turn, text: str) -> Checked:
    """Accept a name that no other village of the commune has."""
    chosen = _signed(turn).removeprefix("name-")
    for village in _ended(turn):
        if str(village.id) == chosen:
            return village.name
    name = " ".join(text.split()).strip(" .,;:“”\"'")
    if not name or answers.asks(text):
        return None
    if len(name) > LONGEST:
        return Pick(_("A name has at most {n} letters. Please type it more briefly.")(n=LONGEST), ())
    if guard.DOTS in name:
        return Pick(_("Part of that was hidden, so it would not be read. Please write it without."), ())
    own = {village.id for village in _ended(turn)}
    if _act(turn) == "rename" and any(village.name == name for village in _ended(turn)):
        return Pick(_("It is called so already. What is the new name?"), ())
    for village in turn.villages.listed(_commune(turn)):
        if village.id not in own and alike(village.name, name):
            return Pick(_TAKEN(name=as_is(village.name)), ())
    return name


_TAKEN = _(
    "The commune has “{name}” already. Where that is another place, type this name with a word that tells "
    "them apart, such as upper or lower. To make two one, type “cancel” and choose “Merge two”."
)


def _began(turn: Turn) -> datetime | None:
    """Give when the latest of the villages that are worked on began, where that is known."""
    return max((village.since for village in _ended(turn) if village.since), default=None)


def _offered_days(turn: Turn) -> list[Choice]:
    today, began = local_day(turn.now), _began(turn)
    month = days.last_of(today) + timedelta(days=1)
    offered = [
        day
        for day in dict.fromkeys((today, month, date(today.year + 1, 1, 1)))
        if began is None or day_begins(day) > began
    ]
    return [
        Choice(
            f"pick={day.isoformat()}",
            _("From today") if day == today else _("From {day}")(day=card.on_day(day, turn.lang)),
        )
        for day in offered
    ]


def _check_day(turn: Turn, text: str) -> Checked:
    """Accept a day at most a year away, after the one on which the village began."""
    today = local_day(turn.now)
    found = days.named(text, today)
    choices = tuple(_offered_days(turn))
    if found.unreal:
        return Pick(
            _("There is no day {day}. Please type it once more.")(day=as_is(found.unreal[0])), choices
        )
    if not found.days:
        return None
    day = found.days[-1]
    if not today - FARTHEST <= day <= today + FARTHEST:
        return Pick(_("That is more than a year away. From which day?"), choices)
    began = _began(turn)
    if began is not None and day_begins(day) <= began:
        return Pick(_("It has begun on {day}; please type a later day.")(day=local_day(began)), choices)
    return day.isoformat()


# --- read back ---


def _edit(turn: Turn) -> Edit:
    """Give the change as it would be kept."""
    act, ended, name = _act(turn), _ended(turn), _kept(turn, "name")
    heir = next((village.id for village in ended if act == "merge" and village.name == name), 0)
    helping = [team.id for team in _teams(turn) if team.covers or team.ended] if act == "add" else []
    return Edit(
        commune=_commune(turn),
        act=act,
        ended=tuple(village.id for village in ended if village.id != heir),
        heir=heir,
        name=name,
        day=date.fromisoformat(_kept(turn, "day")),
        teams=tuple(dict.fromkeys(helping)),
        by=turn.person.id,
    )


def told_of(turn: Turn, edit: Edit) -> Text:
    """Give a change in words."""
    names = [village.name for number in edit.ended if (village := turn.villages.one(number))]
    first, second = [*names, "", ""][:2]
    values = {"first": as_is(first), "second": as_is(second), "name": as_is(edit.name), "day": edit.day}
    match edit.act:
        case "add":
            return _("From {day}: {name} is in the list.")(**values)
        case "rename":
            return _("From {day}: {first} is called {name}.")(**values)
        case "end":
            return _("From {day}: {first} is in the list no more.")(**values)
        case "merge" if not second:
            return _("From {day}: {first} is part of {name}.")(**values)
    return _("From {day}: {first} and {second} are {name}.")(**values)


def _ask_sure(turn: Turn) -> Text:
    edit = _edit(turn)
    told = [told_of(turn, edit)]
    before = list(dict.fromkeys(team for number in edit.ended for team in turn.villages.teams(number)))
    after = list(_going_on(turn, edit))
    if after:
        told.append(_("Who helps there: {teams}.")(teams=_called(turn, after)))
    elif edit.act != "end":
        told.append(
            _("No digital team helps there yet: requests go to the commune's team, or to the office.")
        )
    if lose := [team for team in before if team not in after]:
        told.append(_("It is taken from: {teams}. Their leads will be told.")(teams=_called(turn, lose)))
    return lines(*told, _("Is that right?"))


def _going_on(turn: Turn, edit: Edit) -> Iterator[int]:
    """Give the teams that help in what goes on or is new, as the store will have it."""
    if edit.act == "end":
        return
    own = turn.villages.teams(edit.heir) if edit.heir else ()
    yield from own or next(filter(None, map(turn.villages.teams, edit.ended)), edit.teams)


def _called(turn: Turn, teams: list[int]) -> Text:
    found = [unit for team in teams if (unit := turn.people.unit(team))]
    return as_is("; ".join(unit.name for unit in found))


def _check_sure(turn: Turn, text: str) -> Checked:
    if answers.yes(turn):
        return SAVE.name
    if answers.no(turn):
        return DROP.name
    return forms.one_of(SAVE.name, NAME.name, DAY.name, DROP.name)(turn, text)


def _sure(turn: Turn) -> list[Choice]:
    return [SAVE, *([NAME] if _act(turn) != "end" else []), DAY, DROP]


# --- kept ---


def _done(turn: Turn) -> None:
    """Do what was confirmed, or ask once more for what was not right."""
    sure = _kept(turn, "sure")
    if sure in (NAME.name, DAY.name):
        _without(turn, "sure", "name" if sure == NAME.name else "day")
        forms.ask_next(turn, VILLAGES)
        return
    if sure == DROP.name:
        _end(turn, _("The list stays as it was."))
        return
    edit = _edit(turn)
    mine = {village.id for village in _villages(turn)}
    if edit.commune not in _communes(turn):
        _end(turn, NOT_YOURS)
        return
    kept = turn.villages.keep(edit) if mine.issuperset(edit.ended) else None
    if kept is None:
        _begin(turn, _("Somebody else has changed the list meanwhile, so this was not kept. It now reads:"))
        return
    turn.note(f"village {edit.act}", f"commune:{edit.commune}")
    desk = turn.shelf.service.desk_of(edit.commune)  # nobody is told at night
    start = levels.may_tell(max(day_begins(edit.day), turn.now), desk, turn.shelf.calendar)
    turn.later(f"village:{kept.id}", start, CHANGED, f"villages:{edit.commune}", edit=str(kept.id))
    _end(turn, _("Kept. What was so before can be read with “village history”."))
    _tell_leads(turn, kept)


def _end(turn: Turn, told: Text) -> None:
    turn.end()
    turn.say(told)
    if steps.under_way(turn):
        steps.again(turn, _("Back to where we were:"))


def _tell_leads(turn: Turn, edit: Edit) -> None:
    """Tell the leads of the teams that are concerned what becomes of it, and what is left to them."""
    goes_on = set(turn.villages.teams(edit.heir)) if edit.heir else set()
    gone = set(edit.ended)
    helped = [team for number in edit.ended for team in turn.villages.teams(number)]
    for team in dict.fromkeys([*helped, *sorted(goes_on)] if edit.ended else []):
        unit = turn.people.unit(team)
        left = [place.name for place in unit.covers if place.id not in gone] if unit else []
        if team in goes_on:
            rest = _("Your team goes on helping there; requests under way stay where they are.")
        elif left:
            rest = _("Your team still helps in: {villages}.")(villages=as_is(", ".join(left)))
        else:
            rest = _(
                "So your team has no village left. What you have taken stays yours; "
                "ask the commune's officer where you help from now on."
            )
        by = _("{who} has written that.")(who=cases.helper_first(turn, edit.by))
        for lead in turn.people.holding("lead", team):
            if lead.id != turn.person.id:
                turn.say(lines(told_of(turn, edit), by, rest), to=lead, kind="notice")


def changed(turn: Turn) -> None:
    """Let teams and requests under way follow a change of name, and tell whoever has one of these."""
    number = turn.event.facts.get("edit", "") if isinstance(turn.event, Due) else ""
    edit = turn.villages.edit(int(number)) if number.isdigit() else None
    heir = turn.villages.one(edit.heir) if edit and edit.heir else None
    if edit is None or heir is None or not edit.ended:
        return
    turn.villages.rename_teams(edit)
    for old in filter(None, map(turn.villages.one, edit.ended)):
        for found in turn.requests.under_way(edit.commune):
            if not same_village(old.name, found.village):
                continue
            request = turn.requests.by_number(found.id)
            if request is None or request.state not in ("open", "claimed"):
                continue
            after = msgspec.structs.replace(request, village=heir.name)
            turn.requests.save(after, "village renamed", edit.by)
            if request.state == "claimed":
                turn.say(
                    _("{code}: {first} is now called {name}. The request stays yours, nothing else changes.")(
                        code=cases.written(request), first=as_is(old.name), name=as_is(heir.name)
                    ),
                    to=request.claimed_by,
                    kind="notice",
                )


DUE: dict[str, Callable[[Turn], None]] = {CHANGED: changed}


def _tell_history(turn: Turn, commune: str) -> None:
    """Tell who changed what and when, the latest first."""
    found = turn.villages.history(commune, CHANGES)
    place = _place(turn, commune)
    if not found:
        turn.say(_("Nobody has changed the list of {place} in the chat yet."), place=place)
        return
    told = [
        _("• {moment}, {who}: {what}")(
            moment=edit.at, who=cases.helper(turn, edit.by), what=told_of(turn, edit)
        )
        for edit in found
    ]
    turn.say(lines(_("The list of {place}, latest changes:")(place=place), *told))


VILLAGES = Form(
    "villages",
    (
        Question(
            "commune",
            ask=lambda turn: _("The list of which commune?"),
            check=_check_commune,
            otherwise=_CHOOSE,
            choices=_which_commune,
            needed=lambda turn: len(_communes(turn)) > 1,
        ),
        Question(
            "act",
            ask=_list,
            check=forms.one_of(ADD.name, RENAME.name, END.name, MERGE.name),
            otherwise=_CHOOSE,
            choices=_acts,
        ),
        Question(
            "which",
            ask=lambda turn: _ASK_WHICH,
            check=_check_village,
            otherwise=_("That is no village of yours in the list. Please choose, or type its name."),
            choices=_choices,
            needed=lambda turn: _act(turn) != "add",
        ),
        Question(
            "with",
            ask=lambda turn: _("Merged with which other one?"),
            check=_check_village,
            otherwise=_("That is no village of yours in the list. Please choose, or type its name."),
            choices=_choices,
            needed=lambda turn: _act(turn) == "merge",
        ),
        Question(
            "name",
            ask=_ask_name,
            check=_check_name,
            otherwise=_("Please type the name alone, or “cancel”."),
            choices=_names,
            needed=lambda turn: _act(turn) != "end",
        ),
        Question(
            "day",
            ask=lambda turn: _("From which day is that so? Choose, or type a day such as 1/1/2027."),
            check=_check_day,
            otherwise=_("Tổ Số did not read a day in that. Type one such as 1/1/2027, or choose."),
            choices=_offered_days,
        ),
        Question("sure", ask=_ask_sure, check=_check_sure, otherwise=_CHOOSE, choices=_sure),
    ),
    _done,
)
FORMS = (VILLAGES,)
