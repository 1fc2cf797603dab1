"""The sections of a digest: every module here that defines `SECTION`."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

from jobs.digests.section import Section
from tools.errors import InvalidArgument
from tools.messages import say
from tools.nearest import nearest


@lru_cache(maxsize=1)
def discovered() -> Mapping[str, Section]:
    """Sections by name, in the order in which a digest has them."""
    found: list[Section] = []
    for module in pkgutil.iter_modules(__path__):
        section = getattr(importlib.import_module(f"{__name__}.{module.name}"), "SECTION", None)
        if section is not None:
            found.append(section)
    names = [section.name for section in found]
    if len(set(names)) != len(names):
        raise ValueError(f"two sections share a name: {sorted(names)}")
    return MappingProxyType({section.name: section for section in sorted(found, key=lambda one: one.order)})


def chosen(names: tuple[str, ...]) -> tuple[Section, ...]:
    """The sections of these names, all without any. Raises InvalidArgument, which names the nearest."""
    known = discovered()
    for name in names:
        if name not in known:
            choices = tuple(nearest(name, known)) or tuple(known)
            raise InvalidArgument(
                say("A digest has no part “{name}”. Nearest: {choices}.", name=name[:80], choices=choices)
            )
    return tuple(section for section in known.values() if not names or section.name in names)
