"""Writing an announcement: for whom, in which words, and what that comes to before anybody else is asked."""

from __future__ import annotations

import re
from collections.abc import Callable

import msgspec

from handlers import answers, broadcasts, genuine, news, releases
from handlers.broadcasts import (
    DOING,
    approvers,
    doubtful,
    names,
    place,
    reach_of,
    reached,
    shown,
    when,
    whom,
)
from handlers.filing import lines, who
from handlers.forms import PICK
from handlers.records.announcements import Announcement, Whom
from handlers.records.people import Unit
from handlers.rules.areas import NEWS, said
from handlers.rules.routing import same_village
from handlers.text import Text, _, as_is
from handlers.turn import LABEL, Choice, Turn
from knowledge.folding import fold
from knowledge.languages import LANGUAGES
from knowledge.links import found_in, judge

UNIT, FOR, ROLE, VILLAGE, AREA = "unit", "for", "role", "village", "area"
WORDS, ENGLISH, SURE = "words", "english", "sure"
STAFF = "officials"
CITIZENS = ("commune", "village")
TYPED = (WORDS, ENGLISH, releases.REASON)  # steps that take whatever is typed
SHORTEST, LONGEST = 15, 600  # letters of an announcement

HAND_IN, EDIT, DROP = (
    Choice("hand-in", _("Hand it in")),
    Choice("edit", _("Change the words")),
    Choice("drop", _("Drop it")),
)
GENERAL = Choice("general", _("For everybody"))
NO_ENGLISH = Choice("no-english", _("Vietnamese only"))
FOR_WHOM: dict[str, Choice] = {
    "commune": Choice("commune", _("People of the commune")),
    "village": Choice("village", _("People of one village")),
    "teams": Choice("teams", _("Digital teams")),
    STAFF: Choice(STAFF, _("Officials")),
}
OF_PROVINCE = {"commune": Choice("commune", _("People of all communes"))}
OFFICIALS: dict[str, Choice] = {
    "reporters": Choice("reporters", _("Reporting officers")),
    "heads": Choice("heads", _("Heads")),
    "officers": Choice("officers", _("Officers in charge")),
}


# --- written ---


def start(turn: Turn) -> bool:
    """Begin a new announcement; say why not where somebody may not write one."""
    units = broadcasts.announcing(turn, ("officer",))
    if not units:
        beside = any(role.kind == "officer" for role in turn.people.roles(turn.person.id))
        turn.say(
            _("Announcements are written by the office of the commune or province.")
            if beside
            else _("Announcements are written by the officer in charge of a unit.")
        )
        return True
    if len(units) > 1:
        _ask(turn, UNIT)
    else:
        _from(turn, units[0])
    return True


def _from(turn: Turn, unit: int) -> None:
    if not approvers(turn, unit, turn.person.id):
        if turn.talk.doing == DOING:
            turn.end()
        turn.say(
            _(
                "There is nobody else yet who could approve it: another officer, or the head, has to be invited first."
            )
        )
        return
    _ask(turn, FOR, unit=str(unit))


def _ask(turn: Turn, at: str, before: Text | None = None, /, **kept: str) -> None:
    """Go to a step and put its question."""
    if turn.talk.doing != DOING:
        turn.hold(DOING, at, **kept)
    turn.asks(DOING, at, context=f"{DOING}.{at}", **kept)
    QUESTIONS[at](turn, before)


def _ask_unit(turn: Turn, before: Text | None) -> None:
    units = [unit for each in broadcasts.announcing(turn, ("officer",)) if (unit := turn.people.unit(each))]
    choices = [Choice(f"unit-{unit.id}", as_is(place(turn, unit)[:LABEL])) for unit in units[:4]]
    turn.say(lines(before, _("Which unit announces it?")), choices)


def _ask_for(turn: Turn, before: Text | None) -> None:
    turn.say(lines(before, _("Whom is the announcement for?")), list(_for_whom(turn).values()))


def _for_whom(turn: Turn) -> dict[str, Choice]:
    """Give whom a unit may write to: of a province all its communes, and no village."""
    if _unit(turn).kind != "province":
        return FOR_WHOM
    return {name: each for name, each in (FOR_WHOM | OF_PROVINCE).items() if name != "village"}


def _ask_role(turn: Turn, before: Text | None) -> None:
    turn.say(lines(before, _("Which of them?")), list(OFFICIALS.values()))


def _ask_village(turn: Turn, before: Text | None) -> None:
    choices = [Choice(f"team-{team.id}", as_is(team.village[:LABEL])) for team in _villages(turn)[:4]]
    turn.say(lines(before, _("For which village or group? Choose it, or type its name.")), choices)


def _on(turn: Turn, **kept: str) -> None:
    """Ask what it is about where people of the place have asked for news of an area; else go on to its words."""
    citizens = kept.get("for", turn.talk.kept.get("for")) in CITIZENS
    asked = broadcasts.asked_for(turn, _unit(turn).id) if citizens else ()
    kept = {"area": "", "asked": "/".join(asked), "page": "0", **kept}
    _ask(turn, AREA if asked else WORDS, **kept)


def _ask_area(turn: Turn, before: Text | None) -> None:
    ask = _("What is it about? Some have asked for news of one matter only.")
    turn.say(lines(before, ask), _areas(turn))


def _areas(turn: Turn) -> list[Choice]:
    """Give a page of what it may be about, that it is for everybody first."""
    asked = tuple(turn.talk.kept["asked"].split("/"))
    return [GENERAL, *news.choices(asked, int(turn.talk.kept["page"]), 2)]


def _ask_words(turn: Turn, before: Text | None) -> None:
    ask = _("Type what {whom} should read: what, when and where first. At most {n} letters.")
    turn.say(lines(before, ask(whom=_whom(turn), n=LONGEST)))


def _ask_english(turn: Turn, before: Text | None) -> None:
    ask = _("Type it in English too, for those who speak it. Or leave it in Vietnamese.")
    turn.say(lines(before, ask), [NO_ENGLISH])


def _ask_sure(turn: Turn, before: Text | None) -> None:
    """Show it just as it will look, then whom it reaches, at what cost and when."""
    unit, words = _unit(turn), _words(turn)
    kept = turn.talk.kept
    area = kept.get("area", "")
    reach = reach_of(turn, unit.id, kept["for"], kept.get("village", ""), area)
    for lang in words:
        turn.say(shown(turn, unit, words, lang, area))
    others = approvers(turn, unit.id, turn.person.id)
    parts = [
        before,
        _("This is how it will look. It goes to {whom}:")(whom=_whom(turn)),
        *reached(reach, turn.shelf.office.prices),
    ]
    parts += doubtful(turn, words)
    if not reach.people or not others:
        turn.say(lines(*parts), [EDIT, DROP])
        return
    parts += [when(turn), _("First it goes to {who} for approval.")(who=names(turn, others))]
    turn.say(lines(*parts), [HAND_IN, EDIT, DROP])


QUESTIONS: dict[str, Callable[[Turn, Text | None], None]] = {
    UNIT: _ask_unit,
    FOR: _ask_for,
    ROLE: _ask_role,
    VILLAGE: _ask_village,
    AREA: _ask_area,
    WORDS: _ask_words,
    ENGLISH: _ask_english,
    SURE: _ask_sure,
}


def again(turn: Turn, before: Text | None = None) -> bool:
    """Put the open question once more; False where none is open."""
    at = turn.talk.at
    if turn.talk.doing != DOING or at not in ANSWERS:
        return False
    (releases.ask if at in releases.QUESTIONS else _ask)(turn, at, before)
    return True


def take(turn: Turn) -> bool:
    """Take an answer to the open question; False where something else was pressed."""
    answer = ANSWERS.get(turn.talk.at)
    if answer is None:
        turn.end()
        return False
    if answer(turn):
        return True
    # What has been written so far is worth more than an answer to something else.
    return bool(turn.text) and again(turn, _("First this, or type “cancel”:"))


def awaits_words(turn: Turn) -> bool:
    """Say whether whatever is typed now is meant for the announcement."""
    return turn.talk.doing == DOING and turn.talk.at in TYPED


def awaits_number(turn: Turn) -> bool:
    """Say whether a bare number is an answer here and no code."""
    return turn.talk.doing == DOING and turn.talk.at == releases.COUNT


def _pressed(turn: Turn) -> str:
    pressed = answers.pressed(turn, loosely=turn.talk.at not in TYPED)
    return pressed[0] if pressed and pressed[1] in ("", turn.talk.context) else ""


def _take_unit(turn: Turn) -> bool:
    name = _pressed(turn)
    if not name.startswith("unit-"):
        return False
    _from(turn, int(name.removeprefix("unit-")))
    return True


def _take_for(turn: Turn) -> bool:
    name = _pressed(turn)
    if name not in _for_whom(turn):
        return False
    if name == STAFF:
        _ask(turn, ROLE)
    elif name == "village":
        _ask(turn, VILLAGE, **{"for": name})
    else:
        _on(turn, **{"for": name})
    return True


def _take_role(turn: Turn) -> bool:
    name = _pressed(turn)
    if name not in OFFICIALS:
        return False
    _on(turn, **{"for": name})
    return True


def _take_village(turn: Turn) -> bool:
    name, teams = _pressed(turn), _villages(turn)
    typed = turn.text if not name else ""
    chosen = [
        team for team in teams if name == f"team-{team.id}" or (typed and same_village(team.village, typed))
    ]
    if not chosen and (not typed or answers.asks(typed) or len(typed) > 60):
        return False
    _on(turn, village=chosen[0].village if chosen else typed)
    return True


def _take_area(turn: Turn) -> bool:
    name, page = _pressed(turn), news.paged(turn)
    if page is not None:
        _ask(turn, AREA, page=str(page))
        return True
    if name == GENERAL.name:
        _ask(turn, WORDS, area="")
        return True
    area = name.removeprefix(PICK) if name.startswith(PICK) else ""
    typed = said(answers.tokens(turn.text)) if not name else ()
    if area not in NEWS and len(typed) != 1:
        return False
    _ask(turn, WORDS, area=area or typed[0])
    return True


def _take_words(turn: Turn) -> bool:
    fault = _fault(turn)
    if fault is not None:
        turn.say(fault)
        return True
    _ask(turn, ENGLISH, vi=turn.text, en="")
    return True


def _take_english(turn: Turn) -> bool:
    if _pressed(turn) == NO_ENGLISH.name or answers.no(turn):
        _ask(turn, SURE)
        return True
    if (fault := _fault(turn)) is not None:
        turn.say(fault, [NO_ENGLISH])
        return True
    _ask(turn, SURE, en=turn.text)
    return True


def _take_sure(turn: Turn) -> bool:
    match _pressed(turn):
        case HAND_IN.name:
            _hand_in(turn)
        case EDIT.name:
            _ask(turn, WORDS)
        case DROP.name:
            turn.end()
            turn.say(_("Dropped. Nobody was told."))
        case _:
            return False
    return True


def _fault(turn: Turn) -> Text | None:
    """Say why these words cannot go out; None where they can."""
    if len(turn.text) > LONGEST:
        return _("That has {n} letters, at most {most} go out. Please shorten it.")(
            n=len(turn.text), most=LONGEST
        )
    if len(turn.text) < SHORTEST:
        return _("That is too short to be understood by everybody. Please write a whole sentence.")
    domains = turn.shelf.domains
    for link in found_in(turn.text, domains):
        verdict = judge(link, domains)
        if verdict.answer == "false":
            return lines(
                _("This cannot go out: an address in it is false."),
                genuine.why(verdict, domains, turn.lang),
                _("Please type it anew without that address."),
            )
    return None


def _hand_in(turn: Turn) -> None:
    kept, unit = turn.talk.kept, _unit(turn)
    others = approvers(turn, unit.id, turn.person.id)
    area = kept.get("area", "")
    reach = reach_of(turn, unit.id, kept["for"], kept.get("village", ""), area)
    if not others or not reach.people:
        _ask(turn, SURE)
        return
    known = turn.announcements.by_code(kept["code"]) if kept.get("code") else None
    written = Announcement(
        unit=unit.id,
        whom=msgspec.convert(kept["for"], Whom),
        village=kept.get("village", "") if kept["for"] == "village" else "",
        area=area,
        words=_words(turn),
        author=turn.person.id,
    )
    if known is not None and known.state in ("waiting", "returned") and known.author == turn.person.id:
        written = turn.announcements.save(
            msgspec.structs.replace(
                known, whom=written.whom, village=written.village, area=written.area, words=written.words,
                state="waiting", edition=known.edition + 1, reason="",
            )
        )  # fmt: skip
    else:
        written = turn.announcements.hand_in(written)
    turn.note(f"handed in edition {written.edition}", written.about)
    turn.end()
    turn.say(
        _("Handed in as **{code}**. It waits for {who}; you will hear of it here."),
        code=written.written,
        who=names(turn, others),
    )
    for other in others:
        releases.show(turn, written, other)


def correct(turn: Turn, context: str) -> bool:
    """Let the author write a returned announcement anew."""
    announcement = releases.find(turn, context)
    if announcement is None:
        return False
    if announcement.author != turn.person.id:
        turn.say(_("{who} wrote it and corrects it."), who=who(turn, announcement.author, first=True))
    elif announcement.state not in ("waiting", "returned"):
        turn.say(releases.closed(announcement))
    else:
        kept = {"unit": str(announcement.unit), "for": announcement.whom, "village": announcement.village}
        _ask(turn, WORDS, **kept, area=announcement.area, code=announcement.code)
    return True


# --- words ---


def _whom(turn: Turn) -> Text:
    kept = turn.talk.kept
    return whom(turn, _unit(turn), kept["for"], kept.get("village", ""), kept.get("area", ""))


def _unit(turn: Turn) -> Unit:
    unit = turn.people.unit(int(turn.talk.kept["unit"]))
    assert unit is not None
    return unit


def _words(turn: Turn) -> dict[str, str]:
    return {lang: said for lang in LANGUAGES if (said := turn.talk.kept.get(lang, ""))}


def _villages(turn: Turn) -> list[Unit]:
    return [team for team in turn.people.units("team", _unit(turn).commune) if team.village]


ANSWERS: dict[str, Callable[[Turn], bool]] = {
    **releases.ANSWERS,
    UNIT: _take_unit,
    FOR: _take_for,
    ROLE: _take_role,
    VILLAGE: _take_village,
    AREA: _take_area,
    WORDS: _take_words,
    ENGLISH: _take_english,
    SURE: _take_sure,
}
CARDS: dict[str, Callable[[Turn, str], bool]] = {
    **releases.CARDS,
    "announce-again": correct,
    "announce-stop": broadcasts.stop,
}

# --- typed, where there are no buttons ---

_TYPED = re.compile(r"(\D+?) tb ?(\d[a-z]\d(?:[a-z]\d?)*)(?: .*)?", re.S)
_BEHIND = re.compile(r"(?is)^.*?\bTB[- ]?\w+\s*[:,.]?\s*(.*)$")
_VERBS = {
    "announce-see": {"xem", "xem thong bao", "see", "see announcement", "see the announcement"},
    "announce-approve": {
        "duyet",
        "duyet thong bao",
        "approve",
        "approve announcement",
        "approve the announcement",
    },
    "announce-return": {
        "tra lai",
        "tra",
        "tra lai thong bao",
        "return",
        "return announcement",
        "return the announcement",
    },
    "announce-again": {
        "sua",
        "sua lai",
        "sua thong bao",
        "correct",
        "correct announcement",
        "correct the announcement",
    },
    "announce-stop": {
        "dung",
        "dung thong bao",
        "ngung thong bao",
        "huy thong bao",
        "stop",
        "stop announcement",
        "stop the announcement",
        "cancel",
        "cancel announcement",
        "cancel the announcement",
    },
}


def meant(turn: Turn) -> bool:
    """Say whether words are about an announcement by its code."""
    return (found := _TYPED.fullmatch(fold(turn.text))) is not None and any(
        found[1] in said for said in _VERBS.values()
    )


def typed_card(turn: Turn) -> bool:
    """Hear "duyệt TB-7K2", "trả lại TB-7K2: …" or "dừng thông báo TB-7K2"."""
    found = _TYPED.fullmatch(fold(turn.text)) if turn.staff else None
    name = next((name for name, said in _VERBS.items() if found and found[1] in said), "")
    if not found or not name:
        return False
    announcement = turn.announcements.by_code(found[2])
    if announcement is None:
        turn.say(_("Tổ Số knows no announcement {code}."), code=f"TB-{found[2].upper()}")
        return True
    context = announcement.code if name == "announce-stop" else f"{announcement.code}/{announcement.edition}"
    behind = _BEHIND.fullmatch(turn.text.strip())
    if name == "announce-return" and behind and sum(letter.isalpha() for letter in behind[1]) > 1:
        releases.give_back(turn, context, behind[1])
        return True
    return CARDS[name](turn, context)
