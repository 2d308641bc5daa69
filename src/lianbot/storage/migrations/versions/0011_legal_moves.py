"""A delivery's state moves only as design §4 draws it: the database refuses every other change of state.

Defence in depth, as for the ledger: the domain's named transitions are the first line. A later revision
that rebuilds `deliveries` on SQLite (batch mode) has to make the trigger again.
"""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

# as the rule stood when this revision was written; a test holds it to the domain's of today
MOVES = (
    ("planned", "skipped"),
    ("planned", "deferred"),
    ("planned", "handing_over"),
    ("deferred", "planned"),
    ("deferred", "skipped"),
    ("handing_over", "accepted"),
    ("handing_over", "refused"),
    ("handing_over", "unknown"),
    ("handing_over", "planned"),
    ("handing_over", "deferred"),
    ("unknown", "handing_over"),
    ("unknown", "accepted"),
    ("accepted", "platform_failed"),
    ("refused", "planned"),
)
SAID = "a delivery cannot move like this"


def upgrade() -> None:
    allowed = ", ".join(f"'{old}>{new}'" for old, new in MOVES)
    illegal = f"OLD.state <> NEW.state AND OLD.state || '>' || NEW.state NOT IN ({allowed})"
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            f"CREATE TRIGGER deliveries_legal_moves BEFORE UPDATE OF state ON deliveries "
            f"WHEN {illegal} BEGIN SELECT RAISE(ABORT, '{SAID}'); END"
        )
        return
    op.execute(
        "CREATE FUNCTION deliveries_illegal_move() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{SAID}: % from % to %', OLD.id, OLD.state, NEW.state; END $$"
    )
    op.execute(
        "CREATE TRIGGER deliveries_legal_moves BEFORE UPDATE OF state ON deliveries FOR EACH ROW "
        f"WHEN ({illegal}) EXECUTE FUNCTION deliveries_illegal_move()"
    )


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER deliveries_legal_moves")
        return
    op.execute("DROP TRIGGER deliveries_legal_moves ON deliveries")
    op.execute("DROP FUNCTION deliveries_illegal_move()")
