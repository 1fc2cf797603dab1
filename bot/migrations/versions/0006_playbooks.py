"""Questions asked of the playbooks, what was shown, and readers' votes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "playbook_questions",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("text", sa.String(300), nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column("passage", sa.String(64), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(), nullable=False, index=True),
    )
    op.create_table(
        "playbook_shown",
        sa.Column("key", sa.String(64), primary_key=True),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.DateTime(), nullable=False),
    )
    op.create_table(
        "playbook_votes",
        sa.Column("user_id", sa.String(64), primary_key=True),
        sa.Column("passage", sa.String(64), primary_key=True, index=True),
        sa.Column("worth", sa.Integer(), nullable=False),
        sa.Column("voted_at", sa.DateTime(), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("playbook_votes")
    op.drop_table("playbook_shown")
    op.drop_table("playbook_questions")
