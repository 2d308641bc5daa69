"""The closed sets of identifiers: posts, levels, risks, topics, kinds of item (domain reference §2b, §3b, §3c, §8a)."""

from enum import StrEnum


class Post(StrEnum):
    """A worker's post (岗位)."""

    COOK = "COOK"
    SELL = "SELL"
    BUY = "BUY"
    RECV = "RECV"
    STORE = "STORE"
    CLEAN = "CLEAN"
    GUARD = "GUARD"
    DORM = "DORM"
    REPAIR = "REPAIR"
    DRIVER = "DRIVER"
    GREEN = "GREEN"
    FEE = "FEE"
    LEAD = "LEAD"
    WASTE = "WASTE"
    CLERK = "CLERK"


class Level(StrEnum):
    """The role ladder for targeting: L1 leadership … L6 frontline."""

    L1 = "L1"
    L2 = "L2"
    L3 = "L3"
    L4 = "L4"
    L5 = "L5"
    L6 = "L6"


class Risk(StrEnum):
    """Rule families of the risk catalogue."""

    G1 = "G1"
    G2 = "G2"
    G3 = "G3"
    G4 = "G4"
    G5 = "G5"
    G6 = "G6"
    G7 = "G7"
    G8 = "G8"
    G9 = "G9"
    G10 = "G10"


class ItemType(StrEnum):
    """What an item of content is."""

    LESSON = "lesson"
    CASE = "case"
    STORY = "story"
    QUIZ = "quiz"
    POLICY = "policy"
    FAQ = "faq"
    REMINDER = "reminder"


class Topic(StrEnum):
    """What a worker may ask about; the set is closed."""

    GIFT_OFFER = "gift-offer"
    GIFT_RECEIVED = "gift-received"
    KICKBACK = "kickback"
    BANQUET = "banquet"
    FESTIVAL_BENEFIT = "festival-benefit"
    STUDENT_GIFT = "student-gift"
    BLANK_SIGN = "blank-sign"
    SHORT_WEIGHT = "short-weight"
    FAKE_INVOICE = "fake-invoice"
    RELATED_SUPPLIER = "related-supplier"
    BID_INFO = "bid-info"
    BAD_FOOD = "bad-food"
    TAKE_FOOD = "take-food"
    TAKE_MATERIALS = "take-materials"
    STOCK_GAP = "stock-gap"
    PRIVATE_COLLECT = "private-collect"
    BORROW_MONEY = "borrow-money"
    CARD_TOPUP = "card-topup"
    RENT_UTILITY = "rent-utility"
    GATE_PASS = "gate-pass"  # noqa: S105 - a topic, not a password
    DORM_FAVOR = "dorm-favor"
    REPAIR_PRIVATE = "repair-private"
    VEHICLE_USE = "vehicle-use"
    BOSS_ORDER = "boss-order"
    COWORKER_WRONG = "coworker-wrong"
    GHOST_WORKER = "ghost-worker"
    WAGE_RIGHTS = "wage-rights"
    LEGAL_CONSEQUENCE = "legal-consequence"
    CONFESS = "confess"
    HOW_REPORT = "how-report"
    REPORT_PROTECT = "report-protect"
    REPORT_PROGRESS = "report-progress"
    BOT_HOWTO = "bot-howto"
    LEAVE_TRANSFER = "leave-transfer"
    PRIVACY = "privacy"
    URGENT = "urgent"
    FALLBACK = "fallback"
