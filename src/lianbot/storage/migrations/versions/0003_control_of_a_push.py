"""Stages, additions and corrections, decisions about lost answers, and recalls."""

import sqlalchemy as sa
from alembic import op

from lianbot.storage import columns

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("campaigns", sa.Column("stages", sa.JSON(), server_default="[]", nullable=False))
    op.add_column("occurrences", sa.Column("amends", sa.Uuid(), nullable=True))
    op.create_index(op.f("ix_occurrences_amends"), "occurrences", ["amends"], unique=False)
    op.create_table(
        "amendments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("amends", sa.Uuid(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("asked_at", columns.UtcDateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.Column("audience", sa.JSON(), nullable=True),
        sa.Column("beyond", sa.Boolean(), nullable=False),
        sa.Column("notice", sa.String(length=64), nullable=True),
        sa.Column("corrects", sa.String(length=64), nullable=True),
        sa.Column("material", sa.Boolean(), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", columns.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["amends"], ["occurrences.id"], name=op.f("fk_amendments_amends")),
        sa.ForeignKeyConstraint(
            ["asked_by"], ["accounts.id"], name=op.f("fk_amendments_asked_by")
        ),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=op.f("fk_amendments_campaign_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_amendments")),
    )
    op.create_index(op.f("ix_amendments_amends"), "amendments", ["amends"], unique=False)
    op.create_index(op.f("ix_amendments_state"), "amendments", ["state"], unique=False)
    op.create_table(
        "rollouts",
        sa.Column("occurrence_id", sa.Uuid(), nullable=False),
        sa.Column("stages", sa.JSON(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("stage", sa.SmallInteger(), nullable=False),
        sa.Column("let_go", sa.Integer(), nullable=False),
        sa.Column("poured", sa.Integer(), nullable=False),
        sa.Column("forgiven", sa.Integer(), nullable=False),
        sa.Column("released_at", columns.UtcDateTime(timezone=True), nullable=True),
        sa.Column("done", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["occurrence_id"], ["occurrences.id"], name=op.f("fk_rollouts_occurrence_id")
        ),
        sa.PrimaryKeyConstraint("occurrence_id", name=op.f("pk_rollouts")),
    )
    op.create_index(op.f("ix_rollouts_done"), "rollouts", ["done"], unique=False)
    op.create_table(
        "unknown_decisions",
        sa.Column(
            "delivery_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("attempts", sa.SmallInteger(), nullable=False),
        sa.Column("choice", sa.String(length=10), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=False),
        sa.Column("decided_at", columns.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["accounts.id"], name=op.f("fk_unknown_decisions_decided_by")
        ),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["deliveries.id"], name=op.f("fk_unknown_decisions_delivery_id")
        ),
        sa.PrimaryKeyConstraint("delivery_id", "attempts", name=op.f("pk_unknown_decisions")),
    )
    op.create_index(
        op.f("ix_unknown_decisions_choice"), "unknown_decisions", ["choice"], unique=False
    )
    op.create_table(
        "recalls",
        sa.Column(
            "delivery_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("occurrence_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("errcode", sa.Integer(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("asked_at", columns.UtcDateTime(timezone=True), nullable=False),
        sa.Column("claimed_until", columns.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["asked_by"], ["accounts.id"], name=op.f("fk_recalls_asked_by")),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["deliveries.id"], name=op.f("fk_recalls_delivery_id")
        ),
        sa.ForeignKeyConstraint(
            ["occurrence_id"], ["occurrences.id"], name=op.f("fk_recalls_occurrence_id")
        ),
        sa.PrimaryKeyConstraint("delivery_id", name=op.f("pk_recalls")),
    )
    op.create_index(op.f("ix_recalls_occurrence_id"), "recalls", ["occurrence_id"], unique=False)
    op.create_index(op.f("ix_recalls_state"), "recalls", ["state"], unique=False)


def downgrade() -> None:
    for table in ("recalls", "unknown_decisions", "rollouts", "amendments"):
        op.drop_table(table)
    op.drop_index(op.f("ix_occurrences_amends"), table_name="occurrences")
    op.drop_column("occurrences", "amends")
    op.drop_column("campaigns", "stages")
