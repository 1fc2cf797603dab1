"""Questions that figures could not read: for advice, or about others than the team, of whom only documents tell."""

from __future__ import annotations

from bot.understanding.knowledge.frames import ADDRESSED, ASKING, CODED, COUNTING, NEAR, OURS
from bot.understanding.knowledge.kinds import Shape
from bot.understanding.reading.draft import World

# So much that figures do not know makes a question one about something else, in Chinese characters or pairs of them
# for English words: beside a figure's name; by itself; the first number where others are spoken of.
BESIDE_A_FIGURE = (2, 6)
BESIDE_A_TOOL = (1, 4)
ALONE = (1, 4)
TELLING = 5  # of a reason that is asked for


def asks_advice(shape: Shape) -> bool:
    """Words that may ask for advice, and nothing that says that figures, lists or reasons of a change are meant."""
    if elsewhere(shape) or not shape.topics():
        return False
    if shape.cues.has("why"):
        return _why(shape)
    if shape.ranks() or shape.scene.words("selling", "selling_worst") or _counts(shape) or shape.of_both():
        return False
    return shape.counsels() and not _ours(shape)


def about_others(shape: Shape, world: World) -> bool:
    """Whether something else than our own figures is spoken of, and figures know too little of it."""
    scene = shape.scene
    if shape.own or elsewhere(shape) or near(shape, world) or not ASKING.search(shape.text) or shape.ranks():
        return False
    others = shape.actors()
    if shape.values() and not shape.cues.has("actors"):
        return False
    if scene.where(lambda s: s.has("cue", "forecast")) and not others:
        return False
    if shape.cues.has("why") and not others and shape.strangeness() < TELLING:
        return False
    if shape.metrics():
        least = BESIDE_A_FIGURE
    elif scene.where(lambda s: s.has("tool")):
        least = BESIDE_A_TOOL
    else:
        least = ALONE
        others = others or shape.cues.has("themes")
    return shape.strangeness() >= least[0 if others else 1]


def _why(shape: Shape) -> bool:
    """ "Why do customers return products": of people at large, and of no figure's change."""
    scene = shape.scene
    if shape.periods() or shape.values() or scene.where(lambda s: s.has("number")) or not ASKING.search(shape.text):
        return False
    if shape.own and not (shape.cues.has("actors") and shape.strangeness() >= BESIDE_A_TOOL[1]):
        return False
    if not shape.known() and shape.strangeness() < TELLING:
        return False
    moved = shape.cues.has("moved", "level") or bool(scene.words("growth", "highest", "lowest"))
    return not (moved and (shape.metrics() or scene.where(lambda s: s.has("cue", "forecast"))))


def _counts(shape: Shape) -> bool:
    """ "How much stock should we hold": a figure is asked for, though no tool may tell it."""
    return bool(shape.metrics()) and bool(COUNTING.search(shape.text))


def _ours(shape: Shape) -> bool:
    """Whether the store's own figures are meant: a time, a place, or an owner beside a figure."""
    return bool(shape.periods() or shape.values()) or (shape.own and bool(shape.metrics()))


def elsewhere(shape: Shape) -> bool:
    """Whether the words are those of lists, of times near by, of the store's codes, of other work or of everyday."""
    others = shape.cues.has("actors") and shape.strangeness() >= BESIDE_A_FIGURE[1]
    return other_work(shape) or bool(NEAR.search(shape.text)) or (bool(OURS.search(shape.text)) and not others)


def other_work(shape: Shape) -> bool:
    """Whether writing, everyday matters, a code of the store or the bot itself is spoken of."""
    return shape.cues.has("bidding", "everyday") or any(frame.search(shape.text) for frame in (CODED, ADDRESSED))


def near(shape: Shape, world: World) -> bool:
    """A time within the data: a figure of ours is meant. A year before or after it is not."""
    for span in shape.periods():
        for found in span.values("period"):
            period = found.period
            outside = period is not None and (
                period.start > world.today or (world.first_day is not None and period.end < world.first_day)
            )
            if not (outside and any(c.isdigit() for c in span.text)):
                return True
    return False
