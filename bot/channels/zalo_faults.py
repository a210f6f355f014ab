"""Zalo's errors as the doctor tells them: those that an office can mend, for it to be worded in its language.

Logs have words of their own, beside what is done about each error.
"""

from __future__ import annotations

from handlers.text import Text, _, as_is

_TOKEN = _("the token pair does not hold any more")
_SPENT = _("the messages of the package, or the money, are used up")
_PROOF = _("the app's page asks for appsecret_proof, so set proof to true under [zalo_oa]")
FAULTS: dict[int, Text] = {
    -32: _("too many calls at once, so wait a few minutes"),
    -109: _("there is no such template, so correct template under [zbs]"),
    -115: _SPENT,
    -124: _TOKEN,
    -131: _("Zalo has not approved the template yet"),
    -132: _("the fields do not fit the template, so correct fields under [zbs]"),
    -135: _("the Official Account may not send templates yet"),
    -136: _("the Official Account is not joined to a Zalo Cloud Account"),
    -137: _("the Zalo Cloud Account cannot be charged"),
    -144: _("the Official Account has sent as many as it may today"),
    -147: _("the template has been sent as often as it may today"),
    -204: _("the Official Account has been deleted"),
    -205: _("there is no such Official Account"),
    -209: _("the app is not switched on at developers.zalo.me"),
    -211: _SPENT,
    -212: _("the app has no Official Account API yet"),
    -216: _TOKEN,
    -219: _("there is no such app"),
    -220: _TOKEN,
    -221: _("the Official Account is not verified"),
    -223: _("an administrator of the Official Account has to let the app in once more"),
    -224: _("the Official Account has no package that allows this"),
    -235: _("the Official Account is of a kind that may not do this"),
    -242: _PROOF,
    -311: _SPENT,
    -320: _("there is no Zalo Cloud Account"),
    -321: _SPENT,
    -1241: _PROOF,
}


def told(code: int, otherwise: str) -> Text:
    """Give an error with its number, by which the guides list what to do; other words where no office can mend it."""
    return _("{fault} (error {code})")(fault=FAULTS.get(code) or as_is(otherwise), code=str(code))
