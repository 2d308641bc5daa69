"""Every push has an end: what waits longer is skipped instead of sent late"""

from datetime import timedelta

import sqlalchemy as sa
from alembic import op

from lianbot.storage.columns import UtcDateTime

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

THIRTY_DAYS = timedelta(days=30)
"""As the rule stood when this revision was written; of what is under way a festival's text keeps to it too."""

occurrences = sa.table(
    "occurrences",
    sa.column("id", sa.Uuid),
    sa.column("kind", sa.String),
    sa.column("due_at", UtcDateTime),
    sa.column("ends_at", UtcDateTime),
)


def upgrade() -> None:
    op.add_column("occurrences", sa.Column("ends_at", UtcDateTime(), nullable=True))
    connection = op.get_bind()
    columns = occurrences.c
    found = connection.execute(
        sa.select(columns.id, columns.due_at).where(columns.kind != "correction")
    ).all()
    change = (
        sa.update(occurrences)
        .where(columns.id == sa.bindparam("row"))
        .values(ends_at=sa.bindparam("ends"))
    )
    if found:
        connection.execute(
            change, [{"row": row.id, "ends": row.due_at + THIRTY_DAYS} for row in found]
        )


def downgrade() -> None:
    op.drop_column("occurrences", "ends_at")
