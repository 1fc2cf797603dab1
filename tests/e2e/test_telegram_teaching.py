"""Words that admins teach in Telegram: shown before they are kept, read at once by everybody, listed and revoked."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from bot.contexts import Contexts
from bot.telegram.audit import AuditLog
from bot.understanding.assistant import MarketAssistant
from bot.understanding.taught.teaching import Teaching
from bot.understanding.worlds import Worlds
from tests.conftest import DEMO_END
from tests.e2e.telegram_scene import ADMIN, ANALYST, GROUP, VIEWER, Scene
from tools.registry import discover

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from bot.sandbox.server import SentMessage
    from tools.semantic.catalog import Catalog
    from tools.warehouse.connection import Warehouse

pytestmark = pytest.mark.asyncio


@asynccontextmanager
async def a_team(folder: Path, warehouse: Warehouse, catalog: Catalog) -> AsyncIterator[Scene]:
    """A bot that answers from the demo store, where nothing has been taught yet."""
    async with Scene(folder) as scene:
        await scene.stop()
        scripted = scene.assistant
        contexts = Contexts(warehouse, catalog, clock=lambda: DEMO_END, state=scene.state)
        registry = discover()
        worlds = Worlds(contexts, registry)
        scene.assistant = MarketAssistant(contexts, registry, audit=lambda *_: None, worlds=worlds)  # type: ignore[assignment]
        scene.teaching = Teaching(contexts, worlds, scene.state, scene.clock)
        scene.settings["as_of"] = DEMO_END
        await scene.start()
        try:
            yield scene
        finally:
            scene.assistant = scripted


async def shown_in(scene: Scene, message: SentMessage, words: str) -> str:
    """The message's text, once it has been changed to hold these words."""

    def text() -> str:
        return next(each.text for each in scene.sandbox.messages(message.chat_id) if each.id == message.id)

    await scene.until(lambda: words in text())
    return text()


async def test_a_word_is_shown_saved_read_by_everybody_listed_and_revoked(
    tmp_path: Path, demo: Warehouse, catalog: Catalog
) -> None:
    async with a_team(tmp_path, demo, catalog) as scene:
        shown = await scene.say('/teach "自营" means channel=web', ADMIN)
        assert "自营 will mean sales channel = web" in shown.text
        assert "自营" in (await scene.say("上个月自营的销售额", ANALYST)).text, "not known before it is saved"
        await scene.pressed(shown, "Save")
        assert "From now on 自营 means" in await shown_in(scene, shown, "From now on")
        answer = await scene.say("上个月自营的销售额", ANALYST)
        plain = await scene.say("上个月网站的净销售额", ANALYST)
        assert answer.text.splitlines()[0] == plain.text.splitlines()[0]
        assert "“自营”" in answer.text
        second = await scene.say("/teach “flagship markets” means country=Germany, France", ADMIN)
        await scene.pressed(second, "Save")
        await shown_in(scene, second, "From now on")
        listed = await scene.say("/taught", ADMIN)
        assert "2 taught words" in listed.text
        assert "“flagship markets” means country = Germany and France (Ada," in listed.text
        await scene.pressed(listed, "自营")
        await scene.until(lambda: has_button(scene, listed, "Revoke"))
        await scene.pressed(listed, "Revoke")
        assert "1 taught word" in await shown_in(scene, listed, "no longer taught")
        again = await scene.say("上个月自营的销售额", ANALYST)
        assert again.text.splitlines()[0] != plain.text.splitlines()[0]
        assert actions(scene) == ["word_taught", "word_taught", "word_revoked"]


async def test_only_admins_teach_and_only_what_can_be_read(tmp_path: Path, demo: Warehouse, catalog: Catalog) -> None:
    async with a_team(tmp_path, demo, catalog) as scene:
        for text in ("/teach GP means net sales", "teach: GP means net sales", "/taught"):
            assert "Only admins" in (await scene.say(text, VIEWER)).text
        assert "Nearest: web" in (await scene.say("/teach foo means channel=webb", ADMIN)).text
        assert "means something already: net sales" in (await scene.say("/teach revenue means orders", ADMIN)).text
        assert "for example" in (await scene.say("/teach", ADMIN)).text
        cancelled = await scene.say("teach: when I say GP I mean net sales", ADMIN)
        await scene.pressed(cancelled, "Cancel")
        await shown_in(scene, cancelled, "Nothing was taught")
        assert "No words" in (await scene.say("/taught", ADMIN)).text
        several = await scene.say("/teach rundmail means email", ADMIN)
        await scene.pressed(several, "marketing channel = email")
        await shown_in(scene, several, "From now on rundmail means marketing channel = email")
        scene.access.allow_group(GROUP, "Team", ADMIN)
        in_group = await scene.say(f"@{scene.sandbox.bot.username} teach: GP means net sales", ADMIN, GROUP)
        assert "GP will mean net sales" in in_group.text
        assert (await scene.pressed(in_group, in_group.buttons[0][0].text, ANALYST))["text"], "it is the admin's button"
        forwarded = scene.sandbox.send_text(ANALYST, None, "teach: GP means net sales")
        scene.sandbox.forward(ADMIN, forwarded, ADMIN)
        await scene.silence()
        assert not any("GP will mean" in text for text in scene.texts(ADMIN)[-1:])


def has_button(scene: Scene, message: SentMessage, label: str) -> bool:
    now = next(each for each in scene.sandbox.messages(message.chat_id) if each.id == message.id)
    return any(button.text == label for row in now.buttons for button in row)


def actions(scene: Scene) -> list[str]:
    return [entry.action for entry in AuditLog(scene.state, scene.clock).entries()]
