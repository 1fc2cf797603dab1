"""A rule changed by the next question: another number, another place, one more condition."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bot.understanding.customers.pieces import Amount, days_back, last_days
from bot.understanding.customers.spreading import COUNTED
from bot.understanding.reading.draft import World, days

MONEY = frozenset({"net_sales", "gross_sales", "aov", "returns"})
UP, DOWN = frozenset({">", ">="}), frozenset({"<", "<="})
Rule = Mapping[str, Any]


def deeds(rule: Any) -> Iterator[dict[str, Any]]:
    """The conditions on what a customer did, wherever they stand."""
    if isinstance(rule, Mapping):
        if "measure" in rule:
            yield dict(rule)
            return
        for part in rule.values():
            yield from deeds(part)
    elif isinstance(rule, (list, tuple)):
        for part in rule:
            yield from deeds(part)


def replaced(rule: Any, old: Rule, new: Rule) -> Any:
    """The rule with one condition in another's place."""
    if isinstance(rule, Mapping):
        if dict(rule) == dict(old):
            return dict(new)
        return {name: replaced(part, old, new) for name, part in rule.items()}
    if isinstance(rule, (list, tuple)):
        return [replaced(part, old, new) for part in rule]
    return rule


def with_number(rule: Rule, amount: Amount, world: World) -> dict[str, Any] | None:
    """ "And at least 10?", "£2,000?", "90 days?": the number in the one condition that it can be meant for."""
    if amount.high is not None or amount.value < 0:
        return None
    fitting = [deed for deed in deeds(rule) if _fits(deed, amount, world)]
    if len(fitting) != 1:
        return None
    old = fitting[0]
    new = {**old, "op": amount.op or old["op"]}
    if amount.duration is None:
        new["value"] = int(amount.value) if amount.value == int(amount.value) else amount.value
    elif old["measure"].startswith("days_since"):
        new["value"] = days_back(world, amount.duration)
    else:
        if amount.op is not None:
            return None
        new["period"] = days(last_days(world, amount.duration))
    changed: dict[str, Any] = replaced(rule, old, new)
    return changed


def _fits(deed: Rule, amount: Amount, world: World) -> bool:
    measure = deed["measure"]
    if amount.duration is not None:
        period = deed.get("period")
        rolling = isinstance(period, Mapping) and str(period["end"]) == world.today.isoformat()
        return bool(measure.startswith("days_since") or rolling)
    if amount.money:
        return measure in MONEY
    if amount.percent:
        return bool(measure == "return_rate")
    if (measure, deed["op"]) == ("orders", ">=") and deed["value"] == 1:
        return False  # "bought"
    if amount.unit is None:
        return measure in COUNTED.values() and not (deed["op"] == "=" and deed["value"] == 0)
    return bool(measure == COUNTED.get(amount.unit)) and not (deed["op"] == "=" and deed["value"] == 0)


def in_countries(rule: Rule, countries: list[str]) -> dict[str, Any]:
    """What was done, done there; who did nothing there at all is no customer of the place."""
    found = list(deeds(rule))
    if not found:
        return {"all": [{"attribute": "country", "values": countries}, *_parts(rule)]}
    limit = {"dimension": "country", "op": "in", "values": countries}
    there: Any = rule
    for deed in found:
        there = replaced(there, deed, {**deed, "where": [limit, *deed.get("where", ())]})
    tops = [part for part in _parts(there) if "measure" in part]
    if any(not _absent(part) for part in tops):
        return dict(there)
    return {"all": [{"measure": "orders", "op": ">=", "value": 1, "where": [limit]}, *_parts(there)]}


def together(old: Rule, new: Rule, *, ever: bool) -> dict[str, Any]:
    """Both rules. A condition that says nothing of its own takes the period and the country that the old ones share;

    one on the same measure takes the old one's place. `ever`: all time was asked for.
    """
    before = list(deeds(old))
    period = _shared([deed.get("period") for deed in before])
    place = _shared([next((w for w in deed.get("where", ()) if w["dimension"] == "country"), None) for deed in before])
    whole: Any = dict(old)
    added: list[Any] = []
    for part in _parts(new):
        fitted: Any = part
        for deed in deeds(part):
            fitted = replaced(fitted, deed, _fitted(deed, None if ever else period, place))
        rival = next((deed for deed in before if "measure" in fitted and _same_thing(deed, fitted)), None)
        if rival is not None:
            whole = replaced(whole, rival, fitted)
        else:
            added.append(fitted)
    parts = [*_parts(whole), *(part for part in added if part not in _parts(whole))]
    return dict(parts[0]) if len(parts) == 1 else {"all": parts}


def _fitted(deed: dict[str, Any], period: Any, place: Any) -> dict[str, Any]:
    found = dict(deed)
    if period is not None and found.get("period") is None and not found["measure"].startswith("days_since"):
        found["period"] = period
    if place is not None and not any(w["dimension"] == "country" for w in found.get("where", ())):
        found["where"] = [place, *found.get("where", ())]
    return found


def _same_thing(old: Rule, new: Rule) -> bool:
    """Whether two conditions set one number: same measure, time and place, from the same side."""
    if any(old.get(name) != new.get(name) for name in ("measure", "period")) or old.get("where", []) != new.get(
        "where", []
    ):
        return False
    if _bought(old) or _bought(new) or _absent(old) or _absent(new):
        return False
    return "=" in (old["op"], new["op"]) or any(old["op"] in side and new["op"] in side for side in (UP, DOWN))


def _bought(deed: Rule) -> bool:
    return (deed["measure"], deed["op"], deed["value"]) == ("orders", ">=", 1)


def _absent(deed: Rule) -> bool:
    return bool(deed["op"] == "=" and deed["value"] == 0) or (
        deed["op"] in DOWN and not str(deed["measure"]).startswith("days_since")
    )


def _shared(values: list[Any]) -> Any:
    """The one value that all have."""
    return values[0] if values and all(value == values[0] for value in values) else None


def _parts(rule: Rule) -> list[Any]:
    return list(rule["all"]) if set(rule) == {"all"} else [dict(rule)]
