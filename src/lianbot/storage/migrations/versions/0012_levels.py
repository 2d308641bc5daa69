"""Who of L1–L4 got the same: looked up by level at every opening of a lesson."""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(op.f("ix_workers_level"), "workers", ["level"])


def downgrade() -> None:
    op.drop_index(op.f("ix_workers_level"), table_name="workers")
