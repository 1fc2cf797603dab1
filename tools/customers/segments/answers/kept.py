"""Saved segments: saved, listed, compared, forgotten."""

from __future__ import annotations

from dataclasses import replace

from tools.answer import Answer, Cell, Chart, Column, Fact, FollowUp, Table, ToolCall
from tools.customers.rules import All, Rule
from tools.customers.segments.answers.asked import NAME, Asked, plain_rule, provenance_of, split_label
from tools.customers.segments.answers.listed import headline_of, share_line
from tools.customers.segments.names import clean_name, key_of
from tools.customers.segments.selection import saved_segments
from tools.errors import AssistantError, InvalidArgument
from tools.messages import Label, Quantity, Value, say, say_n

MOST_SIZED = 30


def saved_under(asked: Asked, rule: Rule, given: str) -> Answer:
    """Saves the rule, and says how many it holds now; who they are has its own button."""
    name = clean_name(given)
    _refuse_itself(asked, rule, name)
    # Counted first: a rule that cannot be counted is not saved.
    found, whole = asked.figures.together(rule), asked.figures.everyone(known=asked.everybody)
    replaced = saved_segments(asked.context).save(name, rule, made_on=asked.context.today, by=asked.context.user.id)
    itself = {"rule": {"scheme": "saved", "groups": [name]}}
    share = found.customers / whole.customers if whole.customers else None
    return Answer(
        headline=say("Saved as “{name}”; what had this name before is replaced.", name=name)
        if replaced
        else say("Saved as “{name}”: use the name in later questions.", name=name),
        lines=(
            *((headline_of(asked, found.customers), share_line(asked, found, whole)) if found.customers
              else (say("There are no customers who {rule}.", rule=asked.selection.words(rule)),)),
            say("It is counted anew whenever it is used; periods that end today move along."),
        ),
        facts=(Fact("customers", found.customers, "count"), Fact("customers_share", share, "ratio")),
        follow_ups=(
            FollowUp(say("Who is in {group}?", group=name), ToolCall(NAME, itself)),
            FollowUp(
                say("By {dimension}", dimension=split_label(asked, "rfm")), ToolCall(NAME, {**itself, "by": "rfm"})
            ),
            FollowUp(say("Saved segments"), ToolCall(NAME, {"list_saved": True})),
        ),
        provenance=replace(provenance_of(asked, tuple(asked.figures.sql)), period=None),
    )  # fmt: skip


def _refuse_itself(asked: Asked, rule: Rule, name: str) -> None:
    """Refuses a rule that stands on the segment whose name it is to take."""
    if key_of(name) in asked.selection.saved_names(rule):
        raise InvalidArgument(say("The segment “{name}” contains itself.", name=name))


def forget_segment(asked: Asked, name: str) -> Answer:
    gone = saved_segments(asked.context).forget(name)
    return Answer(
        headline=say("The segment “{name}” is forgotten.", name=gone.name),
        lines=(say("It held {who}.", who=asked.selection.customers_in_words(gone.rule_on(asked.context.today))),),
        follow_ups=(
            FollowUp(
                say("Save it again"),
                ToolCall(NAME, {"rule": plain_rule(gone.rule_on(asked.context.today)), "save_as": gone.name}),
            ),
            FollowUp(say("Saved segments"), ToolCall(NAME, {"list_saved": True})),
        ),
    )


def saved_list(asked: Asked) -> Answer:
    saved = saved_segments(asked.context).all()
    if not saved:
        return Answer(
            headline=say("No segment has been saved yet."),
            lines=(say("Ask for customers and add: save them as, and a name."),),
            facts=(Fact("segments", 0, "count"),),
        )
    sizes = {segment.name: _size(asked, segment.rule_on(asked.context.today)) for segment in saved[:MOST_SIZED]}
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (segment.name, sizes.get(segment.name), segment.saved_at) for segment in saved
    )
    return Answer(
        headline=say_n("{count} saved segment", "{count} saved segments", len(saved)),
        lines=tuple(
            say(
                "{name}: {who}",
                name=segment.name,
                who=asked.selection.customers_in_words(segment.rule_on(asked.context.today)),
            )
            for segment in saved[:10]
        ),
        facts=(
            Fact("segments", len(saved), "count"),
            *(Fact("customers", size, "count", where={"segment": name}) for name, size in sizes.items()),
        ),
        table=Table(
            (
                Column("segment", Label("Segment", "细分")),
                Column("customers", Label("Customers", "客户数"), "count"),
                Column("saved_at", Label("Saved", "保存时间"), spare=True),
            ),
            rows,
            len(rows),
        ),
        file_name="saved_segments",
        follow_ups=tuple(
            FollowUp(
                say("Who is in {group}?", group=segment.name),
                ToolCall(NAME, {"rule": {"scheme": "saved", "groups": [segment.name]}}),
            )
            for segment in saved[:3]
        ),
        provenance=provenance_of(asked, tuple(asked.figures.sql)),
    )


def _size(asked: Asked, rule: Rule) -> int | None:
    """How many there are now; None where the rule has no meaning any more."""
    try:
        asked.selection.check(rule)
        return asked.figures.size(rule)
    except AssistantError:
        return None


def overlap_of(asked: Asked, one: str, other: str) -> Answer:
    saved = saved_segments(asked.context)
    first, second = saved.get(one), saved.get(other)
    if first.key == second.key:
        raise InvalidArgument(say("Name two different segments; both are “{name}”.", name=first.name))
    rules = (first.rule_on(asked.context.today), second.rule_on(asked.context.today))
    for rule in rules:
        asked.selection.check(rule)
    both, first_alone, second_alone = asked.figures.overlap(*rules)
    either = both + first_alone + second_alone
    sizes = {first.name: both + first_alone, second.name: both + second_alone}
    alone = {first.name: first_alone, second.name: second_alone}
    jaccard = both / either if either else None
    names: dict[str, Value] = {"one": first.name, "other": second.name}
    in_both = All.model_validate({"all": [{"scheme": "saved", "groups": [name]} for name in (first.name, second.name)]})
    return Answer(
        headline=say("{both} customers are in both “{one}” and “{other}”.", both=Quantity(both), **names),
        lines=(
            say(
                "That is {share} of “{one}” ({size}) and {other_share} of “{other}” ({other_size}).",
                **names,
                share=Quantity(both / sizes[first.name] if sizes[first.name] else None, "ratio"),
                size=Quantity(sizes[first.name]),
                other_share=Quantity(both / sizes[second.name] if sizes[second.name] else None, "ratio"),
                other_size=Quantity(sizes[second.name]),
            ),
            say(
                "{either} are in either; likeness (Jaccard): {jaccard}.",
                either=Quantity(either),
                jaccard=Quantity(jaccard, "ratio"),
            ),
        ),
        facts=(
            Fact("customers", both, "count"),
            *(Fact("customers", size, "count", where={"segment": name}) for name, size in sizes.items()),
            Fact("customers_both", both, "count"),
            Fact("customers_either", either, "count"),
            *(Fact("customers_only", size, "count", where={"segment": name}) for name, size in alone.items()),
            Fact("jaccard", jaccard, "ratio"),
        ),
        table=Table(
            (
                Column("segment", Label("Segment", "细分")),
                Column("customers", Label("Customers", "客户数"), "count"),
                Column("customers_only", Label("In no other", "仅在其中"), "count"),
            ),
            tuple((name, sizes[name], alone[name]) for name in sizes),
            len(sizes),
        ),
        chart=Chart("bar", say("Customers by segment"), "segment", ("customers", "customers_only")),
        file_name="overlap",
        follow_ups=(FollowUp(say("Who is in both?"), ToolCall(NAME, {"rule": plain_rule(in_both)})),),
        provenance=provenance_of(
            asked,
            tuple(asked.figures.sql),
            (
                say("Jaccard: customers in both, divided by customers in either."),
                *(
                    say("{name}: {who}", name=segment.name, who=asked.selection.customers_in_words(rule))
                    for segment, rule in zip((first, second), rules, strict=True)
                ),
            ),
        ),
    )
