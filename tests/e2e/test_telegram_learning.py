"""A document on its whole way: sent by an admin, read in a process of its own, learned, found, and kept from others."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from knowledge.library import Library
from tests.e2e.telegram_scene import ADMIN, VIEWER, Scene
from tests.e2e.test_telegram_documents import buttons, sent, waiting
from tests.e2e.test_telegram_playbook import PlaybookAssistant
from tests.unit.calendar_store import calendar_context
from tests.unit.made_documents import Typeset, paragraph, pdf
from tests.unit.word_vectors import WordModels

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

pytestmark = pytest.mark.asyncio
POLICY = """# 退货政策

## 期限

签收后30天内可以无理由退货，特价商品为14天。开封的化妆品不退。

## 运费

商品有质量问题时运费由我们承担，其他情况由顾客承担。
"""


@pytest_asyncio.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    library = Library(tmp_path / "index", sent=tmp_path / "documents", shipped=None, embedders=WordModels())
    context = calendar_context(tmp_path / "warehouse.duckdb", {"Germany": 1.0})
    made = Scene(tmp_path)
    made.library = library
    made.assistant = PlaybookAssistant(made, replace(context, knowledge=library))
    async with made:
        yield made
    library.close()
    context.warehouse.close()


async def test_a_document_is_found_once_it_is_learned_and_by_its_readers_only(scene: Scene) -> None:
    preview = await sent(scene, POLICY.encode(), "退货政策.md")
    assert preview.text.startswith(f"退货政策\nChinese · 2 sections · {len(POLICY.encode())} bytes\n")
    assert "签收后30天内可以无理由退货" in preview.text
    assert "no playbooks to look in yet" in (await scene.say("退货期限是多少天？", VIEWER)).text
    await scene.pressed(preview, "Learn it: admins", ADMIN)
    assert (await scene.next_after(preview)).text == "Learned: 退货政策\n2 passages, for admins only. Ask me about it."
    await scene.until(lambda: not waiting(scene))
    assert "no playbooks to look in yet" in (await scene.say("退货期限是多少天？", VIEWER)).text
    again = await sent(scene, POLICY.encode(), "退货政策.md")
    assert "It would replace “退货政策”, learned" in again.text
    await scene.pressed(again, "Learn it: everyone", ADMIN)
    assert (await scene.next_after(again)).text == (
        "“退货政策.md” was learned already and has not changed. It is now for everyone."
    )
    quoted = await scene.say("退货期限是多少天？", VIEWER)
    assert "签收后30天内可以无理由退货" in quoted.text
    assert "期限 · 退货政策.md" in quoted.text


async def test_a_changed_document_takes_the_place_of_the_old_one(scene: Scene) -> None:
    for text in (POLICY, POLICY.replace("30天", "45天")):
        preview = await sent(scene, text.encode(), "退货政策.md")
        await scene.pressed(preview, "Learn it: everyone", ADMIN)
        done = await scene.next_after(preview)
    assert done.text.startswith("Learned anew: 退货政策")
    quoted = await scene.say("退货期限是多少天？", VIEWER)
    assert "45天" in quoted.text
    assert scene.library is not None
    assert len(scene.library.documents({"viewer"})) == 1


async def test_pages_that_are_pictures_are_named_and_a_scan_is_refused(scene: Scene) -> None:
    written = paragraph("A return is taken back within thirty days of delivery, and nothing is asked. " * 3, top=700)
    preview = await sent(scene, pdf([written, [], []], pictured=[2, 3], title="Returns"), "returns.pdf")
    assert "3 pages" in preview.text
    assert "2 pages are pictures without text; what they say would not be found: 2 and 3" in preview.text
    scan = await sent(scene, pdf([[], []], pictured=[1, 2]), "scan.pdf")
    assert "its pages are pictures, with no text to read." in scan.text
    assert not scan.buttons


async def test_content_that_is_not_what_the_name_says_is_refused(scene: Scene) -> None:
    refused = await sent(scene, pdf([[Typeset("Hello")]]), "notes.docx")
    assert refused.text.startswith("“notes.docx”: ")
    assert not buttons(refused)
    unknown = await sent(scene, b"\x00\x01\x02" * 500, "model.bin")
    assert "cannot be read" in unknown.text
    assert waiting(scene) == []
