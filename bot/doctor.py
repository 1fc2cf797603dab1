"""Looks at everything that the product leans on, and says what is wrong and how to mend it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

from bot.bootstrap import Parts
from tools.errors import AssistantError
from tools.warehouse.tables import TABLES


@dataclass(frozen=True)
class Finding:
    """`mend` says what to do; empty where nothing is to be done."""

    level: Literal["ok", "warning", "error"]
    what: str
    mend: str = ""


def examine(parts: Parts) -> Iterator[Finding]:
    """Every check in turn; one that breaks is a finding itself, never an end."""
    checks: tuple[tuple[str, Callable[[Parts], Iterator[Finding]]], ...] = (
        ("home folder", _home),
        ("warehouse", _warehouse),
        ("state database", _state),
        ("fonts", _fonts),
        ("Telegram", _telegram),
    )
    for name, check in checks:
        try:
            yield from check(parts)
        except AssistantError as error:
            yield Finding("error", f"{name}: {error}")
        except Exception as error:  # noqa: BLE001 - a check that breaks is what the doctor is for
            yield Finding("error", f"{name}: {type(error).__name__}: {error}")


def _home(parts: Parts) -> Iterator[Finding]:
    home = parts.settings.home
    if not home.exists():
        yield Finding("warning", f"The home folder {home} does not exist yet.", "It is made by `marketbot demo` or `import`.")
        return
    probe = home / ".probe"
    try:
        probe.write_text("")
        probe.unlink()
    except OSError as error:
        yield Finding("error", f"The home folder {home} cannot be written: {error.strerror}.", "Give the bot's user the right to write there.")
        return
    yield Finding("ok", f"Home folder {home}.")


def _warehouse(parts: Parts) -> Iterator[Finding]:
    tables = parts.warehouse.tables()
    missing = [name for name, spec in TABLES.items() if not spec.optional and name not in tables]
    if missing:
        yield Finding("error", f"The store lacks {', '.join(missing)}.", "Import them with `marketbot import MAPPING.yml FILE…`.")
        return
    optional = sorted(TABLES.keys() - tables)
    yield Finding("ok", f"Store “{parts.warehouse.settings().name}” with {len(tables)} tables.")
    if optional:
        yield Finding("warning", f"Not imported: {', '.join(optional)}.", "Questions that need them are declined.")
    raw = parts.warehouse.raw_settings()
    last = raw.get("last_day")
    if last:
        today = parts.assistant.today()
        age = (today - date.fromisoformat(last)).days
        if age > 7:
            yield Finding(
                "warning",
                f"The data ends on {last}, {age} days before {today}, which counts as today.",
                "Import newer data, or set MARKETBOT_AS_OF=latest to ask as of the data's last day.",
            )
        else:
            yield Finding("ok", f"The data ends on {last}; today is {today}.")


def _state(parts: Parts) -> Iterator[Finding]:
    from sqlalchemy import text

    with parts.state() as session:
        session.execute(text("SELECT 1"))
    yield Finding("ok", "The state database is at its newest schema.")


def _fonts(_parts: Parts) -> Iterator[Finding]:
    from bot.rendering.fonts import cjk_font

    font = cjk_font()
    if font is None:
        yield Finding(
            "warning",
            "No font with Chinese characters was found; pictures fall back to English.",
            "Install the package mplfonts, or fonts-noto-cjk on Debian.",
        )
    else:
        yield Finding("ok", f"Chinese characters in pictures are drawn with {font}.")


def _telegram(parts: Parts) -> Iterator[Finding]:
    settings = parts.settings
    if settings.telegram_token is None:
        yield Finding("warning", "No Telegram token: only `marketbot demo` and `ask` work.", "Set MARKETBOT_TELEGRAM_TOKEN.")
        return
    if settings.first_admin is None:
        yield Finding("warning", "No first admin is set.", "Set MARKETBOT_FIRST_ADMIN to your Telegram user id.")
    import httpx

    url = f"{settings.telegram_api_url}/bot{settings.telegram_token.get_secret_value()}/getMe"
    try:
        answer = httpx.get(url, timeout=10).json()
    except httpx.HTTPError as error:
        yield Finding("error", f"Telegram cannot be reached: {type(error).__name__}.", "Check the network and MARKETBOT_TELEGRAM_API_URL.")
        return
    if answer.get("ok"):
        yield Finding("ok", f"Telegram knows the bot as @{answer['result']['username']}.")
    else:
        yield Finding("error", f"Telegram refuses the token: {answer.get('description')}.", "Get a new one from @BotFather.")
