"""Finds the tools: every module of a catalog package that defines `TOOL`."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from tools.answer import ToolCall
from tools.errors import InvalidArgument
from tools.messages import say
from tools.nearest import nearest
from tools.tool import Tool

PACKAGES = ("tools.catalog", "jobs.catalog")


class Registry(Mapping[str, Tool[Any]]):
    """Tools by name, in the order of their names."""

    def __init__(self, tools: tuple[Tool[Any], ...]) -> None:
        self._tools = {tool.name: tool for tool in sorted(tools, key=lambda tool: tool.name)}
        if len(self._tools) != len(tools):
            raise ValueError(f"two tools share a name: {sorted(tool.name for tool in tools)}")

    def __getitem__(self, name: str) -> Tool[Any]:
        return self._tools[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._tools)

    def __len__(self) -> int:
        return len(self._tools)

    @property
    def tools(self) -> tuple[Tool[Any], ...]:
        return tuple(self._tools.values())

    def get_tool(self, name: str) -> Tool[Any]:
        """Raises InvalidArgument that names the nearest tools."""
        try:
            return self._tools[name]
        except KeyError:
            choices = tuple(nearest(name, self._tools)) or tuple(self._tools)
            raise InvalidArgument(
                say("There is no tool “{name}”. Nearest: {choices}.", name=name, choices=choices)
            ) from None

    def acts(self, call: ToolCall) -> bool:
        """Whether a call orders something, complete or not: `Args.acts`. Raises InvalidArgument for an unknown tool."""
        return bool(self.get_tool(call.tool).args.model_construct(**call.args).acts)


@lru_cache(maxsize=1)
def discover() -> Registry:
    """All the tools of the product. Packages are named, not imported, so that `tools` knows nothing of `jobs`."""
    found = []
    for package_name in PACKAGES:
        package = importlib.import_module(package_name)
        for module in pkgutil.iter_modules(package.__path__):
            tool = getattr(importlib.import_module(f"{package_name}.{module.name}"), "TOOL", None)
            if tool is not None:
                found.append(tool)
    return Registry(tuple(found))
