"""Dialogues that a restart does not forget."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "dialogues",
        sa.Column("conversation", sa.String(100), primary_key=True),
        sa.Column("format", sa.String(20), nullable=False),
        sa.Column("checkpoint", sa.LargeBinary(), nullable=False),
        sa.Column("details", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False, index=True),
    )
    op.create_table(
        "answered_messages",
        sa.Column("chat_id", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("message_id", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("asked_in", sa.BigInteger(), nullable=True),
        sa.Column("conversation", sa.String(100), nullable=False),
        sa.Column("headline", sa.String(300), nullable=False),
        sa.Column("shown", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False, index=True),
    )
    op.create_index("ix_answered_messages_conversation", "answered_messages", ["conversation", "at"])
    op.create_table(
        "taught_words",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("key", sa.String(240), nullable=False, unique=True),
        sa.Column("word", sa.String(60), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("meant_values", sa.JSON(), nullable=False),
        sa.Column("taught_by", sa.String(64), nullable=False),
        sa.Column("taught_at", sa.DateTime(), nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "reviews",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False, index=True),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("shown", sa.JSON(), nullable=False),
        sa.Column("headline", sa.Text(), nullable=False),
        sa.Column("reason", sa.String(20), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("note_until", sa.DateTime(), nullable=True),
        sa.Column("verdict", sa.String(20), nullable=False, index=True),
        sa.Column("judged_by", sa.String(64), nullable=False),
        sa.Column("judged_at", sa.DateTime(), nullable=True),
        sa.UniqueConstraint("chat_id", "message_id", "user_id"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "model_use",
        sa.Column("user_id", sa.String(64), primary_key=True),
        sa.Column("day", sa.Date(), primary_key=True),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.Column("tokens_in", sa.BigInteger(), nullable=False),
        sa.Column("tokens_out", sa.BigInteger(), nullable=False),
        sa.Column("cost", sa.Float(), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("model_use")
    op.drop_table("reviews")
    op.drop_table("taught_words")
    op.drop_table("answered_messages")
    op.drop_table("dialogues")
