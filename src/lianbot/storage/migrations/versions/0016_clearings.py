"""What was decided never to leave is held back by one row at once and skipped in short transactions afterwards."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "clearings",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("occurrence_id", sa.Uuid(), nullable=False),
        sa.Column("edition", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("amendment_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["amendment_id"], ["amendments.id"], name=op.f("fk_clearings_amendment_id")
        ),
        sa.ForeignKeyConstraint(
            ["occurrence_id"], ["occurrences.id"], name=op.f("fk_clearings_occurrence_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clearings")),
    )
    op.create_index(op.f("ix_clearings_occurrence_id"), "clearings", ["occurrence_id"])
    op.create_index(op.f("ix_clearings_amendment_id"), "clearings", ["amendment_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_clearings_amendment_id"), table_name="clearings")
    op.drop_index(op.f("ix_clearings_occurrence_id"), table_name="clearings")
    op.drop_table("clearings")
