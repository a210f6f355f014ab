"""The queue over the time that was played, as a picture."""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from bot.paper import ROBOTO
from tests.simulate.province import Sample

WIDTH, HEIGHT = 1200, 640
LEFT, RIGHT, TOP, BOTTOM = 90, 30, 90, 70
INK, GRID = "#1f2937", "#d1d5db"
LAYERS = (("claimed", "#0f766e", "claimed"), ("waiting", "#f59e0b", "not yet claimed"))
LATE = "#b91c1c"


def draw(samples: list[Sample], title: str, path: Path) -> None:
    """Draw what lay there at every hour: claimed and waiting one upon the other, late as a line."""
    image = Image.new("RGB", (WIDTH, HEIGHT), "white")
    pen = ImageDraw.Draw(image)
    small, large = (ImageFont.truetype(ROBOTO["Roboto"], size) for size in (20, 28))
    most = max(1, *(one.waiting + one.claimed for one in samples))
    deep, wide = HEIGHT - TOP - BOTTOM, WIDTH - LEFT - RIGHT

    def x(number: int) -> float:
        return LEFT + wide * number / max(1, len(samples) - 1)

    def y(count: float) -> float:
        return TOP + deep * (1 - count / most)

    pen.text((LEFT, 18), title, INK, font=large)
    for part in range(5):
        count = most * part / 4
        pen.line([(LEFT, y(count)), (WIDTH - RIGHT, y(count))], GRID)
        pen.text((LEFT - 10, y(count)), f"{count:.0f}", INK, font=small, anchor="rm")
    below = [0.0] * len(samples)
    for name, colour, _label in LAYERS:
        above = [low + getattr(one, name) for low, one in zip(below, samples, strict=True)]
        outline = [(x(number), y(count)) for number, count in enumerate(above)]
        outline += [(x(number), y(count)) for number, count in reversed(list(enumerate(below)))]
        pen.polygon(outline, fill=colour)
        below = above
    pen.line([(x(number), y(one.late)) for number, one in enumerate(samples)], LATE, width=4)
    days = [number for number, one in enumerate(samples) if one.at.hour == 0]
    for number in days[:: max(1, len(days) // 10)]:
        pen.line([(x(number), TOP + deep), (x(number), TOP + deep + 8)], INK)
        pen.text((x(number), TOP + deep + 12), f"{samples[number].at:%d/%m}", INK, font=small, anchor="ma")
    at = LEFT
    for label, colour in (*((label, colour) for _name, colour, label in LAYERS), ("late", LATE)):
        pen.rectangle([at, 60, at + 20, 80], fill=colour)
        pen.text((at + 28, 70), label, INK, font=small, anchor="lm")
        at += 60 + round(small.getlength(label))
    image.save(path)
