"""What is told first of groups."""

from __future__ import annotations

from collections.abc import Sequence

from tools.messages import Label, Message, Value, say, say_n
from tools.semantic.answers.naming import name_of, things_of, title_inside, title_of, where_phrase
from tools.semantic.answers.request import Request, Row
from tools.semantic.query import Groups, Key
from tools.semantic.wording import (
    by_label,
)


def group_headline(request: Request, rows: Sequence[Row], base: Groups, total: float | int | None) -> Message:
    args, main = request.args, request.main
    shown: dict[str, Value] = {
        "metric": title_inside(request),
        "period": request.period,
        "dimension": tuple(by_label(d) for d in request.dimensions),
    }
    if args.rank_by != "value" or args.top:
        return _ranking_headline(request, rows, base, shown)
    shown["metric"] = title_of(request, main)
    if args.filters:
        shown["metric"] = say("{metric} {where}", metric=shown["metric"], where=where_phrase(request))
    if total is not None and main.additive:
        return say("{metric} by {dimension}, {period}: {total} in total", **shown, total=request.quantity(main, total))
    if total is not None:
        return say("{metric} by {dimension}, {period}: {total} overall", **shown, total=request.quantity(main, total))
    return say("{metric} by {dimension}, {period}", **shown)


def _ranking_headline(request: Request, rows: Sequence[Row], base: Groups, shown: dict[str, Value]) -> Message:
    args, main = request.args, request.main
    key, values = rows[0]
    highest = args.order == "highest"
    # In Chinese a ranked unit has its full name: 最高的月份, while a series is 按月.
    shown["dimension"] = tuple(Label(by_label(d).en, d.label.zh) for d in request.dimensions)
    shown |= {"name": name_of(request, key), "value": request.quantity(main, values[main.id])}
    if args.rank_by != "value":
        headline = _change_headline(request, key, base, shown)
        return say("Number {place}: {what}", place=str(args.top), what=headline) if args.nth else headline
    if args.nth:
        return _nth_headline(request, shown)
    if len(rows) == 1:
        if highest:
            return say("Highest {metric} by {dimension}, {period}: {name} with {value}", **shown)
        return say("Lowest {metric} by {dimension}, {period}: {name} with {value}", **shown)
    shown["things"] = things_of(request)
    if highest:
        return say_n(
            "Top {count} {things} by {metric}, {period}: {name} leads with {value}",
            "Top {count} {things} by {metric}, {period}: {name} leads with {value}",
            len(rows),
            **shown,
        )
    return say_n(
        "Lowest {count} {things} by {metric}, {period}: {name} comes last with {value}",
        "Lowest {count} {things} by {metric}, {period}: {name} comes last with {value}",
        len(rows),
        **shown,
    )


def _nth_headline(request: Request, shown: dict[str, Value]) -> Message:
    """One place of the ranking: the second best."""
    shown |= {"place": str(request.args.top), "things": things_of(request)}
    if request.args.order == "highest":
        return say("Number {place} of the {things} by {metric}, {period}: {name} with {value}", **shown)
    return say("Number {place} from the bottom of the {things} by {metric}, {period}: {name} with {value}", **shown)


def _change_headline(request: Request, key: Key, base: Groups, shown: dict[str, Value]) -> Message:
    """What moved most, from where to where."""
    main, highest = request.main, request.args.order == "highest"
    before = base.get(key, {}).get(main.id, 0 if main.empty_is_zero else None)
    shown["before"] = request.quantity(main, before)
    if request.args.rank_by == "change_rate" and main.unit != "ratio":
        if highest:
            return say("Fastest growth of {metric} by {dimension}, {period}: {name}, from {before} to {value}", **shown)
        return say("Fastest decline of {metric} by {dimension}, {period}: {name}, from {before} to {value}", **shown)
    if highest:
        return say("Largest rise in {metric} by {dimension}, {period}: {name}, from {before} to {value}", **shown)
    return say("Largest fall in {metric} by {dimension}, {period}: {name}, from {before} to {value}", **shown)


def group_lines(request: Request, rows: Sequence[Row]) -> tuple[Message, ...]:
    """The highest and the lowest group; calendar units that are cut short are neither."""
    main, grain = request.main, request.grain
    if request.args.top or len(request.dimensions) > 1:
        return ()
    known = [
        (key, values[main.id])
        for key, values in rows
        if values[main.id] is not None and not (grain and request.is_partial(key[0], grain))
    ]
    if len(known) < 2:
        return ()
    high, low = max(value or 0 for _key, value in known), min(value or 0 for _key, value in known)
    if high == low:
        if len(known) == 2:
            return (say("Both: {value}", value=request.quantity(main, high)),)
        return (say("All the same: {value}", value=request.quantity(main, high)),)
    return (
        say(
            "Highest: {high} ({high_value}); lowest: {low} ({low_value})",
            high=_tied(request, [key for key, value in known if value == high]),
            high_value=request.quantity(main, high),
            low=_tied(request, [key for key, value in known if value == low]),
            low_value=request.quantity(main, low),
        ),
    )


def _tied(request: Request, keys: Sequence[Key]) -> Value:
    """The groups that share a value: by name, or how many where they are many."""
    if len(keys) > 3:
        return say_n("{count} {things}", "{count} {things}", len(keys), things=things_of(request))
    return name_of(request, keys[0]) if len(keys) == 1 else tuple(name_of(request, key) for key in keys)
