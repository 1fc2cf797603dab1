"""A block of customers and all that they do, as Arrow tables; blocks are drawn apart, each from its own random stream.

Identifiers in a block count from 0; the store adds what came before.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from tools.warehouse.demo import baskets, behaviour, contacts, opinions, traffic
from tools.warehouse.demo.baskets import Lines, Orders
from tools.warehouse.demo.behaviour import DAY, Assignment, Crowd
from tools.warehouse.demo.marketing import MEDIA
from tools.warehouse.demo.words import NAME_CULTURE
from tools.warehouse.demo.world import ACQUISITION, SALES_CHANNELS, Array, World

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tools.warehouse.demo.contacts import Sending

COUPON_CODES = ("WELCOME20", "SALE50", "MEMBER30", "COMEBACK40")
COUPON_CENTS = np.array([2000, 5000, 3000, 4000])


@dataclass(frozen=True)
class TrialCount:
    """What happened in an experiment, by what really caused it."""

    control: int = 0
    control_converted: int = 0
    treated: int = 0
    treated_converted: int = 0
    treated_converted_anyway: int = 0

    def __add__(self, other: TrialCount) -> TrialCount:
        return TrialCount(*(getattr(self, n) + getattr(other, n) for n in TrialCount.__dataclass_fields__))


@dataclass(frozen=True)
class Tally:
    """Sums over a block that the store as a whole needs. Money in cents."""

    units: Array  # (days, products) sold
    owed: Array  # (media,) net sales that a medium truly brought
    credited: Array  # (media,) net sales that are credited to its campaigns
    trials: dict[str, TrialCount]
    cohort: int  # customers of the churned cohort


@dataclass(frozen=True)
class Block:
    """Tables by name, and how far identifiers go."""

    tables: dict[str, pa.Table]
    tally: Tally
    counts: dict[str, int] = field(default_factory=dict)


def _text(codes: Array, values: Sequence[str]) -> pa.DictionaryArray:
    """Strings by position; -1 is missing."""
    return pa.DictionaryArray.from_arrays(
        pa.array(codes.astype(np.int32), mask=codes < 0), pa.array(values, pa.string())
    )


def _number(codes: Array) -> pa.Array:
    return pa.array(codes, pa.int64(), mask=codes < 0)


@dataclass(frozen=True)
class Drawer:
    """Draws block after block of one store; stateless between calls, so that blocks may be drawn at once."""

    world: World
    seed: int
    scale: float
    customers: int
    blocks: int
    sendings: tuple[Sending, ...]
    texts: tuple[str, ...]

    def draw(self, number: int) -> Block:
        """One block: a pure function of the store's seed and the block's number."""
        rng = np.random.Generator(np.random.SFC64(np.random.SeedSequence([self.seed, 1, number])))
        world, plan = self.world, self.world.plan
        first, last = (self.customers * at // self.blocks for at in (number, number + 1))
        crowd = behaviour.draw_crowd(rng, world, last - first, (first / self.customers, last / self.customers))
        visits = behaviour.draw_visits(rng, world, crowd)
        assignments = []
        for trial in sorted(plan.trials, key=lambda t: t.starts):
            visits, assignment = behaviour.run_trial(rng, trial, crowd, visits)
            assignments.append(assignment)
        orders, lines = baskets.fill_baskets(rng, world, crowd, behaviour.in_time_order(visits))
        returned, source, status = baskets.draw_returns(rng, world, orders, lines)
        events = traffic.draw_events(rng, world, orders, lines, traffic.panel_share(self.scale))
        reviews = opinions.draw_opinions(rng, world, orders, lines, source)
        messages = contacts.draw_contacts(rng, world, crowd, self.sendings)
        coupon_first = np.zeros(len(crowd.country), dtype=bool)
        coupon_first[orders.customer[orders.coupon_kind == 0]] = True
        spare = contacts.draw_spare_coupons(rng, world, crowd, coupon_first)

        # Customers who came and left before the first recorded day are in no table.
        seen = crowd.joined >= 0
        seen[orders.customer[orders.customer >= 0]] = True
        rank = np.where(seen, np.cumsum(seen) - 1, -1)
        rank = np.append(rank, -1)  # a guest, -1, stays -1

        experiments, trials = self._experiments(assignments, orders, rank)
        tables = {
            "customers": self._customers(rng, crowd, messages, np.flatnonzero(seen)),
            "orders": self._orders(orders, status, rank),
            "order_lines": self._lines(orders, lines, returned, rank),
            "coupons": self._coupons(rng, crowd, orders, spare, rank),
            "events": self._events(events, rank),
            "reviews": self._reviews(orders, lines, reviews, rank),
            "campaign_contacts": self._contacts(messages, rank, seen),
            "experiments": experiments,
        }
        media = [m.name for m in MEDIA]
        medium = np.array([*(media.index(c.channel) for c in world.marketing.campaigns), -1])[orders.campaign]
        tally = Tally(
            units=np.bincount(
                lines.at // DAY * len(world.products.ids) + lines.product, lines.quantity, world.price.size
            )
            .astype(np.int64)
            .reshape(world.price.shape),
            owed=np.bincount(orders.owed_to + 1, orders.net, len(MEDIA) + 1)[1:].astype(np.int64),
            credited=np.bincount(medium + 1, orders.net, len(MEDIA) + 1)[1:].astype(np.int64),
            trials=trials,
            cohort=int(crowd.churned_cohort.sum()),
        )
        counts = {name: table.num_rows for name, table in tables.items()}
        return Block(tables, tally, {**counts, "sessions": events.sessions})

    def _moment(self, seconds: Array) -> pa.Array:
        """Timestamps from seconds since the first midnight; -1 is missing."""
        zero = np.datetime64(self.world.plan.start, "us")
        return pa.array(zero + seconds.astype("timedelta64[s]"), pa.timestamp("us"), mask=seconds < 0)

    def _place(self, country: Array, city: Array) -> dict[str, pa.Array]:
        cities = [c for country_ in self.world.words.countries for c in country_.cities]
        regions = list(dict.fromkeys(c.region for c in cities))
        region = np.array([regions.index(c.region) for c in cities])
        return {
            "country": _text(country, self.world.countries),
            "region": _text(region[city], regions),
            "city": _text(city, [c.name for c in cities]),
        }

    def _customers(self, rng: np.random.Generator, crowd: Crowd, messages: contacts.Contacts, kept: Array) -> pa.Table:
        world, words = self.world, self.world.words
        count = len(kept)
        country = crowd.country[kept]
        cultures = list(words.names)
        culture = np.array([cultures.index(NAME_CULTURE.get(c, "western")) for c in world.countries])[country]
        female = rng.random(count) < 0.58
        surnames, given = list[str](), list[str]()
        surname, first = np.zeros(count, dtype=np.int64), np.zeros(count, dtype=np.int64)
        for at, name in enumerate(cultures):
            names = words.names[name]
            mine = culture == at
            surname[mine] = len(surnames) + rng.integers(0, len(names.surnames), int(mine.sum()))
            surnames += names.surnames
            for group, which in ((names.female, mine & female), (names.male, mine & ~female)):
                first[which] = len(given) + rng.integers(0, len(group), int(which.sum()))
                given += group
        gender = np.where(rng.random(count) < 0.07, -1, np.where(female, 0, 1))
        born = self.world.plan.end.year - 18 - rng.gamma(4.5, 4.2, count).astype(np.int64)
        born = np.where(rng.random(count) < 0.12, -1, np.maximum(born, self.world.plan.end.year - 88))
        phone = rng.integers(0, 10**8, count)
        zero = np.datetime64(self.world.plan.start, "us")
        return pa.table(
            {
                "customer": pa.array(np.arange(count)),
                "surname": _text(surname, surnames),
                "given": _text(first, given),
                "eastern": pa.array(culture == cultures.index("chinese")),
                "domain": _text(rng.integers(0, len(words.mail_domains), count), words.mail_domains),
                "phone_prefix": _text(country, [c.phone[0] for c in words.countries]),
                "phone_digits": pa.array(np.array([c.phone[1] for c in words.countries])[country]),
                "phone": pa.array(phone),
                "gender": _text(gender, ("female", "male")),
                "birth_year": _number(born),
                **self._place(country, crowd.city[kept]),
                "acquisition_channel": _text(crowd.origin[kept], ACQUISITION),
                "signed_up_at": pa.array(zero + crowd.joined[kept].astype("timedelta64[s]"), pa.timestamp("us")),
                "email_consent": pa.array(messages.email_consent[kept]),
                "sms_consent": pa.array(messages.sms_consent[kept]),
            }
        )

    def _orders(self, orders: Orders, status: Array, rank: Array) -> pa.Table:
        return pa.table(
            {
                "order": pa.array(np.arange(len(orders.at))),
                "ordered_at": self._moment(orders.at),
                "customer": _number(rank[orders.customer]),
                **self._place(orders.country, orders.city),
                "channel": _text(orders.channel, SALES_CHANNELS),
                "campaign_id": _text(orders.campaign, [c.key for c in self.world.marketing.campaigns]),
                "coupon_code": _text(orders.coupon_kind, COUPON_CODES),
                "shipping_fee": pa.array(orders.shipping / 100),
                "status": _text(status, baskets.STATUSES),
            }
        )

    def _lines(self, orders: Orders, sold: Lines, returned: Lines, rank: Array) -> pa.Table:
        both = Lines(*(np.concatenate([getattr(sold, n), getattr(returned, n)]) for n in Lines.__dataclass_fields__))
        kind = np.zeros(len(both.order), dtype=np.int8)
        kind[len(sold.order) :] = 1
        turn = np.argsort(both.at, kind="stable")
        both = Lines(*(getattr(both, n)[turn] for n in Lines.__dataclass_fields__))
        order = both.order
        return pa.table(
            {
                "line": pa.array(np.arange(len(order))),
                "order": pa.array(order),
                "sold_at": self._moment(both.at),
                "kind": _text(kind[turn], ("sold", "returned")),
                "product_id": _text(both.product, self.world.products.ids),
                "customer": _number(rank[orders.customer[order]]),
                **self._place(orders.country[order], orders.city[order]),
                "channel": _text(orders.channel[order], SALES_CHANNELS),
                "quantity": pa.array(both.quantity),
                "unit_price": pa.array(both.price / 100),
                "amount": pa.array(both.amount / 100),
                "discount": pa.array(both.discount / 100),
                "cost": pa.array(both.quantity * self.world.products.cost[both.product] / 100),
            }
        )

    def _coupons(
        self, rng: np.random.Generator, crowd: Crowd, orders: Orders, spare: contacts.SpareCoupons, rank: Array
    ) -> pa.Table:
        used = np.flatnonzero(orders.coupon > 0)
        joined = crowd.joined[orders.customer[used]]
        kind = orders.coupon_kind[used]
        days = np.where(kind == 1, rng.integers(1, 9, len(used)), rng.integers(1, 25, len(used)))
        lag = days * DAY + rng.integers(0, DAY // 2, len(used))
        issued = np.where(kind == 0, joined, np.maximum(joined, orders.at[used] - lag))
        there = rank[spare.customer] >= 0
        spare_customer, spare_kind, spare_issued = spare.customer[there], spare.kind[there], spare.issued[there]
        all_kinds = np.concatenate([kind, spare_kind])
        nothing = np.full(len(spare_kind), -1)
        issued = np.concatenate([issued, spare_issued])
        turn = np.argsort(issued, kind="stable")
        zero = np.datetime64(self.world.plan.start, "us")
        expires = issued + contacts.COUPON_KEEP_DAYS * DAY
        return pa.table(
            {
                "coupon": pa.array(np.arange(len(turn))),
                "coupon_code": _text(all_kinds[turn], COUPON_CODES),
                "customer": _number(rank[np.concatenate([orders.customer[used], spare_customer])][turn]),
                "issued_at": pa.array((zero + issued.astype("timedelta64[s]"))[turn], pa.timestamp("us")),
                "expires_at": pa.array((zero + expires.astype("timedelta64[s]"))[turn], pa.timestamp("us")),
                "redeemed_at": self._moment(np.concatenate([orders.at[used], nothing])[turn]),
                "order": _number(np.concatenate([used, nothing])[turn]),
                "discount": pa.array(np.concatenate([orders.coupon[used], COUPON_CENTS[spare_kind]])[turn] / 100),
            }
        )

    def _events(self, events: traffic.Events, rank: Array) -> pa.Table:
        products = self.world.products
        count = len(products.ids)
        chinese = (events.country == self.world.countries.index("China")).astype(np.int64)
        term = np.where(events.searched >= 0, events.searched + count * chinese, -1)
        return pa.table(
            {
                "event": pa.array(np.arange(len(events.at))),
                "occurred_at": self._moment(events.at),
                "kind": _text(events.kind, traffic.KINDS),
                "session": pa.array(events.session),
                "customer": _number(rank[events.customer]),
                "product_id": _text(events.product, products.ids),
                "channel": _text(events.source, traffic.SOURCES),
                "device": _text(events.device, traffic.DEVICES),
                "country": _text(events.country, self.world.countries),
                "search_term": _text(term, [*products.type_en, *products.type_zh]),
            }
        )

    def _reviews(self, orders: Orders, lines: Lines, reviews: opinions.Opinions, rank: Array) -> pa.Table:
        order = lines.order[reviews.line]
        return pa.table(
            {
                "review": pa.array(np.arange(len(order))),
                "reviewed_at": self._moment(reviews.at),
                "product_id": _text(lines.product[reviews.line], self.world.products.ids),
                "order": pa.array(order),
                "customer": _number(rank[orders.customer[order]]),
                "score": pa.array(reviews.score),
                "text": _text(reviews.text, self.texts),
                "language": _text(reviews.language, opinions.LANGUAGES),
            }
        )

    def _contacts(self, messages: contacts.Contacts, rank: Array, seen: Array) -> pa.Table:
        there = np.flatnonzero(seen[messages.customer])
        sending = messages.sending[there]
        channel = np.array([s.channel for s in self.sendings], dtype=np.int64)[sending]
        return pa.table(
            {
                "contact": pa.array(np.arange(len(there))),
                "campaign_id": _text(sending, [s.campaign for s in self.sendings]),
                "customer": _number(rank[messages.customer[there]]),
                "contacted_at": self._moment(messages.at[there]),
                "channel": _text(channel, contacts.MESSAGE_CHANNELS),
                "opened_at": self._moment(messages.opened[there]),
                "clicked_at": self._moment(messages.clicked[there]),
                "unsubscribed_at": self._moment(messages.left[there]),
            }
        )

    def _experiments(
        self, assignments: list[Assignment], orders: Orders, rank: Array
    ) -> tuple[pa.Table, dict[str, TrialCount]]:
        """Conversions are read off the orders: the first one within 14 days of the assignment."""
        counts: dict[str, TrialCount] = {}
        parts: list[pa.Table] = []
        for one in assignments:
            place = np.full(len(rank), -1)
            place[one.customer] = np.arange(len(one.customer))
            slot = place[orders.customer]
            wait = orders.at - np.append(one.at, 0)[slot]
            inside = np.flatnonzero((slot >= 0) & (wait > 0) & (wait <= 14 * DAY))
            first = np.full(len(one.customer), -1)
            first[slot[inside][::-1]] = inside[::-1]  # orders are in time order: the earliest is written last
            anyway = np.zeros(len(one.customer), dtype=bool)
            anyway[slot[inside[~orders.treated[inside]]]] = True
            converted = first >= 0
            counts[one.trial.key] = TrialCount(
                int((~one.treated).sum()),
                int((converted & ~one.treated).sum()),
                int(one.treated.sum()),
                int((converted & one.treated).sum()),
                int((anyway & one.treated).sum()),
            )
            parts.append(
                pa.table(
                    {
                        "experiment_id": _text(np.zeros(len(first), dtype=np.int64), [one.trial.key]).cast(pa.string()),
                        "name": _text(np.zeros(len(first), dtype=np.int64), [one.trial.name]).cast(pa.string()),
                        "customer": _number(rank[one.customer]),
                        "variant": _text(one.treated.astype(np.int64), ["control", one.trial.variant]).cast(
                            pa.string()
                        ),
                        "assigned_at": self._moment(one.at),
                        "converted_at": self._moment(np.where(converted, orders.at[first], -1)),
                        "value": pa.array(orders.net[first] / 100, mask=~converted),
                    }
                )
            )
        return pa.concat_tables(parts), counts
