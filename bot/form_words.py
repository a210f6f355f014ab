"""What is wrong with a report form, in words: what, and what to do about it."""

from __future__ import annotations

from handlers.text import Text, _
from knowledge.form_files import Fault
from knowledge.forms import Forms

_SAID: dict[str, tuple[Text, Text]] = {
    "not-utf-8": (_("this file is not UTF-8"), _("Save it again as UTF-8.")),
    "yaml": (_("the file cannot be read ({problem})"), _("Check colons, quotes and indentation.")),
    "empty": (_("the file says nothing"), _("Copy another form and change it.")),
    "written-twice": (_("“{key}” is written twice"), _("Keep one of the two.")),
    "missing-field": (_("“{field}” is missing"), _("Add it; the shipped monthly form shows how.")),
    "unknown-field": (_("“{field}” is not known here"), _("Remove it or correct its spelling.")),
    "unfit": (
        _("the value does not fit ({problem})"),
        _("Correct it; the shipped monthly form shows each kind."),
    ),
    "id-taken": (_("the id “{id}” is taken"), _("Give it another.")),
    "version-taken": (
        _("version {version} of “{id}” is there already"),
        _("Give a changed form the next version, and keep the old file for old reports."),
    ),
    "nothing-like": (_("there is no form “{id}” to begin from"), _("Write one of: {names}.")),
    "asks-nothing": (_("the form asks nothing"), _("List at least one indicator under “asks”.")),
    "owed-by-nobody": (_("nobody owes the form"), _("List under “owed_by” at least one of: {kinds}.")),
    "unknown-kind": (_("“{kind}” is no kind of unit"), _("Write one of: {kinds}.")),
    "owed-twice": (_("“{kind}” is named twice"), _("Remove one of the two.")),
    "unknown-indicator": (
        _("no indicator has the id “{id}”"),
        _("Correct its spelling, or write it into indicators.yaml."),
    ),
    "asked-twice": (_("“{id}” is asked twice"), _("Remove one of the two.")),
    "not-plain": (_("the id “{id}” is not a plain name"), _("Use a-z, 0-9 and -.")),
    "ask-of-missing": (
        _("“{id}” needs a second number but “ask_of” is missing"),
        _("Write the question for it."),
    ),
    "no-second-number": (
        _("“{id}” is one count but says something of a second number"),
        _("Remove “ask_of” and “of_…”, or change the shape."),
    ),
    "pair-without-names": (
        _("“{id}” is a pair without names for its two numbers"),
        _("Write new_words and total_words."),
    ),
    "no-total": (_("“{id}” has no total"), _("Remove “total_of”, or make its shape “pair”.")),
    "decimals": (
        _("only one count may have decimals, and {most} at the most"),
        _("Remove “decimals”, or make its shape “count”."),
    ),
    "unknown-source": (
        _("nothing that Tổ Số counts is called “{source}”"),
        _("Write one of: {names}; or leave it out."),
    ),
    "source-of-pair": (
        _("“{id}” has new ones and a total, or decimals, so nothing counted fits it"),
        _("Remove “source”, or change its shape."),
    ),
    "source-of-kind": (
        _("“{id}” cannot be filled from “{source}”"),
        _(
            "Take “last-period” where it stands at the cut-off, one of the others where it arose in the period."
        ),
    ),
    "no-jump": (_("{times} times is no jump"), _("Take more than 1, or 0 for never.")),
    "empty-range": (_("no figure lies from {least} to {most}"), _("Correct “least” or “most”.")),
    "language-missing": (_("“{field}” lacks a language"), _("Write both vi and en.")),
    "cutoff": (
        _("no such period ends on “{cutoff}”"),
        _("Take 1 to 28 or end for months, the name of a day for weeks."),
    ),
    "due-unclear": (
        _("the due day is not clear"),
        _("Write one of: day, weekday, working_days."),
    ),
    "day-of-week": (
        _("a weekly report is not due on a day of the month"),
        _("Write weekday or working_days."),
    ),
    "not-in-every-month": (_("day {day} is not in every month"), _("Take 1 to 28, or end.")),
    "too-early": (
        _("the due day {day} comes before the figures are complete"),
        _("Take a later day, or month: next."),
    ),
    "grace": (_("{days} days of grace are not meant"), _("Take 0 to 20.")),
    "levels-crossed": (
        _("the level “{lower}” sends later than “{upper}”, which waits for it"),
        _("Give the lower level the earlier day."),
    ),
    "stage-twice": (_("the stage “{name}” stands twice"), _("Rename or remove one.")),
    "weeks-before-due": (
        _("the stage “{name}” is repeated though nothing is late yet"),
        _("Repeat only stages after the due day."),
    ),
    "never-valid": (_("the form ends before it begins"), _("Correct valid_from or valid_until.")),
    "on-both-sides": (_("“{terms}” stands on both sides of the check"), _("Leave it out on one side.")),
    "side-missing": (_("one side of the check is empty"), _("Name a figure on either side.")),
    "unknown-term": (
        _("the check speaks of “{term}”, which is no indicator"),
        _("Correct its spelling, or write it into indicators.yaml."),
    ),
    "term-without-whole": (
        _("“{term}” has no second number"),
        _("Remove /of, or name an indicator with two numbers."),
    ),
    "decimals-mixed": (
        _("the check adds figures with different decimals"),
        _("Give them the same decimals."),
    ),
    "no-share": (
        _("“{id}” has no share that could be ranked"),
        _("Name an indicator that is a part or a ratio, or on-time."),
    ),
    "points": (_("{points} points are not meant"), _("Take 1 to 1000.")),
    "still-periods": (_("{n} periods are not meant"), _("Take 1 to 12.")),
    "target-half": (
        _("“{id}” needs its target and its day together"),
        _("Write both target and by, or neither."),
    ),
    "lock": (_("the lock is not clear"), _("Take 0 to 250 days after, and 1 to 60 days open_for.")),
    "task-due-unclear": (
        _("the day of the task “{id}” is not clear"),
        _("Write one of: day, working_days."),
    ),
    "task-days": (
        _("{n} working days from the report's due day are not meant"),
        _("Take -{most} to {most}."),
    ),
    "task-for-ever": (
        _("the task “{id}” has one day, but the form is asked for ever"),
        _("Write valid_until for the form, or working_days for the task."),
    ),
    "only-least": (
        _("the checks {checks} contradict each other: “{figure}” could only be its least"),
        _("Drop one, or turn it around."),
    ),
    "only-equal": (
        _("the checks {checks} contradict each other: both sides could only be equal"),
        _("Turn one around, or write “equals” where equal is meant."),
    ),
    "impossible": (
        _("the checks {checks} contradict each other: no figures pass them all"),
        _("Drop one, or correct “least” and “most”."),
    ),
}


def told(fault: Fault) -> Text:
    """Say file, line, what is wrong and what to do."""
    what, remedy = _SAID[fault.name]
    return _("{file}, line {line}: {what}. {remedy}")(
        file=fault.file,
        line=str(fault.line),
        what=what(**fault.values) if fault.values else what,
        remedy=remedy(**fault.values) if "{" in remedy.msgid else remedy,
    )


def counted(forms: Forms, faults: int) -> Text:
    """Say how many forms there are and how many faults."""
    return _("{n} forms, {faults} faults")(n=len(forms.all), faults=faults)
