"""The people of a simulated province: each does what the last message they were shown lets them do, in their own time.

Nobody here is as good as in a transcript: helpers overlook cards, forget what they took, are away or leave for
good; citizens ask at night, change their minds, and do not answer.
"""

from __future__ import annotations

import random
from datetime import datetime, time, timedelta
from typing import Protocol

from bot.clock import VIETNAM

MATTERS = (
    "quên passcode VNeID",
    "nộp hồ sơ khai sinh mà không thấy nút",
    "không nhận được mã",
    "không in được mã QR bán hàng",
    "thẻ bảo hiểm không hiện trong máy",
    "đóng tiền điện trên máy báo lỗi",
)
AWAKE = time(6, 30), time(21, 30)


class Shown(Protocol):
    """A message, as its reader sees it."""

    @property
    def text(self) -> str:
        """Its words."""

    @property
    def choices(self) -> tuple[str, ...]:
        """Its buttons, such as "claim@4K7"."""


class World(Protocol):
    """What people may do: act at a later moment."""

    luck: random.Random

    def later(self, person: Person, minutes: float, text: str = "", choice: str = "") -> None:
        """Let somebody write or press after so many minutes."""


class Person:
    """Somebody with a phone."""

    def __init__(self, name: str, world: World) -> None:
        self.name, self.world = name, world

    def sees(self, shown: Shown) -> None:
        """Do something about a message, or nothing."""

    def _press(self, shown: Shown, name: str, minutes: float) -> bool:
        """Press a button, where the message has it."""
        found = next((one for one in shown.choices if one.partition("@")[0] == name), "")
        if found:
            self.world.later(self, minutes, choice=found)
        return bool(found)


class Citizen(Person):
    """Asks for a person, answers what is asked, and says how it went; some do not."""

    def __init__(self, name: str, world: World) -> None:
        super().__init__(name, world)
        self.begun = False

    def asks(self) -> None:
        """Come with a matter."""
        self.world.later(self, 0, "người thật")

    def sees(self, shown: Shown) -> None:
        luck = self.world.luck
        if not self.begun:
            self.begun = True
            self.world.later(self, 1, luck.choice(MATTERS))
        elif self._press(shown, "yes", 1) or self._press(shown, "send", 1):
            return
        elif any(one.startswith("works@") for one in shown.choices):
            answers = luck.random()
            if answers < 0.6:
                self._press(shown, "works", luck.lognormvariate(3.5, 1.2))
            elif answers < 0.68:
                self._press(shown, "not-yet", luck.lognormvariate(3.5, 1.2))
        elif any(one.startswith("good@") for one in shown.choices):
            self._press(shown, luck.choice(("good", "good", "fair", "poor")), 1)
        elif any(one.startswith("words@") for one in shown.choices) and luck.random() < 0.1:
            self.world.later(self, 30, "vẫn chưa được")


class Helper(Person):
    """Takes what comes, when they look at their phone, and ends it some time later; now and then they forget."""

    def __init__(self, name: str, world: World, care: float) -> None:
        super().__init__(name, world)
        self.care = care  # how likely they are to do something about a message
        self.ending = ""  # the request they are closing

    def sees(self, shown: Shown) -> None:
        luck = self.world.luck
        named = {one.partition("@")[0] for one in shown.choices}
        if "claim" in named:
            if luck.random() < self.care:
                self._press(shown, "claim", luck.lognormvariate(3.4, 1.3))
            elif luck.random() < 0.3:
                self._press(shown, "skip", luck.lognormvariate(3, 1))
        elif "solved" in named:
            self._press(shown, luck.choice(("solved", "solved", "solved", "partly", "unneeded")), 1)
        elif "no-remark" in named:
            self._press(shown, "no-remark", 1)
        elif "to-commune" in named:
            self._press(shown, luck.choice(("to-team", "to-commune")), 1)
        elif "finish" in named:
            act = luck.random()
            if act < self.care * 0.9:
                self._press(shown, "finish", luck.lognormvariate(4.2, 1.1))
            elif act < self.care * 0.9 + 0.05:
                self._press(shown, "pass-on", luck.lognormvariate(4, 1))
        elif 'gõ "xong ' in shown.text and "quá hạn" in shown.text and luck.random() < 0.6:
            code = shown.text.partition("YC-")[2].partition(" ")[0]
            self.world.later(self, luck.lognormvariate(4.5, 1), f"xong {code}")
        elif "erase" in named:
            self._press(shown, "erase", 1)
        elif "Ghi một câu" in shown.text:
            self.world.later(self, 1, "việc này phải gặp cán bộ hộ tịch")


def moment_awake(when: datetime) -> datetime:
    """Give the same moment, or the next morning where people sleep then."""
    here = when.astimezone(VIETNAM)
    begin, end = AWAKE
    if here.time() < begin:
        return here.replace(hour=begin.hour, minute=begin.minute)
    if here.time() > end:
        return here.replace(hour=begin.hour, minute=begin.minute) + timedelta(days=1)
    return when


def arrivals(luck: random.Random, days: list[datetime], a_day: int, burst: bool) -> list[datetime]:
    """Give when citizens come: mostly in the morning and after work, few at night; a burst of ten times in one hour."""
    hours = [1, 1, 1, 1, 2, 5, 15, 35, 60, 60, 55, 35, 20, 35, 45, 45, 40, 35, 40, 45, 40, 25, 10, 4]
    found = []
    for day in days:
        for hour in luck.choices(range(24), hours, k=a_day):
            found.append(day + timedelta(hours=hour, seconds=luck.randrange(3600)))
    if burst:
        noon = days[len(days) // 2] + timedelta(hours=9)
        usual = a_day * hours[9] // sum(hours)
        found += [noon + timedelta(seconds=luck.randrange(3600)) for _ in range(9 * usual)]
    return sorted(found)
