"""A rule about customers without its places, or with places left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def without_country(rule: Mapping[str, Any]) -> dict[str, Any] | None:
    """The rule of customers of any country; None where it said nothing else."""
    if rule.get("attribute") == "country":
        return None
    found = dict(rule)
    if "where" in found:
        where = [dict(limit) for limit in found["where"] if limit["dimension"] != "country"]
        found = {name: value for name, value in found.items() if name != "where"} | ({"where": where} if where else {})
    for name in ("all", "any"):
        if name in found:
            parts = [part for part in map(without_country, found[name]) if part is not None]
            if not parts:
                return None
            found = parts[0] if len(parts) == 1 else {name: parts}
            break
    return found


def excluding(rule: Mapping[str, Any] | None, countries: Sequence[str]) -> dict[str, Any]:
    """The rule of those of other countries."""
    others = {"attribute": "country", "op": "not_in", "values": list(countries)}
    if rule is None:
        return others
    kept = without_country(rule)
    if kept is None:
        return others
    return {"all": [*(kept["all"] if set(kept) == {"all"} else [kept]), others]}


def leaving_out(rule: Mapping[str, Any], countries: Sequence[str]) -> dict[str, Any] | None:
    """The rule with fewer of the countries that it lists; None where it lists no others beside these."""
    if rule.get("attribute") == "country" and rule.get("op", "in") == "in":
        left = [value for value in rule["values"] if value not in countries]
        return {**rule, "values": left} if 0 < len(left) < len(rule["values"]) else None
    if "all" not in rule:
        return None
    parts = [leaving_out(part, countries) for part in rule["all"]]
    if all(part is None for part in parts):
        return None
    return {**rule, "all": [new or old for new, old in zip(parts, rule["all"], strict=True)]}
