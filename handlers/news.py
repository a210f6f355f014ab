"""Whether somebody wants announcements: asked for by themselves, and given up with one line, at once.

All of the place, or what is about some areas.  An area is all that is kept: what somebody asks news of may say much of
them, and an area says little.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from handlers import answers, forms, profile, steps
from handlers.filing import lines
from handlers.forms import Checked, Form, Pick, Question
from handlers.rules.areas import AREAS, NEWS, area_of, said
from handlers.text import Text, _, as_is
from handlers.turn import Choice, Turn
from knowledge.folding import fold

ONLY = Choice("news-only", _("Only news about that"))
PAGE = 3  # areas beside the way to more


def off(turn: Turn) -> None:
    """Send no announcements from now on, those that already wait included."""
    turn.know(news="no", areas=())
    turn.announcements.leave(turn.person.id)
    turn.note("wants no announcements", f"person:{turn.person.id}")
    turn.say(
        lines(
            _("All right, no more announcements. What you ask, and your requests, are answered as ever."),
            _("To get them again: type “news of the commune”."),
        )
    )


def on(turn: Turn) -> None:
    """Send announcements of the home commune, which is asked where it is not known."""
    forms.begin(turn, ALL)


def about(turn: Turn, words: str, *, only: bool = False) -> None:
    """Send announcements of the home commune about what these words name; ask which where that is not clear."""
    named = _named(words)
    found = named or _found(turn)
    clear = bool(named) or len(found) == 1
    quiet = "yes" if _unnamed(turn) else ""
    if turn.person.news == "yes" and clear and not only:
        turn.say(
            _("All news of the place comes here already, that about {areas} with it.")(areas=listed(found)),
            [Choice(ONLY.name, ONLY.label, "/".join(found))],
        )
    elif clear:
        forms.begin(turn, SOME, area="/".join(found), quiet=quiet)
    else:
        forms.begin(turn, SOME, asked="/".join(found), quiet=quiet)


def no_more(turn: Turn, words: str) -> None:
    """Send nothing about this area any more, what already waits included."""
    person = turn.person
    ended = tuple(area for area in _named(words) or _found(turn) if area in person.areas)
    if person.news != "some" or not ended:
        if person.news == "yes":
            told = _("All news of the place comes here; one part of it cannot be left out.")
        elif person.news == "some":
            told = _("Of that nothing comes here. What comes is news about {areas}.")(
                areas=listed(person.areas)
            )
        else:
            told = _("No news of the place comes here.")
        turn.say(lines(told, END if person.news in ("yes", "some") else None))
        return
    left = tuple(area for area in person.areas if area not in ended)
    turn.know(areas=left, news="some" if left else "")
    for area in ended:
        turn.announcements.leave(person.id, area)
    turn.note("wants fewer announcements", f"person:{person.id}")
    turn.say(
        lines(
            _("All right, no more news about {areas}.")(areas=listed(ended)),
            _("News about {areas} still comes.")(areas=listed(left)) if left else None,
        )
    )


END = _("To end all of it: type “stop news”.")


def listed(areas: tuple[str, ...]) -> Text:
    """Name areas in one line."""
    told = AREAS[areas[0]]
    for area in areas[1:]:
        told = _("{before}, {more}")(before=told, more=AREAS[area])
    return told


def _only(turn: Turn, areas: str) -> bool:
    """Narrow all news down to those about some areas."""
    if not set(areas.split("/")) <= set(NEWS):
        return False
    forms.begin(turn, SOME, area=areas)
    return True


CARDS: dict[str, Callable[[Turn, str], bool]] = {ONLY.name: _only}


# --- which area ---


def _named(words: str) -> tuple[str, ...]:
    """Give the areas that words name."""
    return said(answers.tokens(words)) or said(fold(words).split())


def _found(turn: Turn) -> tuple[str, ...]:
    """Give the areas of the topics that the words of the turn are found to be about."""
    return tuple(dict.fromkeys(area for topic in _topics(turn) if (area := area_of(topic)) in NEWS))


def _topics(turn: Turn) -> tuple[str, ...]:
    """Give what the words of the turn are found to be about: one topic, or those among which one would choose."""
    if turn.found is None or turn.found.verdict == "unknown":
        return ()
    hits = turn.found.hits[: 1 if turn.found.verdict == "answer" else PAGE]
    return tuple(hit.topic for hit in hits)


def _unnamed(turn: Turn) -> tuple[str, ...]:
    """Give what the words are about of that which is not named in front of others."""
    return tuple(topic for topic in _topics(turn) if topic in turn.shelf.service.unnamed)


def choices(areas: tuple[str, ...], page: int, most: int = PAGE) -> list[Choice]:
    """Give a page of areas to choose from, with the way to the next where there are more."""
    shown = areas[page * most : page * most + most]
    ways = [Choice(f"pick={area}", AREAS[area]) for area in shown]
    if len(areas) > most:
        after = page + 1 if len(areas) > page * most + most else 0
        ways.append(Choice(f"page={after}", _("Other matters")))
    return ways


def paged(turn: Turn) -> int | None:
    """Give the page that was asked for; None where something else was said."""
    pressed = answers.pressed(turn, loosely=True)
    name = pressed[0] if pressed and pressed[1] in ("", turn.talk.context) else ""
    page = name.removeprefix("page=")
    return int(page) if name != page and page.isdigit() else None


def _offered(turn: Turn) -> tuple[str, ...]:
    """Give the areas to choose from: those that the words may mean, or all."""
    return tuple(area for area in turn.talk.kept.get("asked", "").split("/") if area in NEWS) or NEWS


_WHICH = _("What should the news be about?")


def _ask_area(turn: Turn) -> Text:
    if turn.talk.kept.get("asked"):
        return _WHICH
    return lines(_("Tổ Số does not know news of that kind; there is news about these."), _WHICH)


def _check_area(turn: Turn, text: str) -> Checked:
    page = paged(turn)
    if page is not None:
        return Pick(_WHICH, tuple(choices(_offered(turn), page)))
    return "/".join(_named(text)) or None


AREA_QUESTION = Question(
    "area",
    ask=_ask_area,
    check=_check_area,
    otherwise=_("Please choose one of these, or type “cancel”."),
    choices=lambda turn: choices(_offered(turn), 0),
)


# --- kept ---


def _begun(turn: Turn) -> None:
    _keep(turn, _all)


def _begun_some(turn: Turn) -> None:
    _keep(turn, _some)


def _keep(turn: Turn, wish: Callable[[Turn], Text]) -> None:
    kept = turn.talk.kept
    commune, village = kept.get("commune", ""), kept.get("village", "")
    if profile.agreed(turn):
        if commune:
            turn.know(commune=commune, village=village)
        told = wish(turn)
    else:
        told = _("All right, nothing was kept.")
    turn.end()
    turn.say(told)
    if steps.under_way(turn):
        steps.again(turn, _("Back to where we were:"))


def _all(turn: Turn) -> Text:
    turn.know(news="yes", areas=())
    turn.note("wants announcements", f"person:{turn.person.id}")
    return lines(
        _("From now on news of {place} comes here.")(place=_home(turn)),
        _("No more of these: type “stop news”."),
    )


def _some(turn: Turn) -> Text:
    person, kept = turn.person, turn.talk.kept["area"].split("/")
    asked = tuple(area for area in NEWS if area in kept)
    others = tuple(area for area in person.areas if area not in asked)
    turn.know(news="some", areas=tuple(area for area in NEWS if area in (*asked, *others)))
    turn.note("wants some announcements", f"person:{person.id}")
    return lines(
        _("From now on news of {place} about {areas} comes here.")(place=_home(turn), areas=listed(asked)),
        _("Only this is kept, nothing nearer.") if turn.talk.kept.get("quiet") else None,
        _("So does news about {areas}, as before.")(areas=listed(others)) if others else None,
        _("No more of these: type “stop news”.")
        if len(asked) > 1
        else _("No more of these: type “stop news about {area}”.")(area=AREAS[asked[0]]),
    )


def _home(turn: Turn) -> Text:
    return as_is(profile.place_of(turn, turn.person.commune, turn.person.village))


ALL = Form("news", (profile.COMMUNE_QUESTION, profile.CONSENT_QUESTION), _begun)
SOME = Form("news-some", (AREA_QUESTION, profile.COMMUNE_QUESTION, profile.CONSENT_QUESTION), _begun_some)
FORMS = (ALL, SOME)

# --- typed ---

_ME = "(?:toi|tui|em|chau|con|minh|bac|co|chu|anh|chi|ong|ba)"
_ASKING = rf"(?:(?:da )?(?:{_ME} )?(?:muon |xin )?(?:muon|can|xin|dang ky) (?:duoc )?|(?:xin |hay )?cho {_ME} |hay )?"
_WANTS = (
    rf"{_ASKING}(?P<only>chi )?nhan (?:tin|tin tuc|thong bao)(?: cua (?:xa|phuong))? ve (?P<what>.+)",
    rf"(?:(?:nho|hay|khi nao) )?(?:bao|nhan|gui)(?: tin)?(?: cho)? {_ME}(?: biet)? (?:khi|neu|luc)(?: nao)? co"
    r" (?:tin|tin tuc|thong bao)(?: moi)?(?: gi)?(?: moi)? ve (?P<what>.+)",
    r"(?:i (?:want|would like|d like) to |please |can i )?(?P<only>only )?(?:get|receive|have|subscribe to)"
    r" (?:the )?(?P<just>only )?news (?:about|on) (?P<what>.+)",
    r"(?:please )?(?:send me|tell me|let me know|notify me)(?: when there is| of| about)?(?: any| some)?(?: new)? news"
    r" (?:about|on) (?P<what>.+)",
)
_ENDS = (
    rf"(?:(?:da )?{_ME} )?(?:muon )?(?:thoi|khong|khong muon|ngung|dung|huy|bo) nhan (?:tin|tin tuc|thong bao)(?: cua"
    r" (?:xa|phuong))? ve (?P<what>.+?)(?: nua)?",
    r"(?:please )?(?:stop|no more|cancel|end|stop getting|unsubscribe from) (?:the )?news (?:about|on) (?P<what>.+)",
)
_WANTED, _ENDED = ([re.compile(way) for way in ways] for ways in (_WANTS, _ENDS))
_KINDLY = re.compile(r"(?: (?:nhe|nha|a|voi|duoc khong|duoc ko|dc ko|please|gium|giup))+$")
_PLACE = re.compile(r"(?:xa|phuong|thon|to)(?: (?:nha|minh|toi|em|ta))*|(?:the|my) (?:commune|ward|village)")
_LONGEST = 8  # words that name something


def heard(text: str) -> tuple[str, str] | None:
    """Give what words ask for ("all", "some", "only" some, or the "end" of some) and of what; None for other words."""
    plain = _KINDLY.sub("", fold(text))
    ended = next((match for way in _ENDED if (match := way.fullmatch(plain))), None)
    found = ended or next((match for way in _WANTED if (match := way.fullmatch(plain))), None)
    # Who tells a story uses more words; "nhắn tin", to write to somebody, reads the same without accents.
    if found is None or len(found["what"].split()) > _LONGEST or "nhắn tin" in text.lower():
        return None
    if ended:
        return "end", found["what"]
    if answers.asks(plain):
        return None
    ways = found.groupdict()
    if _PLACE.fullmatch(found["what"]):
        return "all", ""
    return "only" if ways.get("only") or ways.get("just") else "some", found["what"]


def typed(turn: Turn) -> bool:
    """Hear "nhận tin về bảo hiểm y tế", and "thôi nhận tin về bảo hiểm"; False for other words."""
    match heard(turn.text):
        case ("end", words):
            no_more(turn, words)
        case ("all", _words):
            on(turn)
        case (way, words):
            about(turn, words, only=way == "only")
        case _:
            return False
    return True


def meant(turn: Turn) -> bool:
    """Say whether words are a wish for news, or for no more of it."""
    return heard(turn.text) is not None


def ends(turn: Turn) -> bool:
    """Say whether somebody wants no more news of an area, which nobody else has to hear."""
    wish = heard(turn.text)
    return wish is not None and wish[0] == "end"
