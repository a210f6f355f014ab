"""Draws how offices stand, how far a target has come, or how figures moved, as a picture read on a telephone.

It is 1,080 pixels wide and at most 1,600 high, since platforms shrink what is longer; nothing is written smaller than
32 pixels, some 11 points on the glass.  Colours have enough contrast on white, and none stands alone: each state has a
sign, each part of a column its own filling.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import cache
from typing import Any

from handlers.made import Chart, Count, Month, Office, Panel, Phrase, Progress, Stand, State, Trend
from handlers.rules.still import Colour

WIDTH, MARGIN, GAP = 1080, 48, 24
SMALL, BODY, TITLE, FIGURE = 32, 36, 48, 92  # pixels
INK, QUIET, RULE, PAPER = "#101828", "#475467", "#D0D5DD", "#FFFFFF"
COLOURS: dict[State, str] = {
    "on-time": "#0B6E4F",
    "late": "#B54708",
    "missing": "#B42318",
    "awaited": "#475467",
}
SHADES: dict[Colour, str] = {"green": "#0B6E4F", "amber": "#B54708", "red": "#B42318", "unknown": "#475467"}
SIGNS: dict[Colour, State] = {"green": "on-time", "amber": "late", "red": "missing", "unknown": "awaited"}
RISE = 320  # height of the columns of a target's days
COLUMN = 260  # height of the columns of the months
STEADY = 0.2  # of the greatest figure that this height stands for at least: a small step is drawn small
LOW, HIGH = 170, 420  # of the line of periods: where several are drawn, and one
ROW = 56  # of an office's line
STRIPE = 9  # between two lines of a filling


@cache
def _font(size: int, bold: bool = False) -> Any:
    import font_roboto
    from PIL import ImageFont

    return ImageFont.truetype(font_roboto.font_files["RobotoBold" if bold else "Roboto"], size)


def drawn(chart: Chart) -> bytes:
    """Give the PNG file of a picture."""

    def body(pen: Any, y: int) -> int:
        y = _counts(pen, chart.counts, y + GAP)
        y = _offices(pen, chart, y + GAP)
        return _months(pen, chart, y + GAP) if chart.months else y

    return _page(chart, body)


def progress(made: Progress) -> bytes:
    """Give the PNG file of how far a target has come."""

    def body(pen: Any, y: int) -> int:
        y = _numbers(pen, made, y + GAP)
        y = _rise(pen, made, y + GAP)
        return _places(pen, made, y + GAP)

    return _page(made, body)


def trend(made: Trend) -> bytes:
    """Give the PNG file of how indicators moved from period to period."""

    def body(pen: Any, y: int) -> int:
        if made.broken:
            y = _lines(pen, made.broken, y, SMALL, True, COLOURS["late"])
        for panel in made.panels:
            y = _panel(pen, panel, y + GAP, HIGH if len(made.panels) == 1 else LOW)
        return y

    return _page(made, body)


def _page(made: Chart | Progress | Trend, body: Callable[[Any, int], int]) -> bytes:
    """Give the file of a page: its title, whose it is and as of when, then what `body` draws below."""
    from PIL import Image, ImageDraw  # not before a picture is drawn: starting is to be quick

    page = Image.new("RGB", (WIDTH, 4000), PAPER)
    pen = ImageDraw.Draw(page)
    y = _lines(pen, made.title, MARGIN, TITLE, True, INK)
    y = _lines(pen, made.whose, y, BODY, False, INK)
    y = _lines(pen, made.at, y, SMALL, False, QUIET)
    y = body(pen, y)
    kept = io.BytesIO()  # few colours, so that it is small
    page.crop((0, 0, WIDTH, y + MARGIN)).quantize(64).save(kept, "PNG", optimize=True)
    return kept.getvalue()


def _lines(pen: Any, words: Phrase, y: int, size: int, bold: bool, ink: str) -> int:
    """Write words over the width of the page; give where the next line begins."""
    for line in _wrapped(str(words), size, bold, WIDTH - 2 * MARGIN):
        pen.text((MARGIN, y), line, ink, _font(size, bold))
        y += round(size * 1.3)
    return y


def _panel(pen: Any, panel: Panel, y: int, high: int) -> int:
    """Draw one indicator: a dot and its figure for each period, joined within a series, and the target's line."""
    for line in _wrapped(str(panel.title), BODY, True, WIDTH - 2 * MARGIN)[:2]:
        pen.text((MARGIN, y), line, INK, _font(BODY, True))
        y += round(BODY * 1.3)
    if panel.goal is not None:
        _dashed(pen, (MARGIN, y + 22, MARGIN + 64, y + 22))
        pen.text((MARGIN + 76, y), str(panel.goal_words), INK, _font(SMALL))
        y += 44
    top, bottom = y + 60, y + 60 + high  # figures stand above their dots
    known = [point.value for point in panel.points if point.value is not None]
    ends = [*known, *([panel.goal] if panel.goal is not None else [])] or [0.0]
    least, most = min(ends), max(ends)
    short = max(0.0, most * STEADY - (most - least)) / 2
    least, most = least - short, most + short
    each = (WIDTH - 2 * MARGIN) / len(panel.points)

    def at(value: float) -> float:
        return (
            (top + bottom) / 2
            if most == least
            else bottom - 20 - (high - 20) * (value - least) / (most - least)
        )

    if panel.goal is not None:
        _dashed(pen, (MARGIN, at(panel.goal), WIDTH - MARGIN, at(panel.goal)))
    before: tuple[float, float] | None = None
    dots = []
    for place, point in enumerate(panel.points):
        x = MARGIN + each * (place + 0.5)
        if point.begins:
            before = None
            pen.line((x - each / 2, top - 50, x - each / 2, bottom), QUIET, 4)
        dot = None if point.value is None else (x, at(point.value))
        if before is not None and dot is not None:
            pen.line((*before, *dot), INK, 5)
        before = dot
        dots.append((x, point, dot))
    for place, (x, point, dot) in enumerate(dots):
        last = place == len(dots) - 1
        if dot is None:
            _sign(pen, "awaited", round(x), bottom - 100)
            for row, line in enumerate(_wrapped(str(point.words), SMALL, False, each - 12)[:2]):
                _centred(pen, (x, bottom - 80 + row * 36), line, QUIET, _font(SMALL))
        else:
            size = 13 if last else 9
            pen.ellipse((x - size, dot[1] - size, x + size, dot[1] + size), INK)
            _centred(pen, (x, dot[1] - 56), str(point.words), INK, _font(BODY if last else SMALL, last))
        _centred(pen, (x, bottom + 10), point.label, QUIET, _font(SMALL))
    pen.line((MARGIN, bottom + 2, WIDTH - MARGIN, bottom + 2), INK, 2)
    return bottom + 56


def _centred(pen: Any, at: tuple[float, float], words: str, ink: str, font: Any) -> None:
    """Write words around a place, their letters kept clear of lines behind them."""
    x = min(max(at[0] - font.getlength(words) / 2, MARGIN), WIDTH - MARGIN - font.getlength(words))
    pen.text((x, at[1]), words, ink, font, stroke_width=6, stroke_fill=PAPER)
    pen.text((x, at[1]), words, ink, font)


def _numbers(pen: Any, made: Progress, y: int) -> int:
    """Draw the great numbers, and below them the colour with its sign and its reason."""
    inks = (INK, QUIET, SHADES[made.colour])
    each = (WIDTH - 2 * MARGIN) // len(made.numbers)
    lowest = y
    for place, ((number, label), ink) in enumerate(zip(made.numbers, inks, strict=False)):
        x = MARGIN + place * each
        size = FIGURE
        while size > BODY and _font(size, True).getlength(str(number)) > each - GAP:
            size -= 4
        pen.text((x, y + FIGURE - size), str(number), ink, _font(size, True))
        for row, line in enumerate(_wrapped(str(label), SMALL, False, each - GAP)):
            pen.text((x, y + 114 + row * 40), line, INK, _font(SMALL))
            lowest = max(lowest, y + 114 + (row + 1) * 40)
    y = lowest + GAP
    _sign(pen, SIGNS[made.colour], MARGIN + 16, y + 22)
    for line in _wrapped(str(made.why), BODY, True, WIDTH - 2 * MARGIN - 52):
        pen.text((MARGIN + 52, y), line, SHADES[made.colour], _font(BODY, True))
        y += round(BODY * 1.3)
    return y


def _rise(pen: Any, made: Progress, y: int) -> int:
    """Draw a column for what was reached by each day, and the line of what is wanted."""
    x = MARGIN
    pen.rectangle((x, y + 6, x + 32, y + 38), INK)
    pen.text((x + 44, y), str(made.key[0]), INK, _font(SMALL))
    x += 44 + round(_font(SMALL).getlength(str(made.key[0]))) + 48
    _dashed(pen, (x, y + 22, x + 64, y + 22))
    pen.text((x + 76, y), str(made.key[1]), INK, _font(SMALL))
    y += 64
    reached = [value for value in made.series if value is not None]
    most = max(made.goal, *reached, 1)
    wide = WIDTH - 2 * MARGIN

    def at(day: int, value: float) -> tuple[float, float]:
        return MARGIN + wide * day / max(made.days, 1), y + RISE - RISE * value / most

    for day, value in enumerate(made.series[1:], 1):
        if value:
            left, right = at(day - 1, 0)[0] + 2, at(day, 0)[0] - 2
            pen.rectangle((left, at(day, value)[1], max(right, left + 1), y + RISE), INK)
    _dashed(pen, (*at(0, made.base), *at(made.days, made.goal)))
    pen.line((MARGIN, y + RISE + 2, WIDTH - MARGIN, y + RISE + 2), INK, 2)
    for place, label in enumerate(made.labels):
        size = _font(SMALL).getlength(label)
        middle = MARGIN + wide * place / 2 - size / 2
        pen.text((min(max(middle, MARGIN), WIDTH - MARGIN - size), y + RISE + 10), label, QUIET, _font(SMALL))
    return y + RISE + 56


def _dashed(pen: Any, ends: tuple[float, float, float, float]) -> None:
    """Draw a line of dashes that stays to be seen on light and dark."""
    left, top, right, bottom = ends
    long = max(((right - left) ** 2 + (bottom - top) ** 2) ** 0.5, 1)
    for start in range(0, round(long), 28):
        first, last = start / long, min(start + 16, long) / long
        dash = (
            left + (right - left) * first,
            top + (bottom - top) * first,
            left + (right - left) * last,
            top + (bottom - top) * last,
        )
        pen.line(dash, PAPER, 9)
        pen.line(dash, COLOURS["late"], 5)


def _places(pen: Any, made: Progress, y: int) -> int:
    """Draw a line for each place that is named, in two columns where there are many."""
    two = len(made.places) > 8
    wide = (WIDTH - 2 * MARGIN - (GAP if two else 0)) // (2 if two else 1)
    long = -(-len(made.places) // 2) if two else len(made.places)
    for place, stand in enumerate(made.places):
        column, row = divmod(place, long)
        _stand(pen, stand, MARGIN + column * (wide + GAP), y + row * ROW, wide)
    y += long * ROW
    if made.silent:
        _sign(pen, "awaited", MARGIN + 16, y + 28)
        pen.text((MARGIN + 44, y + 8), str(made.silent), QUIET, _font(SMALL))
        y += ROW
    if made.more:
        pen.text((MARGIN, y + 4), str(made.more), QUIET, _font(SMALL))
        y += ROW
    return y


def _stand(pen: Any, stand: Stand, x: int, y: int, wide: int) -> None:
    words = str(stand.words)
    taken = round(_font(SMALL).getlength(words))
    if stand.silent:
        _sign(pen, "awaited", x + 16, y + ROW // 2)
    pen.text((x + wide - taken, y + 10), words, INK, _font(SMALL))
    pen.text((x + 44, y + 10), _cut(stand.name, SMALL, wide - taken - 60), INK, _font(SMALL))
    pen.line((x, y + ROW - 2, x + wide, y + ROW - 2), RULE, 2)


def _counts(pen: Any, counts: tuple[Count, ...], y: int) -> int:
    """Draw the great numbers, and a bar that shows them as parts of the whole."""
    inner = WIDTH - 2 * MARGIN
    each = inner // len(counts)
    for place, count in enumerate(counts):
        x = MARGIN + place * each
        pen.text((x, y), str(count.number), COLOURS[count.state], _font(FIGURE, True))
        _sign(pen, count.state, x + 16, y + 136)
        pen.text((x + 44, y + 114), _cut(str(count.label), SMALL, each - 50), INK, _font(SMALL))
    y += 176
    whole = sum(count.number for count in counts) or 1
    left = float(MARGIN)
    for count in counts:
        wide = inner * count.number / whole
        if count.number:
            _filled(pen, count.state, (left, y, left + wide - 3, y + 40))
        left += wide
    return y + 40


def _offices(pen: Any, chart: Chart, y: int) -> int:
    """Draw a line for each office that is named, in two columns where there are many."""
    two = len(chart.offices) > 8
    wide = (WIDTH - 2 * MARGIN - (GAP if two else 0)) // (2 if two else 1)
    long = -(-len(chart.offices) // 2) if two else len(chart.offices)
    for place, office in enumerate(chart.offices):
        column, row = divmod(place, long)
        _office(pen, office, MARGIN + column * (wide + GAP), y + row * ROW, wide)
    y += long * ROW
    if chart.more:
        pen.text((MARGIN, y + 4), str(chart.more), QUIET, _font(SMALL))
        y += ROW
    return y


def _office(pen: Any, office: Office, x: int, y: int, wide: int) -> None:
    _sign(pen, office.state, x + 16, y + ROW // 2)
    words = str(office.words)
    taken = round(_font(SMALL).getlength(words))
    pen.text((x + wide - taken, y + 10), words, COLOURS[office.state], _font(SMALL))
    pen.text((x + 44, y + 10), _cut(office.name, SMALL, wide - taken - 60), INK, _font(SMALL))
    pen.line((x, y + ROW - 2, x + wide, y + ROW - 2), RULE, 2)


def _months(pen: Any, chart: Chart, y: int) -> int:
    """Draw a column for each month, its parts one above the other."""
    pen.text((MARGIN, y), str(chart.past), INK, _font(BODY, True))
    y += 60
    x = MARGIN
    states: tuple[State, ...] = ("on-time", "late", "missing")
    for state, words in zip(states, chart.key, strict=True):
        _filled(pen, state, (x, y + 6, x + 32, y + 38))
        pen.text((x + 44, y), str(words), INK, _font(SMALL))
        x += 44 + round(_font(SMALL).getlength(str(words))) + 36
    y += 64
    each = (WIDTH - 2 * MARGIN) / len(chart.months)
    most = max(month.on_time + month.late + month.missing for month in chart.months) or 1
    every = -(-len(chart.months) // 6)  # more labels than six would touch each other
    for place, month in enumerate(chart.months):
        left, right = MARGIN + place * each + 2, MARGIN + (place + 1) * each - 4
        _column(pen, month, (left, y, min(right, left + 90)), most)
        if (len(chart.months) - 1 - place) % every == 0:
            size = _font(SMALL).getlength(month.label)
            at = min(max(left, MARGIN), WIDTH - MARGIN - size)
            pen.text((at, y + COLUMN + 10), month.label, QUIET, _font(SMALL))
    pen.line((MARGIN, y + COLUMN + 2, WIDTH - MARGIN, y + COLUMN + 2), INK, 2)
    return y + COLUMN + 56


def _column(pen: Any, month: Month, at: tuple[float, int, float], most: int) -> None:
    left, top, right = at
    bottom = float(top + COLUMN)
    parts: tuple[tuple[State, int], ...] = (
        ("on-time", month.on_time),
        ("late", month.late),
        ("missing", month.missing),
    )
    for state, number in parts:
        high = COLUMN * number / most
        if number:
            _filled(pen, state, (left, bottom - high, right, bottom))
        bottom -= high


def _filled(pen: Any, state: State, box: tuple[float, float, float, float]) -> None:
    """Fill a part: whole, striped, empty within its line, or dotted along its middle."""
    left, top, right, bottom = map(round, box)
    if right <= left or bottom <= top:
        right, bottom = max(right, left + 1), max(bottom, top + 1)
    colour = COLOURS[state]
    pen.rectangle((left, top, right, bottom), colour if state == "on-time" else PAPER, colour, 3)
    if state == "late":
        for start in range(top - (right - left), bottom, STRIPE):
            _stripe(pen, (left, top, right, bottom), start, colour)
    elif state == "awaited":
        middle = (top + bottom) // 2
        for x in range(left + 12, right - 6, 24):
            pen.rectangle((x, middle - 3, x + 6, middle + 3), colour)


def _stripe(pen: Any, box: tuple[int, int, int, int], start: int, colour: str) -> None:
    """Draw a slanting line as far as it lies within the box."""
    left, top, right, bottom = box
    first, last = max(0, top - start), min(right - left, bottom - start)
    if last > first:
        pen.line((left + first, start + first, left + last, start + last), colour, 3)


def _sign(pen: Any, state: State, x: int, y: int) -> None:
    """Draw what tells a state without its colour: a tick, a triangle, a cross, a ring."""
    colour = COLOURS[state]
    match state:
        case "on-time":
            pen.line([(x - 14, y), (x - 4, y + 11), (x + 14, y - 12)], colour, 7, joint="curve")
        case "late":
            pen.polygon([(x, y - 15), (x + 16, y + 13), (x - 16, y + 13)], colour)
        case "missing":
            pen.line([(x - 12, y - 12), (x + 12, y + 12)], colour, 7)
            pen.line([(x - 12, y + 12), (x + 12, y - 12)], colour, 7)
        case "awaited":
            pen.ellipse((x - 13, y - 13, x + 13, y + 13), None, colour, 5)


def _cut(words: str, size: int, wide: float) -> str:
    """Give as many words as fit on a line, with a mark where some are left out."""
    if _font(size).getlength(words) <= wide:
        return words
    while words and _font(size).getlength(f"{words}…") > wide:
        words = words[:-1]
    return f"{words.rstrip()}…"


def _wrapped(words: str, size: int, bold: bool, wide: float) -> list[str]:
    lines = [""]
    for word in words.split():
        longer = f"{lines[-1]} {word}".strip()
        if _font(size, bold).getlength(longer) <= wide or not lines[-1]:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines
