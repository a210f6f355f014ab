"""What people say that asks for nothing: fright, anger, "I do not understand", "all right then".

Each is known only where a whole message is made of such words, so that no question is ever taken for one.
Greetings and thanks are in `answers`.
"""

from __future__ import annotations

import re
from typing import Literal

from handlers import answers
from knowledge.folding import fold

Mood = Literal["desperate", "frightened", "angry", "curious", "puzzled", "content"]

_SELF = "toi|tui|em|bac|co|chu|anh|chi|ong|ba|chau|con|minh"
_CORES: dict[Mood, str] = {
    "frightened": rf"huhu|hu hu|hic|cuu (?:{_SELF})|cuu voi|so qua|so lam|lo qua|lo lang|hoang qua|hoang so|run qua"
    "|chet roi|chet toi|(?:biet )?lam (?:sao|gi) bay gio|(?:biet )?phai lam (?:sao|gi)|so bi bat"
    "|(?:i )?am (?:scared|afraid|so scared)|scared|i panic|help me|what (?:do|should) i do now",
    "angry": "ngu|ngoc|oc cho|con cho|do cho|vo dung|vo tich su|vcl|vkl|vai lon|dmm?|dcm|dkm|dit me|deo|clgt|cut di"
    "|te qua|mat day|buc qua|buc minh|fuck|fuck off|shit|bullshit|stupid|idiot|dumb|useless|crap|wtf|sucks?"
    "|do (?:qua|te|ec|khung|lao)|chan(?: qua| ghe| that)?|vo van|nham nhi|noi nham|xam|im (?:di|mom)|cam mom"
    "|khung|dot(?: nat| dac)?|ngu nhu (?:bo|cho|heo|lon)|(?:cha|chang|khong) duoc tich su gi|lao|bien di|clm|vl"
    "|tra loi (?:vo van|ngu|nhu khong|nhu cc|nhu cut|lung tung)|noi linh tinh(?: gi)?|vo va vo van|do khon|do lua dao"
    "|con me may|bo may|bo lao|im me mom(?: di)?|oc (?:lon|heo|cho)|cut|shut up|shut the hell up|garbage|rubbish"
    "|nonsense|trash|terrible|annoying|you re (?:an? )?(?:idiot|stupid|dumb|useless)|i hate (?:you|this)",
    "curious": "(?:ban|may|em|chau|to so|day|bot|ai) la (?:ai|gi|nguoi hay may|may hay nguoi|robot|bot|nguoi that)"
    "|nguoi hay may|may hay nguoi|ai (?:day|do)|(?:dang )?noi chuyen voi ai|ai dang (?:noi|tra loi)"
    "|(?:ban|may|em) ten (?:la )?gi|(?:ban|may|em) (?:bao nhieu|may) tuoi|who are you|what are you|what s your name"
    "|what is your name|how old are you"
    "|are you (?:a |an |really )?(?:human|real|robot|bot|person|machine|ai|real person|chat ?gpt|chat gpt)",
    "puzzled": "(?:khong|chua|chang|kho) hieu|la sao|nghia la (?:sao|gi)|la gi|kho qua|kho lam|roi qua|roi ram|roi roi"
    "|rac roi|chiu thua|khong biet(?: lam| bam| dung| lam gi)?|khong lam duoc|lam khong duoc|khong lam noi"
    "|i (?:do not|don t|dont) (?:understand|get it|know)|confus(?:ed|ing)|what do you mean|too hard"
    "|i am lost|huh|what|pardon|gi vay|sao vay|ha",
    "content": "ok|oke|okay|okie|vang|da|duoc|hieu|biet|ro|tot|hay|tuyet|on|vay la duoc|the thoi|khong can nua|het roi"
    "|khong co gi|khong sao|nham|go nham|bam nham|tam biet|bye(?: bye)?|goodbye|hen gap lai|never mind|no problem"
    "|gioi|tuyet voi|yeu (?:ban|em|to so)|chuc mung nam moi|lol|ha(?:ha)+|hi(?:hi)+|he(?:he)+|chuc ngu ngon|xin loi"
    "|sorry|good night|good job|great job|well done|good bot"
    "|great|good|nice|fine|perfect|i see|got it|understood|cool",
}
_BESIDE = (
    rf"(?:{_SELF}|to so|bot|may|no|cai|do|thang|con|nay|oi|a|ah|voi|qua|lam|that|roi|gio|nhe|nha|luon|day|nua|gi"
    "|vay|nhu|vai|dang|van|thi|ma|troi|i|m|am|is|are|you|this|it|so|very|really|please|thanks|the|now)"
)
_MOODS = {
    mood: re.compile(rf"(?:{_BESIDE} )*(?:{core})(?: (?:{_BESIDE}|{core}))*") for mood, core in _CORES.items()
}


_DESPERATE = re.compile(  # but not "mệt muốn chết"
    r"\b(?:(?<!lo )(?<!met )(?<!buc )(?<!so )(?<!moi )(?<!dau )muon chet|chet cho xong"
    r"|(?:khong|ko|k|chang) (?:muon|thiet) song|tu sat"
    r"|want to die|kill myself|end my life|suicide|suicidal)\b"
)


def mood(text: str) -> Mood | None:
    """Say how somebody feels whose words ask for nothing else; None where they may."""
    said = " ".join(answers.tokens(text))
    if _DESPERATE.search(said) or "tự tử" in text.casefold():  # without accents it also reads "từ từ"
        return "desperate"
    if not said:
        return "puzzled" if "?" in text else None
    if len(said) > LONGEST:
        return None
    written = fold(text)  # "a" is also an English word
    return next(
        (mood for mood, core in _MOODS.items() if core.fullmatch(said) or core.fullmatch(written)), None
    )


LONGEST = 80  # letters; who writes more tells something
