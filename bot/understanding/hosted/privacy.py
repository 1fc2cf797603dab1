"""What of a conversation a language model is shown: no personal details, and no call without what came of it.

Customers' ids are personal unless the settings say otherwise. They are found where arguments and facts name customers,
and in texts, where the store knows them or a word beside them says what they are.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, ToolMessage

from bot.log import redact

CUSTOMER, NAME = "[customer]", "[name]"
_HANDLE = re.compile(r"(?<![\w.])@[A-Za-z]\w{2,}")
_TOKEN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]*[A-Za-z0-9])?")
_CALLED_CUSTOMER = re.compile(
    r"((?:\b(?:customer|client|member|buyer|user)|客户|顾客|会员|用户|买家)\s*(?:id|no\.?|number|编号|号码?|为|是)?\s*[#:：]?\s*)"
    r"((?=[\w-]*\d)[A-Za-z0-9][\w-]*)",
    re.IGNORECASE | re.ASCII,
)
_COUNTED = re.compile(r"\d{1,3}|(?:19|20)\d\d(?:-\d+)*")
"""No id, unless the store says so: a count, or a year."""
_OF_CUSTOMERS = ("customer", "customer_id")


class Mask:
    """Takes personal details out of texts, arguments and facts.

    Parameters
    ----------
    customers : the store's ids; None: too many to know.
    names : what the asker is called.
    personal : whether ids of customers may be shown.
    """

    def __init__(self, customers: frozenset[str] | None, names: Sequence[str] = (), *, personal: bool = False) -> None:
        self._customers = frozenset() if personal or customers is None else customers
        self._personal = personal
        told = sorted((re.escape(name) for name in names if len(name) > 1), key=len, reverse=True)
        self._names = re.compile(rf"(?<!\w)(?:{'|'.join(told)})(?!\w)", re.IGNORECASE) if told else None

    def text(self, text: str) -> str:
        """Without e-mail addresses, phone numbers, handles, the asker's name, and customers' ids."""
        text = _HANDLE.sub(NAME, redact(text))
        if self._names is not None:
            text = self._names.sub(NAME, text)
        if self._personal:
            return text
        text = _CALLED_CUSTOMER.sub(lambda m: m[0] if _COUNTED.fullmatch(m[2]) else f"{m[1]}{CUSTOMER}", text)
        return _TOKEN.sub(lambda m: CUSTOMER if m[0] in self._customers else m[0], text)

    def names_customers(self, text: str) -> bool:
        """Whether a text is about customers by their ids, which may not be shown."""
        return CUSTOMER in self.text(text)

    def plain(self, value: Any) -> Any:
        """JSON values, masked: texts, and whatever stands for a customer."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            about = value.get("dimension") in _OF_CUSTOMERS
            return {
                key: self._hidden(each) if key in _OF_CUSTOMERS or (about and key == "values") else self.plain(each)
                for key, each in value.items()
            }
        if isinstance(value, list | tuple):
            return [self.plain(each) for each in value]
        return value

    def _hidden(self, value: Any) -> Any:
        if self._personal or value is None:
            return value
        return [CUSTOMER] * len(value) if isinstance(value, list | tuple) else CUSTOMER


def outgoing(messages: Sequence[BaseMessage], mask: Mask) -> list[BaseMessage]:
    """A dialogue as it goes out: masked, every call with a result and no result without its call, ids in order.

    What broke off is told as such; messages without a word in them are left out.
    """
    heard = {message.tool_call_id: message for message in messages if isinstance(message, ToolMessage)}
    shown: list[BaseMessage] = []
    count = 0
    for at, message in enumerate(messages):
        if isinstance(message, HumanMessage):
            shown.append(HumanMessage(mask.text(str(message.content)) or "(An earlier answer.)"))
        elif isinstance(message, AIMessage) and message.tool_calls:
            results = _results(messages, at) or heard
            calls, told = [], []
            for call in message.tool_calls:
                count += 1
                calls.append({"name": call["name"], "args": mask.plain(call["args"]), "id": f"call_{count}"})
                found = results.get(call["id"] or "")
                content = _content(found, mask.plain) if found is not None else "no result"
                told.append(ToolMessage(content, tool_call_id=f"call_{count}", name=call["name"]))
            shown += [AIMessage("", tool_calls=calls), *told]
        elif isinstance(message, AIMessage) and message.content:
            shown.append(AIMessage(mask.text(str(message.content))))
    return shown


def _results(messages: Sequence[BaseMessage], at: int) -> dict[str, ToolMessage]:
    """The results right behind a message with calls: ids are repeated from turn to turn."""
    found: dict[str, ToolMessage] = {}
    for message in messages[at + 1 :]:
        if not isinstance(message, ToolMessage):
            break
        found[message.tool_call_id] = message
    return found


def _content(message: ToolMessage, masked: Callable[[Any], Any]) -> str:
    """A result, which is JSON or the text of an error."""
    text = str(message.content)
    try:
        read = json.loads(text)
    except ValueError:
        return str(masked(text)) or "no result"
    return json.dumps(masked(read), ensure_ascii=False)
