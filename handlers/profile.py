"""Who is speaking: language, form of address, home commune, roles, and their own data."""

from __future__ import annotations

import re
from collections.abc import Callable

import msgspec

from handlers import answers, courtesy, forms, steps
from handlers.forms import Checked, Form, Pick, Question
from handlers.records.people import Person
from handlers.rules import guard
from handlers.rules.areas import AREAS
from handlers.talk import File
from handlers.text import Text, _, as_is, lines
from handlers.turn import Choice, Turn
from knowledge.folding import common, fold, words
from knowledge.languages import LANGUAGES
from knowledge.places import Matches
from knowledge.reading import language

DOING = "own-data"
CONSENT = "2026-11"  # version of the sentence that is agreed to; a new wording is a new version

ADDRESSES = {
    "ong": "ông",
    "ba": "bà",
    "bac": "bác",
    "co": "cô",
    "chu": "chú",
    "anh": "anh",
    "chi": "chị",
    "ban": "bạn",
}
YOUNGER = {"em", "chau", "con", "minh", "to"}  # who says so is addressed as "bạn"
_CALLED = re.compile(
    r"\bgoi (?:toi|minh|em|co|bac|chu|anh|chi|chau|con|to|ba|ong) la (ong|ba|bac|co|chu|anh|chi|ban|em|chau)\b"
    r"((?: \w+){1,2}$)?"
)
# What people do after naming themselves; "bác sĩ", "cô giáo" and "anh ơi" are somebody else.
_DOES = (
    "muon|hoi|can|dang|bi|quen|khong|ko|chua|lam|moi|o|duoc|ten|gia|nho|dinh|thay|ban|da|se|mat|doi|dung|nhan|"
    "xem|bam|di|cung|khong|tim|vao|nop|gui|lay|hieu"
)
_SELF = re.compile(rf"(?:^|[,.!?]\s*|\bcho )(bac|co|chu|anh|chi|em|chau|con|minh) (?:{_DOES})\b")
_ACCENTED = re.compile(
    r"(?:^|[,.!?]\s*|\bcho )(bác|cô|chú|anh|chị|em|cháu|con|mình) "
    r"(?!ơi|sĩ|giáo|dâu|rể|trai|gái|cái|nội|ngoại|em|út|họ|hàng|số|đường|dấu|công an|cán bộ|ấy"
    r"|tôi\b|tui\b|bác\b|của\b|nó\b|ta\b|này|kia|ở (?:đó|đấy|kia|quầy|phường|xã)|bảo|nói)"
)
# Of an "ông" or a "bà" others speak too ("bà chưa có thẻ"): it is oneself only who calls the other "cháu" or "con",
# or asks to be allowed a question.
_ELDER = re.compile(
    r"(?:^|.*\b)(?:chau|con) (?:oi|a|ah),? (ong|ba) (?:"
    + _DOES
    + r"|chang|cha)\b.*|(?:.*\b)?cho (ong|ba) hoi\b.*",
    re.DOTALL,
)
# "bà em", "mẹ cháu", "nhà em": who says so is younger; "mẹ em bé" and "bà cháu tôi" are not.
_WHOSE = re.compile(
    r"\b(?:ba|me|bo|ong|bo me|ong ba|ba noi|ba ngoai|ong noi|ong ngoai|nha) (?:em|chau)\b"
    r"(?! (?:toi|tui|be|gai|trai|minh|no|nha|ay|ho|dau|re|noi|ngoai))|\bcua em(?=$|[,.!?\n])"
)
_INVITATION = re.compile(r"(?:^|.* )moi[ -]([a-z0-9]{5})[ -]([a-z0-9]{5})$")


SENTENCE = 4  # words that are enough to tell a language by


def hear(turn: Turn, *, with_somebody: bool) -> None:
    """Take the language from the words, and the form of address from how people call themselves.

    What is written to somebody else sets no address: "cô xem giúp" may speak of whoever reads it.
    """
    spoken = _language(turn)
    if spoken and not turn.person.lang:
        turn.know(lang=spoken)
    elif spoken and spoken != turn.lang and not turn.staff and not turn.helped:
        known = turn.found is not None and turn.found.verdict != "unknown"
        if known and len(turn.text.split()) >= SENTENCE:
            turn.know(lang=spoken)  # asked in another language, answered in it
    if turn.person.address or with_somebody or not turn.text or turn.lang != "vi":
        return
    if address := self_named(turn.text):
        turn.know(address=address)


def _language(turn: Turn) -> str:
    """Give the language that the words are in; nothing for words of both, such as "menu" or "VNeID"."""
    spoken = language(turn.text) or ""
    alone = " " not in turn.text and spoken == "en"
    if alone and not answers.greets(turn) and answers.command(turn) in ("", "menu"):
        return ""
    return spoken


def self_named(text: str) -> str:
    """Give the form of address that somebody's own words ask for; nothing where they do not."""
    if elder := _ELDER.fullmatch(fold(text)):
        return ADDRESSES[elder[1] or elder[2]]
    words = text.lower()
    accented = words != fold(text) and bool(re.search(r"[à-ỹđ]", words))
    if accented:
        found = _ACCENTED.search(words)
        own = fold(found[1]) if found else ""
    else:
        plain = fold(text)
        found = _SELF.search(plain)
        own = found[1] if found else ""
        question = re.search(r"\b(khong|ko|k|chua)$", plain)
        if own == "co" and question and not re.search(r"\b(chau|con)\b", plain):
            own = ""  # "co ban … khong" asks whether there is any
        if own in ("chi", "con", "minh") and found and found[0].strip().startswith("cho "):
            own = ""
    if own in YOUNGER or (not own and _WHOSE.search(guard.fold(text))):
        return "bạn"
    return ADDRESSES.get(own, "")


def addressed(turn: Turn) -> bool:
    """Hear "gọi tôi là …", a name behind it too."""
    called = _CALLED.search(fold(turn.text))
    if not called:
        return False
    turn.know(address=ADDRESSES.get(called[1], "bạn"))
    if called[2] and not {"nhe", "a", "di", "nha", "duoc", "nghe"} & set(called[2].split()):
        # "gọi tôi là bác Tư": the name with its accents, as typed
        turn.know(name=" ".join(turn.text.strip(" .!").split()[-len(called[2].split()) :]))
    turn.say(_("All right."))
    return True


def joining(turn: Turn) -> bool:
    """Take an invitation's code: the role it gives, once."""
    found = _INVITATION.fullmatch(fold(turn.text)) or re.match(
        r"/?start moi[- ](\w{5})[- ](\w{5})", fold(turn.text)
    )
    if not found:
        return False
    code = f"MOI-{found[1]}-{found[2]}".upper()
    invitation = turn.people.invitation(code)
    if invitation is None:
        turn.say(
            _(
                "Tổ Số does not know that invitation. Please check the letters and digits, or ask for a new one."
            )
        )
        return True
    if invitation.used_by == turn.person.id:
        turn.say(_("This invitation already belongs to you. Type “menu” to begin."))
        return True
    if invitation.until and invitation.until < turn.now:
        turn.say(_("That invitation has expired. Please ask your office for a new one."))
        return True
    if invitation.used_by or not turn.people.join(invitation, turn.person.id):
        turn.say(_("Somebody has already used that invitation. Please ask your office for a new one."))
        return True
    turn.know(
        name=turn.person.name or invitation.name,
        address=invitation.address or turn.person.address,
        lang=turn.person.lang or invitation.lang,
        speaks=tuple(dict.fromkeys((*turn.person.speaks, *invitation.speaks))),
        consent=CONSENT,
        consented=turn.now,
    )
    unit = turn.people.unit(invitation.place)
    turn.note("joined", f"unit:{invitation.place}")
    welcome = _(
        "Hello {you_name}. From now on this is where {role} of {unit} is reached. Type “menu” to begin."
    )(
        you_name=named(turn.person.address, turn.person.name),
        role=ROLES[invitation.kind],
        unit=as_is(unit.name if unit else ""),
    )
    turn.say(
        lines(welcome, _("To be reached when this chat has closed, type “my email is …”."))
        if turn.shelf.office.closes and turn.shelf.office.writes_mail
        else welcome
    )
    return True


ROLES: dict[str, Text] = {
    "member": _("a member"),
    "lead": _("the lead"),
    "reporter": _("the reporting officer"),
    "head": _("the head"),
    "officer": _("the officer in charge"),
    "editor": _("an editor of answers"),
}


def named(address: str, name: str) -> str:
    """Give how somebody is called in front of others: "chị Hường"."""
    return f"{address} {name}".strip()


# --- consent, asked only when something is about to be kept beyond the talk ---

AGREE, DECLINE = Choice("yes", _("I agree")), Choice("no", _("No, do not keep it"))

CONSENT_QUESTION = Question(
    "consent",
    ask=lambda turn: _(
        "May {office} keep where you live and what you ask help with? It is erased 12 months after all is "
        "settled, or at once when you type “delete my data”."
    )(office=turn.shelf.office.name),
    check=forms.one_of("yes", "no"),
    otherwise=_("Please choose one of the two."),
    choices=lambda turn: (AGREE, DECLINE),
    needed=lambda turn: turn.person.consent != CONSENT,
)


def agreed(turn: Turn) -> bool:
    """Keep the agreement just given, with version and time; False where it was declined."""
    if turn.person.consent == CONSENT:
        return True
    if turn.talk.kept.get("consent") != "yes":
        return False
    turn.know(consent=CONSENT, consented=turn.now)
    turn.note("consented", f"consent:{CONSENT}")
    return True


# --- the home commune, asked when first needed ---


_KINDS = {"to": "tổ", "to dan pho": "tổ dân phố", "tdp": "tổ dân phố", "thon": "thôn", "xom": "xóm", "ap": "ấp",
          "khu pho": "khu phố", "ban": "bản", "lang": "làng", "buon": "buôn", "khom": "khóm"}  # fmt: skip
_KIND = re.compile(rf"({'|'.join(sorted(_KINDS, key=len, reverse=True))})(?= \S)")


def village(typed: str) -> str:
    """Give a village or group as typed, its kind with accents: "to 7" is "tổ 7"."""
    kind = _KIND.match(typed.lower())
    return _KINDS[kind[1]] + typed[kind.end() :] if kind else typed


def commune(turn: Turn, text: str) -> Checked:
    """Accept a ward or commune, old names included; ask where a name means several."""
    if not text:
        return None
    places = turn.shelf.places
    matches = places.find(text)
    if not _is_place(text, matches):
        return None
    if matches.one is not None:
        if matches.rest:
            turn.change(kept={**turn.talk.kept, "village": village(matches.rest)})
        return matches.one.code
    if not matches.communes:
        return None
    if matches.rest:
        turn.change(kept={**turn.talk.kept, "village": village(matches.rest)})
    if matches.total > SHOWN and matches.status == "several":
        ask = _("{n} places have that name. If yours is not here, type it with its province.")
        return Pick(ask(n=matches.total), _places(turn, matches))
    return Pick(_WHICH.get(matches.status, _WHICH["near"]), _places(turn, matches))


_PART = re.compile(rf"\b(?:{'|'.join(_KINDS)}|so nha|ngo|ngach|duong|group|village|hamlet|street|number)\b")
_AROUND = {"ward", "commune", "live", "oi", "nha", "phuong", "xa"}


def _is_place(text: str, matches: Matches) -> bool:
    """Say whether words are a place and little else: "chưa, mới đọc" reads like a ward of old."""
    if matches.sure:
        return True
    if answers.asks(text) or courtesy.mood(text) or "://" in text or len(text) > PLACE:
        return False
    said = {
        word for word in words(matches.rest) if not any(word in common(lang) for lang in LANGUAGES)
    } - _AROUND
    return not said or bool(_PART.search(fold(matches.rest)))


PLACE = 80  # letters of an address


def _places(turn: Turn, matches: Matches) -> tuple[Choice, ...]:
    label = turn.shelf.places.label
    return tuple(Choice(f"pick={found.code}", as_is(label(found))) for found in matches.communes[:SHOWN])


SHOWN = 4  # places to choose from
_WHICH: dict[str, Text] = {
    "split": _("That ward was divided in July 2025. Which of these is it now?"),
    "several": _("There are several of that name. Which one?"),
    "near": _("Is it one of these?"),
}

COMMUNE_QUESTION = Question(
    "commune",
    ask=lambda turn: _("Which ward or commune, and which residential group or village?"),
    check=commune,
    otherwise=_("Tổ Số does not know that ward or commune. Please check the spelling, or add the province."),
    needed=lambda turn: not turn.person.commune,
)


def _home_known(turn: Turn) -> None:
    kept, first = turn.talk.kept, turn.person.consent != CONSENT
    if agreed(turn):
        turn.know(commune=kept["commune"], village=kept.get("village", ""))
        place = as_is(place_of(turn, turn.person.commune, turn.person.village))
        told = _("Noted: {place}.")(place=place)
        if first and not turn.person.news:
            told = lines(
                told, _("To be told the news of the place here as well: type “news of the commune”.")
            )
    else:
        told = _("All right, nothing was kept.")
    turn.end()
    if steps.under_way(turn):
        turn.say(told)
        steps.again(turn, _("Back to where we were:"))
    else:
        turn.say(told)


def place_of(turn: Turn, code: str, village: str = "") -> str:
    """Give a place as people say it: "tổ 7, phường Đông Ngạc, Hà Nội"."""
    found = turn.shelf.places.commune(code)
    label = turn.shelf.places.label(found) if found else ""
    return ", ".join(part for part in (village, label) if part)


HOME = Form(
    "home",
    (msgspec.structs.replace(COMMUNE_QUESTION, needed=lambda turn: True), CONSENT_QUESTION),
    _home_known,
)


def move(turn: Turn) -> None:
    """Ask where somebody lives now."""
    if turn.talk.doing == HOME.doing:
        turn.change(kept={})
        forms.ask_next(turn, HOME)
    else:
        forms.begin(turn, HOME)


# --- a person's own data ---


def privacy(turn: Turn) -> None:
    """Say what is kept, how long, and what one may ask for."""
    told = _(
        "Kept: this talk, {days} days; with your consent also requests and your commune. "
        "Never kept: codes, passwords, card or identity numbers. Name and number are seen only by whoever "
        "helps you, your words by their team; its group chat reads only village and matter."
    )(days=turn.shelf.office.talks_kept)
    told = lines(
        told, _("A question without an answer is kept 12 months so that it gets one, without your name.")
    )
    if turn.shelf.office.privacy:
        told = lines(told, _("Questions about this: {whom}")(whom=as_is(turn.shelf.office.privacy)))
    turn.say(told, [SEE, EXPORT, ERASE])


SEE = Choice("menu-data", _("See my data"), "menu")
EXPORT = Choice("menu-export", _("Get a copy"), "menu")
ERASE = Choice("menu-erase", _("Delete my data"), "menu")


def see(turn: Turn) -> None:
    """Show all that is known of a person, in words."""
    person, unknown = turn.person, _("not known")
    place = place_of(turn, person.commune, person.village)
    kept = turn.people.everything(person.id).get("requests")
    consent = _("No, so nothing is kept beyond this talk")
    if person.consent and person.consented:
        consent = _("Yes, at {when} (version {version})")(when=person.consented, version=person.consent)
    turn.say(
        lines(
            _("Name: {value}")(value=as_is(person.name) if person.name else unknown),
            _("Spoken to as: {value}")(value=as_is(person.address) if person.address else unknown),
            _("Lives in: {value}")(value=as_is(place) if place else unknown),
            _("Requests: {value}")(value=len(kept) if isinstance(kept, list) else 0),
            _("Channels: {value}")(value=channels(turn)),
            _("Agreed that it is kept: {value}")(value=consent),
            *_news(person),
        ),
        [EXPORT, ERASE],
    )


WANTED: dict[str, Text] = {
    "yes": _("News of the place: yes; to end it, type “stop news”"),
    "no": _("News of the place: no"),
}


def _news(person: Person) -> list[Text]:
    if not person.areas:
        return [WANTED[person.news]] if person.news in WANTED else []
    told = AREAS[person.areas[0]]
    for area in person.areas[1:]:
        told = _("{before}, {more}")(before=told, more=AREAS[area])
    return [_("News of the place: only about {areas}; to end it, type “stop news”")(areas=told)]


def channels(turn: Turn) -> Text:
    """Give the channels of this person in one line: "Zalo and the web page"."""
    names = [chat.name for chat in sorted(turn.links.chats(turn.person.id), key=lambda chat: chat.contact)]
    told = names[0] if names else as_is("–")
    for name in names[1:]:
        told = _("{one} and {other}")(one=told, other=name)
    return told


def export(turn: Turn) -> None:
    """Hand over everything that is kept about a person, as a file."""
    everything = {"person": msgspec.to_builtins(turn.person), **turn.people.everything(turn.person.id)}
    content = msgspec.json.format(msgspec.json.encode(everything), indent=2)
    turn.note("exported own data", f"person:{turn.person.id}")
    turn.say(
        _("Here is everything that is kept about you, as a file."),
        file=File("to-so.json", "application/json", content),
    )


def erase(turn: Turn) -> None:
    """Ask once before deleting."""
    turn.hold(DOING, "sure")
    ask = _(
        "Delete this talk, your name, commune and the words of your requests? "
        "A request's number stays, without you."
    )
    role = _("Your role ends with it, and what you have taken on goes to the others.")
    turn.say(
        lines(ask, role) if turn.staff else ask,
        [Choice("erase", _("Yes, delete")), Choice("keep", _("No, keep it"))],
    )


def erases(turn: Turn) -> bool:
    """Say whether this is the word after which everything is deleted."""
    pressed = answers.pressed(turn)
    return pressed[0] == "erase" if pressed else answers.yes(turn)


def take(turn: Turn) -> bool:
    """Take the answer to "delete?"."""
    pressed = answers.pressed(turn)
    if erases(turn):
        lang = turn.person.lang
        turn.note("erased own data", f"person:{turn.person.id}")
        for request in turn.requests.helping(turn.person.id):
            over = _("The person who asked has had their data erased. {code} is over.")
            turn.say(over(code=f"YC-{request.code}"), to=request.claimed_by, kind="notice")
        turn.people.forget(turn.person.id)
        turn.person = msgspec.structs.replace(type(turn.person)(id=turn.person.id), lang=lang)
        turn.talk = type(turn.talk)(met=True)
        turn.say(_("Deleted. Whenever you write again, Tổ Số starts from nothing."))
        return True
    if (pressed and pressed[0] == "keep") or (not pressed and answers.no(turn)):
        turn.end()
        turn.say(_("Nothing was deleted."))
        if steps.under_way(turn):
            steps.again(turn, _("Back to where we were:"))
        return True
    turn.end()
    return False


def speak(turn: Turn, lang: str) -> None:
    """Go on in another language."""
    turn.know(lang=lang)
    name = LANGUAGES[lang].name
    turn.say(_("Tổ Số speaks {language} with you from now on.")(language=as_is(name)))


COMMANDS: dict[str, Callable[[Turn], None]] = {
    "privacy": privacy,
    "data": see,
    "export": export,
    "erase": erase,
    "commune": move,
}
FORMS = (HOME,)
