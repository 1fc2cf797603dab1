"""An admin sends documents: read, shown, learned with a tap and not before; nobody else can."""

from __future__ import annotations

import asyncio
import threading
from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

import pytest

from bot.telegram.audit import AuditLog
from knowledge.errors import DiskFull
from knowledge.learning.lock import learning
from knowledge.library import Library
from tests.e2e.telegram_scene import ADMIN, ANALYST, GROUP, VIEWER, Scene
from tests.unit.playbook_library import FakeLibrary
from tests.unit.word_vectors import WordModels

if TYPE_CHECKING:
    from pathlib import Path

    from bot.sandbox.messages import SentMessage
    from knowledge.report import LearnReport

pytestmark = pytest.mark.asyncio
TEXT = b"# Returns <b>& refunds\n\nA return is taken back within 30 days."
CHOICES = [["Learn it: everyone"], ["Learn it: analysts", "Learn it: admins"], ["Discard"]]


class SlowLibrary(FakeLibrary):
    """Learns only when the gate is open, and counts how many learn at once."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = threading.Event()
        self.at_once = 0
        self.most_at_once = 0

    def learn_sent(self, file: Path, name: str, **more: Any) -> LearnReport:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        self.gate.wait(20)
        self.at_once -= 1
        return super().learn_sent(file, name, **more)


def scene_with(library: FakeLibrary | None, folder: Path, **more: object) -> Scene:
    scene = Scene(folder, **more)
    scene.library = cast("Library | None", library)
    return scene


async def sent(scene: Scene, content: bytes, name: str, user: int = ADMIN, **more: str) -> SentMessage:
    """What the bot says to a document."""
    before = len(scene.sandbox.messages(user))
    scene.sandbox.send_document(user, None, content, name, **more)  # type: ignore[arg-type]
    return (await scene.until(lambda: scene.sandbox.messages(user)[before:]))[0]


def buttons(message: SentMessage) -> list[list[str]]:
    return [[button.text for button in row] for row in message.buttons]


def waiting(scene: Scene) -> list[Path]:
    return [file for file in (scene.folder / "documents" / ".pending").glob("*/*") if file.is_file()]


async def test_a_document_is_shown_and_learned_with_a_tap(tmp_path: Path) -> None:
    library = FakeLibrary()
    async with scene_with(library, tmp_path) as scene:
        preview = await sent(scene, TEXT, "returns.md")
        assert preview.text.startswith(f"Returns <b>& refunds\nEnglish · 1 section · {len(TEXT)} bytes\n")
        assert "A return is taken back within 30 days." in preview.text
        assert preview.text.endswith("Shall I learn it, and for whom?")
        assert buttons(preview) == CHOICES
        assert library.sent == []
        assert len(waiting(scene)) == 1
        await scene.pressed(preview, "Learn it: analysts", ADMIN)
        done = await scene.next_after(preview)
        assert done.text == "Learned: Returns <b>& refunds\n1 passage, for analysts and admins. Ask me about it."
        assert buttons(done) == [["Show it"]]
        assert library.sent == [("returns.md", "analyst")]
        await scene.until(lambda: not scene.sandbox.messages(ADMIN)[0].buttons and not waiting(scene))
        written = [
            (entry.user_id, entry.action, entry.subject) for entry in AuditLog(scene.state, scene.clock).entries()
        ]
        assert (str(ADMIN), "document_learned", "document=returns.md access=analyst") in written
        again = await sent(scene, TEXT, "returns.md")
        assert "It would replace “Returns <b>& refunds”, learned 3 Nov 2026, for analysts and admins." in again.text
        await scene.pressed(again, "Learn it: everyone", ADMIN)
        assert (await scene.next_after(again)).text.startswith("Learned anew: ")


async def test_a_discarded_document_is_forgotten(tmp_path: Path) -> None:
    library = FakeLibrary()
    async with scene_with(library, tmp_path) as scene:
        preview = await sent(scene, TEXT, "returns.md")
        await scene.pressed(preview, "Discard", ADMIN)
        await scene.until(lambda: scene.sandbox.messages(ADMIN)[0].text.startswith("Discarded: “returns.md”."))
        assert waiting(scene) == []
        assert library.sent == []


async def test_only_the_first_of_two_taps_counts(tmp_path: Path) -> None:
    library = FakeLibrary()
    async with scene_with(library, tmp_path) as scene:
        preview = await sent(scene, TEXT, "returns.md")
        scene.sandbox.press(preview, "Learn it: admins", user_id=ADMIN)
        scene.sandbox.press(preview, "Learn it: admins", user_id=ADMIN)
        scene.sandbox.press(preview, "Learn it: everyone", user_id=ADMIN)
        await scene.until(lambda: "no longer here" in scene.texts(ADMIN)[-1])
        assert library.sent == [("returns.md", "admin")]


async def test_a_tap_works_after_a_restart_and_not_after_a_day(tmp_path: Path) -> None:
    library = FakeLibrary()
    async with scene_with(library, tmp_path) as scene:
        preview = await sent(scene, TEXT, "returns.md")
        await scene.stop()
        await scene.start()
        await scene.pressed(preview, "Learn it: everyone", ADMIN)
        assert (await scene.next_after(preview)).text.startswith("Learned: ")
        late = await sent(scene, TEXT, "late.md")
        await scene.stop()
        scene.clock.ahead = timedelta(hours=25)
        await scene.start()
        await scene.until(lambda: not waiting(scene))
        await scene.pressed(late, "Learn it: everyone", ADMIN)
        assert "no longer here" in (await scene.next_after(late)).text
        assert library.sent == [("returns.md", "viewer")]


async def test_two_documents_are_learned_one_after_the_other_while_others_are_answered(tmp_path: Path) -> None:
    library = SlowLibrary()
    async with scene_with(library, tmp_path) as scene:
        scene.access.set_role(ANALYST, "admin")
        mine = await sent(scene, TEXT, "mine.md")
        theirs = await sent(scene, TEXT, "theirs.md", ANALYST)
        scene.sandbox.press(mine, "Learn it: everyone", user_id=ADMIN)
        scene.sandbox.press(theirs, theirs.buttons[0][0].text, user_id=ANALYST)
        await scene.until(lambda: library.at_once)
        assert (await scene.say("hello", VIEWER)).text.startswith("You said hello")
        library.gate.set()
        await scene.next_after(mine)
        await scene.next_after(theirs)
        assert library.most_at_once == 1
        assert sorted(library.sent) == [("mine.md", "viewer"), ("theirs.md", "viewer")]


async def test_a_full_disk_is_told_and_the_document_waits_for_another_tap(tmp_path: Path) -> None:
    class FullLibrary(FakeLibrary):
        full = True

        def learn_sent(self, file: Path, name: str, **more: Any) -> LearnReport:
            if self.full:
                raise DiskFull(tmp_path, needed=50 * 1024**2, free=3 * 1024**2)
            return super().learn_sent(file, name, **more)

    library = FullLibrary()
    async with scene_with(library, tmp_path) as scene:
        preview = await sent(scene, TEXT, "returns.md")
        await scene.pressed(preview, "Learn it: everyone", ADMIN)
        told = await scene.next_after(preview)
        assert told.text.startswith(
            "My disk is full, so nothing was learned: 3 MB are free, and about 50 MB are needed."
        )
        library.full = False
        await scene.pressed(told, "Learn it: everyone", ADMIN)
        assert (await scene.next_after(told)).text.startswith("Learned: ")


async def test_a_document_waits_for_another_process_that_learns(tmp_path: Path) -> None:
    library = Library(tmp_path / "index", sent=tmp_path / "documents", shipped=None, embedders=WordModels())
    async with scene_with(cast("FakeLibrary", library), tmp_path) as scene:
        preview = await sent(scene, TEXT, "returns.md")
        with learning(tmp_path / "index"):
            await scene.pressed(preview, "Learn it: everyone", ADMIN)
            await scene.until(
                lambda: [
                    call
                    for call in scene.sandbox.calls("sendMessageDraft", ADMIN)
                    if call.parameters["text"] == "Another learning is running; yours follows."
                ]
            )
        assert (await scene.next_after(preview)).text.startswith("Learned: ")
    library.close()


async def test_what_cannot_be_read_is_refused_in_words(tmp_path: Path) -> None:
    async with scene_with(FakeLibrary(), tmp_path) as scene:
        refused = await sent(scene, b" ", "\u202efdp.<empty>.md")
        assert refused.text == "“fdp.<empty>.md”: there is no text in it."
        assert not refused.buttons
        assert waiting(scene) == []
        large = await sent(scene, b"x" * (21 * 1024**2), "large.pdf")
        assert large.text.startswith("This document has 21 MB; I can take 20 MB.")


async def test_hostile_names_stay_in_their_folder(tmp_path: Path) -> None:
    library = FakeLibrary()
    async with scene_with(library, tmp_path) as scene:
        for name in ("..\\..\\evil.md", "促" * 300 + ".md"):
            preview = await sent(scene, TEXT, name)
            await scene.pressed(preview, "Learn it: everyone", ADMIN)
            await scene.next_after(preview)
        assert [name for name, _access in library.sent] == ["evil.md", "促" * 33 + ".md"]
        outside = {path.name for path in tmp_path.iterdir()} - {"documents"}  # noqa: ASYNC240 - nothing else runs
        assert all(name.startswith("state.sqlite3") for name in outside)


async def test_an_album_is_shown_one_by_one(tmp_path: Path) -> None:
    async with scene_with(FakeLibrary(), tmp_path) as scene:
        for number in range(3):
            scene.sandbox.send_document(ADMIN, None, TEXT, f"part{number}.md", album="77")
        await scene.until(lambda: len(scene.sandbox.messages(ADMIN)) == 3)
        assert all(buttons(message) == CHOICES for message in scene.sandbox.messages(ADMIN))
        assert [f"part{number}.md" in text for number, text in enumerate(scene.texts(ADMIN))] == [True] * 3


async def test_others_are_refused_and_groups_are_left_alone(tmp_path: Path) -> None:
    library = FakeLibrary()
    async with scene_with(library, tmp_path) as scene:
        assert (await sent(scene, TEXT, "a.md", VIEWER)).text.startswith("I take documents from admins only.")
        scene.access.allow_group(GROUP, "Team", ADMIN)
        scene.sandbox.send_document(ADMIN, GROUP, TEXT, "a.md")
        await scene.silence()
        assert scene.texts(GROUP) == []
        name = scene.sandbox.bot.username
        scene.sandbox.send_document(ADMIN, GROUP, TEXT, "a.md", caption=f"@{name} learn this")
        await scene.until(lambda: scene.texts(GROUP))
        assert scene.texts(GROUP) == ["Please send me documents in our private chat."]
        assert waiting(scene) == []
    async with scene_with(None, tmp_path) as scene:
        assert "cannot take documents here" in (await sent(scene, TEXT, "a.md")).text


async def test_admins_are_told_that_documents_can_be_sent(tmp_path: Path) -> None:
    async with scene_with(FakeLibrary(), tmp_path) as scene:
        assert "Send me a document" in (await scene.say("/help", ADMIN)).text
        assert "Send me a document" not in (await scene.say("/help", VIEWER)).text


async def test_a_tap_of_somebody_who_is_no_admin_any_more_does_nothing(tmp_path: Path) -> None:
    library = FakeLibrary()
    async with scene_with(library, tmp_path) as scene:
        scene.access.set_role(VIEWER, "admin")
        preview = await sent(scene, TEXT, "a.md", VIEWER)
        scene.access.set_role(VIEWER, "viewer")
        answer = await scene.pressed(preview, "Learn it: everyone", VIEWER)
        assert answer["text"] == "Only admins may do this."
        await asyncio.sleep(0.2)
        assert library.sent == []


async def test_a_fetch_that_fails_is_tried_again(tmp_path: Path) -> None:
    async with scene_with(FakeLibrary(), tmp_path) as scene:
        scene.sandbox.fail("getFile", 502)
        assert buttons(await sent(scene, TEXT, "a.md")) == CHOICES
        scene.sandbox.fail("getFile", 400, description="Bad Request: wrong file_id")
        assert (
            await sent(scene, TEXT, "b.md")
        ).text == "Telegram does not give me this document. Please send it again."
