"""One topic file as it is written, with the line where everything stands.

The library builds topics from pages and the checker judges them.  What a page says may still be wrong
(a link to nowhere, a text too long); what cannot be read at all is listed in `faults`.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import yaml

from knowledge.languages import LANGUAGES
from knowledge.own import is_own
from knowledge.told import told as _

try:
    from yaml import CSafeLoader as SafeLoader  # ten times faster, where PyYAML was built with it
except ImportError:
    from yaml import SafeLoader  # type: ignore[assignment]

REMEDIES = {
    "id": _("Write the file's name without .md."),
    "title": _("Name the matter in a few words."),
    "code": _("Write one letter and two digits, such as H60."),
    "desk": _("Write true where it sends to the commune's own desk, or leave it out."),
    "questions": _("List what people ask, one a line."),
    "owner": _("Name the office that answers for it."),
    "checked": _("Write the day of the last check as 2026-11-20."),
    "expires": _("Write the day of the next check as 2027-05-20."),
    "sources": _("Name the law or the office's page, with title and url."),
}
KEYS = tuple(REMEDIES)
# A code is an answer's without steps, for a guide is known by that of its first step; most send to no desk.
OPTIONAL = ("code", "desk")
SOURCE_KEYS = {"title", "url", "holds"}

HEADING = re.compile(
    r"^## +(?P<title>.*?) *\{#(?P<id>[^\s}]*)(?: +code=(?P<code>[^\s}]*))?(?P<desk> +desk)?\} *$"
)
CHOICE = re.compile(r"^- +\[(?P<label>.*)\]\((?P<target>[^()\s]*)\) *$")


class Fault(msgspec.Struct, frozen=True):
    """What cannot be read, and what to do about it."""

    line: int
    what: str
    remedy: str


class Source(msgspec.Struct, frozen=True):
    """Where an answer comes from: a law or an office's page."""

    title: str
    url: str
    holds: tuple[str, ...] = ()  # the figures, dates, telephone numbers and names of buttons taken from it


class Line(msgspec.Struct, frozen=True):
    """Some words and the line on which they begin."""

    text: str
    line: int


class WrittenOption(msgspec.Struct, frozen=True):
    """One choice of a step, its target as written."""

    label: str
    target: str
    line: int


class WrittenStep(msgspec.Struct, frozen=True):
    """One `##` section."""

    id: str
    code: str
    title: str
    line: int
    paragraphs: tuple[Line, ...]
    options: tuple[WrittenOption, ...]
    desk: bool = False  # one goes to the commune's own desk for it, so its hours are shown


class Page(msgspec.Struct, frozen=True):
    """A topic file; a field that is missing or of the wrong kind is empty here and named in `faults`."""

    path: Path
    lang: str
    id: str
    title: str
    code: str
    questions: tuple[Line, ...]
    owner: str
    checked: date
    expires: date
    sources: tuple[Source, ...]
    paragraphs: tuple[Line, ...]
    steps: tuple[WrittenStep, ...]
    lines: dict[str, int]  # the line of each front-matter key; of a missing one the line to write it on
    faults: tuple[Fault, ...]
    desk: bool = False  # it sends to the commune's own desk, so that is shown below the answer


def pages(folder: Path) -> list[Page]:
    """Read every topic file of the folder, in the order of their paths."""
    return [read_page(path) for lang in LANGUAGES for path in sorted((folder / lang).glob("*.md"))]


def read_page(path: Path) -> Page:
    """Read one topic file; its folder's name is its language."""
    faults: list[Fault] = []
    try:
        text = path.read_bytes().decode()
    except UnicodeDecodeError:
        text = ""
        faults.append(Fault(1, _("the file is not UTF-8"), _("Save it again as UTF-8.")))
    lines = text.removeprefix("\ufeff").splitlines()
    end = next((n for n, line in enumerate(lines[1:], 1) if line.rstrip() == "---"), 0)
    if not faults and (not end or lines[0].rstrip() != "---"):
        faults.append(
            Fault(1, _("the front matter is missing"), _('Begin with "---", the fields, and "---" again.'))
        )
        end = 0
    front = _Front(lines[1:end], end + 1, faults)
    body = [Line(line, number) for number, line in enumerate(lines, 1)][end + 1 :] if end else []
    paragraphs, steps = _body(body, faults)
    desk = front.marked("desk")
    if end and not paragraphs:
        faults.append(Fault(end + 1, _("the answer is missing"), _("Write it as the first paragraph.")))
    return Page(
        path=path,
        lang=path.parent.name,
        id=front.words("id"),
        title=front.words("title"),
        code=front.words("code"),
        questions=front.questions(),
        owner=front.words("owner"),
        checked=front.day("checked"),
        expires=front.day("expires"),
        sources=front.sources(),
        paragraphs=paragraphs,
        steps=steps,
        lines={key: front.line(key) for key in KEYS},
        faults=tuple(sorted(faults, key=lambda fault: fault.line)),
        desk=desk,
    )


class _Front:
    """The fields between the two `---`; whatever is wrong with them goes to `faults`."""

    def __init__(self, lines: list[str], end: int, faults: list[Fault]) -> None:
        self._end = end
        self._faults = faults
        self._values: dict[str, Any] = {}
        self._nodes: dict[str, tuple[yaml.Node, yaml.Node]] = {}
        self._broken = bool(faults)  # one complaint is enough where nothing could be read
        if not self._broken:
            self._read("\n".join(lines))

    def _read(self, text: str) -> None:
        loader = SafeLoader(text)
        try:
            root = loader.get_single_node()
            pairs = root.value if isinstance(root, yaml.MappingNode) else []
            for key, value in pairs:
                name, line = str(key.value), key.start_mark.line + 2
                if name in self._values:
                    self._complain(line, _('"{name}" stands twice', name=name), _("Remove one of the two."))
                elif name not in KEYS:
                    self._complain(
                        line,
                        _('"{name}" is not a known field', name=name),
                        _("Known are {names}.", names=", ".join(KEYS)),
                    )
                self._nodes[name] = (key, value)
                self._values[name] = loader.construct_object(value, deep=True)
        except (yaml.YAMLError, ValueError) as error:  # ValueError: 2026-02-30
            mark = getattr(error, "problem_mark", None)
            what = getattr(error, "problem", None) or error
            remedy = _("Put words that hold a colon or a quote into double quotes.")
            self._complain(
                mark.line + 2 if mark else 2, _("the front matter cannot be read ({what})", what=what), remedy
            )
            self._broken = True
        finally:
            loader.dispose()

    def _complain(self, line: int, what: str, remedy: str) -> None:
        self._faults.append(Fault(line, what, remedy))

    def line(self, key: str) -> int:
        """Say where the field stands, or where it is missing."""
        return int(self._nodes[key][0].start_mark.line) + 2 if key in self._nodes else self._end

    def _get(self, key: str, kind: type | tuple[type, ...], wanted: str, remedy: str) -> Any:
        """Give the field's value, or None when it is missing or something else, which is complained of."""
        value = self._values.get(key)
        if value in (None, "", []):
            if not self._broken and key not in OPTIONAL:
                self._complain(self.line(key), _('"{key}" is missing', key=key), remedy)
            return None
        if not isinstance(value, kind) or (kind is date and isinstance(value, datetime)):
            self._complain(self.line(key), _('"{key}" is not {wanted}', key=key, wanted=wanted), remedy)
            return None
        return value

    def words(self, key: str) -> str:
        """Give the text of a field."""
        return str(self._get(key, str, _("text"), REMEDIES[key]) or "").strip()

    def day(self, key: str) -> date:
        """Give the date of a field."""
        return self._get(key, date, _("a date"), REMEDIES[key]) or date.min

    def marked(self, key: str) -> bool:
        """Give whether a field says true."""
        return bool(self._get(key, bool, _("true or false"), REMEDIES[key]))

    def questions(self) -> tuple[Line, ...]:
        """Give the questions, each with its line."""
        found = []
        for value, line in self._items("questions"):
            if isinstance(value, str) and value.strip():
                found.append(Line(value.strip(), line))
            else:
                self._complain(line, _("a question is not text"), _("Put it into double quotes."))
        return tuple(found)

    def sources(self) -> tuple[Source, ...]:
        """Give the sources that have both a title and an address."""
        found = []
        for value, line in self._items("sources"):
            fields = value if isinstance(value, dict) else {}
            spoken = "" if is_own(str(self._values.get("id", ""))) else None  # an office's word needs no page
            title, url, holds = fields.get("title"), fields.get("url", spoken), fields.get("holds", [])
            if not isinstance(title, str) or not isinstance(url, str) or set(fields) - SOURCE_KEYS:
                self._complain(line, _('a source is not "title" and "url"'), REMEDIES["sources"])
            elif not isinstance(holds, list) or not all(isinstance(one, str) for one in holds):
                self._complain(
                    line, _('"holds" is not a list of texts'), _('Write: holds: ["3 ngày làm việc", "1022"]')
                )
            else:
                found.append(Source(title, url, tuple(holds)))
        return tuple(found)

    def _items(self, key: str) -> list[tuple[Any, int]]:
        values = self._get(key, list, _("a list"), REMEDIES[key]) or []
        nodes = self._nodes[key][1].value if values else []
        return [(value, node.start_mark.line + 2) for value, node in zip(values, nodes, strict=True)]


def _body(lines: list[Line], faults: list[Fault]) -> tuple[tuple[Line, ...], tuple[WrittenStep, ...]]:
    """Part the body into the paragraphs of the answer and the steps."""
    starts = [n for n, line in enumerate(lines) if line.text.startswith("#")]
    parts = [lines[start:end] for start, end in pairwise([*starts, len(lines)])]
    answer, stray = _section(lines[: starts[0]] if starts else lines, faults)
    for option in stray:
        faults.append(
            Fault(option.line, _("a choice stands outside a step"), _("Put it below a ## heading."))
        )
    steps = []
    for heading, *rest in parts:
        paragraphs, options = _section(rest, faults)
        known = HEADING.match(heading.text)
        if known:
            steps.append(
                WrittenStep(
                    known["id"],
                    known["code"] or "",
                    known["title"],
                    heading.line,
                    paragraphs,
                    options,
                    desk=bool(known["desk"]),
                )
            )
        else:
            faults.append(
                Fault(
                    heading.line,
                    _("the heading is not a step"),
                    _("Write: {example}", example="## Title {#step-id code=A01}"),
                )
            )
    return answer, tuple(steps)


def _section(lines: list[Line], faults: list[Fault]) -> tuple[tuple[Line, ...], tuple[WrittenOption, ...]]:
    """Part the lines below a heading into paragraphs and the choices that end it."""
    paragraphs: list[Line] = []
    options: list[WrittenOption] = []
    within = False  # the line goes on a paragraph
    for line in lines:
        choice = CHOICE.match(line.text)
        if choice:
            options.append(WrittenOption(choice["label"], choice["target"], line.line))
        elif not line.text.strip():
            within = False
        elif line.text.startswith(("- ", "* ")):
            faults.append(Fault(line.line, _("the choice has no target"), _("Write: - [Label](#step-id)")))
        elif options:
            faults.append(
                Fault(line.line, _("words stand below the choices"), _("Put them above the choices."))
            )
        elif within:
            begun = paragraphs[-1]
            paragraphs[-1] = Line(f"{begun.text} {line.text.strip()}", begun.line)
        else:
            paragraphs.append(Line(line.text.strip(), line.line))
            within = True
    return tuple(paragraphs), tuple(options)
