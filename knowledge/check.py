"""What makes a topic good enough to be shown, and what is wrong with those that are not.

Every problem names file, line, what is wrong and what to do, since editors mend topics without a
programmer.  All problems are listed at once; a file that cannot be read hides none of the others.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Literal

import msgspec

from knowledge.calendar import OWN as CALENDAR
from knowledge.calendar import BadCalendar, Calendar
from knowledge.domains import DATA, OWN, faults
from knowledge.folding import fold
from knowledge.languages import DEFAULT, LANGUAGES
from knowledge.own import DATES, QUESTIONS, BadRow, Renewal, is_own, renewals, wordings
from knowledge.page import REMEDIES, Fault, Line, Page, WrittenStep, pages
from knowledge.told import told as _
from knowledge.tracing import untraced

LONGEST_PARAGRAPH = 400
LONGEST_STEP = 350
LONGEST_LABEL = 25
LONGEST_SENTENCE = 20  # tiếng, in Vietnamese
FEWEST_QUESTIONS = 8
FEWEST_OF_AN_OFFICE = 1  # the question that was asked; more come as people ask
FEWEST_CHOICES, MOST_CHOICES = 2, 4

TOPIC_ID = re.compile(r"[a-z]+\.[a-z0-9]+(-[a-z0-9]+)*")
STEP_ID = re.compile(r"[a-z0-9-]{1,24}")
TAKEN = ("help", "done", "end")  # where a choice may lead besides a step, and where a finished guide stands
CODE = re.compile(r"[A-Z][0-9]{2}")
SENTENCE_END = re.compile(r"[.?!…:;]+(?=[\s\"”')*]|$)|\n")
SYLLABLE = re.compile(r"[^\W_][^\s]*")
BOLD = re.compile(r"\*\*[^*]+\*\*")
PLACEHOLDER = re.compile(r"\{[^}#]*\}?|\}")
PLACEHOLDERS = {"vi": {"{you}", "{You}", "{dear}"}}  # forms of address, which other languages lack
MARKUP = re.compile(r"\[[^\]]*\]\(|(?<!\*)\*(?!\*)|`|__|<[a-z/]|http://")

# A mark that shows the hours of the commune's own desk has to stand where the words send there, and not to its police.
POLICE = re.compile(
    r"công an (?:xã, phường|xã|phường)|(?:commune|ward)(?:(?:,| or) (?:commune|ward))? police", re.I
)
DESK = {
    "vi": re.compile(r"ủy ban|trung tâm|một cửa|\bxã\b|\bphường\b", re.I),
    "en": re.compile(r"\bcommune|\bward\b|\bcent(?:re|er)\b|people's committee", re.I),
}

# What the bot never says, and what to say instead.
NEVER = {
    r"người dùng": _("Speak to one person, or leave the word out."),
    r"quý khách": _("Speak to one person, or leave the word out."),
    r"vui lòng": _('Say what to do; "nhé" is polite enough.'),
    r"hệ thống ghi nhận": _("Say who has it now."),
    r"thao tác không hợp lệ": _("Say what to press instead."),
    r"sai cú pháp": _("Say how to write it."),
    r"từ chối": _('Say what happens now, such as "trả lại" or "không được duyệt".'),
    r"chắc chắn": _("Say what is known and who decides."),
    r"cam kết": _("Say what is known and who decides."),
    r"(công an|cán bộ)[^.?!\n]{0,12} sẽ gọi": _("Never promise a call: swindlers begin with one."),
    r"(?=.*(https://|đường dẫn|\blink\b|liên kết)).*\ban toàn\b(?! (thông tin|giao thông|không gian|mạng))": (
        _("Say whose address it is; no link may be called that.")
    ),
}


class Problem(msgspec.Struct, frozen=True):
    """What is wrong with a topic; printed as an editor reads it."""

    path: Path
    line: int
    message: str
    remedy: str
    severity: Literal["error", "warning"] = "error"

    def __str__(self) -> str:
        """Give file, line, what is wrong and what to do."""
        return f"{self.path}, line {self.line}: {self.message}. {self.remedy}"


def check(folder: Path, today: date, *, release: bool = False, own: Path | None = None) -> list[Problem]:
    """List all that is wrong with the topics of a folder, and with what an office lays over them.

    An expired topic stops only a release.
    """
    found = [*pages(folder), *(pages(own) if own else ())]
    problems = [
        Problem(page.path, fault.line, fault.what, fault.remedy)
        for page in found
        for fault in (*page.faults, *_fields(page, today), *_texts(page), *_guide(page), *_desks(page))
    ]
    problems += _links(found)
    problems += _codes(found)
    problems += _repeated_questions(found)
    problems += _translations(found)
    problems += _traced(found)
    problems += _dated(own, found, today, "error" if release else "warning")
    problems += _domains(folder, today)
    problems += _worded(own, found) if own else ()
    problems += _calendar(folder, own)
    every = {path for place in (folder, own) if place for path in place.rglob("*.md")}
    problems += [
        Problem(
            path,
            1,
            _("the file stands in no language"),
            _("Move it to one of {names}.", names=", ".join(LANGUAGES)),
        )
        for path in every - {page.path for page in found}
    ]
    return sorted(problems, key=lambda problem: (problem.path, problem.line, problem.message))


def _calendar(folder: Path, own: Path | None) -> Iterator[Problem]:
    """Name what is wrong with the shipped calendar of days off, or with an office's own, wherever it stands."""
    for file in (None, *(place / CALENDAR for place in (folder, own) if place is not None)):
        try:
            Calendar.load(file)
        except BadCalendar as error:
            yield Problem(error.path, error.line, error.what, error.remedy)


def copied(folder: Path, queries: Iterable[str]) -> list[Problem]:
    """List the questions of topics that are one of these queries, but for accents and signs."""
    known = {fold(query) for query in queries}
    return [
        Problem(
            page.path, question.line, _("the question is copied from the test questions"), _("Word it anew.")
        )
        for page in pages(folder)
        for question in page.questions
        if fold(question.text) in known
    ]


def _fields(page: Page, today: date) -> Iterator[Fault]:
    if page.id and page.id != page.path.stem:
        yield Fault(page.lines["id"], _('"id" is not the file\'s name'), _("Make them the same."))
    elif page.id and not TOPIC_ID.fullmatch(page.id):
        yield Fault(
            page.lines["id"], _("the id is not two plain words"), _("Write it like vneid.forgot-password.")
        )
    if page.code and page.steps:
        remedy = _("Take it out: {code} of the first step leads here.", code=page.steps[0].code)
        yield Fault(page.lines["code"], _("a guide has no code of its own"), remedy)
    elif page.code and not CODE.fullmatch(page.code):
        yield Fault(page.lines["code"], _('"{code}" is no code', code=page.code), REMEDIES["code"])
    fewest = FEWEST_OF_AN_OFFICE if is_own(page.id) else FEWEST_QUESTIONS
    if page.questions and len(page.questions) < fewest:
        what = _("there are {n} questions", n=len(page.questions))
        yield Fault(
            page.lines["questions"], what, _("Write at least {least}, each worded differently.", least=fewest)
        )
    if page.checked > today:
        yield Fault(
            page.lines["checked"], _('"checked" is in the future'), _("Write the day of the last check.")
        )
    if page.checked > page.expires > date.min:
        yield Fault(
            page.lines["expires"], _('"expires" is before "checked"'), _("Write the day of the next check.")
        )
    for source in page.sources:
        if not re.fullmatch(r"https?://[^\s/]+\.\S+", source.url) and (source.url or not is_own(page.id)):
            yield Fault(
                page.lines["sources"],
                _('"{url}" is not an address', url=source.url),
                _("Write it with https://."),
            )


def _texts(page: Page) -> Iterator[Fault]:
    """Judge every sentence that a person reads."""
    for number, raw in enumerate(page.path.read_bytes().decode(errors="replace").splitlines(), 1):
        if not unicodedata.is_normalized("NFC", raw):
            yield Fault(number, _("the letters are not composed"), _("Save the file as Unicode NFC."))
    for line in (Line(page.title, page.lines["title"]), *page.questions):
        if PLACEHOLDER.search(line.text):
            yield Fault(line.line, _("a placeholder stands in a title or question"), _("Take it out."))
    shown = [Line(page.title, page.lines["title"]), *page.paragraphs]
    for step in page.steps:
        shown += [Line(step.title, step.line), *step.paragraphs]
        for option in step.options:
            shown.append(Line(option.label, option.line))
            if not 0 < len(option.label.strip()) <= LONGEST_LABEL:
                what = _("the label has {n} characters", n=len(option.label.strip()))
                yield Fault(option.line, what, _("Write 1 to {most}.", most=LONGEST_LABEL))
    for paragraph in page.paragraphs:
        if len(paragraph.text) > LONGEST_PARAGRAPH:
            what = _("the paragraph has {n} characters", n=len(paragraph.text))
            yield Fault(paragraph.line, what, _("Shorten it to {most} or part it.", most=LONGEST_PARAGRAPH))
    for line in shown:
        yield from _wording(line, page.lang)


def _wording(line: Line, lang: str) -> Iterator[Fault]:
    for placeholder in PLACEHOLDER.findall(line.text):
        if placeholder not in (known := PLACEHOLDERS.get(lang, set())):
            allowed = ", ".join(sorted(known)) or "–"
            yield Fault(
                line.line,
                _("the placeholder {placeholder} is not known here", placeholder=placeholder),
                _("Allowed: {allowed}.", allowed=allowed),
            )
    if MARKUP.search(BOLD.sub("", line.text)) or line.text.count("**") % 2:
        yield Fault(
            line.line, _("only **bold** and bare https:// links are shown"), _("Take other markup out.")
        )
    if lang != "vi":
        return
    said = BOLD.sub("", line.text).lower()  # what stands in bold is on another app's screen
    for pattern, remedy in NEVER.items():
        for sentence in re.split(r"(?<=[.?!])\s", said):
            if match := re.search(pattern, sentence):
                words = "an toàn" if "an toàn" in match[0] else match[0]
                yield Fault(line.line, _('"{words}" is never said', words=words), remedy)
    for sentence in SENTENCE_END.split(line.text):
        length = len(SYLLABLE.findall(sentence.replace("*", "")))
        if length > LONGEST_SENTENCE:
            what = _('the sentence "{words} …" has {n} tiếng', words=" ".join(sentence.split()[:5]), n=length)
            yield Fault(line.line, what, _("Make it two, of at most {most} each.", most=LONGEST_SENTENCE))


def _desks(page: Page) -> Iterator[Fault]:
    """Judge the marks that show the desk of the commune."""
    remedy = _("Say where to go, or take the mark out.")
    if page.desk and not _sends(page.lang, [line.text for line in page.paragraphs]):
        yield Fault(page.lines["desk"], _("the answer does not send to the commune's desk"), remedy)
    for step in page.steps:
        said = [
            step.title,
            *(line.text for line in step.paragraphs),
            *(option.label for option in step.options),
        ]
        if step.desk and not _sends(page.lang, said):
            yield Fault(
                step.line, _('the step "{step}" does not send to the commune\'s desk', step=step.id), remedy
            )


def _sends(lang: str, said: list[str]) -> bool:
    desk = DESK.get(lang)
    return desk is None or any(desk.search(POLICE.sub("", words)) for words in said)


def _guide(page: Page) -> Iterator[Fault]:
    """Judge the steps: their shape, and that people can get in, on and out."""
    known: dict[str, WrittenStep] = {}
    for step in page.steps:
        if step.id in known:
            yield Fault(
                step.line, _('the step "{step}" stands twice', step=step.id), _("Give one another id.")
            )
        known[step.id] = step
        yield from _step(step)
    reached, waiting = set[str](), [step.id for step in page.steps[:1]]
    for at in waiting:
        if at in known and at not in reached:
            reached.add(at)
            waiting += _nexts(known[at])
    ending = {step.id for step in page.steps if any(option.target[:1] != "#" for option in step.options)}
    while grown := {step.id for step in page.steps if ending & set(_nexts(step))} - ending:
        ending |= grown
    for step in page.steps:
        if step.id not in reached:
            yield Fault(
                step.line,
                _('nobody reaches the step "{step}"', step=step.id),
                _("Lead a choice to it or remove it."),
            )
        if step.options and step.id not in ending:
            what = _('the step "{step}" only leads round in a circle', step=step.id)
            yield Fault(step.line, what, _("Add a choice that goes on, such as help."))
        for option in step.options:
            if option.target.startswith("#") and option.target[1:] not in known:
                what = _('there is no step "{target}"', target=option.target)
                yield Fault(option.line, what, _("Correct the target or write the step."))
    if page.steps and not any(option.target == "done" for step in page.steps for option in step.options):
        yield Fault(
            page.steps[0].line, _("the guide never ends well"), _("Give its last step a choice to done.")
        )


def _step(step: WrittenStep) -> Iterator[Fault]:
    if not STEP_ID.fullmatch(step.id) or step.id in TAKEN:
        remedy = _("Write at most 24 of a-z, 0-9 and -, and none of {names}.", names=", ".join(TAKEN))
        yield Fault(step.line, _('"{step}" is no step id', step=step.id), remedy)
    if not CODE.fullmatch(step.code):
        yield Fault(
            step.line,
            _('"{code}" is no code', code=step.code),
            _("Write one letter and two digits: code=B71"),
        )
    if not step.title:
        yield Fault(step.line, _("the step has no title"), _("Say in a few words what to do."))
    if not step.paragraphs:
        yield Fault(step.line, _("the step has no text"), _("Say what to do."))
    length = sum(len(paragraph.text) + 1 for paragraph in step.paragraphs) - 1
    if length > LONGEST_STEP:
        yield Fault(
            step.line,
            _("the step has {n} characters", n=length),
            _("Shorten it to {most} or part it.", most=LONGEST_STEP),
        )
    if not step.options:
        yield Fault(
            step.line,
            _('the step "{step}" has no way on', step=step.id),
            _("Add choices: - [Label](#step-id)"),
        )
    elif not FEWEST_CHOICES <= len(step.options) <= MOST_CHOICES:
        what = _("the step has {n} choices", n=len(step.options))
        yield Fault(step.line, what, _("Offer {least} to {most}.", least=FEWEST_CHOICES, most=MOST_CHOICES))
    targets = {option.target for option in step.options}
    if targets and targets < {"done", "help"}:
        yield Fault(step.line, _("the last step lacks done or help"), _("Offer both."))
    labels = [fold(option.label) for option in step.options]
    if len(set(labels)) < len(labels):
        yield Fault(step.line, _("two choices are called the same"), _("Word them differently."))


def _nexts(step: WrittenStep) -> list[str]:
    return [option.target[1:] for option in step.options if option.target.startswith("#")]


def _links(found: list[Page]) -> Iterator[Problem]:
    known = {page.path.stem for page in found if page.lang == DEFAULT}
    for page in found:
        for option in (option for step in page.steps for option in step.options):
            if not option.target.startswith("#") and option.target not in {"help", "done", *known}:
                what = _('there is no topic "{target}"', target=option.target)
                yield Problem(page.path, option.line, what, _("Correct the target or write the topic."))


def _codes(found: list[Page]) -> Iterator[Problem]:
    owners: dict[tuple[str, str], tuple[Page, int]] = {}
    for page in found:
        for code, line in [(page.code, page.lines["code"]), *((step.code, step.line) for step in page.steps)]:
            owner, first = owners.setdefault((page.lang, code), (page, line))
            if code and (owner, first) != (page, line):
                what = _(
                    "the code {code} is also used in {file}, line {line}",
                    code=code,
                    file=owner.path.name,
                    line=first,
                )
                yield Problem(page.path, line, what, _("Give the newer one another code."))


def _repeated_questions(found: list[Page]) -> Iterator[Problem]:
    asked: dict[str, tuple[Page, Line]] = {}
    for page in found:
        for question in page.questions:
            other, first = asked.setdefault(f"{page.lang} {fold(question.text)}", (page, question))
            if first is not question:
                what = _(
                    '"{words}" is already asked in {file}, line {line}',
                    words=question.text,
                    file=other.path.name,
                    line=first.line,
                )
                yield Problem(page.path, question.line, what, _("Keep it where it belongs."))


def _worded(own: Path, found: list[Page]) -> Iterator[Problem]:
    """Judge the wordings that an office has added: each leads to a topic, and to one only."""
    path = own / QUESTIONS
    try:
        added = wordings(own)
    except BadRow as error:
        yield Problem(path, error.line, error.what, error.remedy)
        return
    known = {(page.id, page.lang) for page in found}
    asked = {f"{page.lang} {fold(q.text)}": page.path.name for page in found for q in page.questions}
    for wording in added:
        if (wording.topic, wording.lang) not in known:
            what = _('there is no topic "{topic}" in {lang}', topic=wording.topic, lang=wording.lang)
            yield Problem(path, wording.line, what, _("Correct it, or remove the row."), "warning")
        key = f"{wording.lang} {fold(wording.question)}"
        if key in asked:
            what = _('"{words}" is already asked in {file}', words=wording.question, file=asked[key])
            yield Problem(path, wording.line, what, _("Remove the row."), "warning")
        asked[key] = f"{QUESTIONS}, line {wording.line}"


def _translations(found: list[Page]) -> Iterator[Problem]:
    """Compare each translation with the Vietnamese topic, step by step."""
    originals = {page.path.stem: page for page in found if page.lang == DEFAULT}
    for page in found:
        original = originals.get(page.path.stem)
        if original is None:
            what = _("there is no Vietnamese topic of that name")
            yield Problem(page.path, 1, what, _("Write it first; it is what others are translated from."))
            continue
        if page.code != original.code:
            what = (
                _('"code" is {code} in the Vietnamese topic', code=original.code)
                if original.code
                else _('"code" is missing in the Vietnamese topic')
            )
            yield Problem(page.path, page.lines["code"], what, _("Write the same."))
        if page.desk != original.desk:
            what = (
                _('"desk" is true in the Vietnamese topic')
                if original.desk
                else _('"desk" is missing in the Vietnamese topic')
            )
            yield Problem(page.path, page.lines["desk"], what, _("Write the same."))
        if [step.id for step in page.steps] != [step.id for step in original.steps]:
            line = page.steps[0].line if page.steps else 1
            what = _("the steps are not those of the Vietnamese topic, in their order")
            steps = ", ".join(step.id for step in original.steps) or "–"
            remedy = _("Write: {steps}.", steps=steps)
            yield Problem(page.path, line, what, remedy)
            continue
        for step, model in zip(page.steps, original.steps, strict=True):
            if step.code != model.code:
                what = _('the code of "{step}" is {code} in Vietnamese', step=step.id, code=model.code)
                yield Problem(page.path, step.line, what, _("Write the same."))
            if step.desk != model.desk:
                what = (
                    _('"{step}" is marked with desk in Vietnamese', step=step.id)
                    if model.desk
                    else _('"{step}" is not marked with desk in Vietnamese', step=step.id)
                )
                yield Problem(page.path, step.line, what, _("Write the same."))
            targets = [option.target for option in model.options]
            if [option.target for option in step.options] != targets:
                what = _('the choices of "{step}" lead elsewhere than in Vietnamese', step=step.id)
                yield Problem(
                    page.path,
                    step.line,
                    what,
                    _("Lead them to {targets}, in this order.", targets=", ".join(targets)),
                )


def _traced(found: list[Page]) -> Iterator[Problem]:
    originals = {page.path.stem: page for page in found if page.lang == DEFAULT}
    for page in found:
        if page.path.stem not in originals:
            continue  # a translation of nothing has been complained of, and nothing to rest on
        for fault in untraced(page, originals[page.path.stem]):
            yield Problem(page.path, fault.line, fault.what, fault.remedy)


def _domains(folder: Path, today: date) -> Iterator[Problem]:
    """Judge the tables of domains: the shipped one, and what an office lays over it beside its topics."""
    for table in (DATA / OWN, folder / OWN):
        for fault in faults(table, today) if table.exists() else ():
            yield Problem(table, fault.line, fault.what, fault.remedy)


def _dated(
    own: Path | None, found: list[Page], today: date, severity: Literal["error", "warning"]
) -> Iterator[Problem]:
    """Judge the dates of topics, and the later ones that an office has given them."""
    last: dict[str, Renewal] = {}
    known = {page.id for page in found}
    table = own / DATES if own else Path(DATES)
    try:
        for row in renewals(own) if own else ():
            if row.topic not in known:
                what = _('there is no topic "{topic}"', topic=row.topic)
                yield Problem(table, row.line, what, _("Correct it, or remove the row."), "warning")
            last[row.topic] = max(last.get(row.topic, row), row, key=lambda one: one.checked)
    except BadRow as error:
        yield Problem(table, error.line, error.what, error.remedy)
    for page in found:
        renewed = last.get(page.id)
        expires = renewed.expires if renewed and renewed.checked >= page.checked else page.expires
        if date.min < expires < today:
            what = _("the topic expired on {day}", day=expires)
            remedy = _("Check it against its sources and write the new dates.")
            yield Problem(page.path, page.lines["expires"], what, remedy, severity)
