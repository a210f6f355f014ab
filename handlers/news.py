"""Whether somebody wants announcements: asked for by themselves, and given up with one line, at once."""

from __future__ import annotations

from handlers import forms, profile, steps
from handlers.forms import Form
from handlers.text import _, as_is, lines
from handlers.turn import Turn


def off(turn: Turn) -> None:
    """Send no announcements from now on, those that already wait included."""
    turn.know(news="no")
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
    forms.begin(turn, NEWS)


def _begun(turn: Turn) -> None:
    kept = turn.talk.kept
    commune, village = kept.get("commune", ""), kept.get("village", "")
    if profile.agreed(turn):
        if commune:
            turn.know(commune=commune, village=village)
        turn.know(news="yes")
        turn.note("wants announcements", f"person:{turn.person.id}")
        home = profile.place_of(turn, turn.person.commune, turn.person.village)
        told = lines(
            _("From now on news of {place} comes here.")(place=as_is(home)),
            _("No more of these: type “stop news”."),
        )
    else:
        told = _("All right, nothing was kept.")
    turn.end()
    turn.say(told)
    if steps.under_way(turn):
        steps.again(turn, _("Back to where we were:"))


NEWS = Form("news", (profile.COMMUNE_QUESTION, profile.CONSENT_QUESTION), _begun)
FORMS = (NEWS,)
