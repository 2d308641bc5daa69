"""Send budgets, and the bodies that went to many in one call"""

import sqlalchemy as sa
from alembic import op

from lianbot.storage import columns

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "send_budgets",
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("api", sa.String(length=40), nullable=False),
        sa.Column("period", sa.String(length=10), nullable=False),
        sa.Column("starts", columns.UtcDateTime(timezone=True), nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("channel", "api", "period", name=op.f("pk_send_budgets")),
    )
    op.create_table(
        "shared_bodies",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", columns.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shared_bodies")),
    )
    op.add_column("deliveries", sa.Column("shared_body", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    op.drop_column("deliveries", "shared_body")
    op.drop_table("shared_bodies")
    op.drop_table("send_budgets")
