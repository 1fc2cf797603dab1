"""Questions back, where words about customers were not understood."""

from __future__ import annotations

from bot.understanding.customers.parts import Unclear
from bot.understanding.outcome import Clarify, Decline, Outcome, not_known
from bot.understanding.reading.draft import World
from bot.understanding.scene import Scene
from tools.answer import FollowUp, ToolCall
from tools.messages import say


class Back(Exception):
    """Ends the reading with an outcome."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__()
        self.outcome = outcome


def back(scene: Scene, unclear: Unclear, world: World) -> Outcome:
    """Names the words that were not understood, or asks how the sentence is meant."""
    unknown = [span for span in scene.spans if span.unknown or span.word("partial_name")]
    absent = [span for span in scene.spans if span.has("absent") and not span.has("value")]
    if absent:
        return Decline(
            say("There are no figures for {value}: the data has no sales there.", value=scene.original(absent[0])),
            examples(world),
        )
    if unknown:
        return Decline(not_known([scene.original(span) for span in unknown]), examples(world))
    spans = [scene.spans[i] for i in sorted(set(unclear.spans))]
    words = tuple(dict.fromkeys(f"“{scene.original(span)}”" for span in spans))
    if not words:
        return Clarify(say("I am not sure which customers you mean. You can ask, for example:"), examples(world))
    return Clarify(
        say("I am not sure how {words} is meant here. You can ask, for example:", words=words[:4]), examples(world)
    )


def examples(world: World) -> tuple[FollowUp, ...]:
    """A few calls that work, of the tools that are there."""
    lapsed = {"measure": "days_since_last_order", "op": ">", "value": 180}
    found = []
    if "segments" in world.tools:
        found += [
            FollowUp(
                say("Customers who have not bought for more than 180 days"),
                ToolCall("segments", {"rule": lapsed}),
                sample=True,
            ),
            FollowUp(say("RFM segments"), ToolCall("segments", {"by": "rfm"}), sample=True),
        ]
    if "churn" in world.tools:
        found.append(FollowUp(say("Customers who are most likely to leave"), ToolCall("churn", {}), sample=True))
    return tuple(found)
