"""Settings: toso.toml and the environment, read once and frozen; a secret never prints itself."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from handlers.turn import Office

CHANNELS = ("web", "telegram")
DRIVERS = ("aiogram",)


class Unusable(Exception):
    """A setting is missing or wrong; says which, and what to set."""


class Secret:
    """A value that may be used and never shown."""

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Give the value itself."""
        return self._value

    def __repr__(self) -> str:
        return "Secret(…)" if self._value else "Secret()"

    def __bool__(self) -> bool:
        return bool(self._value)


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Everything an installation may choose."""

    database: str = "sqlite:///data/toso.db"  # or postgresql+psycopg://user@host/name
    channels: tuple[str, ...] = ("web",)
    host: str = "127.0.0.1"  # the address the web server listens on
    port: int = 8080
    threads: int = 2  # turns at a time, on PostgreSQL

    office_name: str = "Tổ Số"
    office_commune: str = ""  # official code of the commune, where one runs this alone
    office_hotline: str = ""
    office_privacy: str = ""  # who answers for personal data

    knowledge: str = ""  # folder of topics; the shipped ones when empty

    telegram_token: Secret = Secret("")
    telegram_api: str = "https://api.telegram.org"
    telegram_driver: str = "aiogram"

    backup_folder: str = "data/backups"
    backup_count: int = 14  # daily copies kept

    keep_keys: int = 30  # days: update ids, so that a repeat is known as one
    keep_sent: int = 30  # days: words of what was sent
    keep_parked: int = 90  # days: events that could not be decided
    keep_talks: int = 30  # days: talks of people who agreed to nothing
    keep_requests: int = 365  # days: words of closed requests
    keep_audit: int = 1826  # days: who did what; five years

    @property
    def office(self) -> Office:
        """What conversations know of the office."""
        return Office(
            name=self.office_name,
            commune=self.office_commune,
            hotline=self.office_hotline,
            privacy=self.office_privacy,
            talks_kept=self.keep_talks,
        )


def read(environment: Mapping[str, str] | None = None, folder: Path | None = None) -> Settings:
    """Give the settings of toso.toml, those of the environment before them; raise Unusable."""
    environment = os.environ if environment is None else environment
    path = (
        Path(environment.get("TOSO_SETTINGS", ""))
        if environment.get("TOSO_SETTINGS")
        else (folder or Path()) / "toso.toml"
    )
    written: dict[str, Any] = {}
    if path.exists():
        try:
            written = _flat(tomllib.loads(path.read_text(encoding="utf-8")))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise Unusable(f"{path}: {error}. Mend that line, or remove it.") from error
    elif environment.get("TOSO_SETTINGS"):
        raise Unusable(f"TOSO_SETTINGS names {path}, which does not exist. Correct the path, or unset it.")
    fields = {field.name: field for field in msgspec.structs.fields(Settings)}
    for name in written:
        if name not in fields:
            raise Unusable(
                f"{path}: “{name}” is no setting. Remove the line; `toso doctor --settings` lists them all."
            )
    for name in fields:
        if name.upper() in environment:
            written[name] = environment[name.upper()]
    values = {name: _value(name, fields[name].type, value) for name, value in written.items()}
    settings = Settings(**values)
    _agree(settings)
    return settings


def _flat(table: Mapping[str, Any], before: str = "") -> dict[str, Any]:
    """Read [telegram] token = … as telegram_token."""
    flat: dict[str, Any] = {}
    for name, value in table.items():
        if isinstance(value, dict):
            flat |= _flat(value, f"{before}{name}_")
        else:
            flat[f"{before}{name}"] = value
    return flat


def _value(name: str, kind: object, value: Any) -> Any:
    if kind is Secret:
        return Secret(str(value))
    if kind is int:
        try:
            return int(value)
        except (TypeError, ValueError):
            raise Unusable(f"{name.upper()} is “{value}”. Write a whole number.") from None
    if kind is str:
        return str(value)
    words = value.split(",") if isinstance(value, str) else value
    return tuple(str(word).strip() for word in words if str(word).strip())


def _agree(settings: Settings) -> None:
    for channel in settings.channels:
        if channel not in CHANNELS:
            raise Unusable(f"CHANNELS names “{channel}”. Known are: {', '.join(CHANNELS)}.")
    if "telegram" in settings.channels:
        if not settings.telegram_token:
            raise Unusable(
                "TELEGRAM_TOKEN is not set. Copy it from @BotFather, or remove telegram from CHANNELS."
            )
        if settings.telegram_driver not in DRIVERS:
            raise Unusable(
                f"TELEGRAM_DRIVER is “{settings.telegram_driver}”. Known are: {', '.join(DRIVERS)}."
            )
    if not 1 <= settings.port <= 65535:
        raise Unusable(f"PORT is {settings.port}. Choose one from 1 to 65535, such as 8080.")
    for name in (
        "keep_keys",
        "keep_sent",
        "keep_parked",
        "keep_talks",
        "keep_requests",
        "keep_audit",
        "backup_count",
    ):
        if getattr(settings, name) < 1:
            raise Unusable(f"{name.upper()} is {getattr(settings, name)}. Write a number of 1 or more.")
    if not settings.database.startswith(("sqlite:///", "postgresql")):
        raise Unusable(
            "DATABASE is not understood. Write sqlite:///data/toso.db, or postgresql+psycopg://user:password@host/name."
        )
