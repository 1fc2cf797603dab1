"""A hosted model, or one of your own, as a LangChain chat model."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from bot.failure import Failure

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

OPENAI = "openai"
PACKAGES = {OPENAI: "langchain_openai", "anthropic": "langchain_anthropic", "ollama": "langchain_ollama"}
"""What a provider needs. Others of LangChain's may be named, too, and say themselves what they need."""
OPENAI_URL = "https://api.openai.com/v1"
LONGEST_REPLY_TOKENS = 2000
"""Also what a model thinks before it writes counts as such."""
LOOK_S = 10.0


def named(model: str) -> tuple[str, str]:
    """Provider and name of “provider:name”; without a provider, an OpenAI-compatible one."""
    provider, colon, name = model.partition(":")
    return (provider, name) if colon else (OPENAI, provider)


def installed(model: str) -> None:
    """Raises Failure where the package that a model needs is not installed. Imports nothing."""
    provider = named(model)[0]
    package = PACKAGES.get(provider)
    if package is not None and find_spec(package) is None:
        raise Failure(
            f"The model {model} needs the package {package.replace('_', '-')}, which is not installed.",
            f"Install it with `pip install 'marketbot[{provider}]'`, or leave MARKETBOT_MODEL empty.",
            2,
        )


def chat_model(model: str, *, url: str, key: str, timeout_s: float) -> BaseChatModel:
    """The model, not yet asked anything. Raises Failure where it cannot be made.

    Address and key are the settings' alone: without a key of its own, a server of your own is given none. It is asked
    once for each text; whoever asks knows what to do without it.
    """
    installed(model)
    provider, name = named(model)
    if provider == OPENAI and not key and not url:
        raise Failure(f"The model {model} needs a key.", "Set MARKETBOT_MODEL_KEY, or MARKETBOT_MODEL_URL.", 2)
    from langchain.chat_models import init_chat_model

    options = _options(provider, url=url, key=key, timeout_s=timeout_s)
    try:
        made: BaseChatModel = init_chat_model(name, model_provider=provider, **options)
    except ImportError as error:
        raise Failure(
            f"The model {model} needs a package that is not installed.",
            f"Install LangChain's package for {provider}, or leave MARKETBOT_MODEL empty.",
            2,
        ) from error
    except ValueError as error:
        # The message may repeat what it was given, the key included.
        raise Failure(
            f"The model {model} cannot be used.", "Write it as provider:name, e.g. openai:gpt-5-mini.", 2
        ) from error
    return made


def _options(provider: str, *, url: str, key: str, timeout_s: float) -> dict[str, Any]:
    """What a provider's client is made with, each in its own words."""
    if provider == "ollama":
        own = {"base_url": url} if url else {}
        return {**own, "client_kwargs": {"timeout": timeout_s}, "num_predict": LONGEST_REPLY_TOKENS}
    options: dict[str, Any] = {"api_key": key or "none", "timeout": timeout_s, "max_retries": 0}
    if address := url or (OPENAI_URL if provider == OPENAI else ""):
        options["base_url"] = address
    if provider == OPENAI:
        options["stream_usage"] = True
    return {**options, "max_tokens": LONGEST_REPLY_TOKENS}


def reached(model: str, *, url: str, key: str) -> str:
    """Where the model is, after asking there which models there are. Raises Failure where that fails."""
    chat_model(model, url=url, key=key, timeout_s=LOOK_S)
    provider, _name = named(model)
    if provider != OPENAI:
        return url or provider
    import httpx

    address = url or OPENAI_URL
    mend = "Check the network and MARKETBOT_MODEL_URL."
    try:
        answer = httpx.get(
            f"{address.rstrip('/')}/models", headers={"Authorization": f"Bearer {key or 'none'}"}, timeout=LOOK_S
        )
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise Failure(f"The language model cannot be reached at {address}: {type(error).__name__}.", mend) from error
    if answer.status_code in (401, 403):
        raise Failure(f"The language model at {address} refuses the key.", "Set a valid MARKETBOT_MODEL_KEY.")
    if answer.is_error:
        raise Failure(f"The language model at {address} answers with status {answer.status_code}.", mend)
    return address
