"""Forecasts as they were told."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "forecasts",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("store", sa.String(200), nullable=False),
        sa.Column("version", sa.String(200), nullable=False),
        sa.Column("question", sa.String(64), nullable=False),
        sa.Column("metric", sa.String(200), nullable=False),
        sa.Column("filters", sa.Text(), nullable=False),
        sa.Column("grain", sa.String(8), nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("data_end", sa.Date(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        *_figures(),
        sa.UniqueConstraint("store", "question", "made_on"),
    )
    op.create_table(
        "forecast_steps",
        sa.Column("forecast_id", sa.Integer(), sa.ForeignKey("forecasts.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("starts_on", sa.Date(), primary_key=True),
        sa.Column("ends_on", sa.Date(), nullable=False),
        *_figures(),
    )


def downgrade() -> None:
    op.drop_table("forecast_steps")
    op.drop_table("forecasts")


def _figures() -> list[sa.Column[float]]:
    return [
        sa.Column(name, sa.Float(), nullable=False) for name in ("expected", "low_80", "high_80", "low_95", "high_95")
    ]
