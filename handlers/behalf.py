"""Helper mode: a member of a team opens a request, and carries it, for somebody without a smartphone.

The person is asked aloud, and that they agreed is kept with its version; their name is not.  No code and no password is
ever needed for it, and one that is typed all the same is hidden as everywhere.
"""

from __future__ import annotations

import re

from handlers import answers, cases, forms, profile, steps, watch
from handlers.forms import Checked, Form, Question
from handlers.records.people import Unit
from handlers.records.requests import Request
from handlers.rules import moves, roles
from handlers.rules.reporting import local_day
from handlers.rules.routing import same_village
from handlers.text import Text, _, as_is, lines
from handlers.turn import LABEL, Choice, Turn
from knowledge.folding import fold

LONGEST = 500  # letters of what is needed
SHOWN = 3  # villages to choose from

_BEGINS = re.compile(
    r"\s*(?:giúp hộ|làm hộ|mở hộ|giup ho|lam ho|mo ho|giúp người không có điện thoại|giup nguoi khong co dien thoai"
    r"|help somebody without a (?:smart)?phone|on behalf|helper mode)\s*(?:[:,.-]\s*(?P<words>.*))?",
    re.I | re.S,
)
AGREES, REFUSES = Choice("aloud-yes", _("They agree")), Choice("aloud-no", _("They do not agree"))
IN_PERSON = _(
    "Nothing typed here reaches them: they have no smartphone. Go there, or type “done {short}” when it is finished."
)
NOT_YOURS = _("Only a member of a digital team can open a request for somebody else.")

# --- opening ---


def meant(turn: Turn) -> bool:
    """Say whether words open a request for somebody else."""
    return _BEGINS.fullmatch(turn.text) is not None


def typed_card(turn: Turn) -> bool:
    """Hear "giúp hộ", with or without what is needed; False for other words."""
    found = _BEGINS.fullmatch(turn.text) if turn.staff else None
    if found is None or turn.talk.doing.startswith("form "):
        return False
    if not _teams(turn):
        turn.say(NOT_YOURS)
        return True
    words = (found["words"] or "").strip()
    guide = steps.under_way(turn)
    step = guide.step(turn.talk.at) if guide else None
    if words:
        forms.begin(turn, BEHALF, words=words[:LONGEST])
    elif guide and step:
        forms.begin(turn, BEHALF, topic=guide.id, step=step.id, step_title=step.title)
    else:
        forms.begin(turn, BEHALF)
    return True


def _teams(turn: Turn) -> list[Unit]:
    places = dict.fromkeys(
        role.place for role in turn.people.roles(turn.person.id) if role.kind in roles.RIGHTS["behalf"].who
    )
    found = (turn.people.unit(place) for place in places)
    return [unit for unit in found if unit is not None and not unit.body]


def _homes(turn: Turn) -> list[tuple[Unit, str]]:
    """Give where the person may live: each village of the helper's teams, with its team; none for a whole commune."""
    return [(unit, name) for unit in _teams(turn) for name in ([place.name for place in unit.covers] or [""])]


def _home(turn: Turn) -> tuple[Unit, str] | None:
    """Give team and village of the person; None where the helper is in no team any more."""
    homes = _homes(turn)
    place = turn.talk.kept.get("home", "")
    return next((home for home in homes if f"{home[0].id}/{home[1]}" == place), homes[0] if homes else None)


def _a_home(turn: Turn, text: str) -> Checked:
    pressed = answers.pressed(turn)
    for number, (unit, name) in enumerate(_homes(turn)):
        chosen = pressed is not None and pressed[0] == f"home-{number}"
        if chosen or (name and same_village(name, text)) or (not name and fold(unit.name) == fold(text)):
            return f"{unit.id}/{name}"
    return None


def _opened(turn: Turn) -> None:
    kept, home = turn.talk.kept, _home(turn)
    turn.end()
    if kept["aloud"] != AGREES.name or home is None:
        turn.say(NOT_YOURS if home is None else _("All right, nothing was sent or kept."))
        return
    unit, village = home
    request = turn.requests.open(
        Request(
            commune=unit.commune,
            village=village,
            team=unit.id,
            topic=kept.get("topic", ""),
            step=kept.get("step", ""),
            step_title=kept.get("step_title", ""),
            words=kept.get("words", "").strip(),
            way="visit",
            behalf=turn.person.id,
            consent=profile.CONSENT,
        )
    )
    turn.note("opened for somebody", cases.about(request))
    turn.note(f"heard consent {profile.CONSENT}", cases.about(request))
    request = cases.move(
        turn, request, "claim", claimed_by=turn.person.id, claimed=turn.now, arranged=turn.now
    )
    watch.watch(turn, request)
    turn.say(sheet(turn, request), kind="receipt")
    turn.say(
        _("{code} is yours. Copy the lines above for them. Type “done {short}” when it is finished.")(
            code=cases.written(request), short=request.code
        )
    )
    steps.again(turn, _("Back to where we were:"))


# --- on paper ---


def sheet(turn: Turn, request: Request) -> Text:
    """Give what the person keeps on paper: codes to go on with, who helps, and by what they know a helper."""
    topic = turn.topic(request.topic) if request.topic else None
    step = topic.step(request.step) if topic else None
    code = step.code if step else topic.code if topic else ""
    what = topic.title if topic else request.words
    told = [
        _("**{code}**, {day}: {what}")(
            code=cases.written(request), day=local_day(turn.now), what=as_is(what)
        ),
        _("• Helped by {helper}, {team}")(
            helper=cases.helper(turn, request.claimed_by), team=cases.team(turn, request)
        ),
    ]
    if step:
        told.append(_("• Stopped at “{step}”")(step=as_is(step.title)))
    if code:
        told.append(_("• To go on: send Tổ Số the code **{code}**, or show this to the team")(code=code))
    else:
        told.append(_("• To go on: show this to the team, and name {code}")(code=cases.written(request)))
    told.append(_("• Whoever comes as the team must first say **{words}**")(words=request.watchwords))
    told.append(_("• Give nobody a code from a message, a password or a photo of the identity card"))
    return lines(*told)


def paper(turn: Turn, code: str) -> bool:
    """Give the lines for paper once more."""
    request = _own(turn, code)
    if request is None:
        return False
    cases.look(turn, request)
    turn.say(sheet(turn, request))
    return True


def withdraw(turn: Turn, code: str) -> bool:
    """Take a request back for the person, whose words go with it."""
    request = _own(turn, code)
    if request is None:
        return False
    turn.withdraw(cases.about(request))
    turn.media.drop(cases.about(request))
    erased = {"words": "", "village": "", "phone": "", "notes": (), "arranged": None, "attended": False}
    over = watch.parted(turn, request) | erased | {"closed": turn.now}
    request = cases.change(turn, moves.moved(request, "withdraw"), "withdrawn", **over)
    if turn.talk.doing == f"help {request.code}":
        turn.end()
    turn.say(
        _("{code} is withdrawn; what was asked and where they live are erased from it.")(
            code=cases.written(request)
        )
    )
    return True


def _own(turn: Turn, code: str) -> Request | None:
    """Give a request that was opened for somebody and that this helper carries."""
    request = cases.find(turn, code)
    if request is None or not request.behalf:
        return None
    return request if roles.may("finish", cases.standings(turn, turn.person.id, request)) else None


BEHALF = Form(
    "behalf",
    (
        Question(
            "words",
            ask=lambda turn: _("In a few words, without their name: what do they need?"),
            check=lambda turn, text: text[:LONGEST] or None,
            otherwise=_("Please type a few words about it."),
            needed=lambda turn: not turn.talk.kept.get("topic"),
        ),
        Question(
            "home",
            ask=lambda turn: _("Where do they live?"),
            check=_a_home,
            otherwise=_("It has to be one of your team's villages. Please choose, or type its name."),
            choices=lambda turn: [
                Choice(f"home-{number}", as_is((name or unit.name)[:LABEL]))
                for number, (unit, name) in enumerate(_homes(turn)[:SHOWN])
            ],
            needed=lambda turn: len(_homes(turn)) > 1,
        ),
        Question(
            "aloud",
            ask=lambda turn: lines(
                _("Read this aloud to them, word for word:"),
                _(
                    "“{office} keeps where you live and what you ask, so that the team can help; no name. "
                    "It is erased 12 months after. Nobody asks for codes or passwords. Do you agree?”"
                )(office=turn.shelf.office.name),
            ),
            check=forms.one_of(AGREES.name, REFUSES.name),
            otherwise=_("Please choose one of these."),
            choices=lambda turn: (AGREES, REFUSES),
        ),
    ),
    _opened,
)
FORMS = (BEHALF,)
