"""Run as a process of its own by the restart tests: URL, token, folder, and `hang` or `answer`."""

from __future__ import annotations

import asyncio
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import SecretStr

from bot.settings import Settings
from bot.telegram.application import build_application
from bot.telegram.service import run_polling
from tests.e2e.telegram_scene import ScriptedAssistant, echo_tool, ground_on
from tools.state import connect

if TYPE_CHECKING:
    from bot.reply import Progress, Question, Reply


class HangingAssistant(ScriptedAssistant):
    def ask(self, question: Question, progress: Progress | None = None) -> Reply:
        time.sleep(60)
        return super().ask(question, progress)


async def main(url: str, token: str, folder: str, behaviour: str) -> None:
    settings = Settings(_env_file=None, home=Path(folder), telegram_token=SecretStr(token), shutdown_grace_s=5)
    assistant = HangingAssistant() if behaviour == "hang" else ScriptedAssistant()
    state = connect(settings.resolved_state_url)

    def clock() -> datetime:
        return datetime.now(UTC)

    ground = ground_on(state, clock, settings)
    await run_polling(
        build_application(settings, assistant, state, clock, tools=(echo_tool(),), ground=ground, api_url=url)
    )


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:5]))
