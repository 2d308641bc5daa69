"""The rectification ledger, proposals for lessons, and the officer's weekly duties."""

import sqlalchemy as sa
from alembic import op

from lianbot.storage import columns

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

BIG_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "rectifications",
        sa.Column("number", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("measure", sa.Text(), nullable=False),
        sa.Column("source", sa.String(length=12), nullable=False),
        sa.Column("unit", sa.String(length=120), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("owner", sa.Uuid(), nullable=True),
        sa.Column("verifier", sa.Uuid(), nullable=True),
        sa.Column("due", sa.Date(), nullable=True),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("done_by", sa.Uuid(), nullable=True),
        sa.Column("raised_by", sa.Uuid(), nullable=False),
        sa.Column("raised_on", sa.Date(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("reopened", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "owner IS NULL OR verifier IS NULL OR owner <> verifier",
            name=op.f("ck_rectifications_two_people"),
        ),
        *(
            sa.ForeignKeyConstraint(
                [name], ["accounts.id"], name=op.f(f"fk_rectifications_{name}_accounts")
            )
            for name in ("owner", "verifier", "done_by", "raised_by")
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_rectifications")),
    )
    op.create_index(op.f("ix_rectifications_state_due"), "rectifications", ["state", "due"])
    op.create_table(
        "rectification_steps",
        sa.Column("id", BIG_KEY, autoincrement=True, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", columns.UtcDateTime(timezone=True), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("act", sa.String(length=20), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["number"],
            ["rectifications.number"],
            name=op.f("fk_rectification_steps_number_rectifications"),
        ),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["accounts.id"],
            name=op.f("fk_rectification_steps_account_id_accounts"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rectification_steps")),
    )
    op.create_index(op.f("ix_rectification_steps_number"), "rectification_steps", ["number"])
    op.create_table(
        "proposals",
        sa.Column("id", BIG_KEY, autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("worker_id", sa.Uuid(), nullable=True),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("mark", sa.LargeBinary(length=16), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("closed_by", sa.Uuid(), nullable=True),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["worker_id"], ["workers.id"], name=op.f("fk_proposals_worker_id_workers")
        ),
        sa.ForeignKeyConstraint(
            ["closed_by"], ["accounts.id"], name=op.f("fk_proposals_closed_by_accounts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposals")),
        sa.UniqueConstraint("mark", name=op.f("uq_proposals_mark")),
    )
    op.create_index(op.f("ix_proposals_closed_on"), "proposals", ["closed_on"])
    op.create_table(
        "duties",
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("week", sa.String(length=8), nullable=False),
        sa.Column("who", sa.String(length=36), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("begun_at", columns.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("kind", "week", "who", name=op.f("pk_duties")),
    )


def downgrade() -> None:
    op.drop_table("duties")
    op.drop_index(op.f("ix_proposals_closed_on"), table_name="proposals")
    op.drop_table("proposals")
    op.drop_index(op.f("ix_rectification_steps_number"), table_name="rectification_steps")
    op.drop_table("rectification_steps")
    op.drop_index(op.f("ix_rectifications_state_due"), table_name="rectifications")
    op.drop_table("rectifications")
