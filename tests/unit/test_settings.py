"""`.env.example` and the settings class name the same settings with the same defaults."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import ValidationError

from bot.settings import Settings

EXAMPLE = Path(__file__).parents[2] / ".env.example"
LINE = re.compile(r"^(MARKETBOT_[A-Z_]+)=(.*)$")


def example_lines() -> dict[str, str]:
    matches = (LINE.match(line) for line in EXAMPLE.read_text(encoding="utf-8").splitlines())
    return {match[1]: match[2] for match in matches if match}


@pytest.fixture
def clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"MARKETBOT_{name.upper()}", raising=False)
    monkeypatch.chdir(tmp_path)
    return monkeypatch


def test_the_example_lists_every_setting_and_no_other() -> None:
    assert set(example_lines()) == {f"MARKETBOT_{name.upper()}" for name in Settings.model_fields}


def test_every_setting_in_the_example_has_a_comment() -> None:
    before = ""
    for line in EXAMPLE.read_text(encoding="utf-8").splitlines():
        if LINE.match(line):
            assert before.startswith("#") or LINE.match(before), line
        before = line


def test_every_setting_says_what_it_is() -> None:
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []


def test_the_example_as_it_stands_gives_the_defaults(clean: pytest.MonkeyPatch) -> None:
    assert Settings(_env_file=EXAMPLE) == Settings(_env_file=None)


def test_the_environment_is_read_with_a_prefix(clean: pytest.MonkeyPatch) -> None:
    clean.setenv("MARKETBOT_LANGUAGE", "zh")
    clean.setenv("LANGUAGE", "de_DE:de")
    assert Settings(_env_file=None).language == "zh"


def test_the_token_does_not_show_in_the_representation(clean: pytest.MonkeyPatch) -> None:
    clean.setenv("MARKETBOT_TELEGRAM_TOKEN", "123456:ABC-secret")
    settings = Settings(_env_file=None)
    assert "ABC-secret" not in repr(settings)
    assert settings.telegram_token is not None


def test_an_unknown_timezone_is_refused(clean: pytest.MonkeyPatch) -> None:
    clean.setenv("MARKETBOT_TIMEZONE", "Mars/Olympus")
    with pytest.raises(ValidationError, match="Mars/Olympus"):
        Settings(_env_file=None)
