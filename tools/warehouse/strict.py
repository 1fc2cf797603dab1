"""Pydantic models whose errors name the nearest valid key."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator
from pydantic_core import PydanticCustomError

from tools.nearest import nearest


class Strict(BaseModel):
    """Frozen; a key that is not a field is an error that names the nearest field."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=False)

    @model_validator(mode="before")
    @classmethod
    def _known_keys(cls, given: Any) -> Any:
        if isinstance(given, dict):
            keys = [field.alias or name for name, field in cls.model_fields.items()]
            for key in given:
                if key not in keys:
                    raise unknown_choice(str(key), keys)
        return given


def unknown_choice(given: str, choices: list[str]) -> PydanticCustomError:
    """The error for a name that is none of `choices`; `ctx` holds the name and the nearest choices."""
    return PydanticCustomError(
        "unknown_choice",
        "“{given}” is not known here",
        {"given": given, "nearest": nearest(given, choices), "choices": choices},
    )
