"""Settings: toso.toml and the environment, read once and frozen; a secret never prints itself."""

from __future__ import annotations

import os
import re
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from handlers.records.announcements import Platform
from handlers.text import Text, _, as_is
from handlers.turn import Office

CHANNELS = ("web", "telegram", "zalo_oa", "zalo_bot")
DRIVERS = {"aiogram": "aiogram", "ptb": "telegram"}  # of Telegram, with the package that each loads
TELEGRAM_SECRET = re.compile(r"[\w-]{1,256}", re.ASCII)
TELEGRAM_PROXY = re.compile(r"(https?|socks5|socks5h)://[^\s/]+/?")
MAIL_SENDER = re.compile(r"([^<>\"\n\r,;@]+ )?<?[\w.+-]+@[a-zA-Z0-9.-]+>?")
SOURCES = ("words", "link", "office", "date")  # what a field of a ZBS template may be filled with
LOCAL = ("localhost", "127.0.0.1", "::1")
PAID = ("none", "notices", "all")  # what may be sent on Zalo when it is no longer for nothing
TELEGRAM_TOKEN = re.compile(r"\d+:[\w-]{20,}", re.ASCII)
ZALO_BOT_TOKEN = re.compile(r"\d+:[\w.~+=-]+", re.ASCII)
ON, OFF = ("on", "true", "yes", "1"), ("off", "false", "no", "0")
DATABASE = re.compile(
    r"sqlite:///(?!:memory:)[^?#]+"
    r"|postgresql(\+psycopg)?://([^@/]*@)?(\[[^\]]*\]|[^:/?#]*)(:\d+)?([/?].*)?"
)
PASSWORD = re.compile(r"(://[^:/@]*:)[^@]*(?=@)|([?&]password=)[^&]*")  # in the address of a database


class Unusable(Exception):
    """Something the operator has to mend first; says in one line what is wrong, and what to do."""

    def __init__(self, reason: str | Text) -> None:
        super().__init__(str(reason))
        self.reason = reason if isinstance(reason, Text) else as_is(reason)


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
    public_address: str = ""  # https address by which platforms and phones reach this server
    threads: int = 2  # turns at a time, on PostgreSQL
    slows: bool = True  # whoever types faster than anybody reads is answered in one go

    office_name: str = "Tổ Số"
    office_commune: str = ""  # official code of the commune, where one runs this alone
    office_hotline: str = ""
    office_privacy: str = ""  # who answers for personal data

    knowledge: str = ""  # folder of topics; the shipped ones when empty
    own_knowledge: str = "data/knowledge"  # what this office adds, laid over those
    reports: str = ""  # folder of the office's own report forms, beside the shipped ones

    telegram_token: Secret = Secret("")
    telegram_api: str = "https://api.telegram.org"
    telegram_driver: str = "aiogram"
    telegram_proxy: Secret = Secret("")  # http://… or socks5://…, which may hold a password
    telegram_webhook: bool = False  # Telegram calls PUBLIC_ADDRESS; it is polled otherwise
    telegram_secret: Secret = Secret("")  # with a webhook: what Telegram has to say with each call
    telegram_rate: int = 30  # messages a second, as Telegram allows a bot
    telegram_chat_rate: int = 1  # a second to one person
    telegram_group_rate: int = 20  # a minute into one group

    zalo_oa_id: str = ""
    zalo_oa_app_id: str = ""
    zalo_oa_app_secret: Secret = Secret("")
    zalo_oa_oauth: str = "https://oauth.zaloapp.com"
    zalo_oa_callback: str = ""  # as written in the app's console; PUBLIC_ADDRESS when empty
    zalo_oa_verifier: Secret = Secret("")  # of PKCE; made of the app's secret when empty
    zalo_oa_secret: Secret = Secret("")  # OA Secret Key of the webhook's page; not the app's secret
    zalo_oa_api: str = "https://openapi.zalo.me"
    zalo_oa_bad_signature_status: int = 200  # a refusal might make Zalo switch the webhook off
    zalo_oa_buttons: bool = False  # whether this account may send any is only known by trying
    zalo_oa_rate: int = (
        25  # messages a second; Zalo allows an app some 4,000 calls a minute, all its accounts together
    )
    zalo_oa_chat_rate: int = 2  # a second to one person
    zalo_oa_paid: str = "notices"  # later than 48 hours after a person's last word: one of PAID
    zalo_oa_price: int = (
        0  # đồng a message that is charged, as the contract says, for what is told beforehand
    )
    zalo_oa_media_hosts: tuple[str, ...] = (
        "*.zdn.vn",
        "*.zadn.vn",
        "*.dlfl.vn",
        "*.zalo.me",
        "*.zaloapp.com",
    )

    zalo_oa_proof: bool = False  # appsecret_proof, where the app's console asks for it

    zbs_template: str = (
        ""  # id of an approved template, paid, for whom neither chat nor e-mail reaches; none without it
    )
    zbs_fields: tuple[str, ...] = ("noi_dung=words",)  # the template's fields, and what fills them: SOURCES
    zbs_price: int = 0  # đồng a message, for the account of the month
    zbs_rate: int = 5  # messages a second
    zbs_api: str = "https://business.openapi.zalo.me"

    zalo_bot_token: Secret = Secret("")
    zalo_bot_api: str = "https://bot-api.zaloplatforms.com"
    zalo_bot_name: str = ""  # as it stands in Zalo: a group calls it by this, and we leave that out
    zalo_bot_webhook: bool = False  # have Zalo call PUBLIC_ADDRESS, instead of asking it
    zalo_bot_secret: Secret = Secret("")  # of our own choosing; by it Zalo's calls are known
    zalo_bot_quota: int = 3000  # messages a month that the plan allows
    zalo_bot_quota_both: bool = False  # what people write counts as well; sources disagree
    zalo_bot_rate: int = 5  # messages a second; Zalo publishes no limit
    zalo_bot_chat_rate: int = 1  # a second to one person or group
    zalo_bot_media_hosts: tuple[str, ...] = ("*.zdn.vn", "*.zadn.vn", "*.zalo.me", "*.zaloplatforms.com")

    smtp_host: str = ""  # e-mail for whom no chat reaches; none without it
    smtp_port: int = 587
    smtp_tls: str = "starttls"  # or "tls" from the first byte (mostly port 465), or "none"
    smtp_user: str = ""
    smtp_password: Secret = Secret("")
    smtp_rate: int = 12  # letters a minute; providers cut off who sends more than some hundreds an hour
    smtp_from: str = ""  # such as "UBND xã Ứng Hòa <tro-ly@example.gov.vn>"

    announce_brake: int = 5000  # people above which an announcement is confirmed once more, with their number

    appointment_reminder: int = 30  # minutes before an appointment at which both are reminded

    media_folder: str = "data/media"  # photos, voice notes and files on their way between people
    media_most_mb: int = 20  # of one file; Telegram lets nobody fetch more

    backup_folder: str = "data/backups"
    backup_count: int = 14  # daily copies kept

    keep_keys: int = 30  # days: update ids, so that a repeat is known as one
    keep_sent: int = 30  # days: words of what was sent
    keep_parked: int = 90  # days: events that could not be decided
    keep_talks: int = 30  # days: talks of people who agreed to nothing
    keep_requests: int = 365  # days: words of closed requests
    keep_misses: int = 365  # days: questions without an answer, and who is to be told of one
    keep_audit: int = 1826  # days: who did what; five years

    def shown(self) -> dict[str, str]:
        """Give every setting as it may be read by anybody who looks over the operator's shoulder."""
        values = {name: str(getattr(self, name)) for name in FIELDS}
        return values | {"database": PASSWORD.sub(r"\1\2…", self.database)}

    def __repr__(self) -> str:
        return f"Settings({', '.join(f'{name}={value}' for name, value in self.shown().items())})"

    def _closes(self, name: str) -> int:
        if name in FREE_DAYS and self.zalo_oa_paid == "none":
            return FREE_DAYS[name]
        return CLOSES[name]

    @property
    def office(self) -> Office:
        """What conversations know of the office."""
        return Office(
            name=self.office_name,
            commune=self.office_commune,
            hotline=self.office_hotline,
            privacy=self.office_privacy,
            talks_kept=self.keep_talks,
            closes={name: self._closes(name) for name in CLOSES if name in self.channels},
            free={name: days for name, days in FREE_DAYS.items() if name in self.channels},
            pays=self.zalo_oa_paid == "all",
            outside=(*(("mail",) if self.smtp_host else ()), *(("zbs",) if self.zbs_template else ())),
            address=self.public_address,
            opens=bool(self.public_address),
            platforms={name: self._platform(name) for name in (*self.channels, "terminal")},
            prices={"zalo_oa": self.zalo_oa_price, "zbs": self.zbs_price},
            brake=self.announce_brake,
            remind_before=self.appointment_reminder,
            slows=self.slows,
        )

    def _platform(self, name: str) -> Platform:
        free = FREE_DAYS.get(name, 0)
        # A broadcast that costs is refused unless everything may cost.
        takes = free if free and self.zalo_oa_paid != "all" else CLOSES.get(name, 0)
        quota = self.zalo_bot_quota if name == "zalo_bot" else 0
        return Platform(takes=takes * 24, free=free * 24, quota=quota)


# Days after a person's last word from which a platform takes no message to them, or they no longer look.
CLOSES = {"zalo_oa": 7, "web": 30}
FREE_DAYS = {"zalo_oa": 2}  # of these, the days in which it costs nothing
FIELDS = {field.name: field for field in msgspec.structs.fields(Settings)}
COUNTS = (
    "threads",
    "backup_count",
    "media_most_mb",
    "announce_brake",
    "appointment_reminder",
    "telegram_rate",
    "telegram_chat_rate",
    "telegram_group_rate",
    "zalo_bot_quota",
    "zalo_bot_rate",
    "zalo_bot_chat_rate",
    "zalo_oa_rate",
    "zalo_oa_chat_rate",
    "zbs_rate",
    "smtp_rate",
    *(name for name in FIELDS if name.startswith("keep_")),
)


def read(environment: Mapping[str, str] | None = None, folder: Path | None = None) -> Settings:
    """Give the settings of toso.toml, those of the environment before them; raise Unusable.

    An empty variable is none: service managers set those without meaning anything by it.
    """
    environment = os.environ if environment is None else environment
    named = environment.get("TOSO_SETTINGS", "")
    path = Path(named) if named else (folder or Path()) / "toso.toml"
    if named and not path.is_file():
        raise Unusable(
            _("TOSO_SETTINGS names {path}, which does not exist. Correct the path, or unset it.")(
                path=str(path)
            )
        )
    values = {name: _value(f"{path}: {name}", name, value) for name, value in _written(path).items()}
    for name in FIELDS:
        if value := environment.get(name.upper(), "").strip():
            values[name] = _value(name.upper(), name, value)
    settings = Settings(**values)
    _agree(settings)
    return settings


def adding(extra: str) -> str:
    """Give the command that adds what one of the package's extras needs to this very installation."""
    return f"{sys.executable} -m pip install 'toso[{extra}]'"


def _written(path: Path) -> dict[str, Any]:
    """Give what the file says, by the names of settings; nothing where there is no file."""
    if not path.is_file():
        return {}
    try:
        written = _flat(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        remedy = _again(str(error)) or _("{error}. Mend that, or remove the line.")(error=str(error))
        raise Unusable(_("{path}: {remedy}")(path=str(path), remedy=remedy)) from error
    for name in written:
        if name not in FIELDS:
            remedy = _strayed(name) or _(
                "“{name}” is no setting. Remove the line; `toso doctor --settings` lists them all."
            )(name=name)
            raise Unusable(_("{path}: {remedy}")(path=str(path), remedy=remedy))
    return written


def _again(error: str) -> Text | None:
    """Say what to do about a line that stands twice; None for any other error of the file."""
    if part := re.fullmatch(r"Cannot declare \('(\w+)',\) twice \(at line (\d+), .*\)", error):
        told = _("line {line} begins [{part}] once more. Write its settings under the first [{part}].")
        return told(line=part[2], part=part[1])
    if line := re.fullmatch(r"Cannot overwrite a value \(at line (\d+), .*\)", error):
        return _("line {line} writes a setting once more. Keep one of the two lines.")(line=line[1])
    return None


def _strayed(name: str) -> Text | None:
    """Say what to do about a line that stands in another part than its own; None for a name of nothing."""
    parts = name.split("_")
    for number in range(1, len(parts)):
        part, own = "_".join(parts[:number]), "_".join(parts[number:])
        if own in FIELDS:
            told = _("“{own}” stands under [{part}]. Move it to the top, above the first line in brackets.")
            return told(own=own, part=part)
    return None


def _flat(table: Mapping[str, Any], before: str = "") -> dict[str, Any]:
    """Read [telegram] token = … as telegram_token."""
    flat: dict[str, Any] = {}
    for name, value in table.items():
        if isinstance(value, dict):
            flat |= _flat(value, f"{before}{name}_")
        else:
            flat[f"{before}{name}"] = value
    return flat


def _value(where: str, name: str, value: Any) -> Any:
    """Give a value as its setting wants it."""
    kind = FIELDS[name].type
    if kind is int:
        if (isinstance(value, str) and re.fullmatch(r"[+-]?[0-9]{1,9}", value)) or type(value) is int:
            return int(value)
        raise Unusable(_("{setting} is “{value}”. Write a whole number.")(setting=where, value=str(value)))
    if kind is bool:
        if (word := str(value).lower()) in (*ON, *OFF):
            return word in ON
        raise Unusable(_("{setting} is “{value}”. Write on or off.")(setting=where, value=str(value)))
    if isinstance(value, str):
        if kind is Secret:
            return Secret(value)
        return value if kind is str else tuple(word.strip() for word in value.split(",") if word.strip())
    if kind not in (str, Secret) and isinstance(value, list) and all(isinstance(word, str) for word in value):
        return tuple(value)
    raise Unusable(_("{setting} is not understood. Write its value in quotes.")(setting=where))


def _agree(settings: Settings) -> None:
    """Refuse values that cannot work, one by one or together."""
    for channel in settings.channels:
        if channel not in CHANNELS:
            raise Unusable(
                _("CHANNELS names “{value}”. Known are: {known}.")(
                    value=str(channel), known=", ".join(CHANNELS)
                )
            )
    if "telegram" in settings.channels:
        _agree_on_telegram(settings)
    if "zalo_oa" in settings.channels:
        _agree_on_zalo_oa(settings)
    if "zalo_bot" in settings.channels:
        _agree_on_zalo_bot(settings)
    if settings.smtp_host:
        _agree_on_mail(settings)
    if settings.zbs_template:
        _agree_on_zbs(settings)
    for name in ("port", "smtp_port"):
        if not 1 <= getattr(settings, name) <= 65535:
            usual = FIELDS[name].default
            raise Unusable(
                _("{setting} is {value}. Choose one from 1 to 65535, such as {usual}.")(
                    setting=name.upper(), value=str(getattr(settings, name)), usual=str(usual)
                )
            )
    for name in ("zalo_oa_price", "zbs_price"):
        if getattr(settings, name) < 0:
            raise Unusable(
                _("{setting} is {value}. Write đồng a message, or leave it out.")(
                    setting=name.upper(), value=str(getattr(settings, name))
                )
            )
    for name in COUNTS:
        if getattr(settings, name) < 1:
            raise Unusable(
                _("{setting} is {value}. Write a number of 1 or more.")(
                    setting=name.upper(), value=str(getattr(settings, name))
                )
            )
    if settings.public_address and not re.fullmatch(r"https://[^/?#\s]+", settings.public_address):
        raise Unusable(
            _("PUBLIC_ADDRESS is “{value}”. Write it as https://toso.example.vn, with nothing behind.")(
                value=str(settings.public_address)
            )
        )
    if not DATABASE.fullmatch(settings.database):
        # The value itself may hold a password, so it is not repeated.
        raise Unusable(
            _(
                "DATABASE is not understood. Write sqlite:///data/toso.db, or postgresql+psycopg://user:password@host/name."
            )
        )
    if settings.knowledge and not Path(settings.knowledge).is_dir():
        raise Unusable(
            _("KNOWLEDGE names {value}, where there is no folder. Correct it, or leave it out.")(
                value=str(settings.knowledge)
            )
        )


def _agree_on_mail(settings: Settings) -> None:
    if not MAIL_SENDER.fullmatch(settings.smtp_from):
        raise Unusable(
            _("SMTP_FROM is no sender's address. Write one such as Tổ Số <tro-ly@example.gov.vn>.")
        )
    if settings.smtp_tls not in ("starttls", "tls", "none"):
        raise Unusable(
            _("SMTP_TLS is “{value}”. Known are: starttls, tls, none.")(value=str(settings.smtp_tls))
        )
    if bool(settings.smtp_user) != bool(settings.smtp_password):
        raise Unusable(_("SMTP_USER and SMTP_PASSWORD belong together. Set both, or neither."))
    if settings.smtp_user and settings.smtp_tls == "none" and settings.smtp_host not in LOCAL:
        raise Unusable(
            _("SMTP_TLS is none, and SMTP_PASSWORD would travel in the open. Choose starttls or tls.")
        )


def _agree_on_zbs(settings: Settings) -> None:
    agree_on_zalo_app(settings)
    if not re.fullmatch(r"[0-9]{1,12}", settings.zbs_template):
        raise Unusable(
            _("ZBS_TEMPLATE is “{value}”. Write the template's number.")(value=str(settings.zbs_template))
        )
    for field in settings.zbs_fields:
        if not re.fullmatch(rf"\w+=({'|'.join(SOURCES)})", field, re.ASCII):
            raise Unusable(
                _("ZBS_FIELDS holds “{value}”. Write name=source; sources are: {known}.")(
                    value=str(field), known=", ".join(SOURCES)
                )
            )
    if not settings.zbs_api.startswith(("https://", "http://")):
        raise Unusable(
            _("ZBS_API is “{value}”. Write an address such as https://business.openapi.zalo.me.")(
                value=str(settings.zbs_api)
            )
        )


def agree_on_zalo_app(settings: Settings) -> None:
    """Refuse settings with which Zalo gives no tokens."""
    for name in ("zalo_oa_id", "zalo_oa_app_id"):
        if not re.fullmatch(r"[0-9]{1,20}", getattr(settings, name)):
            raise Unusable(
                _("{setting} is “{value}”. Write the number that Zalo shows.")(
                    setting=name.upper(), value=str(getattr(settings, name))
                )
            )
    if not settings.zalo_oa_app_secret:
        raise Unusable(
            _("ZALO_OA_APP_SECRET is not set. Copy it from the app's settings at developers.zalo.me.")
        )
    _agree_on_word("ZALO_OA_APP_SECRET", settings.zalo_oa_app_secret)
    if not settings.zalo_oa_oauth.startswith(("https://", "http://")):
        raise Unusable(
            _("ZALO_OA_OAUTH is “{value}”. Write an address such as https://oauth.zaloapp.com.")(
                value=str(settings.zalo_oa_oauth)
            )
        )
    if settings.zalo_oa_verifier and not re.fullmatch(r"[\w.~-]{43,128}", settings.zalo_oa_verifier.reveal()):
        raise Unusable(
            _("ZALO_OA_VERIFIER must have 43 to 128 letters or digits. Correct it, or leave it out.")
        )


def _agree_on_word(name: str, secret: Secret) -> None:
    """Refuse what was copied with something beside it: a remark behind a value counts as part of it."""
    if not re.fullmatch(r"[\x21-\x7e]+", secret.reveal()):
        raise Unusable(
            _("{setting} holds a space or a letter with an accent. Write the key alone on its line.")(
                setting=name
            )
        )


def _agree_on_telegram(settings: Settings) -> None:
    if not settings.telegram_token:
        raise Unusable(
            _("TELEGRAM_TOKEN is not set. Copy it from @BotFather, or remove telegram from CHANNELS.")
        )
    if not TELEGRAM_TOKEN.fullmatch(settings.telegram_token.reveal()):
        raise Unusable(
            _("TELEGRAM_TOKEN is no token: digits, a colon, letters. Copy it again from @BotFather.")
        )
    if settings.telegram_driver not in DRIVERS:
        raise Unusable(
            _("TELEGRAM_DRIVER is “{value}”. Known are: {known}.")(
                value=str(settings.telegram_driver), known=", ".join(DRIVERS)
            )
        )
    if not settings.telegram_api.startswith(("https://", "http://")):
        raise Unusable(
            _("TELEGRAM_API is “{value}”. Write an address such as https://api.telegram.org.")(
                value=str(settings.telegram_api)
            )
        )
    if settings.telegram_proxy and not TELEGRAM_PROXY.fullmatch(settings.telegram_proxy.reveal()):
        # The value may hold a password, so it is not repeated.
        raise Unusable(_("TELEGRAM_PROXY is not understood. Write http://host:port or socks5://host:port."))
    if settings.telegram_webhook:
        _agree_on_telegrams_webhook(settings)


def _agree_on_telegrams_webhook(settings: Settings) -> None:
    if not settings.public_address:
        raise Unusable(
            _(
                "TELEGRAM_WEBHOOK needs PUBLIC_ADDRESS, where Telegram is to call. Set it, or remove TELEGRAM_WEBHOOK."
            )
        )
    if not TELEGRAM_SECRET.fullmatch(settings.telegram_secret.reveal()):
        raise Unusable(
            _(
                "TELEGRAM_WEBHOOK needs TELEGRAM_SECRET: 1 to 256 of A-Z a-z 0-9 _ -. `openssl rand -hex 32` makes one."
            )
        )


def _agree_on_zalo_oa(settings: Settings) -> None:
    agree_on_zalo_app(settings)
    if not settings.zalo_oa_secret:
        raise Unusable(
            _(
                "ZALO_OA_SECRET is not set. Copy the OA Secret Key from the webhook's page at developers.zalo.me, "
                "or remove zalo_oa from CHANNELS."
            )
        )
    _agree_on_word("ZALO_OA_SECRET", settings.zalo_oa_secret)
    if not settings.zalo_oa_api.startswith(("https://", "http://")):
        raise Unusable(
            _("ZALO_OA_API is “{value}”. Write an address such as https://openapi.zalo.me.")(
                value=str(settings.zalo_oa_api)
            )
        )
    if settings.zalo_oa_bad_signature_status not in (200, 401, 403):
        raise Unusable(
            _("ZALO_OA_BAD_SIGNATURE_STATUS is {value}. Write 200, 401 or 403.")(
                value=str(settings.zalo_oa_bad_signature_status)
            )
        )
    if settings.zalo_oa_paid not in PAID:
        raise Unusable(
            _("ZALO_OA_PAID is “{value}”. Known are: {known}.")(
                value=str(settings.zalo_oa_paid), known=", ".join(PAID)
            )
        )


def _agree_on_zalo_bot(settings: Settings) -> None:
    token, secret = settings.zalo_bot_token.reveal(), settings.zalo_bot_secret.reveal()
    if not token:
        raise Unusable(
            _(
                "ZALO_BOT_TOKEN is not set. Copy it from the message that Zalo Bot Manager sent, "
                "or remove zalo_bot from CHANNELS."
            )
        )
    if not ZALO_BOT_TOKEN.fullmatch(token):
        raise Unusable(
            _("ZALO_BOT_TOKEN is no token: digits, a colon, letters. Copy it again from Zalo Bot Manager.")
        )
    if not settings.zalo_bot_api.startswith(("https://", "http://")):
        raise Unusable(
            _("ZALO_BOT_API is “{value}”. Write an address such as https://bot-api.zaloplatforms.com.")(
                value=str(settings.zalo_bot_api)
            )
        )
    if not settings.zalo_bot_webhook:
        return
    if not settings.public_address:
        raise Unusable(
            _(
                "ZALO_BOT_WEBHOOK is on and PUBLIC_ADDRESS is not set. "
                "Write the https address of this server, or turn ZALO_BOT_WEBHOOK off."
            )
        )
    if not re.fullmatch(r"[\x21-\x7e]{8,256}", secret):
        raise Unusable(
            _(
                "ZALO_BOT_SECRET must have 8 to 256 letters, digits or signs, without accents or spaces. "
                "Think one up, or turn ZALO_BOT_WEBHOOK off."
            )
        )
