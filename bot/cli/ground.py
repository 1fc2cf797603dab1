"""What a command stands on: the settings and their parts, the home folder, the store, the state and the log."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Literal, cast

import typer
from pydantic import SecretStr, ValidationError

from bot.bootstrap import Parts
from bot.failure import Failure
from bot.settings import Settings

if TYPE_CHECKING:
    from bot.rendering.voice import Voice


def parts_of(context: typer.Context, *, lasting: bool = True) -> Parts:
    """The parts by the settings; `lasting`: whether dialogues outlast this process.

    Raises Failure, which names every setting that is wrong.
    """
    overrides: dict[str, Any] = {} if context.obj is None else {"home": context.obj}
    try:
        return Parts(Settings(**overrides), lasting=lasting)
    except ValidationError as error:
        problems = {str(problem["loc"][0]): problem for problem in reversed(error.errors(include_url=False))}
        lines = [_problem(name, problem["input"], problem["msg"]) for name, problem in reversed(problems.items())]
        raise Failure("\n".join(lines), "See .env.example for every setting and what it takes.", 2) from error
    except UnicodeDecodeError as error:
        raise Failure(".env is not UTF-8.", "Save it as UTF-8.", 2) from error


def _problem(name: str, given: Any, message: str) -> str:
    field = Settings.model_fields[name]
    secret = "Secret" in str(field.annotation) or isinstance(given, SecretStr)
    was = "is wrong" if secret else f"was {str(given)!r}"
    return f"MARKETBOT_{name.upper()} {was}: {message.removeprefix('Value error, ')}. ({field.description})"


def writable_home(parts: Parts) -> None:
    """Makes the home folder. Raises Failure where that, or writing there, is impossible."""
    home = parts.settings.home
    try:
        home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Failure(
            f"The home folder {home} cannot be made: {error.strerror}.", "Name another with --home or MARKETBOT_HOME."
        ) from error
    if not os.access(home, os.W_OK | os.X_OK):
        raise Failure(f"The home folder {home} cannot be written.", "Give the bot's user the right to write there.")


def open_store(parts: Parts) -> None:
    """Raises AssistantError where there is no store, Failure where it cannot be opened."""
    from bot.log import redact
    from tools.errors import AssistantError

    try:
        parts.warehouse.tables()
    except AssistantError:
        raise
    except Exception as error:
        # Every engine has errors of its own.
        where = redact(parts.settings.resolved_warehouse_url.removeprefix("duckdb://"))
        raise Failure(
            f"The store {where} cannot be opened: {_first_line(error)}",
            "Check MARKETBOT_WAREHOUSE_URL."
            if parts.settings.warehouse_url
            else "Put a backup in its place, or move it away and run `marketbot import` or `marketbot demo` again.",
        ) from error


def check_model(parts: Parts) -> None:
    """Raises Failure where a language model is set whose package is not installed."""
    from bot.understanding.chat_model import installed

    if parts.settings.model:
        installed(parts.settings.model)


def open_state(parts: Parts) -> None:
    """Raises Failure where the state database cannot be opened or brought to the newest schema."""
    from alembic.util import CommandError
    from sqlalchemy.exc import SQLAlchemyError

    from bot.log import redact

    try:
        _ = parts.state
    except (SQLAlchemyError, CommandError) as error:
        raise Failure(
            f"The state database {redact(parts.settings.resolved_state_url)} cannot be opened: {_first_line(error)}",
            "Put a backup in its place; if a newer version of marketbot made it, run that version.",
        ) from error


def _first_line(error: Exception) -> str:
    from bot.log import redact

    return redact(str(error).strip().partition("\n")[0]) or type(error).__name__


def voice_in(language: str) -> Voice:
    from bot.rendering.voice import Voice

    return Voice(cast("Literal['en', 'zh']", language))


def quiet(parts: Parts) -> None:
    """Answers go to stdout, so the log keeps to warnings on stderr."""
    from bot.log import set_up_logging

    level = parts.settings.log_level
    set_up_logging("WARNING" if level == "INFO" else level, parts.settings.log_format, secrets=parts.settings.secrets)
