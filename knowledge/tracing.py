"""Where every figure of a topic comes from.

A source lists under `holds` what the topic takes from it: fees, times, dates, telephone numbers, and the
names of buttons in other apps.  What a topic shows and no source of it holds is named here, so that
nothing stands in an answer that nobody can look up again.  A translation may rest on the sources of the
Vietnamese topic.  Figures are compared without signs and leading noughts: 55.000 is 55,000, 07:30 is 7:30.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from knowledge.page import Fault, Line, Page
from knowledge.told import told as _

GROUPS = re.compile(r"(?<=[0-9])[.,\u00a0](?=[0-9])")
FIGURE = re.compile(r"[0-9]+")
BOLD = re.compile(r"\*\*([^*]+)\*\*")
STEP_CODE = re.compile(r"\b[A-Z][0-9]{2}\b")
REMEDY = _('Add it to the "holds" of the source that says so, or take it out.')


def untraced(page: Page, original: Page | None = None) -> Iterator[Fault]:
    """Name each figure and each name in bold that no source of the page holds, nor of the page translated."""
    sources = [*page.sources, *(original.sources if original else ())]
    held = [one for source in sources for one in source.holds]
    figures = set(_figures(held))
    names = [one.casefold() for one in held]
    for line in _shown(page):
        for figure in sorted(set(_figures([line.text])) - figures):
            yield Fault(line.line, _("no source holds the figure {figure}", figure=figure), REMEDY)
        for name in BOLD.findall(line.text):
            if not any(name.casefold() in one for one in names):
                yield Fault(line.line, _("no source holds the name **{name}**", name=name), REMEDY)


def _shown(page: Page) -> Iterator[Line]:
    yield Line(page.title, page.lines["title"])
    yield from page.paragraphs
    for step in page.steps:
        yield Line(step.title, step.line)
        yield from step.paragraphs
        for option in step.options:
            yield Line(option.label, option.line)


def _figures(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        for figure in FIGURE.findall(GROUPS.sub("", STEP_CODE.sub("", text))):
            yield figure.lstrip("0") or "0"
