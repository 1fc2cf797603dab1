"""Finds every source string in the code, and brings the catalogs up to date with them."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from string import Formatter
from typing import TYPE_CHECKING

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po, write_po

from bot.locales import DOMAIN, FOLDER, po_path

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PACKAGES = ("bot", "jobs", "tools", "knowledge")
# Function → positions of its source strings. The gettext names serve rendering itself.
MARKERS = {"say": (0,), "say_n": (0, 1), "gettext": (0,), "ngettext": (0, 1)}


@dataclass(frozen=True)
class SourceString:
    """A source string, its plural if it has one, and where it stands (file from the root, line)."""

    text: str
    plural: str | None
    file: str
    line: int

    @property
    def id(self) -> str | tuple[str, str]:
        return self.text if self.plural is None else (self.text, self.plural)


@dataclass(frozen=True)
class Computed:
    """A marker's call whose text is computed, which no extraction can read."""

    marker: str
    file: str
    line: int


def scan(root: Path) -> tuple[list[SourceString], list[Computed]]:
    """Every string that `say`, `say_n` and gettext's own functions are called with below `root`; and what cannot be."""
    found: list[SourceString] = []
    computed: list[Computed] = []
    for package in PACKAGES:
        for path in sorted((root / package).rglob("*.py")):
            for item in strings_in(path.read_text(encoding="utf-8"), path.relative_to(root).as_posix()):
                if isinstance(item, SourceString):
                    found.append(item)
                else:
                    computed.append(item)
    return found, computed


def strings_in(source: str, file: str) -> Iterator[SourceString | Computed]:
    """The source strings of one module. `say` counts where it is the one of `tools.messages`."""
    tree = ast.parse(source, file)
    known = _imported(tree) | {"gettext", "ngettext"}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = str(getattr(node.func, "id", None) or getattr(node.func, "attr", ""))
        positions = MARKERS.get(name)
        if name not in known or positions is None or len(node.args) <= positions[-1]:
            continue
        texts = [_literals(node.args[position]) for position in positions]
        if all(texts):
            if len(positions) == 1:
                yield from (SourceString(text, None, file, node.lineno) for text in texts[0])
            else:
                yield SourceString(texts[0][0], texts[1][0], file, node.lineno)
        elif not name.endswith("gettext"):  # rendering passes a message's text through gettext
            yield Computed(name, file, node.lineno)


def _imported(tree: ast.Module) -> set[str]:
    return {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "tools.messages"
        for alias in node.names
        if alias.asname is None
    }


def _literals(node: ast.expr) -> list[str]:
    """The strings that an expression can be: itself, or either branch of a conditional."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value]
    if isinstance(node, ast.IfExp):
        branches = [_literals(node.body), _literals(node.orelse)]
        return [text for branch in branches for text in branch] if all(branches) else []
    return []


def placeholders(text: str) -> set[str]:
    """The names in braces."""
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def template(root: Path) -> Catalog:
    """All source strings below `root` as gettext's template catalog."""
    catalog = Catalog(project=DOMAIN, domain=DOMAIN, fuzzy=False)
    for string in scan(root)[0]:
        catalog.add(string.id, locations=[(string.file, string.line)])
    return catalog


def update(root: Path, folder: Path = FOLDER) -> dict[str, list[str]]:
    """Writes `messages.pot` and brings every `.po` up to date: new ids empty, unused ones marked obsolete.

    Returns the ids without a complete translation, by language.
    """
    current = template(root)
    with (folder / "messages.pot").open("wb") as out:
        write_po(out, current, width=120, omit_header=True, sort_output=True, include_lineno=False)
    missing: dict[str, list[str]] = {}
    for language in sorted(path.name for path in folder.iterdir() if po_path(path.name, folder).is_file()):
        path = po_path(language, folder)
        with path.open("rb") as lines:
            catalog = read_po(lines, locale=language, domain=DOMAIN)
        written = catalog.creation_date
        catalog.update(current, no_fuzzy_matching=True)
        # The day of the run is no change worth a commit.
        catalog.creation_date = written
        with path.open("wb") as out:
            write_po(out, catalog, width=120, sort_output=True, include_lineno=False)
        missing[language] = [_text(message) for message in catalog if message.id and not is_translated(message)]
    return missing


def is_translated(message: Message) -> bool:
    """Whether every form has a text whose placeholders are the source's (a plural form may leave out the count).

    What is marked as fuzzy is not shown, so it counts as none.
    """
    sources = (message.id,) if isinstance(message.id, str) else tuple(message.id or ())
    forms = (message.string,) if isinstance(message.string, str) else tuple(message.string or ("",))
    wanted = set().union(*(placeholders(source) for source in sources))
    return not message.fuzzy and all(form and placeholders(form) == wanted for form in forms)


def _text(message: Message) -> str:
    return message.id[0] if isinstance(message.id, tuple) else str(message.id)
