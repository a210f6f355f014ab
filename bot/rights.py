"""The tables of who may see and do what, and of where a request can stand, as pages."""

from __future__ import annotations

from bot.wording import Wording
from handlers.rules.moves import MOVES, STAGES
from handlers.rules.roles import RIGHTS, STANDINGS
from handlers.text import Text, _

# Who can make any move at all: the others have no column.
MOVERS = [standing for standing in STANDINGS if any(standing in move.who for move in MOVES.values())]


def page(wording: Wording, lang: str) -> str:
    """Give the whole page in Markdown."""

    def say(text: Text) -> str:
        return wording.word(text, lang)

    rows = [
        [say(right.words), *("✓" if standing in right.who else "" for standing in STANDINGS)]
        for right in RIGHTS.values()
    ]
    heading = [say(_("What")), *(say(words) for words in STANDINGS.values())]
    table = [heading, ["---", *(":-:" for _standing in STANDINGS)], *rows]
    return "\n".join(
        [
            f"# {say(_('Who may see and do what'))}",
            "",
            say(
                _(
                    "Written by `toso roles` from the table by which Tổ Số decides; the page is never edited by hand."
                )
            ),
            say(
                _("Each column is how somebody stands to one request, or to the report of their own office.")
            ),
            say(
                _(
                    "Telephone and name are seen by nobody but whoever took the request; every taking is recorded."
                )
            ),
            say(_("A role ends with its day, or when it is given up; what it allowed ends with it.")),
            "",
            *("| " + " | ".join(row) + " |" for row in table),
            "",
        ]
    )


def moves_page(wording: Wording, lang: str) -> str:
    """Give the page of where a request can stand and who may move it, in Markdown."""

    def say(text: Text) -> str:
        return wording.word(text, lang)

    names = {stage: say(words).partition(":")[0] for stage, (_state, words) in STAGES.items()}
    rows = [
        [
            say(move.words),
            ", ".join(name for stage, name in names.items() if stage in move.before),
            names[move.after],
            *("✓" if standing in move.who else "" for standing in MOVERS),
            "" if move.right else "✓",
        ]
        for move in MOVES.values()
    ]
    heading = [
        say(_("What")),
        say(_("From")),
        say(_("To")),
        *(say(STANDINGS[standing]) for standing in MOVERS),
        "Tổ Số",
    ]
    table = [heading, ["---", "---", "---", *(":-:" for _column in heading[3:])], *rows]
    return "\n".join(
        [
            f"# {say(_('Where a request can stand'))}",
            "",
            say(
                _(
                    "Written by `toso states` from the table by which Tổ Số decides; the page is never edited by hand."
                )
            ),
            say(_("There is no way but these; each is kept with its time and who did it, and never edited.")),
            "",
            *(f"- {say(words)}" for _state, words in STAGES.values()),
            "",
            *("| " + " | ".join(row) + " |" for row in table),
            "",
        ]
    )
