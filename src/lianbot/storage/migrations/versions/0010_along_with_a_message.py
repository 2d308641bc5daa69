"""Where workers read, what goes along with a message, codes for greying a card answered another way."""

import sqlalchemy as sa
from alembic import op

from lianbot.storage import columns

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "enclosures",
        sa.Column(
            "delivery_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("at", columns.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["deliveries.id"], name=op.f("fk_enclosures_delivery_id")
        ),
        sa.PrimaryKeyConstraint("delivery_id", "kind", name=op.f("pk_enclosures")),
    )
    op.create_table(
        "card_codes",
        sa.Column(
            "delivery_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("until", columns.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["deliveries.id"], name=op.f("fk_card_codes_delivery_id")
        ),
        sa.PrimaryKeyConstraint("delivery_id", name=op.f("pk_card_codes")),
    )
    op.add_column(
        "bindings",
        sa.Column("client_by_hand", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )
    op.add_column(
        "campaigns", sa.Column("enclose", sa.JSON(), server_default="[]", nullable=False)
    )


def downgrade() -> None:
    op.drop_column("campaigns", "enclose")
    op.drop_column("bindings", "client_by_hand")
    op.drop_table("card_codes")
    op.drop_table("enclosures")
