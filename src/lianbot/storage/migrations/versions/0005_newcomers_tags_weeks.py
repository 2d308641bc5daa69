"""Newcomers without a stated day of entry, tags, and weeks of a term edited for one post."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("workers", sa.Column("enrolled", sa.Date(), nullable=True))
    op.add_column("workers", sa.Column("tags", sa.JSON(), server_default="[]", nullable=False))
    op.add_column(
        "campaigns", sa.Column("edited_weeks", sa.JSON(), server_default="[]", nullable=False)
    )


def downgrade() -> None:
    op.drop_column("campaigns", "edited_weeks")
    op.drop_column("workers", "tags")
    op.drop_column("workers", "enrolled")
