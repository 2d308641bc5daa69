"""Ways of sending: by which one a delivery leaves, reply windows, results that came early"""

import sqlalchemy as sa
from alembic import op

from lianbot.storage import columns

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

PARTIAL = (
    ("refused_to_look_at", "id", "state = 'refused' AND NOT looked"),
    ("official_platform_ids", "platform_id", "channel = 'official'"),
    ("held_for_a_visit", "worker_id", "state = 'deferred' AND way = 'held'"),
)


def upgrade() -> None:
    op.create_table(
        "reply_windows",
        sa.Column("account", sa.String(length=128), nullable=False),
        sa.Column("closes_at", columns.UtcDateTime(timezone=True), nullable=False),
        sa.Column("left", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account", "closes_at", name=op.f("pk_reply_windows")),
    )
    with op.batch_alter_table("reply_windows", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_reply_windows_closes_at"), ["closes_at"], unique=False
        )

    op.create_table(
        "send_results",
        sa.Column("platform_id", sa.String(length=200), nullable=False),
        sa.Column("status", sa.String(length=80), nullable=False),
        sa.Column("until", columns.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("platform_id", name=op.f("pk_send_results")),
    )
    # plain ALTERs: a batch would copy every delivery there ever was
    op.add_column(
        "deliveries", sa.Column("way", sa.String(length=10), server_default="", nullable=False)
    )
    op.add_column(
        "deliveries", sa.Column("tried", sa.String(length=40), server_default="", nullable=False)
    )
    op.add_column(
        "deliveries",
        sa.Column("looked", sa.Boolean(), server_default=sa.false(), nullable=False),
    )
    # old refusals stay what they are: nobody is sent last year's lesson by another way
    op.execute("UPDATE deliveries SET looked = true WHERE state = 'refused'")
    for name, column, where in PARTIAL:
        op.create_index(
            name,
            "deliveries",
            [column],
            unique=False,
            sqlite_where=sa.text(where),
            postgresql_where=sa.text(where),
        )


def downgrade() -> None:
    for name, _, _ in PARTIAL:
        op.drop_index(name, "deliveries")
    for column in ("looked", "tried", "way"):
        op.drop_column("deliveries", column)
    op.drop_table("send_results")
    op.drop_table("reply_windows")
