"""One process of the bot for `fanout`, which fetches no updates: two could not. It sends, and answers nothing."""

from __future__ import annotations

import asyncio
import signal
import sys
from pathlib import Path

from bot.bootstrap import Parts
from bot.settings import Settings
from bot.telegram.service import running


def work(home: Path, url: str, token: str) -> None:
    """Until SIGTERM."""
    parts = Parts(Settings(home=home, _env_file=None))  # type: ignore[call-arg]
    # Nobody asks anything here, and what answers takes seconds to load.
    parts.__dict__["assistant"] = None

    async def at_work() -> None:
        application = parts.application(api_url=url, token=token)
        stop = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
        async with running(application):
            await stop.wait()

    asyncio.run(at_work())


if __name__ == "__main__":
    work(Path(sys.argv[1]), *sys.argv[2:])
