"""Which countries matter to a store, and which country each of its own spellings is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from tools.semantic.countries import territory

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tools.tool import Context

ENOUGH_SHARE = 0.05  # of a year's sales: whose calendar is followed
# Currencies of one country; those of several are settled by the store's timezone.
_OF_ONE_COUNTRY = frozenset(
    (
        *("CNY", "GBP", "JPY", "BRL", "INR", "SGD", "MYR", "CAD", "AUD", "NZD", "SEK", "NOK", "DKK", "PLN", "CZK"),
        *("HUF", "KRW", "TWD", "HKD", "MXN", "ZAR", "TRY", "THB", "VND", "PHP", "IDR", "AED", "SAR", "ILS", "CHF"),
    )
)


@dataclass(frozen=True)
class StoreCountries:
    """The store's values of the dimension country, by their share of the sales of the last year."""

    context: Context

    @cached_property
    def shares(self) -> Mapping[str, float]:
        """Value → share of gross sales in the 365 days up to today, the largest first; of all sales where those have
        none. Empty for a store without countries.
        """
        warehouse, today = self.context.warehouse, self.context.today

        def read() -> dict[str, float]:
            if not warehouse.has("order_lines"):
                return {}
            lines = warehouse.table("order_lines", today)
            if "country" not in lines.columns:
                return {}
            sold = lines.filter((lines.kind == "sold") & lines.country.notnull())
            year_ago = datetime.combine(today - timedelta(days=364), time())
            for rows in (sold.filter(sold.sold_at >= year_ago), sold):
                found, _sql = warehouse.fetch(rows.group_by("country").agg(sales=rows.amount.sum()))
                sales = {str(value): float(amount) for value, amount in found if amount and amount > 0}
                if sales:
                    whole = sum(sales.values())
                    ranked = sorted(sales.items(), key=lambda one: (-one[1], one[0]))
                    return {value: amount / whole for value, amount in ranked}
            return {}

        return warehouse.remembered(("calendar countries", today), read)

    @cached_property
    def followed(self) -> tuple[str, ...]:
        """The values whose calendar is followed: with a share of at least `ENOUGH_SHARE`, or at least the largest."""
        enough = tuple(value for value, share in self.shares.items() if share >= ENOUGH_SHARE)
        return enough or tuple(self.shares)[:1]

    @cached_property
    def _aliases(self) -> Mapping[str, tuple[str, ...]]:
        """Value → its other names."""
        warehouse = self.context.warehouse

        def read() -> dict[str, tuple[str, ...]]:
            if not warehouse.has("value_aliases"):
                return {}
            table = warehouse.table("value_aliases")
            wanted = table.filter(table.dimension == "country").select("value", "alias")
            found: dict[str, tuple[str, ...]] = {}
            for value, alias in sorted((str(value), str(alias)) for value, alias in warehouse.fetch(wanted)[0]):
                found[value] = (*found.get(value, ()), alias)
            return found

        return warehouse.remembered("country aliases", read)

    def code(self, value: str) -> str | None:
        """The ISO 3166 code of a value of the store's or of any other name of a country; None for no country."""
        for name in (value, *self._aliases.get(value, ())):
            code = territory(name)
            if code is not None:
                return code
        return None

    def value_of(self, name: str) -> str | None:
        """The store's value for a country by any of its names; None where the store sells nothing there."""
        if name in self.shares:
            return name
        folded = name.casefold()
        for value in self.shares:
            if folded == value.casefold() or folded in (alias.casefold() for alias in self._aliases.get(value, ())):
                return value
        code = self.code(name)
        return next((value for value in self.shares if code is not None and self.code(value) == code), None)

    @cached_property
    def home(self) -> str | None:
        """The ISO code that currency and timezone point to, for a store without countries."""
        from babel.core import get_global

        settings = self.context.warehouse.settings()
        zone = get_global("zone_territories").get(settings.timezone)
        if settings.currency in _OF_ONE_COUNTRY:
            return settings.currency[:2]  # an ISO 4217 code begins with its country's
        used = {str(entry[0]) for entry in get_global("territory_currencies").get(zone or "", ()) if entry[2] is None}
        return str(zone) if settings.currency in used else None
