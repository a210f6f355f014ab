"""The only door into the conversations: which of them an event belongs to."""

from __future__ import annotations

import re

import msgspec

from handlers import (
    aims,
    announcements,
    answers,
    appointments,
    approvals,
    arranging,
    behalf,
    broadcasts,
    callers,
    canned,
    card_keeping,
    card_reminders,
    courtesy,
    dangers,
    delays,
    documents,
    editing,
    evaluation,
    expiry,
    figures,
    forms,
    genuine,
    groups,
    guides,
    hiding,
    idle,
    incidents,
    judging,
    late,
    leading,
    leave,
    links,
    local,
    misses,
    morning,
    news,
    office_asked,
    overview,
    own_requests,
    profile,
    published,
    questions,
    ranking,
    ranking_release,
    reach,
    reminders,
    report_periods,
    report_tables,
    reports,
    requesting,
    rollout,
    rushing,
    signs,
    speaking,
    stagnation,
    step_recording,
    steps,
    still_waiting,
    support,
    target_figures,
    target_following,
    target_setting,
    task_giving,
    tasks,
    team,
    templates,
    things,
    to_whom,
    trend,
    upkeep,
    villages,
    visit_sheet,
    visits,
    weekly,
    wordless,
)
from handlers.rules import guard, papers
from handlers.talk import Button, Due, Incoming
from handlers.text import Text, _, as_is
from handlers.turn import LABEL, Choice, Turn
from knowledge.folding import fold
from knowledge.languages import LANGUAGES

FORMS = {
    form.doing: form
    for form in (
        *support.FORMS,
        *profile.FORMS,
        *team.FORMS,
        *local.FORMS,
        *card_keeping.FORMS,
        *step_recording.FORMS,
        *editing.FORMS,
        *upkeep.FORMS,
        *news.FORMS,
        *visits.FORMS,
        *visit_sheet.FORMS,
        *villages.FORMS,
        *delays.FORMS,
        *arranging.FORMS,
        *appointments.FORMS,
        *behalf.FORMS,
        *incidents.FORMS,
        *target_setting.FORMS,
        *target_figures.FORMS,
        *task_giving.FORMS,
    )
}
CARDS = {
    **team.CARDS,
    **support.CARDS,
    **reports.CARDS,
    **templates.CARDS,
    **documents.CARDS,
    **reach.CARDS,
    **leave.CARDS,
    **genuine.CARDS,
    **local.CARDS,
    **card_keeping.CARDS,
    **judging.CARDS,
    **announcements.CARDS,
    **figures.CARDS,
    **arranging.CARDS,
    **appointments.CARDS,
    **morning.CARDS,
    **delays.CARDS,
    **rollout.CARDS,
    **overview.CARDS,
    **ranking.CARDS,
    **published.CARDS,
    **ranking_release.CARDS,
    **evaluation.CARDS,
    **report_tables.CARDS,
    **stagnation.CARDS,
    **trend.CARDS,
    **incidents.CARDS,
    **idle.CARDS,
    **groups.CARDS,
    **visits.CARDS,
    **canned.CARDS,
    **target_setting.CARDS,
    **target_figures.CARDS,
    **target_following.CARDS,
    **task_giving.CARDS,
    **aims.CARDS,
    **news.CARDS,
}  # choices that carry what they are about
DUE = {
    **late.DUE,
    **team.DUE,
    **support.DUE,
    **things.DUE,
    **reminders.DUE,
    **reach.DUE,
    **card_reminders.DUE,
    **step_recording.DUE,
    **templates.DUE,  # of files, it passes on what is not its own
    **misses.DUE,
    **expiry.DUE,
    **broadcasts.DUE,
    **morning.DUE,
    **appointments.DUE,
    **villages.DUE,
    **incidents.DUE,
    **weekly.DUE,
    **idle.DUE,
    **target_setting.DUE,
    **target_following.DUE,
    **tasks.DUE,
}

STEP_CODE = re.compile(r"[A-Za-z]\d\d")
TYPED_CODE = re.compile(r"(?:(?:ma|buoc|den|den buoc|toi buoc|code|step|go to) )?([a-z]) ?(\d\d)")
IN_ANY_TALK = (
    "menu",
    "privacy",
    "link",
    "unlink",
    "news-off",
)  # commands that no work under way takes for itself
ASKED_FIRST = {"approve": "review", "announce-approve": "announce-see"}
STORY = 4  # words that stand beside a hidden secret, and may ask for something
WHILE_HELPED = {
    "menu",
    "stop",
    "requests",
    "progress",
    "privacy",
    "data",
    "export",
    "erase",
    "link",
    "unlink",
    "news-off",
}


def decide(turn: Turn) -> None:
    """Choose the conversation that this event belongs to, and let it answer."""
    match turn.event:
        case Due(name=name):
            DUE[name](turn)
        case Incoming(sign="added" | "removed" | "moved"):
            groups.changed(turn)
        case Incoming(chat=chat, sender=sender) if chat != sender:
            groups.hear(turn, team.CARDS)
        case Incoming(sign=sign) if sign:
            signs.heed(turn, sign)
        case Incoming() if signs.quiet(turn):
            pass
        case Incoming():
            hiding.look(turn)
            asked = turn.talk
            fast = rushing.count(turn)
            profile.hear(turn, with_somebody=turn.helped or turn.talk.doing.startswith(team.DOING))
            _hear(turn)
            if turn.resumed and not turn.talk.doing.startswith("guide "):
                _repeat(turn, _("Back to where we were:"))
            _introduce(turn)
            rushing.fold(turn, asked, fast=fast)
            if asked.offered:
                turn.change(past=asked.offered, past_letters=asked.letters)
            else:
                turn.change(past=asked.past, past_letters=asked.past_letters)


def _hear(turn: Turn) -> None:
    event = turn.event
    assert isinstance(event, Incoming)
    warned = not (event.attachment or event.choice) and papers.announces_card(event.text)
    if event.masked or warned:
        hiding.tell(turn, event.masked)
        if warned:
            turn.say(things.NO_PAPERS)
        if guard.MARKED in event.masked or announcements.awaits_words(turn):
            _repeat(turn)
            return
        at_work = turn.talk.doing.startswith(("form ", team.DOING, reports.DOING))
        heard_out = turn.helped or event.attachment or (at_work and not hiding.only_hidden(event.text))
        asked = turn.found is not None and turn.found.verdict != "unknown"
        if not heard_out and not (asked and len(answers.tokens(event.text)) > STORY):
            genuine.remark(turn, false_only=True)
            done = answers.pressed(turn, loosely=True) is not None and _doing(turn)
            if not (done or _repeat(turn) or turn.said):
                turn.say(hiding.HIDDEN_TOO)
            return
    if event.edited and _answered_in_order(turn):
        turn.say(_("A changed message is not read again. What should count is best sent as a new one."))
        _repeat(turn)
    elif event.attachment or event.place or event.contact:
        _thing(turn, event)
    elif event.choice:
        _press(turn, event.choice)
    elif not event.text.strip():
        turn.say(_("That message came without words. Please type a few."))
    else:
        _words(turn)


def _answered_in_order(turn: Turn) -> bool:
    """Say whether changed words would be taken for the answer to a question that came after them."""
    return not turn.helped and (turn.talk.doing in FORMS or turn.talk.doing.startswith(reports.DOING))


def _thing(turn: Turn, event: Incoming) -> None:
    if turn.helped and support.relay(turn):
        return
    if turn.talk.doing.startswith(team.DOING) and team.take(turn):
        return
    if event.attachment and event.attachment.kind in ("sticker", "other"):
        turn.say(_("Tổ Số cannot use that kind of message. Please type a few words."))
        _repeat(turn)
        return
    if approvals.attached(turn) or templates.attached(turn) or step_recording.attached(turn):
        return
    wordless.attached(turn)


def _press(turn: Turn, data: str) -> None:
    name, _at, context = data.partition("@")
    if name == to_whom.FOR_US.name and for_us(turn, context):
        return
    card = CARDS.get(name)
    if card and context and card(turn, context):
        return
    if context == "menu" and name.startswith("menu-"):
        _command(turn, name.removeprefix("menu-"))
        return
    if context == turn.talk.context and _doing(turn):
        return
    if STEP_CODE.fullmatch(context) and guides.old_press(turn, context, name):
        return
    if turn.shelf.library.topic(context, turn.lang) and questions.choose(turn, name, context):
        return
    if form := FORMS.get(turn.talk.doing):
        forms.ask_next(turn, form, _("That button belongs to something else. First this, or type “cancel”:"))
        return
    turn.say(_("That belongs to something already finished."))
    _repeat(turn)


def _words(turn: Turn) -> None:
    command = answers.command(turn)
    if links.typed_code(turn) or canned.opened(turn):  # before any words are passed on to somebody
        return
    if not turn.talk.doing.startswith(team.DOING) and callers.answer(turn):
        _repeat(turn, _("Back to where we were:"))
        return
    if appointments.typed_card(turn) or arranging.typed_card(turn) or leading.typed_note(turn):
        return
    if incidents.typed_code(turn) or idle.typed_card(turn):
        return
    # "Thôi" stops what goes on; where nothing does, it is said to whoever helps.
    ours = news.ends(turn) or (command in WHILE_HELPED and (command != "stop" or turn.talk.doing))
    if turn.helped and not ours and support.relay(turn):
        dangers.tell(turn)
        return
    if turn.talk.context == to_whom.ASKED and answers.means(turn, to_whom.FOR_US.name) and for_us(turn, ""):
        return
    if turn.talk.doing.startswith(team.DOING) and command not in IN_ANY_TALK and team.take(turn):
        return
    if turn.talk.doing == editing.DOING and command not in IN_ANY_TALK and editing.take(turn):
        return
    if turn.talk.doing == judging.DOING and command not in IN_ANY_TALK and judging.take(turn):
        return
    if judging.typed_card(turn) or upkeep.typed(turn):
        return
    if announcements.awaits_words(turn) and not command and announcements.take(turn):
        return
    if announcements.typed_card(turn):
        return
    if profile.addressed(turn) or profile.joining(turn) or team.typed_card(turn) or support.typed_card(turn):
        return
    if _for_staff(turn) or _card_shown(turn):
        return
    form = FORMS.get(turn.talk.doing)
    typed = TYPED_CODE.fullmatch(fold(turn.text))
    code = f"{typed[1]}{typed[2]}".upper() if typed and form is None else ""
    if code and (guides.land(turn, code) or questions.land(turn, code)):
        return
    filling = turn.talk.doing.startswith(reports.DOING) and command not in IN_ANY_TALK
    if filling and (office_asked.amid(turn) or reports.take(turn)):
        return
    in_guide = turn.talk.doing.startswith("guide ") and command in ("back", "pause", "resume", "person")
    if form and command and _in_form(turn, form, command):
        return
    if command and not in_guide and _command(turn, command):
        return
    if (form is None or news.ends(turn)) and news.typed(turn):
        if form is not None:
            forms.ask_next(turn, form, _("Back to where we were:"))
        return
    pressed = answers.pressed(turn)
    if pressed and pressed[1] not in ("", turn.talk.context):  # a number under a list, a card or the menu
        _press(turn, f"{pressed[0]}@{pressed[1]}")
        return
    if old := answers.past(turn):
        _press(turn, old)  # typed twice, or late: what a press of the old button would do
        return
    if _at_rest(turn) and _in_own_words(turn):
        return
    if form is None and local.answer(turn):
        return
    # Beside a form only a warning: the words may be what it asks for.
    warned = form is not None and genuine.remark(turn, false_only=True)
    if form is None and genuine.answer(turn):
        if turn.talk.doing.startswith(reports.DOING):
            _repeat(turn, _("Back to where we were:"))
        return
    if not turn.staff and questions.referred(turn):
        _repeat(turn, _("Back to where we were:"))
        return
    if _doing(turn):
        return
    if form is None and still_waiting.answer(turn):
        return
    if _small_talk(turn):
        return
    if form := FORMS.get(turn.talk.doing):
        topic = questions.interrupting(turn)
        if local.aside(turn) or warned or genuine.remark(turn, false_only=False):
            forms.ask_next(turn, form, _("Back to where we were:"))
        elif topic:
            turn.say(steps.brief(turn, topic))
            turn.change(topic=topic.id)
            forms.ask_next(turn, form, _("Back to where we were:"))
        elif answers.asks(turn.text):
            misses.keep(turn, "unknown", turn.text)
            forms.ask_next(turn, form, _("Tổ Số does not know that one yet. First this, or type “cancel”:"))
        else:
            forms.insist(turn, form)
        return
    if not fold(turn.text):  # a thumb up, a row of dots
        if not _repeat(turn):
            turn.say(_("All right. Ask anything, any time."))
        return
    which = turn.talk.doing == "topics" and answers.yes(turn)  # "ừ" to "which of these?" says of none which
    if turn.talk.offered and (which or turn.text.strip(" .)").isdigit()):
        _offer_again(turn)
        return
    if team.unopened(turn):
        return
    if turn.talk.doing == to_whom.UNOPENED:
        to_whom.unsent(turn)
        turn.end()
    questions.answer(turn)


def _for_staff(turn: Turn) -> bool:
    """Do what whoever holds a role asks of Tổ Số in a line; False for other words."""
    return (
        reach.typed_card(turn)
        or leave.typed_card(turn)
        or visit_sheet.typed_card(turn)
        or trend.typed_card(turn)
        or task_giving.typed_card(turn)
        or aims.typed_card(turn)
        or target_setting.typed_card(turn)
        or target_following.typed_card(turn)
        or target_figures.typed_card(turn)
        or visits.typed_card(turn)
        or behalf.typed_card(turn)
        or documents.typed_card(turn)
        or groups.typed_card(turn)
        or morning.typed_card(turn)
        or delays.typed_card(turn)
        or incidents.typed_list(turn)
        or rollout.typed_card(turn)
        or published.typed_card(turn)
        or report_tables.typed_card(turn)
        or evaluation.typed_card(turn)
        or overview.typed_card(turn)
        or ranking_release.typed_card(turn)
        or ranking.typed_card(turn)
        or stagnation.typed_card(turn)
        or trend.unwatched(turn)
        or report_periods.typed_card(turn)
        or reports.typed_card(turn)
        or figures.typed_card(turn)
        or card_keeping.typed_card(turn)
        or villages.typed_card(turn)
        or speaking.typed_card(turn)
        or step_recording.typed_card(turn)
    )


def _at_rest(turn: Turn) -> bool:
    """Say whether nothing goes on that words may be the answer to, but a guide, a question or a report."""
    doing = turn.talk.doing
    return doing in ("", "topic", "topics", "unknown", misses.DOING, genuine.DOING) or doing.startswith(
        ("guide ", reports.DOING)
    )


def _in_own_words(turn: Turn) -> bool:
    """Take what a cadre asks of reports in words of their own; False for other words and people."""
    event = turn.event
    assert isinstance(event, Incoming)
    if office_asked.answer(turn):
        return True
    words = office_asked.canonical(turn)
    if not words or fold(words) == fold(event.text):
        return False
    turn.event = msgspec.structs.replace(event, text=words)
    command = answers.command(turn)
    if _for_staff(turn) or (command and _command(turn, command)):
        return True
    turn.event = event
    return False


def for_us(turn: Turn, _context: str) -> bool:
    """Take what waited to be told whom it is for as said to Tổ Số; False where nothing waits."""
    event = turn.event
    assert isinstance(event, Incoming)
    if not turn.staff or not to_whom.waiting(turn):
        return False
    words, _things = to_whom.taken(turn)
    unopened = turn.talk.doing == to_whom.UNOPENED
    if unopened:
        turn.end()
    turn.event = msgspec.structs.replace(event, text=words, choice="")
    command = answers.command(turn)
    if not (
        judging.typed_card(turn)
        or announcements.typed_card(turn)
        or _for_staff(turn)
        or news.typed(turn)
        or (command and _command(turn, command))
    ):
        if unopened:
            questions.unknown(turn)
            return True
        turn.say(_("Nothing of that can be done here, and it was sent to nobody."))
    return True


def _card_shown(turn: Turn) -> bool:
    """Take a bare sign or a label for a card that has come since, where no question is open."""
    doing = turn.talk.doing
    resting = doing in ("topic", "topics", "unknown", misses.DOING) or (
        doing.startswith("guide ") and not steps.under_way(turn)
    )
    if doing.startswith(reports.DOING) and turn.talk.at in approvals.RESTING:
        resting = not turn.talk.offered  # nothing is offered any more, so a digit is for the card
    typed, words = approvals.parted(turn.text)
    if not turn.staff or (doing and not resting) or len(typed) > LABEL:
        return False
    meant: dict[str, Button] = {}
    for card in morning.newest_first(turn.people.cards(turn.person.id)):
        offered = [(button.data, button.label) for button in card.choices]
        data = answers.chosen(offered, typed) or answers.chosen(offered, typed, letters=True)
        meant |= {button.data: button for button in card.choices if button.data == data}
    if len(meant) > 1:
        ways = [
            Choice(name, as_is(button.typed or button.label), context)
            for button in meant.values()
            for name, _at, context in (button.data.partition("@"),)
        ]
        turn.say(_("Several things wait. Which one is it?"), ways[:4])
        return True
    for data in meant:
        name, _at, context = data.partition("@")
        if words:
            return approvals.chosen_with(turn, name, context, words)
        if name in ASKED_FIRST and len(typed) == 1:
            name = ASKED_FIRST[name]  # nothing on the card says that 1 approves, so that is asked once more
        if name in CARDS:
            return CARDS[name](turn, context)
        _press(turn, data)  # a way into the menu, say
        return True
    return False


def _offer_again(turn: Turn) -> None:
    """Show the choices once more to who typed a number that none of them has."""
    choices = []
    for button in turn.talk.offered:
        name, _at, context = button.data.partition("@")
        choices.append(Choice(name, as_is(button.label), context))
    turn.say(_("Please choose one of these."), choices)


def _in_form(turn: Turn, form: forms.Form, command: str) -> bool:
    """Do what a word that works everywhere asks for, and keep the form where it stands."""
    match command:
        case "back":
            forms.back(turn, form)
        case "pause":
            turn.say(_("Kept as it is. Type “continue” any time."))
        case "more" | "source" if topic := turn.topic(turn.talk.topic):
            turn.say(questions.screens(topic)[0] if command == "more" else questions.sources(topic))
            forms.ask_next(turn, form, _("Back to where we were:"))
        case _ if command in {"privacy", "data", "requests", "progress", "link", "news-off", *LANGUAGES}:
            _command(turn, command)
            forms.ask_next(turn, form, _("Back to where we were:"))
        case _:
            return False
    return True


def _doing(turn: Turn) -> bool:
    doing = turn.talk.doing
    if form := FORMS.get(doing):
        return forms.take(turn, form)
    match doing.partition(" ")[0]:
        case "guide":
            return guides.take(turn)
        case "topic" | "topics" | "unknown":
            return questions.take(turn)
        case team.DOING:
            return team.take(turn)
        case to_whom.UNOPENED:
            return team.answered_unopened(turn)
        case reports.DOING:
            return reports.take(turn)
        case genuine.DOING:
            return genuine.take(turn) or (turn.talk.doing != doing and _doing(turn))
        case own_requests.DOING:
            # What had waited goes on, and the words may be an answer to that.
            return support.take(turn) or (turn.talk.doing != doing and _doing(turn))
        case misses.DOING:
            return misses.take(turn) or (turn.talk.doing != doing and _doing(turn))
        case editing.DOING:
            return editing.take(turn)
        case judging.DOING:
            return judging.take(turn)
        case broadcasts.DOING:
            return announcements.take(turn)
        case reach.DOING:
            return reach.take(turn) or (turn.talk.doing != doing and _doing(turn))
        case links.DOING:
            # Words that do not answer it are for whoever helps, as all others.
            return (
                links.take(turn)
                or (turn.helped and support.relay(turn))
                or (turn.talk.doing != doing and _doing(turn))
            )
        case profile.DOING:
            if turn.staff and profile.erases(turn):
                team.let_go(turn)
            return profile.take(turn) or (turn.talk.doing != doing and _doing(turn))
    return False


def _command(turn: Turn, name: str) -> bool:
    match name:
        case "menu":
            menu(turn)
        case "stop":
            stop(turn)
        case "person":
            if not (answers.wants_somebody(turn) and questions.to_a_person(turn)):
                requesting.open_free(turn, "")  # who only says that word tells the matter better when asked
        case "more" | "source":
            topic = turn.topic(turn.talk.topic)
            if topic is None:
                return False
            questions.more(turn, topic) if name == "more" else questions.source(turn)
        case "privacy" | "data" | "export" | "erase" | "commune":
            profile.COMMANDS[name](turn)
        case lang if lang in LANGUAGES:
            profile.speak(turn, lang)
            if not FORMS.get(turn.talk.doing):
                _repeat(turn)
        case "link":
            links.begin(turn)
        case "unlink":
            links.part(turn)
        case "requests":
            own_requests.mine(turn)
        case "progress":
            own_requests.how_far(turn)
        case "cases" if turn.staff:
            team.mine(turn, *office_asked.work(turn))
        case "cases" if len(turn.text.split()) > 2:  # "việc của tôi": a citizen's are what they asked for
            own_requests.mine(turn)
        case "load" if turn.staff:
            return leading.load(turn)
        case "report" if turn.staff:
            return reports.begin(turn)
        case "template" if turn.staff:
            return templates.begin(turn)
        case "card" if turn.staff:
            card_keeping.begin(turn)
        case "announce" if turn.staff:
            return announcements.start(turn)
        case "announced" if turn.staff:
            return broadcasts.state(turn)
        case "news-off":
            news.off(turn)
        case "news-on":
            news.on(turn)
        case "situation" if turn.staff:
            return reports.situation(turn) or office_asked.tell_own(turn)
        case "misses" if turn.staff:
            return editing.begin(turn)
        case "lost" if turn.staff:
            return editing.lost(turn)
        case "wrong":
            topic = turn.topic(turn.talk.topic)
            if topic is None:
                return False
            questions.wrong(turn, topic)
        case "back" | "pause" | "resume":
            _go_on(turn)
        case _:
            return False
    return True


def _go_on(turn: Turn) -> None:
    """Go back to what waits: a guide that was interrupted, or the open question."""
    if turn.talk.doing in ("topic", "topics", "unknown", misses.DOING, genuine.DOING) and turn.talk.held:
        turn.end()
    if not _repeat(turn):
        turn.say(_("Nothing is under way. Ask anything, any time."))


def menu(turn: Turn) -> None:
    """Offer the ways in; what goes on is kept and can be continued."""
    kinds = {role.kind for role in turn.people.roles(turn.person.id)} if turn.staff else set()
    choices = []
    if kinds & {"member", "lead"}:
        choices.append(Choice("menu-cases", _("My work")))
    if kinds & {"reporter"}:
        choices.append(Choice("menu-report", _("Monthly report")))
    if kinds & {"head"}:
        choices.append(Choice("menu-situation", _("What waits for me")))
    if kinds & {"officer"}:
        choices.append(Choice("menu-card", _("The commune's card")))
    if kinds & {"editor"}:
        choices.append(Choice("menu-misses", _("Unanswered questions")))
    waiting = turn.talk.held.doing if turn.talk.held else ""
    if turn.talk.doing.startswith(("guide ", "form ")) or waiting.startswith("guide "):
        choices.append(Choice("menu-resume", _("Go on where we were")))
    choices += [
        Choice("menu-requests", _("My requests")),
        Choice("menu-person", _("Talk to a person")),
        Choice("menu-privacy", _("Privacy")),
    ]
    context = turn.talk.context
    turn.say(
        _("Ask anything in your own words: VNeID, public services, payments, scams. Or choose:"),
        [msgspec.structs.replace(choice, context=choice.context or "menu") for choice in choices[:4]],
    )
    turn.change(context=context)


def stop(turn: Turn) -> None:
    """End what goes on; what it had interrupted goes on again."""
    had = bool(turn.talk.doing)
    held = turn.end()
    if held and _repeat(turn, _("Stopped. Back to where we were:")):
        return
    if had:
        turn.say(_("Stopped, nothing was sent. Ask anything, any time."))
    elif not still_waiting.offer_back(turn):
        turn.say(_("Nothing is under way. Ask anything, any time."))


def _repeat(turn: Turn, before: Text | None = None) -> bool:
    """Offer the open question again, so that nobody is left without a way on; False where none is open."""
    said = len(turn.said)
    if form := FORMS.get(turn.talk.doing):
        forms.ask_next(turn, form, before)
    elif turn.talk.doing.startswith("guide ") and turn.talk.at != "end":
        steps.again(turn, before)
    elif not announcements.again(turn, before):
        reports.again(turn, before)
    turn.resumed = False
    return len(turn.said) > said


def _small_talk(turn: Turn) -> bool:
    if answers.greets(turn):
        if steps.under_way(turn):
            steps.again(turn, _("Hello. Back to where we were:"))
        elif form := FORMS.get(turn.talk.doing):
            forms.ask_next(turn, form, _("Hello. Back to where we were:"))
        else:
            turn.say(_("Hello. What would you like to get done today?"))
        return True
    if answers.thanks(turn):
        if not (_standing(turn) and _repeat(turn, _("Glad to help. Back to where we were:"))):
            turn.say(_("Glad to help. Write any time."))
        return True
    if turn.talk.doing in ("", "topic") and (answers.yes(turn) or answers.no(turn)):
        turn.say(_("All right. Ask anything, any time."))
        return True
    return _moved(turn)


def _standing(turn: Turn) -> bool:
    """Say whether somebody is in the middle of a guide or a form."""
    return steps.under_way(turn) is not None or turn.talk.doing in FORMS


DESPERATE = _(
    "Please do not stay alone with this. Call somebody close to you now; in danger call 115 or 113. "
    "Type “a person” and a helper will answer."
)
FRIGHTENED = _(
    "Take a moment. If somebody threatens or cheats you, stop and send no money; in danger call 113. "
    "Say in a few words what happened, or type “a person”."
)
ANGRY = _("Sorry that this was no help. Type “a person” and a helper will answer.")
NO_HURRY = _("No hurry, one thing at a time. Where it is too hard, type “a person”.")
EASIER = _("No hurry. Step by step is easier: one small thing at a time.")
EVERYDAY = _("Say in everyday words what you want to get done, or type “a person”.")


def _moved(turn: Turn) -> bool:
    """Answer somebody's feelings where their words ask for nothing, and keep the way on open."""
    mood = courtesy.mood(turn.text)
    standing = _standing(turn)
    if mood is None or (mood == "content" and standing):
        return False
    if mood == "content":
        turn.say(_("All right. Ask anything, any time."))
        return True
    if mood == "desperate" and turn.found and turn.found.verdict == "answer":
        return False
    if mood == "desperate":
        turn.say(DESPERATE)
        return True
    who = _(
        "Tổ Số is the automatic assistant of {office}, no person. Type “a person” and a helper will answer."
    )
    said = {
        "frightened": FRIGHTENED,
        "angry": ANGRY,
        "curious": who(office=turn.shelf.office.name),
    }.get(mood)
    if standing and _repeat(turn, said or NO_HURRY):
        return True
    topic = turn.topic(turn.talk.topic) if turn.talk.doing == "topic" else None
    if topic and topic.steps and mood in ("frightened", "puzzled"):
        questions.encourage(turn, topic, said or EASIER)
    else:
        turn.say(said or EVERYDAY)
    return True


def _introduce(turn: Turn) -> None:
    """Add to the very first answer who is speaking; the answer itself comes first."""
    if turn.talk.met:
        return
    for place, said in enumerate(turn.said):
        if said.to == turn.person.id and not said.voice:
            line = _("(This is the automatic assistant of {office}. Type “privacy” to see what is kept.)")(
                office=turn.shelf.office.name
            )
            turn.said[place] = msgspec.structs.replace(
                said, text=_("{before}\n{ask}")(before=said.text, ask=line)
            )
            turn.change(met=True)
            return
