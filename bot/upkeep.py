"""What the bot does by the clock, and how it tells whether it does: made from the settings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.health import Health, ProcessHealth, Tally, Vitals
from bot.settings import NEVER, Settings
from jobs.chores import Source, Timetable

if TYPE_CHECKING:
    from jobs.scheduler import Scheduler

HELD_FOR = timedelta(seconds=60)
LOOK_EVERY_S = 20.0


@dataclass(frozen=True)
class Upkeep:
    """The running bot's share: chores and health."""

    scheduler: Scheduler
    vitals: Vitals
    tally: Tally

    def examined(self) -> Health:
        """The health, this process included. Blocking."""
        return self.vitals.examined(ProcessHealth(self.tally.since, self.tally.replies, self.scheduler.acting))


def timetable(settings: Settings) -> Timetable:
    """When chores run, as the settings say it."""

    def at(written: str) -> str | None:
        return None if written == NEVER else written

    return Timetable(
        timezone=settings.timezone,
        checked=settings.check_at,
        trained=at(settings.train_at),
        backed_up=at(settings.backup_at),
        backups=settings.backups_path,
        backups_kept=settings.backups_kept,
        grace=timedelta(minutes=settings.digest_grace_minutes),
        imported=at(settings.import_at),
        source=source_of(settings),
    )


def source_of(settings: Settings) -> Source | None:
    """What is imported again and again; None where the settings name nothing, or a store that is not marketbot's."""
    given = tuple(each.strip() for each in settings.import_sources.split(",") if each.strip())
    if settings.import_mapping is None or not given or settings.warehouse_url:
        return None
    return Source(settings.import_mapping, given, settings.warehouse_path)
