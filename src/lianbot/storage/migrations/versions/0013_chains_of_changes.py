"""Additions and corrections are approved by the chain of the campaign that they amend."""

import sqlalchemy as sa
from alembic import op

from lianbot.storage import columns

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "amendments", sa.Column("steps", sa.SmallInteger(), server_default="1", nullable=False)
    )
    op.create_table(
        "amendment_approvals",
        sa.Column("amendment_id", sa.Uuid(), nullable=False),
        sa.Column("step", sa.SmallInteger(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("at", columns.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_amendment_approvals_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["amendment_id"], ["amendments.id"], name=op.f("fk_amendment_approvals_amendment_id")
        ),
        sa.PrimaryKeyConstraint("amendment_id", "step", name=op.f("pk_amendment_approvals")),
        sa.UniqueConstraint(
            "amendment_id",
            "account_id",
            name=op.f("uq_amendment_approvals_amendment_id_account_id"),
        ),
    )
    # who decided before there were chains was the one step there was; what still waits follows its campaign's chain
    op.execute(
        "INSERT INTO amendment_approvals (amendment_id, step, account_id, at)"
        " SELECT id, 0, decided_by, decided_at FROM amendments"
        " WHERE state = 'approved' AND decided_by IS NOT NULL"
    )
    op.execute(
        "UPDATE amendments SET steps ="
        " (SELECT campaigns.steps FROM campaigns WHERE campaigns.id = amendments.campaign_id)"
        " WHERE state = 'asked'"
    )


def downgrade() -> None:
    op.drop_table("amendment_approvals")
    op.drop_column("amendments", "steps")
