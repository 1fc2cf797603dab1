"""The one reader of the environment. `.env.example` lists every setting; a test holds the two together."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from pydantic import Field, SecretStr, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

NEVER = "never"


class Settings(BaseSettings):
    """Read from the environment and from `.env` in the working folder; the command line may override.

    In the environment each name has the prefix `MARKETBOT_` (a bare `LANGUAGE` belongs to the system).
    """

    model_config = SettingsConfigDict(
        env_prefix="MARKETBOT_", env_file=".env", env_file_encoding="utf-8", extra="ignore", env_ignore_empty=True
    )

    home: Path = Field(Path("home"), description="Folder that holds all state: warehouse, state, index, logs.")
    warehouse_url: str = Field(
        "", description="Ibis address of the canonical tables, e.g. postgres://…; empty: DuckDB in the home folder."
    )
    state_url: str = Field(
        "", description="SQLAlchemy address of the state database; empty: SQLite in the home folder."
    )
    as_of: Literal["today", "latest"] | date = Field(
        "today", description="What counts as today: a day (2011-12-09), 'latest' (the data's last day), or 'today'."
    )
    telegram_token: SecretStr | None = Field(None, description="Bot token from @BotFather; needed by `marketbot run`.")
    telegram_api_url: str = Field(
        "https://api.telegram.org", description="Bot API server; change it for a server of your own."
    )
    first_admin: int | None = Field(None, description="Telegram user id of the first admin; others come by invitation.")
    webhook_url: str = Field("", description="Public HTTPS address for webhooks; empty: polling.")
    webhook_listen: str = Field("127.0.0.1", description="Local address that receives webhooks from your proxy.")
    webhook_port: int = Field(8443, description="Local port that receives webhooks.")
    webhook_secret: SecretStr | None = Field(
        None, description="Secret that Telegram sends with each webhook call: 1-256 letters, digits, _ and -."
    )
    language: Literal["en", "zh"] = Field("en", description="Language where neither question nor user tells.")
    timezone: str = Field("UTC", description="Timezone in which dates are told, e.g. Europe/London, Asia/Shanghai.")
    embedding_model: str = Field(
        "", description="Model of meaning for documents, by name or path; empty: all-MiniLM-L6-v2 (English only)."
    )
    chroma_url: str = Field(
        "", description="Address of a Chroma server, e.g. http://chroma:8000; empty: vectors in the home folder."
    )
    document_mb: float = Field(50, gt=0, description="Megabytes that a document may have.")
    document_pages: int = Field(2000, ge=1, description="Pages that a document may have.")
    document_seconds: float = Field(120, gt=0, description="Seconds that reading a document may take.")
    document_memory_mb: int = Field(1500, ge=256, description="Megabytes of memory that reading a document may take.")
    model: str = Field(
        "", description="Language model, as provider:name, e.g. openai:gpt-5-mini or ollama:qwen3; empty: none."
    )
    model_url: str = Field(
        "", description="Address of an OpenAI-compatible server, e.g. http://127.0.0.1:8000/v1; empty: the provider's."
    )
    model_key: SecretStr | None = Field(None, description="Key of the language model; your own server may need none.")
    model_timeout_s: float = Field(10, ge=1, description="Seconds that the language model may take for an answer.")
    model_reads: Literal["open", "all"] = Field(
        "open", description="Documents that the language model is shown: those that everyone may read, or all."
    )
    model_plans: Literal["always", "unsure", "never"] = Field(
        "unsure", description="When the language model chooses what is computed; unsure: where grammar finds no plan."
    )
    model_rows: int = Field(0, ge=0, le=100, description="Rows of an answer's table that the language model is shown.")
    model_personal: bool = Field(
        False, description="Whether customers' ids and personal columns may reach the language model."
    )
    model_daily_tokens: int = Field(
        200_000, ge=0, description="Tokens of the language model for each user and day; 0: as many as they like."
    )
    model_daily_cost: float = Field(
        0, ge=0, description="Cost of the language model for each user and day, by the prices below; 0: any."
    )
    model_price_in: float = Field(0, ge=0, description="Price of a million tokens sent.")
    model_price_out: float = Field(0, ge=0, description="Price of a million tokens received.")
    alert_chat: int | None = Field(
        None, description="Id of the chat that is told when the core figures go wrong; a group's begins with a minus."
    )
    on_call: str = Field(
        "", description="Who is told of incidents that nobody acknowledges, a week each: Ann:1001, Ben:1002 (user ids)."
    )
    on_call_start: date = Field(date(2026, 1, 5), description="Day on which the first person's first week begins.")
    on_call_handover: str = Field("09:00", description="Local time at which the next person takes over.")
    on_call_hours: str = Field(
        "", description="Local hours in which somebody is on call, e.g. mon-fri 09:00-18:00; empty: always."
    )
    escalate_after_minutes: str = Field(
        "15, 30", description="Minutes without acknowledgement until who is on call is told, then the next person, …"
    )
    digest_grace_minutes: float = Field(
        180, gt=0, description="Minutes that a digest may be late, after a standstill, and still be sent."
    )
    check_at: str = Field(
        "20 * * * *", description="When daily figures are checked for what is unusual, as five cron fields."
    )
    import_mapping: Path | None = Field(
        None, description="Mapping (YAML) by which the store is imported again and again; empty: it is not."
    )
    import_sources: str = Field(
        "", description="What is imported again: files, folders, patterns or database addresses, with commas between."
    )
    import_at: str = Field("15 2 * * *", description="When it is imported again, as five cron fields; never: never.")
    train_at: str = Field(
        "0 4 * * *", description="When models are fitted and forecasts kept, as five cron fields; never: never."
    )
    backup_at: str = Field(
        "30 3 * * *", description="When the state database is backed up, as five cron fields; never: never."
    )
    backup_folder: Path | None = Field(None, description="Folder of the backups; empty: backups in the home folder.")
    backups_kept: int = Field(14, ge=1, description="Backups that are kept.")
    health_port: int | None = Field(
        None, ge=0, le=65535, description="Port on 127.0.0.1 that tells of health (/healthz, /metrics); empty: none."
    )
    sandbox_port: int = Field(8765, description="Port of the sandbox page on 127.0.0.1.")
    workers: int = Field(4, ge=1, description="Questions worked on at the same time.")
    question_deadline_s: float = Field(30, gt=0, description="Seconds after which a tool's query is interrupted.")
    queue_limit: int = Field(20, ge=1, description="Messages that may wait in one chat before the bot says it is busy.")
    shutdown_grace_s: float = Field(
        20, ge=0, description="Seconds that answers in progress get to finish when the bot is stopped."
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="Least level logged.")
    log_format: Literal["console", "json"] = Field("console", description="How log lines look.")

    @field_validator("timezone")
    @classmethod
    def _known_timezone(cls, value: str) -> str:
        if value not in available_timezones():
            raise ValueError(f"unknown timezone {value!r}; write it as in Europe/London, Asia/Shanghai or UTC")
        return value

    @field_validator("chroma_url", "model_url")
    @classmethod
    def _http_address(cls, value: str) -> str:
        address = urlsplit(value)
        if value and (address.scheme not in ("http", "https") or not address.hostname):
            raise ValueError(f"{value!r} is no address; write it as in http://127.0.0.1:8000")
        return value

    @field_validator("on_call", "on_call_hours", "on_call_handover", "escalate_after_minutes")
    @classmethod
    def _readable(cls, value: str, info: ValidationInfo) -> str:
        # Here, so that a cold start does without the incidents' rules where no setting needs them.
        if value:
            from bot.on_call import READERS

            READERS[str(info.field_name)](value)
        return value

    @field_validator("check_at", "import_at", "train_at", "backup_at")
    @classmethod
    def _time(cls, value: str, info: ValidationInfo) -> str:
        name = str(info.field_name)
        if value != cls.model_fields[name].default and (value != NEVER or name == "check_at"):
            from jobs.cron import cron

            cron(value)
        return value

    @property
    def secrets(self) -> list[str]:
        """What must never be written anywhere."""
        given = (self.telegram_token, self.webhook_secret, self.model_key)
        return [secret.get_secret_value() for secret in given if secret is not None]

    @property
    def index_path(self) -> Path:
        return self.home / "index"

    @property
    def backups_path(self) -> Path:
        return self.backup_folder or self.home / "backups"

    @property
    def warehouse_path(self) -> Path:
        return self.home / "warehouse.duckdb"

    @property
    def resolved_warehouse_url(self) -> str:
        return self.warehouse_url or f"duckdb://{self.warehouse_path}"

    @property
    def resolved_state_url(self) -> str:
        return self.state_url or f"sqlite:///{self.home / 'state.sqlite3'}"
