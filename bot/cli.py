"""The command `toso`: one function a command, no logic of its own."""

from __future__ import annotations

import gc
import io
import logging
import sys
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from datetime import date
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import msgspec
import typer

from bot import clock, logs
from bot import settings as setting
from bot.settings import Settings, Unusable
from bot.trouble import reason
from knowledge.told import Faulty

if TYPE_CHECKING:
    from bot.store.database import Database
    from bot.tokens import TokenKeeper
    from knowledge.calendar import Calendar
    from knowledge.service import Service

log = logging.getLogger(__name__)

app = typer.Typer(
    name="toso",
    help="Tổ Số: guides citizens, carries their requests to the digital team, collects monthly reports.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
db = typer.Typer(help="The database.", no_args_is_help=True)
knowledge = typer.Typer(help="The knowledge base.", no_args_is_help=True)
zalo = typer.Typer(help="The token pair of a Zalo Official Account.", no_args_is_help=True)
reports = typer.Typer(help="Report forms: what is asked, when, and how it is checked.", no_args_is_help=True)
reminders = typer.Typer(help="Reminders of reports: what was decided, what is to come.", no_args_is_help=True)
exports = typer.Typer(help="Lists for the office's own programs.", no_args_is_help=True)
app.add_typer(db, name="db")
app.add_typer(exports, name="export")
app.add_typer(reports, name="reports")
app.add_typer(reminders, name="reminders")
app.add_typer(zalo, name="zalo")
app.add_typer(knowledge, name="knowledge")


def main() -> None:
    """Run the command; what the operator has to mend is one line, not a traceback."""
    logs.begin()
    try:
        if sys.argv[1:] == ["run"]:
            run()  # it has no options to check, and Typer would load pydantic for that
        else:
            app()
    except (Unusable, Faulty) as error:
        fail(_worded(error, sys.argv[1:]))
    except OSError as error:
        if error.filename is None:
            raise
        fail(f"{error.filename}: {error.strerror}.")


def _worded(error: Unusable | Faulty, typed: list[str]) -> str:
    """Give what is to be mended in the language of the command; those that have none speak as a log does."""
    from bot import fault_words
    from bot.wording import Wording
    from knowledge.languages import LANGUAGES

    lang = _spoken_by(typed)
    if "--lang" in typed[:-1]:
        lang = typed[typed.index("--lang") + 1]
    reason = error.reason if isinstance(error, Unusable) else fault_words.of(error)
    return Wording().word(reason, lang) if lang in LANGUAGES else str(error)


def _spoken_by(typed: list[str]) -> str:
    """Give the language that the typed command speaks where none is asked for."""
    command = typer.main.get_command(app)
    for word in typed:
        command = getattr(command, "commands", {}).get(word, command)
    return next((str(option.default) for option in command.params if option.name == "lang"), "en")


def fail(words: str) -> NoReturn:
    """End with one line that says what to do."""
    typer.echo(words, err=True)
    raise SystemExit(1)


@app.command()
def run() -> None:
    """Serve: every configured channel, the web page, sending, and what is due."""
    gc.disable()  # what a start builds stays; looking through it for garbage takes a tenth of the time
    chosen = setting.read()  # before all else: whoever has to mend one should not wait
    from bot.app import App
    from bot.app import run as serve
    from bot.store import schema

    with opened(chosen) as database:
        wait_for(database)
        schema.check(database)
    process = App(chosen)
    gc.freeze()
    gc.enable()
    serve(process)


@app.command()
def demo(
    port: Annotated[int, typer.Option(help="Port of the page.")] = 8123,
    open_page: Annotated[bool, typer.Option("--open/--no-open", help="Open the page in a browser.")] = True,
) -> None:
    """Open four phones side by side, on a store of their own."""
    from bot.demo import serve

    serve(port, open_page)


@app.command()
def chat(
    record: Annotated[Path | None, typer.Option(help="Write the talk to this file, as a transcript.")] = None,
    name: Annotated[str, typer.Option(help="Who is talking.")] = "Minh",
) -> None:
    """Talk in this terminal, with the configured database."""
    from bot import terminal

    chosen = setting.read()
    if record is not None:
        terminal.record(chosen, name, record)
        return
    with opened(chosen) as database:
        terminal.talk(chosen, name, database)


@app.command()
def ask(
    questions: Annotated[
        list[str] | None, typer.Argument(help="Questions; without any, one a line is read.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Say which topic answers a question."""
    from knowledge.ask import answer_line
    from knowledge.library import load
    from knowledge.search import Index

    chosen = setting.read()
    library = load(topics(chosen), own(chosen))
    index = Index(library)
    for question in questions or typed():
        if not question.strip():
            continue
        line = answer_line(index, question)
        if as_json:
            typer.echo(msgspec.json.encode(line).decode())
        else:
            topic = library.topic(str(line["topic"]), str(line["lang"] or "vi")) if line["topic"] else None
            typer.echo(f"{question}\n  {topic.id}: {topic.answer}\n" if topic else f"{question}\n  –\n")


@app.command()
def link(
    urls: Annotated[
        list[str] | None, typer.Argument(help="Links; without any, one a line is read.", metavar="[URL]...")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
    lang: Annotated[str, typer.Option(help="vi or en.")] = "vi",
) -> None:
    """Say whether a link is what it claims to be; nothing is opened."""
    from bot.wording import Wording
    from handlers.genuine import why
    from knowledge.domains import OWN, Domains
    from knowledge.links import defanged, judge

    spoken(lang)
    domains = Domains.load(topics(setting.read()) / OWN)
    wording = Wording()
    for line in urls or typed():
        url = line.encode(errors="surrogateescape").decode(errors="replace")  # an argument may hold any bytes
        if not url.strip():
            continue
        verdict = judge(url, domains)
        reason = wording.word(why(verdict, domains, lang), lang)
        if as_json:
            told = {"url": url, "verdict": verdict.answer, "why": reason}
            typer.echo(msgspec.json.encode(told).decode())
        else:
            typer.echo(
                f"{url if verdict.answer == 'official' else defanged(url)}\n  {verdict.answer}: {reason}"
            )


@app.command()
def play(
    file: Annotated[Path, typer.Argument(help="A transcript, such as those of tests/conversations/.")],
    record: Annotated[
        bool, typer.Option("--record", help="Talk live, and write the talk to this file.")
    ] = False,
    database: Annotated[str, typer.Option(help="An empty database; a temporary file when not given.")] = "",
) -> None:
    """Play a transcript on an empty store, and say where the talk departs from it."""
    from bot.play import OFFICE, Departure, play_file
    from bot.scratch import empty_store
    from bot.shelf import Bookcase, own_forms
    from bot.transcript import Wrong
    from bot.wording import Wording

    if record:
        chat(record=file)
        return
    if not file.exists():
        fail(f"{file} does not exist. Name a transcript, such as those of tests/conversations/.")
    try:
        with empty_store(database) as url:
            chosen = setting.read()
            bookcase = Bookcase(OFFICE, topics(chosen), own_forms(chosen))
            play_file(file, url, bookcase, Wording(), typer.echo)
    except Departure as departure:
        fail(f"\n{file}: {departure}")
    except Wrong as wrong:
        fail(f"{file}, {wrong}")


@app.command()
def doctor(
    settings: Annotated[bool, typer.Option("--settings", help="List every setting with its value.")] = False,
    lang: Annotated[str, typer.Option(help="vi or en.")] = "vi",
    offline: Annotated[bool, typer.Option("--offline", help="Ask no platform.")] = False,
) -> None:
    """Say what is configured, what is wrong, and what to do."""
    from bot.doctor import ask as ask_platforms
    from bot.doctor import examine, explained
    from bot.wording import Wording

    chosen = setting.read()
    if settings:
        for line in explained(chosen):
            typer.echo(line)
        return
    spoken(lang)
    wording, worst = Wording(), "ok"
    for finding in chain(examine(chosen), () if offline else ask_platforms(chosen)):
        mark = {"ok": "✓", "warning": "!", "error": "✗"}[finding.state]
        typer.echo(f"{mark} {wording.word(finding.what, lang)}")
        if finding.remedy:
            typer.echo(f"    {wording.word(finding.remedy, lang)}")
        worst = "error" if "error" in (worst, finding.state) else finding.state if worst == "ok" else worst
    raise SystemExit(1 if worst == "error" else 0)


@app.command()
def backup(
    target: Annotated[
        Path | None, typer.Argument(help="Where to; the folder of daily copies when not given.")
    ] = None,
) -> None:
    """Copy the database, whole, while it is in use."""
    from bot import backup as copies

    chosen = setting.read()
    path = (
        target
        or Path(chosen.backup_folder) / f"toso-{clock.now().astimezone(clock.VIETNAM):%Y-%m-%d-%H%M%S}.db"
    )
    typer.echo(f"copied to {copies.take(chosen, path)}")


@app.command()
def restore(
    source: Annotated[Path, typer.Argument(help="A copy that `toso backup` or the daily one made.")],
) -> None:
    """Put a copy in the database's place; what stood there is kept beside it."""
    from bot import backup as copies

    chosen = setting.read()
    with copies.alone(chosen):
        aside = copies.restore(chosen, source, clock.now())
    typer.echo(f"restored from {source}" + (f"; what stood there is kept as {aside}" if aside else ""))


@app.command()
def invite(
    role: Annotated[str, typer.Argument(help="member, lead, reporter, head, officer or editor")],
    unit: Annotated[
        str, typer.Argument(help='The team or office, such as "tổ dân phố 7, phường Đông Ngạc, Hà Nội".')
    ],
    name: Annotated[str, typer.Argument(help='Who, with the form of address, such as "Chị Hường".')],
    new: Annotated[
        bool, typer.Option("--new", help="Make the team or office, though another is called nearly so.")
    ] = False,
) -> None:
    """Make a one-time invitation; the team or office is made with it when it is new."""
    from bot.store import schema
    from bot.units import invite_to

    with opened(setting.read()) as database:
        schema.check(database)
        typer.echo(invite_to(database, role, unit, name, new=new))


@app.command("import")
def import_list(
    kind: Annotated[str, typer.Argument(help="units, villages, teams, people or targets")],
    file: Annotated[Path, typer.Argument(help="A list as .csv or .xlsx.")],
    template: Annotated[
        bool, typer.Option("--template", help="Write an empty list to FILE instead.")
    ] = False,
    lang: Annotated[str, typer.Option(help="vi or en.")] = "vi",
) -> None:
    """Take in a list of offices, villages, teams, people or targets: all of it, or nothing and what is wrong."""
    from bot.lists import command
    from bot.store import schema

    spoken(lang)
    if template:
        command.write_template(kind, file, lang)
        return
    with opened(setting.read()) as database:
        schema.check(database)
        done, told = command.bring(database, kind, file, lang)
    for line in told:
        typer.echo(line, err=not done)
    raise SystemExit(0 if done else 1)


@app.command()
def invitations(
    file: Annotated[
        Path, typer.Argument(help="Where to: .pdf (cards), .txt (messages), .csv or .xlsx (links).")
    ],
    of: Annotated[str, typer.Option(help="Only of this team, office or commune.")] = "",
    telegram: Annotated[str, typer.Option(help="The bot's name there, for links that open it.")] = "",
) -> None:
    """Write the invitations nobody has used yet, as cards, messages or links."""
    from bot.lists.invitations import write
    from bot.store import schema
    from bot.wording import Wording

    chosen = setting.read()
    with opened(chosen) as database:
        schema.check(database)
        written = write(database, chosen, file, of, telegram, Wording(), clock.now())
    typer.echo(f"{file}: {written} invitation{'s' if written > 1 else ''}")


@app.command("sheet")
def visit_sheet(
    file: Annotated[Path, typer.Argument(help="Where to: a .pdf.")],
    of: Annotated[str, typer.Option(help="The team whose sheet it is; a line for a pen without it.")] = "",
    lang: Annotated[str, typer.Option(help="vi or en.")] = "vi",
) -> None:
    """Write the sheet of visits at the door, to be filled in with a pen and typed to Tổ Số later."""
    from bot.store import schema
    from bot.visit_paper import write
    from bot.wording import Wording

    spoken(lang)
    chosen = setting.read()
    with opened(chosen) as database:
        schema.check(database)
        write(database, chosen, file, of, Wording(), clock.now(), lang)
    typer.echo(str(file))


@app.command()
def roles(lang: Annotated[str, typer.Option(help="vi or en.")] = "vi") -> None:
    """Print the page of who may see and do what, which docs/vi/quyen.md shows."""
    from bot.rights import page
    from bot.wording import Wording

    spoken(lang)
    typer.echo(page(Wording(), lang), nl=False)


@app.command()
def states(lang: Annotated[str, typer.Option(help="vi or en.")] = "vi") -> None:
    """Print the page of where a request can stand, which docs/vi/trang-thai.md shows."""
    from bot.rights import moves_page
    from bot.wording import Wording

    spoken(lang)
    typer.echo(moves_page(Wording(), lang), nl=False)


@app.command()
def retention() -> None:
    """Say what is kept how long."""
    from bot.retention import RULES

    chosen = setting.read()
    for rule in RULES:
        typer.echo(f"{getattr(chosen, rule.setting):>5} days  {rule.what}  ({rule.setting})")


@db.command("upgrade")
def db_upgrade() -> None:
    """Bring the database to this release; a copy is taken first."""
    from bot import backup as copies
    from bot.store import schema

    chosen = setting.read()
    with opened(chosen) as database, copies.alone(chosen):
        kept = copies.before_upgrade(chosen, clock.now())
        if kept is not None:
            typer.echo(f"copied to {kept}")
        before = schema.upgrade(database)
    typer.echo(
        f"the database is at {schema.head()}" + (f", it was at {before}" if before else ", it was empty")
    )


@zalo.command("link")
def zalo_link() -> None:
    """Print the page where an administrator of the account lets the app in."""
    from bot.tokens import challenge_of, permission_page, verifier_of

    chosen = setting.read()
    typer.echo(permission_page(chosen))
    typer.echo(f"Its challenge, where the console asks for one: {challenge_of(verifier_of(chosen))}")
    typer.echo(
        "Allow, then copy what stands behind “code=” in the address: `toso zalo code CODE`, within 10 minutes."
    )


@zalo.command("code")
def zalo_code(
    code: Annotated[str, typer.Argument(help="What stands behind “code=” in the address.")],
) -> None:
    """Get the first token pair for the code of that page."""
    from bot.tokens import verifier_of

    chosen = setting.read()
    with_pair(chosen, lambda keeper: keeper.exchange(code.strip(), verifier_of(chosen)))


@zalo.command("token")
def zalo_token() -> None:
    """Take in a token pair, such as the API Explorer gives; asked for unseen, or read from two lines."""
    if sys.stdin.isatty():
        access = typer.prompt("Access token", hide_input=True).strip()
        refresh = typer.prompt("Refresh token", hide_input=True).strip()
    else:
        access, refresh, *_ = (*(line.strip() for line in typed() if line.strip()), "", "")
    if not access or not refresh or len(f"{access} {refresh}".split()) != 2:
        fail("Two tokens are needed: the access token, then the refresh token, each on a line.")
    with_pair(setting.read(), lambda keeper: keeper.bring(access, refresh))


@knowledge.command("check")
def knowledge_check(
    release: Annotated[bool, typer.Option("--release", help="Refuse expired topics as well.")] = False,
    folder: Annotated[Path | None, typer.Argument(help="Another folder of topics.")] = None,
    lang: Annotated[str, typer.Option(help="vi or en.")] = "vi",
) -> None:
    """Refuse topics that would leave somebody stuck; names file, line and remedy."""
    from bot import fault_words
    from bot.wording import Wording
    from knowledge.check import check

    spoken(lang)
    chosen, wording = setting.read(), Wording()
    place, added = folder or topics(chosen), None if folder else own(chosen)
    if not place.is_dir():
        fail(wording.word(fault_words.no_folder(place), lang))
    problems = check(place, today(), release=release, own=added)
    for problem in problems:
        typer.echo(wording.word(fault_words.told(problem), lang), err=True)
    errors = sum(problem.severity == "error" for problem in problems)
    files = sum(len(list(one.rglob("*.md"))) for one in (place, added) if one)
    counted = fault_words.counted(files, errors, len(problems) - errors)
    typer.echo(wording.word(counted, lang))
    raise SystemExit(1 if errors else 0)


@knowledge.command("table")
def knowledge_table() -> None:
    """Print the table of all topics, which docs/topics.md shows."""
    from knowledge.library import load
    from knowledge.overview import table

    typer.echo(table(load(topics(setting.read()))), nl=False)


@knowledge.command("leaflet")
def knowledge_leaflet(
    ids: Annotated[list[str], typer.Argument(help="Topics, such as idcard.lost.")],
    lang: Annotated[str, typer.Option(help="vi or en.")] = "vi",
    commune: Annotated[
        str, typer.Option(help="Whose leaflet it is, where the settings name no commune.")
    ] = "",
    unit: Annotated[
        str, typer.Option(help="Team or office whose card is printed, as in its invitation.")
    ] = "",
    out: Annotated[Path, typer.Option(help="Folder of the files.")] = Path(),
) -> None:
    """Make a printable A5 leaflet of each topic, with the codes of its steps and a QR code."""
    from bot import leaflet
    from knowledge.library import load

    chosen = setting.read()
    spoken(lang)
    library = load(topics(chosen), own(chosen))
    place = leaflet.place_of(chosen, commune, today(), unit)
    for made in leaflet.make(library, ids, lang, place, out, clock.now()):
        typer.echo(f"{made.path}: {made.pages} page{'s' if made.pages > 1 else ''}")
        if made.topic.expires < today():
            typer.echo(
                f"{made.topic.id} expired on {made.topic.expires}. Check it before it hangs.", err=True
            )


@knowledge.command("misses")
def knowledge_misses(
    since: Annotated[
        str, typer.Option(help="Since that day, such as 2026-11-01; 30 days when not given.")
    ] = "",
    commune: Annotated[str, typer.Option(help="Of one commune: its official code.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """List the questions that nobody has answered, grouped, the most frequent first."""
    from datetime import timedelta

    from bot import misses
    from bot.store import schema

    try:
        begin = date.fromisoformat(since) if since else today() - timedelta(days=30)
    except ValueError:
        fail(f"--since is “{since}”. Write a day such as 2026-11-01.")
    with opened(setting.read()) as database:
        schema.check(database)
        groups = misses.unanswered(database, begin, commune)
    lines = (msgspec.json.encode(group).decode() for group in groups) if as_json else misses.listed(groups)
    for line in lines:
        typer.echo(line)


@knowledge.command("steps")
def knowledge_steps(
    weeks: Annotated[int, typer.Option(help="How many weeks, this one included.", min=1)] = 4,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Say at which steps of the guides people got stuck, by week: counts only."""
    from bot import misses
    from bot.store import schema
    from knowledge.library import load

    chosen = setting.read()
    library = load(topics(chosen), own(chosen))
    with opened(chosen) as database:
        schema.check(database)
        rows = list(misses.steps(database, misses.week_before(today(), weeks), library))
    for line in (msgspec.json.encode(row).decode() for row in rows) if as_json else misses.table(rows):
        typer.echo(line)


# --- reports and their reminders ---


@reports.command("check")
def reports_check(
    lang: Annotated[str, typer.Option(help="vi or en.")] = "vi",
    folder: Annotated[
        Path | None, typer.Argument(help="Another folder of forms, beside the shipped one.")
    ] = None,
) -> None:
    """Refuse report forms that could not be used; names file, line and remedy."""
    from bot import form_words
    from bot.shelf import folders, own_forms
    from bot.wording import Wording
    from knowledge.form_files import contradicting, examined

    spoken(lang)
    if folder is not None and not folder.is_dir():
        fail(f"{folder} is no folder. Name the one that holds your forms.")
    places = folders(folder or own_forms(setting.read()))
    forms, faults = examined(*places)
    faults += [fault for form in forms.all for fault in contradicting(form, *places)]
    wording = Wording()
    for fault in faults:
        typer.echo(wording.word(form_words.told(fault), lang), err=True)
    typer.echo(wording.word(form_words.counted(forms, len(faults)), lang))
    raise SystemExit(1 if faults else 0)


@reports.command("explain")
def reports_explain(
    form: Annotated[str, typer.Argument(help="A form, such as monthly.")],
    lang: Annotated[str, typer.Option(help="vi or en.")] = "vi",
) -> None:
    """Say what a form asks, when, and how its figures are checked."""
    from bot import form_words
    from bot.form_text import explained
    from bot.shelf import folders, own_forms
    from bot.wording import Wording
    from knowledge.form_files import FormError, load_forms

    spoken(lang)
    wording = Wording()
    try:
        forms = load_forms(*folders(own_forms(setting.read())))
    except FormError as error:
        fail(wording.word(form_words.told(error.fault), lang))
    if form not in forms:
        fail(f"“{form}” is no report form. Known are: {', '.join(forms)}.")
    for line in explained(forms[form], calendar_of(setting.read()), today(), lang):
        typer.echo(wording.word(line, lang))


@reminders.command("explain")
def reminders_explain(
    unit: Annotated[str, typer.Argument(help='The office, such as "xã Ứng Hòa, Hà Nội".')],
    period: Annotated[str, typer.Argument(help="The period, such as 2026-11, 2026-Q4 or 2026-W46.")],
    lang: Annotated[str, typer.Option(help="vi or en.")] = "vi",
) -> None:
    """Say what was decided about each reminder, and why."""
    from bot.asking import asked

    spoken(lang)
    chosen = setting.read()
    with opened(chosen) as database:
        for said in asked(chosen, database, lang).why(unit, period):
            typer.echo(said)


@reminders.command("plan")
def reminders_plan(
    first: Annotated[str, typer.Option("--from", help="The first day, such as 2026-12-01.")],
    last: Annotated[str, typer.Option("--to", help="The last day.")],
    lang: Annotated[str, typer.Option(help="vi or en.")] = "vi",
) -> None:
    """Show every reminder that would go out: to whom, by which channel, at what cost; nothing is sent."""
    from bot.asking import asked

    spoken(lang)
    chosen = setting.read()
    with opened(chosen) as database:
        for said in asked(chosen, database, lang).plan(day(first), day(last)):
            typer.echo(said)


@app.command("rollout")
def rollout_command(
    of: Annotated[str, typer.Option(help='A commune, such as "xã Ứng Hòa, Hà Nội"; all without it.')] = "",
    lang: Annotated[str, typer.Option(help="vi or en.")] = "vi",
) -> None:
    """Show who is invited, has joined and is silent; red is where nobody can be told what is due."""
    from bot.asking import asked

    spoken(lang)
    chosen = setting.read()
    with opened(chosen) as database:
        for said in asked(chosen, database, lang).rollout(of):
            typer.echo(said)


# --- requests, for the office ---


@exports.command("requests")
def export_requests(
    first: Annotated[str, typer.Option("--from", help="The first day, such as 2026-11-01.")],
    last: Annotated[str, typer.Option("--to", help="The last day.")],
    file: Annotated[Path, typer.Argument(help="Where to: .xlsx or .csv.")],
    unit: Annotated[str, typer.Option(help="Only of this team, commune or province.")] = "",
    with_names: Annotated[
        bool, typer.Option("--with-names", help="With names, telephones and words; that is recorded.")
    ] = False,
    lang: Annotated[str, typer.Option(help="vi or en.")] = "vi",
) -> None:
    """Write the requests opened on these days as a table, without anybody's name, number or words."""
    from bot import request_export
    from bot.store import schema
    from bot.wording import Wording
    from handlers.rules.histories import Reader
    from knowledge.library import load
    from knowledge.places import Places

    spoken(lang)
    chosen = setting.read()
    wanted = request_export.Wanted(day(first), day(last), unit, with_names)
    service, library = service_of(chosen), load(topics(chosen), own(chosen))
    known = request_export.Knowledge(library, Places.load(), Reader(service, calendar_of(chosen)))
    with opened(chosen) as database:
        schema.check(database)
        rows = request_export.write(database, wanted, file, known, Wording(), lang)
    typer.echo(f"{file}: {rows} request{'s' if rows > 1 else ''}")


@exports.command("reports")
def export_reports(
    first: Annotated[str, typer.Option("--from", help="The first day, such as 2026-01-01.")],
    last: Annotated[
        str, typer.Option("--to", help="The last day; periods that end within these days count.")
    ],
    file: Annotated[Path, typer.Argument(help="Where to: .xlsx or .csv.")],
    form: Annotated[str, typer.Option(help="Which form; the monthly one otherwise.")] = "",
    unit: Annotated[str, typer.Option(help="Only of this commune or province.")] = "",
    lang: Annotated[str, typer.Option(help="vi or en.")] = "vi",
) -> None:
    """Write the reports of some periods as a table, a line for each office and period."""
    from bot import report_export
    from bot.shelf import folders, own_forms
    from bot.store import schema
    from bot.wording import Wording
    from knowledge.form_files import load_forms
    from knowledge.places import Places

    spoken(lang)
    chosen = setting.read()
    wanted = report_export.Wanted(day(first), day(last), form, unit)
    forms = load_forms(*folders(own_forms(chosen)))
    known = report_export.Knowledge(forms, Places.load(), calendar_of(chosen))
    with opened(chosen) as database:
        schema.check(database)
        rows = report_export.write(database, wanted, file, known, Wording(), lang)
    typer.echo(f"{file}: {rows} line{'s' if rows > 1 else ''}")


@app.command()
def figures(
    unit: Annotated[str, typer.Option(help="A team, a commune or a province.")],
    month: Annotated[str, typer.Option(help="The month, such as 2026-11.")],
    lang: Annotated[str, typer.Option(help="vi or en.")] = "vi",
) -> None:
    """Count whom the teams of a place have helped in a month, by village and area; nobody is named."""
    from bot import helped
    from bot.store import schema
    from bot.wording import Wording
    from handlers.rules.histories import Reader
    from knowledge.places import Places

    spoken(lang)
    chosen = setting.read()
    try:
        first = date.fromisoformat(f"{month}-01")
    except ValueError:
        fail(f"--month is “{month}”. Write it as year-month: 2026-11.")
    reader = Reader(service_of(chosen), calendar_of(chosen))
    with opened(chosen) as database:
        schema.check(database)
        for line in helped.lines(database, unit, first, Places.load(), reader, Wording(), lang):
            typer.echo(line)


# --- what several commands need ---


def day(written: str) -> date:
    """Read a day as it is typed; what is none ends the command."""
    try:
        return date.fromisoformat(written)
    except ValueError:
        fail(f"“{written}” is no day. Write it as year-month-day: 2026-12-01.")


def spoken(lang: str) -> None:
    """Refuse a language that is not spoken."""
    from knowledge.languages import LANGUAGES

    if lang not in LANGUAGES:
        fail(f"--lang is “{lang}”. Known are: {', '.join(LANGUAGES)}.")


def today() -> date:
    """Give the day in Vietnam."""
    return clock.now().astimezone(clock.VIETNAM).date()


def topics(chosen: Settings) -> Path:
    """Give the folder of topics that is in use."""
    from bot.shelf import TOPICS

    return Path(chosen.knowledge) if chosen.knowledge else TOPICS


def own(chosen: Settings) -> Path:
    """Give the folder of what this office adds to the topics."""
    return Path(chosen.own_knowledge)


def calendar_of(chosen: Settings) -> Calendar:
    """Give the days that are worked, with what the office decided itself."""
    from bot.shelf import own_file
    from knowledge.calendar import OWN, Calendar

    return Calendar.load(own_file(topics(chosen), own(chosen), OWN))


def service_of(chosen: Settings) -> Service:
    """Give service levels and desk hours, with the office's own."""
    from bot.shelf import own_file
    from knowledge.service import OWN, Service

    return Service.load(own_file(topics(chosen), own(chosen), OWN))


def typed() -> Iterator[str]:
    """Give the lines of standard input, whatever bytes they hold."""
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(encoding="utf-8-sig", errors="replace")
    for line in sys.stdin:
        yield line.rstrip("\r\n")


@contextmanager
def opened(chosen: Settings) -> Iterator[Database]:
    """Open the configured database for one command; Unusable where it does not answer."""
    from sqlalchemy.exc import DBAPIError

    from bot.store.database import Database

    database = Database(chosen.database)
    try:
        yield database
    except DBAPIError as error:
        raise Unusable(
            f"The database does not answer: {reason(error)}. Start it, or correct DATABASE."
        ) from error
    finally:
        database.close()


def with_pair(chosen: Settings, job: Callable[[TokenKeeper], Coroutine[Any, Any, None]]) -> None:
    """Have the keeper take a token pair in, beside whatever serves now."""
    import asyncio

    from bot import tokens
    from bot.channels import TryLater
    from bot.store import schema
    from bot.store.writer import writer

    with opened(chosen) as database:
        schema.check(database)
        writing = writer(database)
        try:
            keeper = tokens.keeper(chosen, database, writing)
            asyncio.run(job(keeper))
        except TryLater as error:
            fail(f"{error}.")
        finally:
            writing.close()
    typer.echo(f"The token pair of {keeper.account} is kept. `toso run` uses it from its next call on.")


def wait_for(database: Database) -> None:
    """Wait until PostgreSQL answers, and say why while it does not; a file is there or not."""
    import time

    from sqlalchemy.exc import OperationalError

    told = ""
    while not database.sqlite:
        try:
            with database.read():
                return
        except OperationalError as error:
            if told != (told := reason(error)):
                log.warning("the database does not answer yet, it is waited for: %s", told)
            time.sleep(1.0)
