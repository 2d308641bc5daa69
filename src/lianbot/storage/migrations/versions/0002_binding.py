"""Binding: consents, slips, posters, newcomers, dialogues and tries"""

import sqlalchemy as sa
from alembic import op

from lianbot.storage import columns

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "bind_dialogues",
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("account", sa.String(length=128), nullable=False),
        sa.Column("step", sa.String(length=10), nullable=False),
        sa.Column("worker_id", sa.Uuid(), nullable=True),
        sa.Column("slip_id", sa.BigInteger(), nullable=True),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.Column("post", sa.String(length=10), nullable=True),
        sa.Column("until", columns.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("channel", "account", name=op.f("pk_bind_dialogues")),
    )
    with op.batch_alter_table("bind_dialogues", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_bind_dialogues_until"), ["until"], unique=False)

    op.create_table(
        "bind_tries",
        sa.Column("who", sa.LargeBinary(length=16), nullable=False),
        sa.Column("hour", columns.UtcDateTime(timezone=True), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("who", "hour", name=op.f("pk_bind_tries")),
    )
    op.create_table(
        "newcomers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("account", sa.String(length=128), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.Column("post", sa.String(length=10), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("vouched_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_newcomers_team_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_newcomers")),
        sa.UniqueConstraint("channel", "account", name=op.f("uq_newcomers_channel_account")),
    )
    with op.batch_alter_table("newcomers", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_newcomers_team_id"), ["team_id"], unique=False)

    op.create_table(
        "posters",
        sa.Column("scene", sa.String(length=64), nullable=False),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.Column("url", sa.String(length=1024), nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_posters_team_id")),
        sa.PrimaryKeyConstraint("scene", name=op.f("pk_posters")),
        sa.UniqueConstraint("channel", "team_id", name=op.f("uq_posters_channel_team_id")),
    )
    op.create_table(
        "bind_slips",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("code_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("worker_id", sa.Uuid(), nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("used_on", sa.Date(), nullable=True),
        sa.Column("void_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["worker_id"], ["workers.id"], name=op.f("fk_bind_slips_worker_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bind_slips")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_bind_slips_code_hash")),
    )
    with op.batch_alter_table("bind_slips", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_bind_slips_worker_id"), ["worker_id"], unique=False)

    op.create_table(
        "consents",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("worker_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("wording", sa.Text(), nullable=False),
        sa.Column("given_on", sa.Date(), nullable=False),
        sa.Column("withdrawn_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["worker_id"], ["workers.id"], name=op.f("fk_consents_worker_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consents")),
    )
    with op.batch_alter_table("consents", schema=None) as batch_op:
        batch_op.create_index(
            "one_standing_consent",
            ["worker_id", "channel", "purpose"],
            unique=True,
            sqlite_where=sa.text("withdrawn_on IS NULL"),
            postgresql_where=sa.text("withdrawn_on IS NULL"),
        )


def downgrade() -> None:
    with op.batch_alter_table("consents", schema=None) as batch_op:
        batch_op.drop_index(
            "one_standing_consent",
            sqlite_where=sa.text("withdrawn_on IS NULL"),
            postgresql_where=sa.text("withdrawn_on IS NULL"),
        )

    op.drop_table("consents")
    with op.batch_alter_table("bind_slips", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_bind_slips_worker_id"))

    op.drop_table("bind_slips")
    op.drop_table("posters")
    with op.batch_alter_table("newcomers", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_newcomers_team_id"))

    op.drop_table("newcomers")
    op.drop_table("bind_tries")
    with op.batch_alter_table("bind_dialogues", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_bind_dialogues_until"))

    op.drop_table("bind_dialogues")
