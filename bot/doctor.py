"""Looks at everything that the product leans on, and says what is wrong and how to mend it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

from bot.bootstrap import Parts, now
from bot.failure import Failure
from bot.health_words import STALE_AFTER_DAYS, checks
from bot.log import redact
from bot.settings import NEVER
from tools.errors import AssistantError
from tools.warehouse.tables import TABLES

LOOK = "The bot's log says more."
MENDS = {
    "outbox": "Look into the bot's log; start it again if it hangs.",
    "scheduler": "Start the bot, or start it again if it hangs.",
}
LANGUAGE_NAMES = {"en": "English", "zh": "Chinese"}


@dataclass(frozen=True)
class Finding:
    """`mend` says what to do; empty where nothing is to be done."""

    level: Literal["ok", "warning", "error"]
    what: str
    mend: str = ""


def examine(parts: Parts) -> Iterator[Finding]:
    """Every check in turn; one that breaks is a finding itself, never an end."""
    checks: tuple[tuple[str, Callable[[Parts], Iterator[Finding]], str], ...] = (
        ("The home folder", _home, "Name a folder with --home or MARKETBOT_HOME."),
        ("The store", _warehouse, _mend_of_the_store(parts)),
        ("The state database", _state, "Put a backup in its place; if a newer version made it, run that version."),
        ("What is done unasked", _unasked, "Check MARKETBOT_ALERT_CHAT and MARKETBOT_ON_CALL."),
        ("The backups", _backups, "Check MARKETBOT_BACKUP_FOLDER."),
        ("The import", _imports, "Check MARKETBOT_IMPORT_MAPPING and MARKETBOT_IMPORT_SOURCES."),
        ("The documents", _documents, "Run `marketbot learn`."),
        ("The language model", _model, "Check MARKETBOT_MODEL and MARKETBOT_MODEL_URL."),
        ("The fonts", _fonts, "Install marketbot again."),
        ("The connection to Telegram", _telegram, "Check MARKETBOT_TELEGRAM_API_URL."),
    )
    for name, check, mend in checks:
        try:
            yield from check(parts)
        except AssistantError as error:
            yield Finding("error", str(error))
        except Exception as error:  # noqa: BLE001 - a check that breaks is what the doctor is for
            first = redact(str(error).strip().partition("\n")[0])
            yield Finding("error", f"{name} cannot be used: {first or type(error).__name__}", mend)


def _mend_of_the_store(parts: Parts) -> str:
    if parts.settings.warehouse_url:
        return "Check MARKETBOT_WAREHOUSE_URL."
    return "Put a backup in its place, or move it away and run `marketbot import` or `marketbot demo` again."


def _home(parts: Parts) -> Iterator[Finding]:
    home = parts.settings.home
    if not home.exists():
        yield Finding(
            "warning",
            f"The home folder {home} does not exist yet.",
            "`marketbot demo` and `marketbot import` make it; --home or MARKETBOT_HOME names another.",
        )
        return
    if not home.is_dir():
        yield Finding("error", f"{home} is not a folder.", "Name a folder with --home or MARKETBOT_HOME.")
        return
    probe = home / ".probe"
    try:
        probe.write_text("")
        probe.unlink()
    except OSError as error:
        yield Finding(
            "error",
            f"The home folder {home} cannot be written: {error.strerror}.",
            "Give the bot's user the right to write there.",
        )
        return
    yield Finding("ok", f"The home folder is {home.resolve()}.")


def _warehouse(parts: Parts) -> Iterator[Finding]:
    tables = parts.warehouse.tables()
    missing = [name for name, spec in TABLES.items() if not spec.optional and name not in tables]
    if missing:
        yield Finding(
            "error",
            f"The store lacks {', '.join(missing)}.",
            "Import them with `marketbot import MAPPING.yml FILE…`.",
        )
        return
    yield Finding("ok", f"The store is “{parts.warehouse.settings().name}”, with {len(tables)} tables.")
    optional = sorted(TABLES.keys() - tables)
    if optional:
        yield Finding(
            "warning", f"Not imported: {', '.join(optional)}.", "Questions that need them are declined, saying so."
        )
    last = parts.warehouse.raw_settings().get("last_day")
    if last:
        today = parts.contexts.today()
        age = (today - date.fromisoformat(last)).days
        if age > STALE_AFTER_DAYS:
            yield Finding(
                "warning",
                f"The data ends on {last}, {age} days before {today}, which counts as today.",
                "Import newer data, or set MARKETBOT_AS_OF=latest to ask as of the data's last day.",
            )
        else:
            yield Finding("ok", f"The data ends on {last}; today is {today}.")


def _may_open_state(parts: Parts) -> bool:
    """Looking must not make the folder."""
    return bool(parts.settings.state_url) or parts.settings.home.is_dir()


def _state(parts: Parts) -> Iterator[Finding]:
    from sqlalchemy import text

    if not _may_open_state(parts):
        return
    with parts.state() as session:
        session.execute(text("SELECT 1"))
    yield Finding("ok", "The state database is at its newest schema.")


def _unasked(parts: Parts) -> Iterator[Finding]:
    """How chores, digests and alerts stand, and whether those exist whom the settings name."""
    if not _may_open_state(parts):
        return
    from bot.rendering.voice import Voice
    from bot.telegram.people import OPERATOR

    voice = Voice("en", parts.settings.timezone)
    for check in checks(parts.vitals.examined()):
        # The store and the state database have checks of their own.
        if check.name == "data" or (check.name, check.level) == ("state", "error"):
            continue
        words = voice.text(check.words)
        yield Finding("ok", words) if check.level == "ok" else Finding("warning", words, MENDS.get(check.name, LOOK))
    ground, alert_chat = parts.ground, parts.settings.alert_chat
    if alert_chat is not None and ground.people.recipient(alert_chat, None, OPERATOR) is None:
        yield Finding(
            "warning",
            f"MARKETBOT_ALERT_CHAT is {alert_chat}, but the bot may not write there.",
            "Invite the person, or send /allow in the group.",
        )
    for name, chat_id in ground.on_call.items():
        if ground.people.recipient(chat_id, None, str(chat_id)) is None:
            yield Finding(
                "warning", f"{name} ({chat_id}) is on call, but is not on the bot's list.", "Invite them with /invite."
            )


def _backups(parts: Parts) -> Iterator[Finding]:
    from jobs.cron import cron, interval
    from jobs.maintenance.backups import backups, made_at

    settings = parts.settings
    found = backups(settings.backups_path)
    if settings.backup_at == NEVER:
        yield Finding("warning", "No backups are made by the clock.", "Set MARKETBOT_BACKUP_AT, or keep your own.")
    elif not found:
        yield Finding("ok", f"There is no backup in {settings.backups_path} yet; the bot makes them.")
    else:
        at = now()
        every = interval(cron(settings.backup_at, settings.timezone), at)
        old = every is not None and at - made_at(found[0]) > 2 * every
        yield Finding(
            "warning" if old else "ok",
            f"The newest of {len(found)} backups is {found[0]}.",
            "Let the bot run, or make one with `marketbot backup`." if old else "",
        )


def _imports(parts: Parts) -> Iterator[Finding]:
    from bot.upkeep import source_of
    from jobs.maintenance.imports import matching
    from tools.warehouse.mapping import load_mapping
    from tools.warehouse.sources import expand

    settings = parts.settings
    if settings.import_mapping is None and not settings.import_sources:
        return
    source = source_of(settings)
    if source is None:
        why = (
            "MARKETBOT_WAREHOUSE_URL names a store that is not marketbot's"
            if settings.warehouse_url
            else "MARKETBOT_IMPORT_MAPPING and MARKETBOT_IMPORT_SOURCES belong together, and one is empty"
        )
        yield Finding("warning", f"Nothing is imported by the clock: {why}.", "Set both, or none.")
        return
    load_mapping(source.mapping)
    named, within, addresses = expand(matching(source.given))
    count = len(named) + len(within) + len(addresses)
    yield Finding("ok", f"What is imported by the clock is there: {source.mapping}, {count} sources.")


def _documents(parts: Parts) -> Iterator[Finding]:
    state = parts.library.state()
    if state is None or not state.documents:
        yield Finding(
            "warning",
            "No documents are learned, so questions about how to act are declined.",
            "Run `marketbot learn PATH…`; what comes with marketbot is learned along.",
        )
        return
    shipped = f", {state.shipped} of them marketbot's own" if state.shipped else ""
    yield Finding("ok", f"{state.documents} documents are learned{shipped}; they have {state.passages} passages.")
    if state.model is not None:
        languages = " and ".join(LANGUAGE_NAMES[one] for one in sorted(state.languages))
        yield Finding("ok", f"Meaning is told by {state.model}, which reads {languages}.")
    if state.model not in (None, state.set_model):
        yield Finding(
            "warning",
            f"MARKETBOT_EMBEDDING_MODEL is {state.set_model}, but the passages were indexed with {state.model}.",
            "Run `marketbot learn` to index them anew; until then questions use the old one.",
        )
    if state.missing is None:
        yield Finding(
            "error",
            f"What is found by meaning cannot be reached, so only words count: {state.unreachable}.",
            "Check MARKETBOT_CHROMA_URL."
            if parts.settings.chroma_url
            else "Run `marketbot learn`, which makes it again.",
        )
    elif state.missing:
        yield Finding("warning", f"{state.missing} passages are not indexed by meaning.", "Run `marketbot learn`.")
    if state.outdated:
        yield Finding("warning", f"{state.outdated} documents were read by an older version.", "Run `marketbot learn`.")


def _model(parts: Parts) -> Iterator[Finding]:
    settings = parts.settings
    if not settings.model:
        yield Finding("ok", "No language model is set; answers from documents are quotes.")
        return
    from bot.understanding.chat_model import reached

    key = settings.model_key.get_secret_value() if settings.model_key else ""
    try:
        where = reached(settings.model, url=settings.model_url, key=key)
    except Failure as failure:
        yield Finding("error", str(failure), failure.mend)
        return
    shown = "documents that everyone may read" if settings.model_reads == "open" else "any document"
    yield Finding("ok", f"The language model is {settings.model}, at {where}. It is shown passages of {shown}.")
    if _may_open_state(parts):
        use = parts.model_budget.used_today()
        cost = f", at a cost of {use.cost:.2f}" if settings.model_price_in or settings.model_price_out else ""
        yield Finding("ok", f"The language model was asked {use.calls} times today: {use.tokens:,} tokens{cost}.")


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
        yield Finding(
            "warning",
            "There is no Telegram token; `marketbot demo` and `marketbot ask` work without one.",
            "For `marketbot run`, set MARKETBOT_TELEGRAM_TOKEN.",
        )
        return
    if settings.first_admin is None:
        yield Finding(
            "warning",
            "No first admin is set.",
            "Unless there is an admin already, set MARKETBOT_FIRST_ADMIN to your Telegram user id.",
        )
    import httpx

    url = f"{settings.telegram_api_url}/bot{settings.telegram_token.get_secret_value()}/getMe"
    try:
        answer = httpx.get(url, timeout=10).json()
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        # The message of the error may hold the address, and the address holds the token.
        yield Finding(
            "error",
            f"Telegram cannot be reached: {type(error).__name__}.",
            "Check the network and MARKETBOT_TELEGRAM_API_URL.",
        )
        return
    if answer.get("ok"):
        yield Finding("ok", f"Telegram knows the bot as @{answer['result']['username']}.")
    else:
        yield Finding(
            "error", f"Telegram refuses the token: {answer.get('description')}.", "Get a valid one from @BotFather."
        )
