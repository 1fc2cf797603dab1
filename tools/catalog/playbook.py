"""The tool `playbook`: what the team's documents say, quoted word for word with title, section and page."""

from __future__ import annotations

from typing import Literal

import structlog
from pydantic import Field

from tools.answer import Answer
from tools.errors import AssistantError, NotReadable
from tools.messages import Label, say
from tools.tool import Args, Context, Cue, Example, Tool

log = structlog.get_logger(__name__)
LONGEST_QUESTION = 1000
LONGEST_NAME = 1000


class PlaybookArgs(Args):
    """A question to the documents, or a document or passage to show, or a vote on a passage. None: what there is."""

    question: str = Field("", max_length=LONGEST_QUESTION, description="The question, in the user's own words.")
    document: str | None = Field(
        None, max_length=LONGEST_NAME, description="A document's title or file name: shows what is in it."
    )
    passage: str | None = Field(None, max_length=LONGEST_NAME, description="A passage's id: shows its whole section.")
    vote: Literal["up", "down"] | None = Field(None, description="The user's vote on `passage`.")

    @property
    def acts(self) -> bool:
        return self.vote is not None


def run(context: Context, args: PlaybookArgs) -> Answer:
    """Quotes, shows or votes. Raises NothingFound, NotEnoughData, InvalidArgument, NotReadable."""
    try:
        return _answered(context, args)
    except AssistantError:
        raise
    except Exception as error:  # whatever broke among files, vectors and models, figures need none of it
        log.exception("playbooks not read")
        raise NotReadable(
            say("The playbooks cannot be read just now; whoever runs me finds why in the log. Figures still work.")
        ) from error


def _answered(context: Context, args: PlaybookArgs) -> Answer:
    from tools.playbooks.answers.document import whole_document
    from tools.playbooks.answers.found import found
    from tools.playbooks.answers.listed import listed
    from tools.playbooks.answers.section import whole_section
    from tools.playbooks.answers.voted import voted

    if args.passage is not None:
        return voted(context, args.passage, args.vote) if args.vote else whole_section(context, args.passage)
    if args.document is not None:
        return whole_document(context, args.document)
    return found(context, args.question) if args.question.strip() else listed(context)


def _asked(en: str, zh: str) -> Example:
    return Example(Label(en, zh), {"question": Label(en, zh)})


TOOL = Tool(
    name="playbook",
    title=Label("Playbooks", "知识库"),
    description=(
        "What the team's documents and playbooks say: how to do something in marketing (win-back, coupons, A/B tests, "
        "attribution, pricing, privacy, promotion planning), what a term means, what a report or paper found. Quotes "
        "the passage that answers, with title, section and page. Never for figures of the store."
    ),
    args=PlaybookArgs,
    run=run,
    cues=(
        Cue(
            (
                "which playbooks are there",
                "what playbooks are there",
                "which playbooks do you have",
                "what documents do you have",
                "which documents do you know",
                "list the playbooks",
                "list of playbooks",
            ),
            ("有哪些手册", "有哪些文档", "知识库里有什么", "知识库里有哪些文档", "知识库目录", "列出知识库"),
        ),
    ),
    examples=(
        _asked("How should we win back lapsed customers?", "流失客户该怎么召回？"),
        _asked("What is a holdout group?", "什么是留白组？"),
        _asked("What is coupon fatigue?", "什么是优惠券疲劳？"),
        _asked("How long should an A/B test run?", "A/B测试要跑多久？"),
        _asked("What is last-click attribution?", "什么是末次点击归因？"),
        _asked("How do we design a coupon?", "优惠券怎么设计？"),
        _asked("How do we wake silent customers?", "怎样唤醒沉默客户？"),
        _asked("How do I read the interval in a forecast?", "预测区间是什么意思？"),
        Example(Label("Which playbooks are there?", "知识库里有哪些文档？"), {}),
    ),
)
