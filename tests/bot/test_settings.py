"""Settings: what is missing or wrong is told in one line, and what is secret is never told."""

from __future__ import annotations

import asyncio
import logging
import sys
from pathlib import Path

import pytest

from bot.app import channels
from bot.inbox import Intake
from bot.settings import Secret, Settings, Unusable, adding, read
from bot.store.database import Database
from bot.store.writer import writer
from tests.bot.office import Office, free_port
from tests.bot.rig import heard

TOKEN = "7001:AAHsimulated-token-of-thirty-five-chars"
PASSWORD = "sen-hong-2026"
ZALO = {"CHANNELS": "zalo_bot", "ZALO_BOT_TOKEN": "388613280878808645:abc-DEF"}
ACCOUNT = {
    "CHANNELS": "zalo_oa",
    "ZALO_OA_ID": "388613280878808645",
    "ZALO_OA_APP_ID": "1907",
    "ZALO_OA_APP_SECRET": PASSWORD,
    "ZALO_OA_SECRET": PASSWORD,
}
HOOK = {"ZALO_BOT_WEBHOOK": "on", "PUBLIC_ADDRESS": "https://toso.example.vn"}
ZBS = {"ZBS_TEMPLATE": "1", "ZALO_OA_ID": "1", "ZALO_OA_APP_ID": "1", "ZALO_OA_APP_SECRET": PASSWORD}
MAIL = {"SMTP_HOST": "mail.x.vn", "SMTP_FROM": "Tổ Số <a@x.vn>"}
TELEGRAM = {"CHANNELS": "telegram", "TELEGRAM_TOKEN": TOKEN}
HOOKED = TELEGRAM | {"TELEGRAM_WEBHOOK": "on", "PUBLIC_ADDRESS": "https://toso.example.vn"}


@pytest.mark.parametrize(
    ("environment", "says"),
    [
        ({"CHANNELS": "telegram"}, "TELEGRAM_TOKEN is not set. Copy it from @BotFather"),
        ({"CHANNELS": "telegram", "TELEGRAM_TOKEN": "   "}, "TELEGRAM_TOKEN is not set."),
        ({"CHANNELS": "telegram", "TELEGRAM_TOKEN": PASSWORD}, "TELEGRAM_TOKEN is no token"),
        ({"CHANNELS": "telegram", "TELEGRAM_TOKEN": TOKEN, "TELEGRAM_DRIVER": "x"}, "Known are: aiogram, ptb."),
        ({"CHANNELS": "telegram", "TELEGRAM_TOKEN": TOKEN, "TELEGRAM_API": "x.vn"}, "Write an address such as"),
        ({"CHANNELS": "web, zalo"}, "CHANNELS names “zalo”. Known are: web, telegram, zalo_oa, zalo_bot."),
        ({"CHANNELS": "zalo_oa"}, "ZALO_OA_ID is “”. Write the number"),
        ({**ACCOUNT, "ZALO_OA_APP_ID": "ứng dụng"}, "ZALO_OA_APP_ID is “ứng dụng”. Write the number"),
        ({**ACCOUNT, "ZALO_OA_APP_SECRET": ""}, "ZALO_OA_APP_SECRET is not set."),
        ({**ACCOUNT, "ZALO_OA_SECRET": ""}, "ZALO_OA_SECRET is not set. Copy the OA Secret Key"),
        ({**ACCOUNT, "ZALO_OA_APP_SECRET": f"{PASSWORD} # khóa"}, "ZALO_OA_APP_SECRET holds a space or a letter"),
        ({**ACCOUNT, "ZALO_OA_SECRET": f"{PASSWORD}ó"}, "ZALO_OA_SECRET holds a space or a letter"),
        ({**ACCOUNT, "ZALO_OA_API": "x.vn"}, "ZALO_OA_API is “x.vn”. Write an address such as"),
        ({**ACCOUNT, "ZALO_OA_BAD_SIGNATURE_STATUS": "500"}, "is 500. Write 200, 401 or 403."),
        ({**ACCOUNT, "ZALO_OA_PAID": "some"}, "ZALO_OA_PAID is “some”. Known are: none, notices, all."),
        ({**ACCOUNT, "ZALO_OA_BUTTONS": "maybe"}, "ZALO_OA_BUTTONS is “maybe”. Write on or off."),
        ({"CHANNELS": "zalo_bot"}, "ZALO_BOT_TOKEN is not set. Copy it from the message"),
        ({"CHANNELS": "zalo_bot", "ZALO_BOT_TOKEN": PASSWORD}, "ZALO_BOT_TOKEN is no token"),
        ({"CHANNELS": "zalo_bot", "ZALO_BOT_TOKEN": f"70/../{PASSWORD}:x"}, "ZALO_BOT_TOKEN is no token"),
        ({**ZALO, "ZALO_BOT_API": "x.vn"}, "ZALO_BOT_API is “x.vn”. Write an address such as"),
        ({**ZALO, "ZALO_BOT_WEBHOOK": "maybe"}, "ZALO_BOT_WEBHOOK is “maybe”. Write on or off."),
        ({**ZALO, "ZALO_BOT_WEBHOOK": "on"}, "PUBLIC_ADDRESS is not set. Write the https address"),
        ({**ZALO, **HOOK, "ZALO_BOT_SECRET": "ngắn"}, "ZALO_BOT_SECRET must have 8 to 256 letters"),
        ({**ZALO, **HOOK, "ZALO_BOT_SECRET": f"{PASSWORD} đỏ"}, "without accents or spaces"),
        ({**ZALO, **HOOK, "ZALO_BOT_SECRET": "x" * 257}, "ZALO_BOT_SECRET must have 8 to 256"),
        ({"ZALO_BOT_QUOTA": "0"}, "ZALO_BOT_QUOTA is 0."),
        ({**TELEGRAM, "TELEGRAM_PROXY": f"{PASSWORD}@x"}, "TELEGRAM_PROXY is not understood. Write http://"),
        ({**TELEGRAM, "TELEGRAM_WEBHOOK": "maybe"}, "TELEGRAM_WEBHOOK is “maybe”. Write on or off."),
        ({**TELEGRAM, "TELEGRAM_WEBHOOK": "on"}, "TELEGRAM_WEBHOOK needs PUBLIC_ADDRESS"),
        ({**HOOKED, "TELEGRAM_SECRET": ""}, "TELEGRAM_WEBHOOK needs TELEGRAM_SECRET: 1 to 256 of"),
        ({**HOOKED, "TELEGRAM_SECRET": f"{PASSWORD} "*2}, "TELEGRAM_WEBHOOK needs TELEGRAM_SECRET"),
        ({"TELEGRAM_RATE": "0"}, "TELEGRAM_RATE is 0."),
        ({"PORT": "eighty"}, "PORT is “eighty”. Write a whole number."),
        ({"PORT": "70000"}, "PORT is 70000. Choose one from 1 to 65535, such as 8080."),
        ({"PORT": "9" * 5000}, "Write a whole number."),
        ({"SMTP_HOST": "x.vn"}, "SMTP_FROM is no sender's address. Write one such as"),
        ({"SMTP_HOST": "x.vn", "SMTP_FROM": "a@x.vn\nBcc: b@x.vn"}, "SMTP_FROM is no sender"),
        (MAIL | {"SMTP_TLS": "ssl"}, "SMTP_TLS is “ssl”. Known are: starttls, tls, none."),
        (MAIL | {"SMTP_USER": "a"}, "SMTP_USER and SMTP_PASSWORD belong together."),
        (MAIL | {"SMTP_USER": "a", "SMTP_PASSWORD": PASSWORD, "SMTP_TLS": "none"}, "would travel in the open"),
        (MAIL | {"SMTP_PORT": "0"}, "SMTP_PORT is 0. Choose one from 1 to 65535, such as 587."),
        ({"ZBS_TEMPLATE": "1"}, "ZALO_OA_ID is “”. Write the number that Zalo shows."),
        (ZBS | {"ZBS_TEMPLATE": "one"}, "ZBS_TEMPLATE is “one”. Write the template's number."),
        (ZBS | {"ZBS_FIELDS": "ten=name"}, "ZBS_FIELDS holds “ten=name”. Write name=source; sources are: words,"),
        (ZBS | {"ZBS_PRICE": "-1"}, "ZBS_PRICE is -1."),
        ({"ZALO_OA_PRICE": "-1"}, "ZALO_OA_PRICE is -1. Write đồng a message, or leave it out."),
        (ZBS | {"ZBS_API": "x.vn"}, "ZBS_API is “x.vn”. Write an address"),
        ({"KEEP_TALKS": "0"}, "KEEP_TALKS is 0. Write a number of 1 or more."),
        ({"BACKUP_COUNT": "-1"}, "BACKUP_COUNT is -1."),
        ({"MEDIA_MOST_MB": "0"}, "MEDIA_MOST_MB is 0."),
        ({"THREADS": "0"}, "THREADS is 0."),
        ({"DATABASE": f"mysql://toso:{PASSWORD}@host/toso"}, "DATABASE is not understood."),
        ({"DATABASE": "sqlite://"}, "DATABASE is not understood."),
        ({"DATABASE": "sqlite:///:memory:"}, "DATABASE is not understood."),
        ({"DATABASE": "postgresql://host:port/toso"}, "DATABASE is not understood."),
        ({"KNOWLEDGE": "nowhere"}, "KNOWLEDGE names nowhere, where there is no folder."),
        ({"TOSO_SETTINGS": "nowhere.toml"}, "TOSO_SETTINGS names nowhere.toml, which does not exist."),
    ],
)  # fmt: skip
def test_a_wrong_value_is_told_with_its_remedy(
    environment: dict[str, str], says: str, tmp_path: Path
) -> None:
    with pytest.raises(Unusable) as told:
        read(environment, tmp_path)
    words = str(told.value)
    assert says in words
    assert "\n" not in words
    assert PASSWORD not in words


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("prot = 80", "“prot” is no setting. Remove the line"),
        ("[telegram]\ntokens = 'x'", "“telegram_tokens” is no setting."),
        ("keep = 30", "“keep” is no setting."),
        ("[keep]\nchannels = ['web']", "“channels” stands under [keep]. Move it to the top"),
        ("[zalo_oa]\npublic_address = 'https://x.vn'", "“public_address” stands under [zalo_oa]. Move"),
        ("[smtp]\n[keep]\n[smtp]\nhost = 'x.vn'", "line 3 begins [smtp] once more. Write its settings under"),
        ("port = 80\nport = 81\n", "line 2 writes a setting once more. Keep one of the two lines."),
        ("port = 'eighty'", "port is “eighty”. Write a whole number."),
        ("port = true", "port is “True”. Write a whole number."),
        ("port = 80.5", "port is “80.5”. Write a whole number."),
        ("channels = 1", "channels is not understood. Write its value in quotes."),
        ("channels = [1]", "channels is not understood."),
        ("[office]\nname = ['a']", "office_name is not understood."),
        ("[telegram]\ntoken = 7001", "telegram_token is not understood."),
        ("port = ", "Invalid value (at end of document)"),
    ],
)
def test_a_wrong_line_of_the_file_is_told_with_the_file(written: str, says: str, tmp_path: Path) -> None:
    path = tmp_path / "toso.toml"
    path.write_text(written, "utf-8")
    with pytest.raises(Unusable) as told:
        read({}, tmp_path)
    assert str(told.value).startswith(f"{path}: ")
    assert says in str(told.value)


def test_a_library_is_added_to_the_installation_that_wants_it() -> None:
    assert adding("ptb") == f"{sys.executable} -m pip install 'toso[ptb]'"


def test_a_file_that_is_not_text_is_told(tmp_path: Path) -> None:
    (tmp_path / "toso.toml").write_bytes(b"office_name = '\xff'")
    with pytest.raises(Unusable, match=r"toso\.toml: .*utf-8"):
        read({}, tmp_path)


def test_the_environment_wins_over_the_file_and_the_file_over_what_holds_without(tmp_path: Path) -> None:
    (tmp_path / "toso.toml").write_text('port = 81\n[office]\nname = "UBND"\n[keep]\ntalks = 7\n', "utf-8")
    settings = read({"PORT": "82", "CHANNELS": "web, telegram,", "TELEGRAM_TOKEN": TOKEN}, tmp_path)
    assert (settings.port, settings.office_name, settings.keep_talks) == (82, "UBND", 7)
    assert settings.channels == ("web", "telegram")
    assert settings.telegram_token.reveal() == TOKEN
    assert settings.keep_sent == Settings().keep_sent


def test_an_empty_variable_is_none(tmp_path: Path) -> None:
    (tmp_path / "toso.toml").write_text("port = 81", "utf-8")
    nothing = dict.fromkeys(("HOST", "PORT", "DATABASE", "CHANNELS", "TOSO_SETTINGS", "KEEP_TALKS"), "")
    assert repr(read(nothing, tmp_path)) == repr(read({}, tmp_path))


@pytest.mark.parametrize(("written", "is_on"), [("true", True), ("'off'", False), ("1", True)])
def test_a_switch_is_on_or_off(written: str, is_on: bool, tmp_path: Path) -> None:
    (tmp_path / "toso.toml").write_text(f"[zalo_bot]\nwebhook = {written}", "utf-8")
    assert read({}, tmp_path).zalo_bot_webhook is is_on
    assert read({"ZALO_BOT_WEBHOOK": "Yes"}, tmp_path).zalo_bot_webhook


@pytest.mark.parametrize(
    "database",
    [
        f"postgresql+psycopg://toso:{PASSWORD}@host:5432/toso",
        f"postgresql+psycopg://toso:a:{PASSWORD}@host/toso",
        f"postgresql://host/toso?user=toso&password={PASSWORD}&sslmode=require",
    ],
)
def test_no_secret_shows_itself(database: str, caplog: pytest.LogCaptureFixture) -> None:
    settings = read({"DATABASE": database, "TELEGRAM_TOKEN": TOKEN})
    with caplog.at_level(logging.INFO):
        logging.getLogger("bot").info("%s %r %s", settings, settings, settings.shown())
    shown = f"{settings} {settings!r} {settings.shown()} {caplog.text} {Secret(TOKEN)}"
    assert TOKEN not in shown
    assert PASSWORD not in shown
    assert "host" in shown


def test_the_command_stops_with_that_one_line(tmp_path: Path) -> None:
    office = Office(tmp_path)
    office.write('channels = ["web", "telegram"]')
    done = office.toso("run")
    assert (done.status, done.out) == (1, "")
    assert (
        done.err == "TELEGRAM_TOKEN is not set. Copy it from @BotFather, or remove telegram from CHANNELS.\n"
    )


def test_the_list_of_settings_keeps_its_secrets(tmp_path: Path) -> None:
    office = Office(tmp_path)
    done = office.toso(
        "doctor", "--settings", telegram_token=TOKEN, database=f"postgresql://toso:{PASSWORD}@host/toso"
    )
    assert done.status == 0
    assert "telegram_token = Secret(…)\n" in done.out
    assert "database = postgresql://toso:…@host/toso\n" in done.out
    assert TOKEN not in done.out + done.err
    assert PASSWORD not in done.out + done.err


def test_a_port_that_is_taken_stops_it_with_one_line(tmp_path: Path) -> None:
    office, port = Office(tmp_path), str(free_port())
    assert office.toso("db", "upgrade").status == 0
    with office.running(port=port):
        done = office.toso("run", port=port, database="sqlite:///other.db")
        assert (
            done.err == "There is no database at other.db yet. Run `toso db upgrade`, or correct DATABASE.\n"
        )
        assert office.toso("db", "upgrade", database="sqlite:///other.db").status == 0
        done = office.toso("run", port=port, database="sqlite:///other.db")
    assert done.status == 1
    assert done.err == (
        f"Nothing can listen on HOST 127.0.0.1, PORT {port}: Address already in use. "
        "Correct HOST, or choose another PORT.\n"
    )


def test_a_host_that_some_other_program_has_set_is_told(tmp_path: Path) -> None:
    office = Office(tmp_path)
    assert office.toso("db", "upgrade").status == 0
    done = office.toso("run", host="x86_64-linux-gnu.invalid")
    assert done.status == 1
    assert done.err.startswith("Nothing can listen on HOST x86_64-linux-gnu.invalid, PORT 8080: ")
    assert done.err.endswith(". Correct HOST, or choose another PORT.\n")


def test_it_stops_in_good_order_when_it_is_told_to(tmp_path: Path) -> None:
    office = Office(tmp_path)
    assert office.toso("db", "upgrade").status == 0
    with office.running() as running:
        assert running.stop() == 0
    with office.running() as running:  # had it not said goodbye, this one would go carefully
        running.stop()
    assert len(running.log) == 1, running.log


@pytest.mark.parametrize(
    ("environment", "rates"),
    [
        ({**ACCOUNT}, (25, 2)),
        ({**ACCOUNT, "ZALO_OA_RATE": "10", "ZALO_OA_CHAT_RATE": "1"}, (10, 1)),
        ({**ZALO}, (5, 1)),
        ({**ZALO, "ZALO_BOT_RATE": "3", "ZALO_BOT_CHAT_RATE": "2"}, (3, 2)),
        ({**TELEGRAM}, (30, 1)),
        ({**TELEGRAM, "TELEGRAM_RATE": "20", "TELEGRAM_CHAT_RATE": "2"}, (20, 2)),
        ({**ZBS, "CHANNELS": "web"}, (5, 0.02)),
        ({**ZBS, "CHANNELS": "web", "ZBS_RATE": "1"}, (1, 0.02)),
        ({**MAIL, "CHANNELS": "web"}, (0.2, 0.02)),
        ({**MAIL, "CHANNELS": "web", "SMTP_RATE": "60"}, (1, 0.02)),
    ],
)
def test_how_fast_a_channel_sends_is_a_setting(
    environment: dict[str, str], rates: tuple[float, float], sqlite_url: str
) -> None:
    database = Database(sqlite_url)
    writing = writer(database)
    [channel] = channels(read(environment), database, writing)
    writing.close()
    database.close()
    assert (channel.limits.rate, channel.limits.chat_rate) == rates
    asyncio.run(channel.close())


@pytest.mark.parametrize(("both", "left"), [("off", 3000), ("on", 2999)])
def test_what_people_write_counts_in_a_bots_month_where_the_office_says_so(
    both: str, left: int, sqlite_url: str
) -> None:
    database = Database(sqlite_url)
    writing = writer(database)
    [channel] = channels(read({**ZALO, "ZALO_BOT_QUOTA_BOTH": both}), database, writing)
    Intake(writing, sqlite=True).take_now([heard("Lan", "xin chào", account=channel.account)])
    figures = channel.figures()
    writing.close()
    database.close()
    asyncio.run(channel.close())
    assert figures["month_left"] == left


@pytest.mark.parametrize("name", ["ZALO_OA_RATE", "ZALO_OA_CHAT_RATE", "ZBS_RATE", "SMTP_RATE"])
def test_a_rate_of_nothing_is_refused(name: str) -> None:
    with pytest.raises(Unusable, match=f"{name} is 0. Write a number of 1 or more."):
        read({name: "0"})


@pytest.mark.parametrize(
    ("given", "closes", "outside"),
    [
        (Settings(), {"web": 30}, ()),
        (Settings(channels=("telegram",)), {}, ()),
        (Settings(channels=("web", "zalo_oa")), {"zalo_oa": 7, "web": 30}, ()),
        (Settings(channels=("zalo_oa",), zalo_oa_paid="none"), {"zalo_oa": 2}, ()),
        (Settings(channels=("telegram",), smtp_host="mail.example.vn"), {}, ("mail",)),
        (
            Settings(channels=("telegram",), smtp_host="mail.example.vn", zbs_template="1"),
            {},
            ("mail", "zbs"),
        ),
    ],
)
def test_the_conversations_know_which_chats_close_and_what_reaches_people_besides(
    given: Settings, closes: dict[str, int], outside: tuple[str, ...]
) -> None:
    assert (given.office.closes, given.office.outside) == (closes, outside)
    assert given.office.writes_mail is ("mail" in outside)
