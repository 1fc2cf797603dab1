"""The settings of the language model: what the command line and the doctor say, and that the key stays secret."""

from __future__ import annotations

import io
import logging
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from pydantic import SecretStr

from bot.bootstrap import Parts
from bot.cli import main
from bot.doctor import Finding, examine
from bot.log import set_up_logging
from bot.settings import Settings
from tests.unit.calendar_store import calendar_context
from tests.unit.model_server import ModelServer, Said, fails, says

pytestmark = pytest.mark.xdist_group("openai")

KEY = "a-key-of-no-usual-form"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("home")
    calendar_context(folder / "warehouse.duckdb", {"Germany": 5.0}).warehouse.close()
    return folder


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with ModelServer() as server:
        yield server


@pytest.fixture
def clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[pytest.MonkeyPatch]:
    """No settings but the test's; commands set up the log, which is put back."""
    for name in Settings.model_fields:
        monkeypatch.delenv(f"MARKETBOT_{name.upper()}", raising=False)
    monkeypatch.chdir(tmp_path)
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield monkeypatch
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def found(home: Path, **settings: object) -> list[Finding]:
    parts = Parts(Settings(_env_file=None, home=home, **settings))  # type: ignore[arg-type]
    findings = [
        finding for finding in examine(parts) if "language model" in finding.what or "langchain" in finding.what
    ]
    parts.warehouse.close()
    return findings


def model(server: ModelServer, **more: object) -> dict[str, object]:
    return {"model": "openai:scripted", "model_url": server.url, "model_key": SecretStr(KEY), **more}


def test_without_a_model_the_doctor_is_content(home: Path, clean: pytest.MonkeyPatch) -> None:
    assert [finding.level for finding in found(home)] == ["ok"]


@pytest.mark.parametrize(("reads", "shown"), [("open", "everyone may read"), ("all", "any document")])
def test_the_doctor_says_where_the_model_is_and_what_it_is_shown(
    home: Path, clean: pytest.MonkeyPatch, server: ModelServer, reads: str, shown: str
) -> None:
    server.say = says("")
    finding, use = found(home, **model(server, model_reads=reads))
    assert finding.level == "ok"
    assert server.url in finding.what
    assert shown in finding.what
    assert [path for path, _headers, _body in server.sent] == ["/v1/models"]
    assert "asked 0 times today" in use.what
    assert KEY not in finding.what


@pytest.mark.parametrize(("say", "what"), [(fails(401), "refuses the key"), (fails(500), "status 500")])
def test_the_doctor_names_a_model_that_refuses(
    home: Path, clean: pytest.MonkeyPatch, server: ModelServer, say: Said, what: str
) -> None:
    server.say = say
    (finding,) = found(home, **model(server))
    assert finding.level == "error"
    assert what in finding.what
    assert "MARKETBOT_MODEL" in finding.mend


def test_the_doctor_names_a_model_that_is_not_there(home: Path, clean: pytest.MonkeyPatch) -> None:
    (finding,) = found(home, model="openai:x", model_url="http://127.0.0.1:9/v1")
    assert finding.level == "error"
    assert "cannot be reached at http://127.0.0.1:9/v1" in finding.what


def test_without_its_package_a_model_is_a_finding_and_ends_a_question(
    home: Path, clean: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    clean.setitem(sys.modules, "langchain_openai", None)
    (finding,) = found(home, model="openai:x", model_key=SecretStr(KEY))
    assert finding.level == "error"
    assert "pip install 'marketbot[openai]'" in finding.mend
    clean.setenv("MARKETBOT_MODEL", "openai:x")
    with pytest.raises(SystemExit) as ended:
        main(["--home", str(home), "ask", "net sales this month"])
    assert ended.value.code == 2
    assert "marketbot[openai]" in capsys.readouterr().err


def test_the_client_is_not_loaded_before_it_is_needed(home: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from bot.bootstrap import Parts; from bot.settings import Settings\n"
        "parts = Parts(Settings(_env_file=None, home=Path(sys.argv[1]), model='openai:x'))\n"
        "assert parts.assistant and parts.writer\n"
        "assert not [name for name in sys.modules if name.split('.')[0] in ('openai', 'langchain_openai')]"
    )
    subprocess.run([sys.executable, "-c", code, str(home)], check=True, timeout=120)


def test_the_key_is_never_written(clean: pytest.MonkeyPatch) -> None:
    clean.setenv("MARKETBOT_MODEL_KEY", KEY)
    clean.setenv("MARKETBOT_TELEGRAM_TOKEN", "123456:ABC")
    settings = Settings(_env_file=None)
    assert KEY not in repr(settings)
    assert settings.secrets == ["123456:ABC", KEY]
    stream = io.StringIO()
    set_up_logging("DEBUG", "json", secrets=settings.secrets, stream=stream)
    structlog.get_logger("a").warning("refused", error=f"Incorrect API key provided: {KEY}")
    logging.getLogger("openai._base_client").debug("Request options: %s", {"json_data": "a passage"})
    assert "Incorrect API key" in stream.getvalue()
    assert KEY not in stream.getvalue()
    assert "a passage" not in stream.getvalue()


def test_a_wrong_address_is_refused(clean: pytest.MonkeyPatch) -> None:
    clean.setenv("MARKETBOT_MODEL_URL", "localhost:8000")
    with pytest.raises(ValueError, match="localhost:8000"):
        Settings(_env_file=None)
