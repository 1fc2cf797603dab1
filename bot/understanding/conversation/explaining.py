"""What is shown of an answer beside itself: how it was computed ("show me the SQL"), or its rows as a file.

Words for either lean on the last answer only where nothing else is said: every word must be one that says no more.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from bot.reply import Form
from bot.understanding.conversation import explain_words as words
from bot.understanding.conversation.recent import PLAYBOOK, Recent, again
from bot.understanding.customers.segments import LISTED
from bot.understanding.knowledge.dialogue import Page
from bot.understanding.normalise import normalise
from bot.understanding.outcome import Clarify, Decline, Outcome, Plan
from bot.understanding.reading.draft import World, examples
from tools.answer import ToolCall
from tools.messages import say


def explained(
    text: str, world: World, recent: Recent, page: Page | None, read: Callable[[str], Outcome]
) -> Outcome | None:
    """The outcome where the last answer is to be explained, or rows are wanted as a file; None: neither.

    `read` reads a question by itself.
    """
    folded = normalise(text).folded
    if not recent.calls and page is None and words.THING.search(folded):
        return None  # how forecasts are made is for the playbooks to tell
    if _asks_how(folded, world, recent):
        return _how(world, recent, page)
    if not (words.FILE_SIGN_EN.search(folded) or words.FILE_SIGN_ZH.search(folded)):
        return None
    if _only(folded, words.FILE_WORDS, words.ZH_FILE_WORDS):
        return _rows(world, recent, _kind(folded))
    return _question_as_file(text, world, read)


def _only(folded: str, english: frozenset[str], chinese: Sequence[str]) -> bool:
    """Whether all words of a text are among these, in whatever order."""
    if folded.isascii():
        said = re.findall(r"[a-z0-9][a-z0-9'-]*", folded)
        return bool(said) and all(word in english for word in said)
    place, longest = 0, max(map(len, chinese))
    known = frozenset(chinese)
    while place < len(folded):
        step = next((n for n in range(longest, 0, -1) if folded[place : place + n] in known), 0)
        if not step:
            return False
        place += step
    return True


# --- How ----------------------------------------------------------------------


def _asks_how(folded: str, world: World, recent: Recent) -> bool:
    figures = bool(recent.calls) and all(call.tool != PLAYBOOK for call in recent.calls)
    if figures and (words.INCLUDES.match(folded) or words.MEANS.match(folded)):
        return True
    if folded.isascii():
        if _only(folded, words.HOW_WORDS, ()) and _asks_in_english(folded):
            return True
    elif words.HOW_ZH.search(folded) and _only(folded, frozenset(), words.ZH_HOW_WORDS):
        return True
    found = next((match for match in (frame.search(folded) for frame in words.NAMED) if match), None)
    return found is not None and _names_the_last(found["name"], world, recent.calls)


def _asks_in_english(folded: str) -> bool:
    if words.HOW_ALONE_EN.search(folded):
        return True
    if re.search(r"\bhow do you know\b", folded):
        return True
    referring = set(re.findall(r"[a-z]+", folded)) & words.THAT or re.search(r"are you sure|explain yourself", folded)
    return bool(referring) and any(frame.search(folded) for frame in words.HOW_EN)


def _names_the_last(name: str, world: World, calls: Sequence[ToolCall]) -> bool:
    """Whether the figures of the last answer are named, and nothing else."""
    scene = world.scene(name)
    named = scene.where(lambda s: s.has("metric"))
    scene.use(*named)
    known = {metric for call in calls for metric in metrics_of(call)}
    return bool(named) and not scene.left_over() and all(known & set(scene.spans[i].values("metric")) for i in named)


def metrics_of(call: ToolCall) -> tuple[str, ...]:
    """The figures that a call is of."""
    found = call.args.get("metrics") or ([call.args["metric"]] if call.args.get("metric") else ())
    return tuple(map(str, found)) or (("net_sales",) if call.tool in ("forecast", "drivers") else ())


def _how(world: World, recent: Recent, page: Page | None) -> Outcome:
    if page is not None and not recent.calls:
        return Plan((page.section or ToolCall(PLAYBOOK, {"question": page.question}),))
    calls = tuple(call for call in (again(call, world) for call in recent.calls) if call is not None)
    if calls:
        return Plan(calls, form="how")
    if recent.calls:
        return Decline(say("Nothing was computed there. Ask for a figure, for example:"), examples(world.today))
    return Clarify(say("Which answer do you mean? Ask for a figure first, for example:"), examples(world.today))


# --- Files ----------------------------------------------------------------------


def _rows(world: World, recent: Recent, kind: Form) -> Outcome:
    found = (again(call, world) for call in recent.calls)
    calls = tuple(call for call in found if call is not None and call.tool != PLAYBOOK)
    if calls:
        return Plan(tuple(map(_listed, calls)), form=kind)
    return Clarify(say("What would you like as a file? Ask for it, for example:"), examples(world.today))


def _question_as_file(text: str, world: World, read: Callable[[str], Outcome]) -> Outcome | None:
    """ "Top 50 customers last year as excel"; None where the words for a file may mean something else."""
    norm = normalise(text)
    for frames, behind in ((words.AFTER, True), (words.BEFORE, False)):
        for frame in frames:
            found = frame.search(norm.folded)
            if found is None:
                continue
            start, end = norm.original_span(*found.span())
            rest = (text[:start] if behind else text[end:]).strip()
            if not re.search(r"\w", rest):
                continue
            outcome = read(rest)
            if not isinstance(outcome, Plan):
                return outcome
            if outcome.form == "answer" and all(again(call, world) == call for call in outcome.calls):
                return replace(outcome, calls=tuple(map(_listed, outcome.calls)), form=_kind(found.group()))
    return None


def _listed(call: ToolCall) -> ToolCall:
    """A file of customers is their list, where only their number was told."""
    if call.tool != "segments" or call.args.get("top") or call.args.get("by") or call.args.get("rule") is None:
        return call
    return ToolCall(call.tool, {**call.args, "top": LISTED})


def _kind(text: str) -> Form:
    return "csv" if "csv" in text else "xlsx"
