"""What an office installs is true: its example settings are the settings, with the values that hold without them."""

from __future__ import annotations

import os
import re
import tomllib
from pathlib import Path

import msgspec
import pytest

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


@pytest.mark.parametrize(
    "line",
    [
        "Environment=TOSO_SETTINGS=/etc/toso/toso.toml",
        "EnvironmentFile=-/etc/toso/secrets",
        "User=toso",
        "StateDirectory=toso",
        "StateDirectoryMode=0700",
        "UMask=0077",
        "WorkingDirectory=/var/lib/toso",
        "/opt/toso/.venv/bin/toso",
    ],
)
def test_the_command_sees_what_the_service_sees(line: str) -> None:
    for name in ("toso", "toso.service"):
        assert line in (DEPLOY / name).read_text("utf-8"), name


def test_the_guide_makes_the_files_that_the_service_reads() -> None:
    guide = (DEPLOY / "README.md").read_text("utf-8")
    for file in ("/etc/toso/toso.toml", "/etc/toso/secrets", "/usr/local/bin/toso", "/etc/systemd/system/"):
        assert f" {file}\n" in guide
    assert os.access(DEPLOY / "toso", os.X_OK)
