"""Takes the README's pictures: `python docs/pictures/take.py` asks a fresh demo in headless Chromium.

Names of pictures take those alone. Needs the `dev` extra, Chromium, and a font with emoji (Noto Color Emoji).
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = Path(__file__).parent
PAGE = {"width": 1000, "height": 1080}
PATIENCE_MS = 60_000
SETTLED_MS = 12_000  # a picture follows its text


@dataclass(frozen=True)
class Tap:
    """A button to tap instead of a question."""

    label: str


@dataclass(frozen=True)
class Arrives:
    """Words of a message that comes by itself."""

    words: str


CONVERSATIONS: dict[str, tuple[int, str, list[str | Tap | Arrives]]] = {
    # picture: user, language button, what is asked
    "english.png": (1001, "EN", ["Net sales in Germany last quarter", "Top 5 products by revenue last month"]),
    "chinese.png": (1002, "中文", ["德国上季度的销售额", "今年每季度的销售额"]),
    "customers.png": (1001, "EN", ["Monthly retention"]),
    "forecast.png": (1001, "EN", ["Forecast net sales for the next 4 weeks"]),
    "drivers_zh.png": (1002, "中文", ["为什么德国上季度的销售额下降？"]),
    "knowledge_zh.png": (1002, "中文", ["优惠券疲劳怎么办？"]),
    "digest.png": (1003, "EN", ["Send me the daily digest every morning at 9"]),
    "alert_zh.png": (1002, "中文", ["退货率超过5%时提醒我"]),
    "incident.png": (
        1001,
        "EN",
        ["Alert me when daily net sales fall below 100,000", Tap("✓ Save"), Arrives("nobody has acknowledged")],
    ),
    "dialogue_zh.png": (1002, "中文", ["上个月销售额前3的国家", "第二名的退货率", "那去年同期呢", "差了多少"]),
    "customers_zh.png": (1002, "中文", ["最近90天在德国下过两单及以上的客户", "看一下RFM客户分层"]),
}


def demo(home: str) -> Iterator[str]:
    """The address of a demo that runs until the caller is done with it."""
    command = [sys.executable, "-m", "bot.cli", "--home", home, "demo", "--port", "0"]
    # Figures are checked every minute, so that an alert comes while the pictures are taken.
    env = {**os.environ, "MARKETBOT_CHECK_AT": "* * * * *"}
    with subprocess.Popen(  # noqa: S603 - our own
        command, cwd=FOLDER.parents[1], stdout=subprocess.PIPE, text=True, env=env
    ) as process:
        if process.stdout is None:
            raise RuntimeError("the demo's output is not read")
        yield next(found[0] for line in process.stdout if (found := re.search(r"http://\S+/", line)))
        process.terminate()


def talk(browser: Any, address: str, picture: str) -> None:
    user, language, steps = CONVERSATIONS[picture]
    page = browser.new_context(viewport=PAGE, color_scheme="light").new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.goto(f"{address}#{user}")
    page.get_by_role("button", name=language, exact=True).click()
    answers = page.locator(".theirs:not(.draft) .bubble")
    for step in steps:
        before = answers.count()
        if isinstance(step, Arrives):
            answers.filter(has_text=step.words).last.wait_for(timeout=2 * PATIENCE_MS)
        elif isinstance(step, Tap):
            page.get_by_role("button", name=step.label).last.click()
            answers.nth(before).wait_for()
        else:
            page.locator("#text").fill(step)
            page.keyboard.press("Enter")
            answers.nth(before).wait_for()
        page.wait_for_timeout(SETTLED_MS)
    page.screenshot(path=FOLDER / picture)


def main() -> None:
    with tempfile.TemporaryDirectory() as home, sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for address in demo(home):
            for picture in sys.argv[1:] or CONVERSATIONS:
                talk(browser, address, picture)
        browser.close()


if __name__ == "__main__":
    main()
