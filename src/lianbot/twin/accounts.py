"""The two accounts the twin plays, and the switches for readings the documents leave open."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any, TypeVar

from lianbot.twin.envelope import Envelope, key_from


class ConfigError(ValueError):
    """A field that does not exist or a value that does not fit; the text names the field."""


T = TypeVar("T", "WecomAccount", "OfficialAccount", "Switches")


class Mode(StrEnum):
    """How the Official Account's pushes are written [S3]."""

    PLAIN = "plain"
    COMPATIBLE = "compatible"
    SAFE = "safe"


class AccountKind(StrEnum):
    """Account types with different rights [S52][S53][S26]."""

    SERVICE_VERIFIED = "service_verified"
    SERVICE_UNVERIFIED = "service_unverified"
    SUBSCRIPTION_VERIFIED = "subscription_verified"
    SUBSCRIPTION_UNVERIFIED = "subscription_unverified"


@dataclass(slots=True, kw_only=True)
class WecomAccount:
    """One corp with one self-built app."""

    name: str = "后勤廉洁提醒"
    corp_id: str = "ww0123456789abcdef"
    agent_id: int = 1000002
    secret: str = "twin-wecom-secret-0123456789abcdefghijklmnop"  # noqa: S105 - a stand-in, printed on purpose
    token: str = "twinWecomToken"  # noqa: S105 - a stand-in, printed on purpose
    aes_key: str = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
    callback_url: str = ""
    trusted_ips: list[str] | None = None
    oauth_domain: str = ""
    account_cap: int = 25_000
    menu: dict[str, Any] = field(default_factory=dict)

    def envelope(self) -> Envelope:
        """The AES envelope with this account's key."""
        return Envelope(self.token, self.aes_key, self.corp_id)


@dataclass(slots=True, kw_only=True)
class OfficialAccount:
    """One Official Account; a verified service account unless set otherwise."""

    name: str = "后勤廉洁提醒"
    appid: str = "wx0123456789abcdef"
    gh_id: str = "gh_0123456789ab"
    secret: str = "twin-official-secret-0123456789abcdef"  # noqa: S105 - a stand-in, printed on purpose
    token: str = "twinOfficialToken"  # noqa: S105 - a stand-in, printed on purpose
    aes_key: str = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
    mode: Mode = Mode.SAFE
    kind: AccountKind = AccountKind.SERVICE_VERIFIED
    callback_url: str = ""
    trusted_ips: list[str] | None = None
    oauth_domain: str = ""
    templates: dict[str, str] = field(default_factory=dict)
    menu: dict[str, Any] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)  # id -> name [S66]
    notices: dict[str, str] = field(default_factory=dict)  # 订阅通知 templates [S45]
    lasting_notices: list[str] = field(default_factory=list)  # those of them that are long-term

    def envelope(self) -> Envelope:
        """The AES envelope with this account's key."""
        return Envelope(self.token, self.aes_key, self.appid)


@dataclass(slots=True, kw_only=True)
class Switches:
    """Readings marked UNCONFIRMED or CONFLICT, each with the safe default.

    "Safe" is the reading under which a careless bot fails here rather than on the real platform.
    """

    # §A5 "3 retries in total" [S6][S7]: 3 = one push and three repeats, 2 = three pushes in all.
    callback_retries: int = 3
    # The deadline is documented; tests shorten it [S6][S7][S4].
    callback_timeout: float = 5.0
    # Whether a repeat carries a fresh timestamp and nonce is written nowhere.
    retry_fresh_nonce: bool = False
    # [S8] pushes stop for a minute after "repeated" failures; the number is ours.
    mute_after_failures: int = 3
    mute_seconds: float = 60.0
    # §C1 [S4][S67]: may a tapped card be answered with a text? Neither page says so: no.
    card_event_text_reply: bool = False
    # §A4 [S3] the reply should echo the received nonce; whether it is checked is written nowhere.
    reply_nonce_must_echo: bool = False
    # §C3 "identical request JSON" [S67]: compared as "bytes" or as parsed "json".
    duplicate_by: str = "bytes"
    # 40033 names backslash-u escapes for both; in the field WeCom takes them, the other does not.
    wecom_refuses_escapes: bool = False
    official_refuses_escapes: bool = True
    # §C3 [S72] calls a minute of one WeCom API; message/send is not counted.
    calls_per_minute: int = 10_000
    # §C3 [S71] what an exceeded daily cap answers is written nowhere.
    daily_cap_errcode: int = 45009
    # A member who never activated WeCom: "invaliduser" or "silent" (accepted, never seen).
    inactive_member: str = "invaliduser"
    # §C4 three numbers that no source names.
    used_response_code_errcode: int = 40058
    duplicate_task_id_errcode: int = 40058
    no_callback_card_errcode: int = 40058
    # §C4 [S79] 72 h, older copies 24 h.
    response_code_hours: float = 72.0
    # §C3 [S71] "always enter the home page": ordinary WeChat then shows 20 bytes of text only.
    plain_home_page_only: bool = False
    # §C2 [S69] many wrong secrets ban the address for an hour; the number is ours.
    wrong_secret_ban_after: int = 20
    # §B1 a msgmenu tap: "menu" (3 in 1 min) or "message" (5 in 48 h) [S20].
    msgmenu_tap: str = "menu"
    # §B1 a new action "add"s a grant or "replace"s the older ones [S22][S23].
    window_grants: str = "add"
    # §B1 msgmenu items; the limit is unknown, 10 is the most anybody should rely on [S30].
    msgmenu_limit: int = 10
    # §B2 seconds until TEMPLATESENDJOBFINISH; the documents say only "later" [S14].
    template_result_delay: float = 1.0
    # §B2 who refuses templates: "errcode" 43101 at once, or the "event" failed:user block.
    template_block: str = "errcode"
    # §A8 articles of a passive news reply; the present limit is unknown.
    passive_news_limit: int = 1
    # §B6/§B7 a wrong secret at the token endpoints: 40125, elsewhere written as 40001.
    wrong_secret_errcode: int = 40125
    # §B6 old token stays valid after a new fetch for this long [S55].
    token_overlap: float = 300.0
    # §A1 the configuration page knows XML only, the crypto page shows JSON too [S3].
    official_body: str = "xml"
    # §A3 whether the query of a push carries the openid is not confirmed: nobody may rely on it.
    openid_in_query: bool = False
    # §A6 [S11][S12] Recognition of a voice: "empty" as pushed since 2023, or "absent".
    voice_recognition: str = "empty"
    # §A7 [S14][S15] older copies write "failed: system failed" with a space.
    spaced_result_status: bool = False
    # §A7 [S16] what MASSSENDJOBFINISH says of a failed job; the numbers of err(num) are not known.
    mass_fail_status: str = "send fail"
    # §B1 [S24][S25] the window was seen to open seconds after the person's message.
    window_opens_after: float = 0.0
    # §B2 [S38] two field types whose length no source names.
    short_thing_limit: int = 10
    const_limit: int = 20
    # §B3 [S15][S18][S47] one copy wants miniprogram_state of a service account, SDKs send none.
    notice_needs_state: bool = False
    # §B4 [S49] fewest openids of mass/send and the number it answers then.
    mass_least_openids: int = 2
    mass_few_openids_errcode: int = 40130
    # §B4 [S15b] how long a clientmsgid is remembered; the documents do not say.
    mass_duplicate_hours: float = 24.0
    # §B4 [S48] "API 群发保护": sending to all waits for an administrator.
    mass_guard: bool = False
    # §B4 seconds until MASSSENDJOBFINISH.
    mass_result_delay: float = 1.0
    # §B7 a wrong tag name: the number is only commonly described.
    tag_name_errcode: int = 45157
    # §B8 [S62] and §C3 [S67][S73]: both pages name two limits for a picture.
    official_image_mb: int = 2
    wecom_image_mb: int = 5
    # §B9 [S13] menu names: 4 and 8 Chinese "characters", or 16 and 60 "bytes".
    menu_names: str = "characters"
    # §C5 [S75]-[S78] kinds that ordinary WeChat hides; the table by kind is not confirmed.
    plain_hides: list[str] = field(
        default_factory=lambda: ["template_card", "markdown", "miniprogram_notice"]
    )
    # §E whether WeCom's own browser says `wxwork` is not confirmed here.
    wxwork_in_agent: bool = True

    def __post_init__(self) -> None:
        _one_of("duplicate_by", self.duplicate_by, ("bytes", "json"))
        _one_of("inactive_member", self.inactive_member, ("invaliduser", "silent"))
        _one_of("msgmenu_tap", self.msgmenu_tap, ("menu", "message"))
        _one_of("template_block", self.template_block, ("errcode", "event"))
        _one_of("window_grants", self.window_grants, ("add", "replace"))
        _one_of("official_body", self.official_body, ("xml", "json"))
        _one_of("voice_recognition", self.voice_recognition, ("empty", "absent"))
        _one_of("menu_names", self.menu_names, ("characters", "bytes"))


def _one_of(name: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise ConfigError(f"{name}: {value!r} is not one of {', '.join(allowed)}")


def changed(old: T, changes: dict[str, Any]) -> T:
    """A copy of `old` with `changes`, or ConfigError naming the field; `old` stays as it was."""
    if not isinstance(changes, dict):
        raise ConfigError(f"{type(old).__name__}: an object of fields is expected")
    values = asdict(old)
    for name, value in changes.items():
        if name not in values:
            raise ConfigError(f"{name}: no such field; known: {', '.join(sorted(values))}")
        values[name] = _fitting(name, value, values[name])
    made = type(old)(**values)
    if not isinstance(made, Switches):
        _check_key(made.aes_key)
    return made


def _check_key(aes_key: str) -> None:
    try:
        key_from(aes_key)
    except ValueError as error:
        raise ConfigError(f"aes_key: {error}") from error


def _fitting(name: str, value: Any, before: Any) -> Any:
    if name == "trusted_ips":
        if value is None or (isinstance(value, list) and all(isinstance(v, str) for v in value)):
            return value
        raise ConfigError("trusted_ips: a list of addresses, or null for any")
    if isinstance(before, StrEnum):
        _one_of(name, value, tuple(each.value for each in type(before)))
        return type(before)(value)
    if isinstance(before, float) and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if type(value) is not type(before):
        raise ConfigError(f"{name}: expected {type(before).__name__}, got {type(value).__name__}")
    return value
