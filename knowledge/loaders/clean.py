"""Characters that no reader of a document sees, taken out; characters that only a font needed, made plain."""

from __future__ import annotations

import re
import unicodedata

# Control characters, the marks that turn the direction of writing, zero-width marks, and tags: none is seen, and each
# can make a text read otherwise than it is. Tabs and line ends stay.
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffc"
    "\ufffe\uffff\ud800-\udfff\U000e0000-\U000e0fff]"
)
_LINE_ENDS = re.compile("\r\n?|[\x0b\x85\u2028\u2029]")
_SPACES = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
# Radicals in place of characters and joined letters, as PDFs hold them; a search for the plain ones must find them.
_FONT_FORMS = re.compile("[\u2e80-\u2fdf\uf900-\ufaff\ufb00-\ufb06]")
# Of the supplementary radicals only two have a plain form in Unicode's own tables; these are the ones that PDFs show.
# ⼾ has one, the traditional character, where the simplified is meant.
_RADICALS = str.maketrans(
    "⼾⺠⻅⻆⻉⻋⻓⻔⻘⻚⻛⻜⻝⻢⻣⻤⻥⻦⻨⻩⻬⻮⻰⻳", "户民见角贝车长门青页风飞食马骨鬼鱼鸟麦黄齐齿龙龟"
)


def clean(text: str) -> str:
    r"""The text with plain spaces and "\n" as the only end of a line, and without what is not seen; "\f" stays."""
    text = _LINE_ENDS.sub("\n", text)
    text = _UNSEEN.sub("", text)
    text = _SPACES.sub(" ", text)
    return _FONT_FORMS.sub(_plain, text)


def _plain(match: re.Match[str]) -> str:
    return unicodedata.normalize("NFKC", match.group().translate(_RADICALS))
