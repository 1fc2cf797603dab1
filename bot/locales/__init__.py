"""Gettext catalogs: the English source string is the id. One folder per language, one `.po` file each."""

from __future__ import annotations

from functools import cache
from gettext import NullTranslations
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations

DOMAIN = "marketbot"
FOLDER = Path(__file__).parent


def po_path(language: str, folder: Path = FOLDER) -> Path:
    """Where a language's catalog stands."""
    return folder / language / "LC_MESSAGES" / f"{DOMAIN}.po"


@cache
def translations(language: str) -> NullTranslations:
    """A language's translations, compiled in memory; the source strings themselves where there is no catalog."""
    path = po_path(language)
    if not path.is_file():
        return NullTranslations()
    with path.open("rb") as lines:
        catalog = read_po(lines, locale=language, domain=DOMAIN)
    compiled = BytesIO()
    write_mo(compiled, catalog)
    compiled.seek(0)
    return Translations(fp=compiled, domain=DOMAIN)
