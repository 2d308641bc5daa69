"""Answers to what the platform did not accept, counted with the rest"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

FILL = """
UPDATE counters SET told_otherwise = (
    SELECT count(*) FROM deliveries
    JOIN acknowledgements ON acknowledgements.delivery_id = deliveries.id
    WHERE acknowledgements.current AND deliveries.state <> 'accepted'
      AND deliveries.occurrence_id = counters.occurrence_id
      AND deliveries.team_id = counters.team_id
      AND deliveries.post = counters.post AND deliveries.topic = counters.topic)
"""


def upgrade() -> None:
    op.add_column(
        "counters",
        sa.Column("told_otherwise", sa.Integer(), server_default="0", nullable=False),
    )
    op.execute(FILL)


def downgrade() -> None:
    op.drop_column("counters", "told_otherwise")
