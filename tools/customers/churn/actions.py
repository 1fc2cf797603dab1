"""What to do about a customer who may leave, by risk × value, and over which channel.

The matrix follows the playbook: a customer of high risk and high value gets personal attention and an extended price
guarantee (Ma 2025, Innovation and Implementation Path of Precision Marketing Model for E-Commerce Platforms Driven by
Big Data, section 3.2); what costs little goes to those who bring little; who is not at risk is left in peace.

============  ====================================  ============================  ===========================
risk ╲ value  high                                  medium                        low
============  ====================================  ============================  ===========================
high          personal contact, extended guarantee  win-back offer with a limit   automated coupon
medium        personal note with early access       automated reminder            nothing
low           nothing                               nothing                       nothing
============  ====================================  ============================  ===========================

Messages go by e-mail, or by text message, as the customer agreed; without either agreement there is none: the offer
waits for the next visit. Where the store knows of no agreements, the channel is left open.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from tools.messages import Label

Level = Literal["high", "medium", "low"]
Channel = Literal["open", "email", "sms", "visit"]


@dataclass(frozen=True)
class Consent:
    """What a customer agreed to; None where it is not known."""

    email: bool | None
    sms: bool | None


@dataclass(frozen=True)
class Action:
    """What to do: the step, in short and in full with its channel."""

    id: str
    label: Label
    step: str
    short: Label


_NOTHING = Action("nothing", Label("Nothing for now", "暂不干预"), "nothing", Label("Nothing", "暂不干预"))
_STEPS: Mapping[tuple[Level, Level], tuple[str, Label, Label]] = {
    ("high", "high"): (
        "personal_contact",
        Label("Personal contact and extended price protection", "专人联系安抚，并延长价保"),
        Label("Contact", "专人联系"),
    ),
    ("high", "medium"): (
        "win_back",
        Label("Win-back offer with a time limit", "限时召回优惠"),
        Label("Win-back", "召回优惠"),
    ),
    ("high", "low"): ("coupon", Label("Automated coupon", "自动发放优惠券"), Label("Coupon", "发优惠券")),
    ("medium", "high"): (
        "personal_note",
        Label("Personal note with early access", "专属问候与优先购"),
        Label("Note", "专属问候"),
    ),
    ("medium", "medium"): ("reminder", Label("Automated reminder", "自动复购提醒"), Label("Reminder", "复购提醒")),
}
_CHANNELS: Mapping[Channel, tuple[str, str]] = {
    "open": ("", ""),
    "email": (", by e-mail", "（邮件）"),
    "sms": (", by text message", "（短信）"),
    "visit": (", at the next visit (no consent to messages)", "（未同意接收消息，下次到访时提供）"),
}


def choose(risk: Level, value: Level, consent: Consent | None) -> Action:
    """The action, with its channel; `consent` None where the store knows of none for this customer."""
    step = _STEPS.get((risk, value))
    if step is None:
        return _NOTHING
    return _over(step, _channel(consent))


def actions() -> tuple[Action, ...]:
    """Every action that `choose` can give, the most pressing first."""
    return (*(_over(step, channel) for step in _STEPS.values() for channel in _CHANNELS), _NOTHING)


def _over(step: tuple[str, Label, Label], channel: Channel) -> Action:
    name, label, short = step
    english, chinese = _CHANNELS[channel]
    full = Label(label.en + english, label.zh + chinese)
    return Action(name if channel == "open" else f"{name}_{channel}", full, name, short)


def _channel(consent: Consent | None) -> Channel:
    if consent is None or (consent.email is None and consent.sms is None):
        return "open"
    if consent.email:
        return "email"
    return "sms" if consent.sms else "visit"
