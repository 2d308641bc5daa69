"""Sums over old occurrences; the first round after the upgrade fills them."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

MEASURES = (
    "total",
    "planned",
    "skipped",
    "deferred",
    "handing_over",
    "accepted",
    "refused",
    "unknown",
    "platform_failed",
    "opened",
    "understood",
    "not_understood",
    "disagree",
    "cannot",
    "ask_someone",
    "spoken",
    "first_asked",
    "first_right",
    "told_otherwise",
)


def _sums() -> list[sa.Column[int]]:
    return [
        sa.Column(name, sa.BigInteger(), nullable=False, server_default="0") for name in MEASURES
    ]


def upgrade() -> None:
    op.create_table(
        "rolled_occurrences",
        sa.Column("occurrence_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        *_sums(),
        sa.ForeignKeyConstraint(
            ["occurrence_id"],
            ["occurrences.id"],
            name=op.f("fk_rolled_occurrences_occurrence_id_occurrences"),
        ),
        sa.PrimaryKeyConstraint("occurrence_id", name=op.f("pk_rolled_occurrences")),
    )
    op.create_table(
        "rolled_counters",
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.Column("post", sa.String(10), nullable=False),
        sa.Column("topic", sa.String(40), nullable=False),
        *_sums(),
        sa.PrimaryKeyConstraint(
            "kind", "team_id", "post", "topic", name=op.f("pk_rolled_counters")
        ),
    )


def downgrade() -> None:
    op.drop_table("rolled_counters")
    op.drop_table("rolled_occurrences")
