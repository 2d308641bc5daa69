"""All tables on one page. Row names stay in `storage`; repositories give back domain records."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    false,
    text,
)

from lianbot.domain.deliveries import DeliveryState
from lianbot.storage.columns import UtcDateTime

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# BIGINT counts by itself only as INTEGER PRIMARY KEY on SQLite
BigKey = BigInteger().with_variant(Integer, "sqlite")

# --- the installation and its switches -------------------------------------------------------

installation = Table(
    "installation",
    metadata,
    Column("id", SmallInteger, primary_key=True),
    Column("origin", String(40), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("roster_version", BigInteger, nullable=False, default=0),
    # the highest running number lianbot gave out itself; numbers are never used again
    Column("last_issued", BigInteger, nullable=False, default=0, server_default="0"),
)

switches = Table(
    "switches",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("value", Text, nullable=False),
)

platform_tokens = Table(
    "platform_tokens",
    metadata,
    Column("name", String(80), primary_key=True),
    Column("value", Text, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
)

alerts = Table(
    "alerts",
    metadata,
    Column("id", BigKey, primary_key=True, autoincrement=True),
    Column("kind", String(40), nullable=False),
    Column("detail", Text, nullable=False),
    Column("first_at", UtcDateTime, nullable=False),
    Column("last_at", UtcDateTime, nullable=False),
    Column("times", Integer, nullable=False, default=1),
    Column("closed_at", UtcDateTime),
    Index(None, "kind", "closed_at"),
)

# --- roster ------------------------------------------------------------------------------------

sites = Table(
    "sites",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("name", String(80), nullable=False, unique=True),
)

contractors = Table(
    "contractors",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("name", String(120), nullable=False, unique=True),
)

teams = Table(
    "teams",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("name", String(120), nullable=False),
    Column("contractor_id", ForeignKey("contractors.id"), nullable=False),
    Column("site_id", ForeignKey("sites.id"), nullable=False),
    UniqueConstraint("contractor_id", "name", "site_id"),
)

workers = Table(
    "workers",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("number", String(40), nullable=False, unique=True),
    Column("name", String(80), nullable=False),
    Column("phone", String(40)),
    Column("contractor_id", ForeignKey("contractors.id"), nullable=False),
    Column("team_id", ForeignKey("teams.id"), nullable=False),
    Column("site_id", ForeignKey("sites.id"), nullable=False),
    Column("posts", JSON, nullable=False),
    Column("level", String(2), nullable=False),
    Column("employment", String(20), nullable=False),
    Column("shift", String(80), nullable=False, default=""),
    Column("preferred", String(20), nullable=False, default="any"),
    Column("started", Date),
    Column("ended", Date),
    # the local day on which the posts last became others; series for a new post count from it
    Column("posts_changed", Date),
    # the local day on which the name joined a company that was on the roster already
    Column("enrolled", Date),
    Column("tags", JSON, nullable=False, default=list, server_default="[]"),
    # 32 random bytes a person; erasing it makes the ledger's commitments unlinkable
    Column("salt", LargeBinary(32), nullable=False),
    Index(None, "team_id"),
    Index(None, "contractor_id"),
    # the few of L1–L4 among the many
    Index(None, "level"),
)

post_words = Table(
    "post_words",
    metadata,
    Column("contractor", String(120), primary_key=True),
    Column("word", String(80), primary_key=True),
    Column("posts", JSON, nullable=False),
)

bindings = Table(
    "bindings",
    metadata,
    Column("id", BigKey, primary_key=True, autoincrement=True),
    Column("worker_id", ForeignKey("workers.id"), nullable=False),
    Column("channel", String(10), nullable=False),
    Column("account", String(128), nullable=False),
    Column("client", String(10), nullable=False, default="unknown"),
    # set by a person: taps and pages teach nothing any more
    Column("client_by_hand", Boolean, nullable=False, default=False, server_default=text("false")),
    Column("opted_out", Boolean, nullable=False, default=False),
    Column("broken", String(40)),
    # the local day since which the account follows no more; after a month the binding is erased
    Column("broken_on", Date),
    Column("bound_at", UtcDateTime),
    UniqueConstraint("channel", "account", "worker_id"),
    Index(None, "worker_id", "channel"),
)

consents = Table(
    "consents",
    metadata,
    Column("id", BigKey, primary_key=True, autoincrement=True),
    Column("worker_id", ForeignKey("workers.id"), nullable=False),
    Column("channel", String(10), nullable=False),
    Column("purpose", String(20), nullable=False),
    # the words that were read when the worker agreed
    Column("wording", Text, nullable=False),
    Column("given_on", Date, nullable=False),
    Column("withdrawn_on", Date),
)
# a consent that stands is given once; withdrawn ones stay as history
Index(
    "one_standing_consent",
    consents.c.worker_id,
    consents.c.channel,
    consents.c.purpose,
    unique=True,
    sqlite_where=text("withdrawn_on IS NULL"),
    postgresql_where=text("withdrawn_on IS NULL"),
)

# printed personal slips: the code itself is on the paper only
bind_slips = Table(
    "bind_slips",
    metadata,
    Column("id", BigKey, primary_key=True, autoincrement=True),
    # keyed: twelve digits could be tried out against a plain hash
    Column("code_hash", LargeBinary(32), nullable=False, unique=True),
    Column("worker_id", ForeignKey("workers.id"), nullable=False),
    Column("made_on", Date, nullable=False),
    Column("last_day", Date, nullable=False),
    Column("used_on", Date),
    Column("void_on", Date),
    Index(None, "worker_id"),
)

posters = Table(
    "posters",
    metadata,
    Column("scene", String(64), primary_key=True),
    Column("channel", String(10), nullable=False),
    Column("team_id", ForeignKey("teams.id"), nullable=False),
    # what the printed code says; a second print must not cost another of the account's permanent codes
    Column("url", String(1024), nullable=False),
    Column("made_on", Date, nullable=False),
    UniqueConstraint("channel", "team_id"),
)

# 待确认: rows live only while they wait; a decision leaves an audit row and nothing here
newcomers = Table(
    "newcomers",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("channel", String(10), nullable=False),
    Column("account", String(128), nullable=False),
    Column("team_id", ForeignKey("teams.id"), nullable=False),
    Column("post", String(10), nullable=False),
    Column("name", String(80), nullable=False),
    Column("opened_on", Date, nullable=False),
    # a lead's word is a hint to the scheduler and decides nothing
    Column("vouched_by", Uuid),
    UniqueConstraint("channel", "account"),
    Index(None, "team_id"),
)

# where an account stands in the binding dialogue: at most ten minutes, never anything that was typed
bind_dialogues = Table(
    "bind_dialogues",
    metadata,
    Column("channel", String(10), primary_key=True),
    Column("account", String(128), primary_key=True),
    Column("step", String(10), nullable=False),
    Column("worker_id", Uuid),
    Column("slip_id", BigInteger),
    Column("team_id", Integer),
    Column("post", String(10)),
    Column("until", UtcDateTime, nullable=False),
    Index(None, "until"),
)

# how often it was tried in an hour, by keyed hash of the account (or all together); wiped after a day
bind_tries = Table(
    "bind_tries",
    metadata,
    Column("who", LargeBinary(16), primary_key=True),
    Column("hour", UtcDateTime, primary_key=True),
    Column("times", Integer, nullable=False),
)

# --- console ------------------------------------------------------------------------------------

team_hours = Table(
    "team_hours",
    metadata,
    Column("team_id", ForeignKey("teams.id"), primary_key=True),
    Column("send", JSON, nullable=False),
    Column("never", JSON, nullable=False),
)

quiet_days = Table(
    "quiet_days",
    metadata,
    Column("day", Date, primary_key=True),
    Column("note", String(120), nullable=False, default=""),
)

accounts = Table(
    "accounts",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("name", String(60), nullable=False, unique=True),
    Column("display", String(80), nullable=False),
    Column("roles", JSON, nullable=False),
    Column("team_id", ForeignKey("teams.id")),
    Column("contractor_id", ForeignKey("contractors.id")),
    Column("worker_id", ForeignKey("workers.id")),
    Column("password_hash", Text, nullable=False, default=""),
    Column("totp_secret", Text),
    Column("totp_last_step", BigInteger),
    Column("salt", LargeBinary(32), nullable=False),
    Column("disabled", Boolean, nullable=False, default=False),
    Column("failures", Integer, nullable=False, default=0),
    Column("locked_until", UtcDateTime),
    Column("created_at", UtcDateTime, nullable=False),
)

sessions = Table(
    "sessions",
    metadata,
    Column("token_hash", LargeBinary(32), primary_key=True),
    Column("account_id", ForeignKey("accounts.id"), nullable=False),
    Column("csrf", String(64), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Index(None, "account_id"),
)

audit = Table(
    "audit",
    metadata,
    Column("id", BigKey, primary_key=True, autoincrement=True),
    Column("at", UtcDateTime, nullable=False),
    Column("account_id", Uuid),
    Column("account_name", String(80), nullable=False),
    Column("action", String(60), nullable=False),
    Column("subject", String(200), nullable=False),
    Column("before", JSON),
    Column("after", JSON),
)

# --- content ------------------------------------------------------------------------------------

editions = Table(
    "editions",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("item", String(60), nullable=False),
    Column("type", String(10), nullable=False),
    Column("title", String(120), nullable=False),
    Column("topic", String(40), nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("meta", JSON, nullable=False),
    Column("state", String(12), nullable=False),
    Column("published_at", UtcDateTime, nullable=False),
    Column("published_by", Uuid),
    Column("approved_by", Uuid),
    Column("approved_at", UtcDateTime),
    Column("approval_note", String(120), nullable=False, default=""),
    Column("current", Boolean, nullable=False, default=False),
    Index(None, "item", "current"),
)

media = Table(
    "media",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("name", String(120), nullable=False),
    Column("body", LargeBinary, nullable=False),
)

shelves = Table(
    "shelves",
    metadata,
    Column("shelf", String(60), primary_key=True),
    Column("post", String(10), primary_key=True),
    Column("level", String(2), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("item", String(60), nullable=False),
)

# --- campaigns and deliveries ---------------------------------------------------------------------

terms = Table(
    "terms",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("title", String(120), nullable=False),
    Column("first_day", Date, nullable=False),
    Column("last_day", Date, nullable=False),
    Column("created_by", ForeignKey("accounts.id"), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)

campaigns = Table(
    "campaigns",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("title", String(120), nullable=False),
    Column("audience", JSON, nullable=False),
    Column("schedule", JSON, nullable=False),
    Column("items", JSON, nullable=False),
    Column("channels", JSON, nullable=False),
    Column("remind_after_days", Integer),
    Column("enclose", JSON, nullable=False, default=list, server_default="[]"),
    Column("created_by", ForeignKey("accounts.id"), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("approved_at", UtcDateTime),
    Column("state", String(12), nullable=False),
    Column("steps", SmallInteger, nullable=False),
    Column("demo", Boolean, nullable=False, default=False),
    Column("scanned_until", UtcDateTime),
    Column("term_id", ForeignKey("terms.id")),
    Column("first_day", Date),
    Column("last_day", Date),
    # Mondays of weeks that were taken out to be edited
    Column("silent_weeks", JSON, nullable=False, default=list, server_default="[]"),
    # to how many a push goes first, second …; empty: to everybody at once
    Column("stages", JSON, nullable=False, default=list, server_default="[]"),
    # [Monday, post]: weeks that were taken out for the people of one post only
    Column("edited_weeks", JSON, nullable=False, default=list, server_default="[]"),
    Index(None, "state"),
    Index(None, "term_id"),
)

campaign_approvals = Table(
    "campaign_approvals",
    metadata,
    Column("campaign_id", ForeignKey("campaigns.id"), primary_key=True),
    Column("step", SmallInteger, primary_key=True),
    Column("account_id", ForeignKey("accounts.id"), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    UniqueConstraint("campaign_id", "account_id"),
)

roster_snapshots = Table(
    "roster_snapshots",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("body", LargeBinary, nullable=False),
)

occurrences = Table(
    "occurrences",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("campaign_id", ForeignKey("campaigns.id"), nullable=False),
    Column("kind", String(10), nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("state", String(10), nullable=False),
    Column("planned", Integer, nullable=False, default=0),
    Column("roster", String(64)),
    Column("reminds", Uuid),
    Column("reminded", Boolean, nullable=False, default=False),
    Column("claimed_until", UtcDateTime),
    # the push that an addition or a correction belongs to
    Column("amends", Uuid),
    # nothing of it leaves from then on; empty for corrections, and until it is planned
    Column("ends_at", UtcDateTime),
    # two tickers cannot plan the same moment twice
    UniqueConstraint("campaign_id", "due_at", "kind"),
    Index(None, "state"),
    Index(None, "amends"),
)

# asked for by one person, decided by another; approved, it is the occurrence of the same id
amendments = Table(
    "amendments",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("kind", String(10), nullable=False),
    Column("campaign_id", ForeignKey("campaigns.id"), nullable=False),
    Column("amends", ForeignKey("occurrences.id"), nullable=False),
    Column("asked_by", ForeignKey("accounts.id"), nullable=False),
    Column("asked_at", UtcDateTime, nullable=False),
    Column("state", String(10), nullable=False),
    Column("size", Integer, nullable=False),
    Column("note", String(300), nullable=False, default=""),
    Column("audience", JSON),
    Column("beyond", Boolean, nullable=False, default=False),
    Column("notice", String(64)),
    Column("corrects", String(64)),
    Column("material", Boolean, nullable=False, default=False),
    # as many people as approve the campaign that is amended
    Column("steps", SmallInteger, nullable=False, server_default="1"),
    Column("decided_by", Uuid),
    Column("decided_at", UtcDateTime),
    Index(None, "amends"),
    Index(None, "state"),
)

amendment_approvals = Table(
    "amendment_approvals",
    metadata,
    Column("amendment_id", ForeignKey("amendments.id"), primary_key=True),
    Column("step", SmallInteger, primary_key=True),
    Column("account_id", ForeignKey("accounts.id"), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    UniqueConstraint("amendment_id", "account_id"),
)

# what was decided never to leave: heeded from the decision's commit on, gone when every row of it says so itself
clearings = Table(
    "clearings",
    metadata,
    Column("id", BigKey, primary_key=True, autoincrement=True),
    Column("occurrence_id", ForeignKey("occurrences.id"), nullable=False),
    # only rows with it; empty: all
    Column("edition", String(64), nullable=False),
    Column("reason", String(20), nullable=False),
    # the correction that waits for it
    Column("amendment_id", ForeignKey("amendments.id")),
    Index(None, "occurrence_id"),
    Index(None, "amendment_id"),
)

rollouts = Table(
    "rollouts",
    metadata,
    Column("occurrence_id", ForeignKey("occurrences.id"), primary_key=True),
    Column("stages", JSON, nullable=False),
    Column("total", Integer, nullable=False),
    Column("stage", SmallInteger, nullable=False, default=0),
    Column("let_go", Integer, nullable=False, default=0),
    Column("poured", Integer, nullable=False, default=0),
    Column("forgiven", Integer, nullable=False, default=0),
    Column("released_at", UtcDateTime),
    Column("done", Boolean, nullable=False, default=False),
    Index(None, "done"),
)

_STATES = ", ".join(f"'{state.value}'" for state in DeliveryState)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", BigKey, primary_key=True, autoincrement=True),
    Column("occurrence_id", ForeignKey("occurrences.id"), nullable=False),
    Column("worker_id", ForeignKey("workers.id"), nullable=False),
    Column("edition", String(64), nullable=False),
    Column("item", String(60), nullable=False),
    Column("quiz", String(64)),
    Column("topic", String(40), nullable=False),
    Column("team_id", Integer, nullable=False),
    Column("post", String(10), nullable=False),
    Column("channel", String(10)),
    Column("account", String(128)),
    Column("state", String(16), nullable=False),
    Column("reason", String(20), nullable=False, default=""),
    Column("not_before", UtcDateTime),
    # when it counts against the caps: the moment of hand-over, or the planned one
    Column("counts_at", UtcDateTime),
    Column("attempts", SmallInteger, nullable=False, default=0),
    Column("first_handed_at", UtcDateTime),
    Column("handed_at", UtcDateTime),
    Column("platform_id", String(200)),
    Column("errcode", Integer),
    Column("detail", Text),
    Column("body", LargeBinary),
    # domain.ways.Way, and those that refused the person before, in alphabetical order
    Column("way", String(10), nullable=False, server_default=""),
    Column("tried", String(40), nullable=False, server_default=""),
    # a refusal after which the next way was looked for
    Column("looked", Boolean, nullable=False, server_default=false()),
    Column("claimed_by", String(40)),
    Column("claimed_until", UtcDateTime),
    # the body that went to many in one call; no foreign key: it is gone once it cannot be repeated any more
    Column("shared_body", BigInteger),
    UniqueConstraint("occurrence_id", "worker_id"),
    CheckConstraint(f"state IN ({_STATES})", name="state"),
    CheckConstraint(
        "(state NOT IN ('handing_over', 'accepted', 'unknown', 'platform_failed'))"
        " OR handed_at IS NOT NULL",
        name="handed",
    ),
    CheckConstraint("state <> 'accepted' OR platform_id IS NOT NULL", name="accepted_by_platform"),
    CheckConstraint("state <> 'deferred' OR not_before IS NOT NULL", name="deferred_until"),
    CheckConstraint(
        "(state NOT IN ('skipped', 'deferred', 'refused', 'unknown')) OR reason <> ''",
        name="has_reason",
    ),
    Index(None, "state", "not_before"),
    Index(None, "worker_id", "counts_at"),
    Index(None, "occurrence_id", "state"),
)
# refusals for which the next way is still to be looked for: few, and soon none
Index(
    "refused_to_look_at",
    deliveries.c.id,
    sqlite_where=text("state = 'refused' AND NOT looked"),
    postgresql_where=text("state = 'refused' AND NOT looked"),
)
# result events name the platform's id; only the Official Account sends them
Index(
    "official_platform_ids",
    deliveries.c.platform_id,
    sqlite_where=text("channel = 'official'"),
    postgresql_where=text("channel = 'official'"),
)
# whose visit would release a held message
Index(
    "held_for_a_visit",
    deliveries.c.worker_id,
    sqlite_where=text("state = 'deferred' AND way = 'held'"),
    postgresql_where=text("state = 'deferred' AND way = 'held'"),
)

reply_windows = Table(
    "reply_windows",
    metadata,
    # hours only, and only of acts that left a row of their own anyway: see docs/decisions/0004
    Column("account", String(128), primary_key=True),
    Column("closes_at", UtcDateTime, primary_key=True),
    Column("left", SmallInteger, nullable=False),
    Index(None, "closes_at"),
)

send_results = Table(
    "send_results",
    metadata,
    # refusals that came before the hand-over they belong to was marked
    Column("platform_id", String(200), primary_key=True),
    Column("status", String(80), nullable=False),
    Column("until", UtcDateTime, nullable=False),
)

# a person's decision about a lost answer holds for that attempt only: the next hand-over uses it up
unknown_decisions = Table(
    "unknown_decisions",
    metadata,
    Column("delivery_id", ForeignKey("deliveries.id"), primary_key=True),
    Column("attempts", SmallInteger, primary_key=True),
    Column("choice", String(10), nullable=False),
    Column("decided_by", ForeignKey("accounts.id"), nullable=False),
    Column("decided_at", UtcDateTime, nullable=False),
    Index(None, "choice"),
)

recalls = Table(
    "recalls",
    metadata,
    Column("delivery_id", ForeignKey("deliveries.id"), primary_key=True),
    Column("occurrence_id", ForeignKey("occurrences.id"), nullable=False),
    Column("state", String(12), nullable=False),
    Column("errcode", Integer),
    Column("detail", Text),
    Column("asked_by", ForeignKey("accounts.id"), nullable=False),
    Column("asked_at", UtcDateTime, nullable=False),
    Column("claimed_until", UtcDateTime),
    Index(None, "state"),
    Index(None, "occurrence_id"),
)

shared_bodies = Table(
    "shared_bodies",
    metadata,
    Column("id", BigKey, primary_key=True, autoincrement=True),
    Column("body", LargeBinary, nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
)

# what was spent of each budget since `starts`; the limits are settings
send_budgets = Table(
    "send_budgets",
    metadata,
    Column("channel", String(10), primary_key=True),
    Column("api", String(40), primary_key=True),
    Column("period", String(10), primary_key=True),
    Column("starts", UtcDateTime, nullable=False),
    Column("used", Integer, nullable=False),
)

# --- answers and the ledger -----------------------------------------------------------------------

openings = Table(
    "openings",
    metadata,
    Column("delivery_id", ForeignKey("deliveries.id"), primary_key=True),
    Column("via", String(10), nullable=False),
)

acknowledgements = Table(
    "acknowledgements",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("delivery_id", ForeignKey("deliveries.id"), nullable=False),
    Column("worker_id", ForeignKey("workers.id"), nullable=False),
    Column("method", String(10), nullable=False),
    Column("answer", String(16), nullable=False),
    Column("by_id", Uuid),
    Column("on_day", Date),
    Column("leaf_start", String(10), nullable=False),
    Column("current", Boolean, nullable=False),
    # keyed hash of what the platform repeats; wiped after a day
    Column("repeat", LargeBinary(16)),
    Column("minute", UtcDateTime, nullable=False),
    UniqueConstraint("repeat"),
    Index(None, "delivery_id", "current"),
    Index(None, "worker_id"),
)
# two answers can never both stand
Index(
    "one_current_answer",
    acknowledgements.c.delivery_id,
    unique=True,
    sqlite_where=text("current"),
    postgresql_where=text("current"),
)

# the voice or picture that followed a message; written before the call, so that none comes twice
enclosures = Table(
    "enclosures",
    metadata,
    Column("delivery_id", ForeignKey("deliveries.id"), primary_key=True),
    Column("kind", String(10), primary_key=True),
    Column("state", String(16), nullable=False),
    Column("detail", Text, nullable=False, default=""),
    Column("at", UtcDateTime, nullable=False),
)

# codes that allow one update of a card that was answered another way; gone once used or run out
card_codes = Table(
    "card_codes",
    metadata,
    Column("delivery_id", ForeignKey("deliveries.id"), primary_key=True),
    Column("code", Text, nullable=False),
    Column("until", UtcDateTime, nullable=False),
)

first_answers = Table(
    "first_answers",
    metadata,
    Column("delivery_id", ForeignKey("deliveries.id"), primary_key=True),
    # forgotten per person once the review ladder has used it; no pack, export or ledger carries it
    Column("right", Boolean),
)

forgotten_firsts = Table(
    "forgotten_firsts",
    metadata,
    # sums of right first answers whose persons were forgotten: counters can still be recomputed
    Column("id", BigKey, primary_key=True, autoincrement=True),
    Column("occurrence_id", ForeignKey("occurrences.id"), nullable=False),
    Column("team_id", Integer, nullable=False),
    Column("post", String(10), nullable=False),
    Column("topic", String(40), nullable=False),
    Column("right", Integer, nullable=False),
)

reviews = Table(
    "reviews",
    metadata,
    Column("worker_id", ForeignKey("workers.id"), primary_key=True),
    Column("item", String(60), primary_key=True),
    Column("rung", SmallInteger, nullable=False),
    Column("restarts", SmallInteger, nullable=False),
    # empty when the ladder is climbed, rests, or became the lead's
    Column("due_at", UtcDateTime),
    Column("asked", BigInteger),
    Column("silent", SmallInteger, nullable=False),
    Index(None, "due_at"),
    Index(None, "asked"),
)

follow_ups = Table(
    "follow_ups",
    metadata,
    Column("id", BigKey, primary_key=True, autoincrement=True),
    Column("delivery_id", ForeignKey("deliveries.id"), nullable=False),
    Column("worker_id", ForeignKey("workers.id"), nullable=False),
    Column("team_id", Integer, nullable=False),
    Column("kind", String(12), nullable=False),
    Column("answer", String(16), nullable=False),
    Column("opened_on", Date, nullable=False),
    Column("closed_on", Date),
    Column("closed_by", Uuid),
    Column("note", String(200), nullable=False, default=""),
    Index(None, "kind", "closed_on"),
)

rectifications = Table(
    "rectifications",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("title", String(120), nullable=False),
    Column("measure", Text, nullable=False),
    Column("source", String(12), nullable=False),
    Column("unit", String(120), nullable=False, default=""),
    Column("state", String(10), nullable=False),
    Column("owner", ForeignKey("accounts.id")),
    Column("verifier", ForeignKey("accounts.id")),
    Column("due", Date),
    Column("evidence", Text, nullable=False, default=""),
    Column("done_by", ForeignKey("accounts.id")),
    Column("raised_by", ForeignKey("accounts.id"), nullable=False),
    Column("raised_on", Date, nullable=False),
    Column("closed_on", Date),
    Column("reopened", Integer, nullable=False, default=0),
    Column("version", Integer, nullable=False, default=0),
    # whoever verifies is not the owner, whatever a program above forgets
    CheckConstraint("owner IS NULL OR verifier IS NULL OR owner <> verifier", name="two_people"),
    Index(None, "state", "due"),
)

rectification_steps = Table(
    "rectification_steps",
    metadata,
    Column("id", BigKey, primary_key=True, autoincrement=True),
    Column("number", ForeignKey("rectifications.number"), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("account_id", ForeignKey("accounts.id"), nullable=False),
    Column("act", String(20), nullable=False),
    Column("note", Text, nullable=False, default=""),
    Index(None, "number"),
)

proposals = Table(
    "proposals",
    metadata,
    Column("id", BigKey, primary_key=True, autoincrement=True),
    Column("kind", String(10), nullable=False),
    # wiped when its time is over
    Column("text", Text, nullable=False),
    # only where the worker chose to leave the name
    Column("worker_id", ForeignKey("workers.id")),
    # a day and no moment: an unnamed question shall not be matched with who was online
    Column("on_day", Date, nullable=False),
    # the form's own random mark, so that one form is kept once
    Column("mark", LargeBinary(16), nullable=False),
    Column("closed_on", Date),
    Column("closed_by", ForeignKey("accounts.id")),
    Column("note", String(200), nullable=False, default=""),
    UniqueConstraint("mark"),
    Index(None, "closed_on"),
)

# --- the officer's Mondays ------------------------------------------------------------------------

duties = Table(
    "duties",
    metadata,
    # digest or escalation with its week, approvals with its day; for whom: an account's id, or `console`
    Column("kind", String(12), primary_key=True),
    Column("week", String(8), primary_key=True),
    Column("who", String(36), primary_key=True),
    Column("state", String(16), nullable=False),
    Column("begun_at", UtcDateTime, nullable=False),
)

MEASURES = (
    "total",
    "planned",
    "skipped",
    "deferred",
    "handing_over",
    "accepted",
    "refused",
    "unknown",
    "platform_failed",
    "opened",
    "understood",
    "not_understood",
    "disagree",
    "cannot",
    "ask_someone",
    "spoken",
    "first_asked",
    "first_right",
    "told_otherwise",
)
"""Columns of `counters`: rows by hand-over state, openings, current answers, first answers, and rows
that the platform did not accept although they have an answer that stands."""


def _sums(number: type[Integer]) -> list[Column[int]]:
    return [
        Column(name, number, nullable=False, default=0, server_default="0") for name in MEASURES
    ]


counters = Table(
    "counters",
    metadata,
    Column("occurrence_id", ForeignKey("occurrences.id"), primary_key=True),
    Column("team_id", Integer, primary_key=True),
    Column("post", String(10), primary_key=True),
    Column("topic", String(40), primary_key=True),
    *_sums(Integer),
)

# sums over old occurrences, so that no page adds up ten years of counters; what still changes in one of them is
# carried here in the same transaction
rolled_occurrences = Table(
    "rolled_occurrences",
    metadata,
    Column("occurrence_id", ForeignKey("occurrences.id"), primary_key=True),
    Column("kind", String(10), nullable=False),
    *_sums(BigInteger),
)

rolled_counters = Table(
    "rolled_counters",
    metadata,
    Column("kind", String(10), primary_key=True),
    Column("team_id", Integer, primary_key=True),
    Column("post", String(10), primary_key=True),
    Column("topic", String(40), primary_key=True),
    *_sums(BigInteger),
)

ledger_head = Table(
    "ledger_head",
    metadata,
    Column("id", SmallInteger, primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("minute", UtcDateTime, nullable=False),
)

ledger_entries = Table(
    "ledger_entries",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("type", String(10), nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("leaf", LargeBinary(32), nullable=False),
)

ledger_details = Table(
    "ledger_details",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("worker_id", Uuid),
    Column("detail", LargeBinary),
    Column("detail_salt", LargeBinary(32)),
    Column("quiz", LargeBinary),
    Column("quiz_salt", LargeBinary(32)),
    Index(None, "worker_id"),
)

ledger_checkpoints = Table(
    "ledger_checkpoints",
    metadata,
    Column("size", BigInteger, primary_key=True, autoincrement=False),
    Column("root", String(44), nullable=False),
    Column("note", Text, nullable=False),
    Column("minute", UtcDateTime, nullable=False),
)

ledger_signers = Table(
    "ledger_signers",
    metadata,
    Column("from_seq", BigInteger, primary_key=True, autoincrement=False),
    Column("name", String(80), nullable=False),
    Column("pub", LargeBinary(32), nullable=False),
)

# officers whose attestations stand in the ledger: a bundle must name their keys for ever
ledger_officers = Table(
    "ledger_officers",
    metadata,
    Column("pub", LargeBinary(32), primary_key=True),
    Column("seen_at", UtcDateTime, nullable=False),
)

# how often a topic was asked on a day, kept only from five up; nothing that was typed
topic_counts = Table(
    "topic_counts",
    metadata,
    Column("day", Date, primary_key=True),
    Column("topic", String(40), primary_key=True),
    Column("times", Integer, nullable=False),
)
