"""What an office installs is true: its example settings are the settings, with the values that hold without them."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import msgspec

from bot.settings import Settings, read

DEPLOY = Path(__file__).parents[1] / "deploy"
EXAMPLE = DEPLOY / "toso.toml"
UNCOMMENTED = re.sub(r"^# (?=\w+ = )", "", EXAMPLE.read_text("utf-8"), flags=re.M)


def test_the_example_as_it_stands_changes_nothing() -> None:
    assert repr(read({"TOSO_SETTINGS": str(EXAMPLE)})) == repr(Settings())


def test_every_line_of_the_example_shows_the_value_that_holds_without_it(tmp_path: Path) -> None:
    written = tmp_path / "toso.toml"
    written.write_text(UNCOMMENTED, "utf-8")
    assert repr(read({"TOSO_SETTINGS": str(written)})) == repr(Settings())


def test_the_example_names_every_setting() -> None:
    named = set()
    for name, value in tomllib.loads(UNCOMMENTED).items():
        named |= {f"{name}_{inner}" for inner in value} if isinstance(value, dict) else {name}
    assert named == {field.name for field in msgspec.structs.fields(Settings)}


def test_the_service_reads_its_settings_where_the_guide_puts_them() -> None:
    unit = (DEPLOY / "toso.service").read_text("utf-8")
    guide = (DEPLOY / "README.md").read_text("utf-8")
    for line in ("TOSO_SETTINGS=/etc/toso/toso.toml", "EnvironmentFile=-/etc/toso/secrets"):
        assert line in unit
        assert line in guide
