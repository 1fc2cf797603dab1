"""Digests and alerts: subscriptions, monitors, incidents, what is sent, and when each chore last ran."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "contents",
        sa.Column("key", sa.String(64), primary_key=True),
        sa.Column("wish", sa.String(64), nullable=False, index=True),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("kept_at", sa.DateTime(), nullable=False, index=True),
    )
    op.create_table(
        "subscriptions",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("topic_id", sa.BigInteger()),
        sa.Column("user_id", sa.String(64), nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("definition", sa.JSON(), nullable=False),
        sa.Column("told", sa.Date(), nullable=False),
        sa.Column("next_at", sa.DateTime()),
        sa.Column("paused_at", sa.DateTime()),
        sa.Column("ended_at", sa.DateTime()),
        sa.Column("reason", sa.String(300), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
    )
    op.create_index("ix_subscriptions_chat", "subscriptions", ["chat_id", "topic_id"])
    op.create_index("ix_subscriptions_next", "subscriptions", ["next_at"])
    op.create_table(
        "monitors",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("topic_id", sa.BigInteger()),
        sa.Column("user_id", sa.String(64), nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("definition", sa.JSON(), nullable=False),
        sa.Column("shipped", sa.String(64), nullable=False),
        sa.Column("checked", sa.DateTime()),
        sa.Column("checked_at", sa.DateTime()),
        sa.Column("seen", sa.JSON(), nullable=False),
        sa.Column("trouble", sa.String(300), nullable=False),
        sa.Column("paused_at", sa.DateTime()),
        sa.Column("removed_at", sa.DateTime()),
        sa.Column("created_at", sa.DateTime(), nullable=False),
    )
    op.create_index("ix_monitors_chat", "monitors", ["chat_id", "topic_id"])
    op.create_table(
        "monitor_marks",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("monitor_id", sa.Integer(), nullable=False, index=True),
        sa.Column("path", sa.JSON(), nullable=False),
        sa.Column("first", sa.DateTime(), nullable=False),
        sa.Column("last", sa.DateTime(), nullable=False),
        sa.Column("side", sa.Integer(), nullable=False),
        sa.Column("by", sa.String(200), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
    )
    op.create_table(
        "incidents",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("monitor_id", sa.Integer(), nullable=False),
        sa.Column("fingerprint", sa.String(16), nullable=False),
        sa.Column("metric", sa.String(64), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("opened_at", sa.DateTime(), nullable=False, index=True),
        sa.Column("resolved_at", sa.DateTime()),
        sa.Column("incident", sa.JSON(), nullable=False),
        sa.Column("definition", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
    )
    op.create_index("ix_incidents_monitor", "incidents", ["monitor_id", "state"])
    op.create_table(
        "incident_messages",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("incident_id", sa.Integer(), nullable=False, index=True),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("photo", sa.Boolean(), nullable=False),
        sa.Column("sent_at", sa.DateTime(), nullable=False),
        sa.UniqueConstraint("chat_id", "message_id"),
    )
    op.create_table(
        "silences",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("topic_id", sa.BigInteger()),
        sa.Column("incident_id", sa.Integer()),
        sa.Column("fingerprint", sa.String(16)),
        sa.Column("metric", sa.String(64)),
        sa.Column("where", sa.JSON(), nullable=False),
        sa.Column("by", sa.String(200), nullable=False),
        sa.Column("since", sa.DateTime(), nullable=False),
        sa.Column("until", sa.DateTime(), nullable=False, index=True),
        sa.Column("ended_at", sa.DateTime()),
    )
    op.create_index("ix_silences_chat", "silences", ["chat_id", "topic_id"])
    op.create_table(
        "runs",
        sa.Column("chore", sa.String(64), primary_key=True),
        sa.Column("started_at", sa.DateTime(), nullable=False),
        sa.Column("ended_at", sa.DateTime()),
        sa.Column("good", sa.Boolean()),
        sa.Column("words", sa.String(500), nullable=False),
        sa.Column("good_at", sa.DateTime()),
    )


def downgrade() -> None:
    tables = (
        "runs", "silences", "incident_messages", "incidents", "monitor_marks", "monitors", "subscriptions", "contents",
    )  # fmt: skip
    for table in tables:
        op.drop_table(table)
