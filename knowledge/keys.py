"""Keys of documents and folders, and the names that follow from them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

SHIPPED = "shipped"
SENT = "documents"


@dataclass(frozen=True)
class Places:
    """Keys of files and folders: their absolute paths, but in folders of our own, which may move, the path inside."""

    own: Mapping[str, Path]

    def key(self, path: Path) -> str:
        """`path` is absolute, with links followed."""
        for name, folder in self.own.items():
            if path.is_relative_to(folder):
                return "/".join((name, *path.relative_to(folder).parts))
        return path.as_posix()

    def path(self, key: str) -> Path:
        name, _, inside = key.partition("/")
        return self.own[name] / inside if name in self.own else Path(key)


def holds(folder: str, key: str) -> bool:
    """Whether a key is a folder's, or the folder's own."""
    return key == folder or key.startswith(f"{folder.rstrip('/')}/")


def outermost(key: str, folders: Collection[str]) -> str | None:
    """The outermost of the folders that hold a key."""
    return min((folder for folder in folders if holds(folder, key)), key=len, default=None)


def cited(key: str, folder: str) -> str:
    """What a document is called: its path inside its folder; a file that was named by itself, by its own name."""
    return key.rpartition("/")[2] if key == folder else key[len(folder.rstrip("/")) + 1 :]
