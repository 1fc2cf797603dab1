"""Kept predictions of who leaves."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "churn_rounds",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("store", sa.String(200), nullable=False),
        sa.Column("version", sa.String(200), nullable=False),
        sa.Column("month", sa.String(7), nullable=False),
        sa.Column("horizon_days", sa.Integer(), nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("method", sa.String(16), nullable=False),
        sa.UniqueConstraint("store", "month", "horizon_days"),
    )
    op.create_table(
        "churn_predictions",
        sa.Column("round_id", sa.Integer(), sa.ForeignKey("churn_rounds.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("customer_id", sa.Text(), primary_key=True),
        sa.Column("probability", sa.Float(), nullable=False),
        sa.Column("value_at_risk", sa.Float(), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("churn_predictions")
    op.drop_table("churn_rounds")
