"""The one reader of environment and lianbot.toml; everything else gets frozen values handed in."""

import os
from pathlib import Path
from typing import Any

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from lianbot.domain.errors import InvalidInputError

PREFIX = "LIANBOT_"
TOML = "lianbot.toml"
REAL_WECOM = "https://qyapi.weixin.qq.com"
REAL_OFFICIAL = "https://api.weixin.qq.com"


class Settings(BaseSettings):
    """Names as in design §9: `LIANBOT_…` variables, or the same in lower case in lianbot.toml.

    A variable with the suffix `_FILE` names a file whose content is the value.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, toml_file=TOML, frozen=True, extra="forbid"
    )

    database_url: str = Field("sqlite:///lianbot.db", description="数据库地址")
    http_host: str = Field("127.0.0.1", description="监听地址；前面有反向代理时不要改")
    http_port: int = Field(8080, ge=0, le=65535, description="监听端口，0 表示任选")
    public_url: str = Field("", description="外网看到的地址，例如 https://lj.example.edu.cn")
    content_dir: Path | None = Field(None, description="内容文件夹；不写就用随程序带的")
    data_dir: Path = Field(Path(), description="放签名钥匙等文件的地方")
    secret_key: SecretStr = Field(
        SecretStr(""), description="签链接和会话用的密钥，至少 32 个字符"
    )
    clock: str = Field("system", description="system 或 file:路径（演示和测试用）")
    trusted_proxies: str = Field("", description="可信反向代理的地址，用逗号分开")
    tick_seconds: float = Field(5.0, gt=0, description="多久看一次有没有该推的")
    send_width: int = Field(100, ge=1, le=1000, description="同时交给平台的条数")
    platform_timeout: float = Field(
        8.0, gt=0, le=60, description="等平台回答多少秒；超过就记成“不确定”，不当没发"
    )
    push_per_minute: int = Field(
        0, ge=0, description="每分钟最多推多少人次，所有进程合计；0 表示只按平台的规定"
    )
    stage_rest_minutes: int = Field(
        10, ge=1, le=1440, description="分批推送：两批之间至少隔多少分钟，让收到的人来得及说不对"
    )
    stage_bad_percent: int = Field(
        20,
        ge=1,
        le=90,
        description="分批推送：已放出的人里，拒收和不明的超过百分之几（并且不止 1 人）就自动暂停",
    )
    pilot_allow: str = Field("", description="试点名单：只给这些工号发，用逗号分开；不写就是全部")
    verify_files: Path | None = Field(
        None, description="放 WW_verify_*.txt、MP_verify_*.txt 的文件夹"
    )
    demo: bool = Field(False, description="演示：角色切换代替密码，只在本机")
    frame_ancestors: str = Field("", description="谁可以把手机页面放进框里（演示用）")

    wecom_corp_id: str = Field("", description="企业微信：我的企业 → 企业 ID")
    wecom_agent_id: int = Field(0, description="企业微信：自建应用的 AgentId")
    wecom_secret: SecretStr = Field(SecretStr(""), description="企业微信：自建应用的 Secret")
    wecom_token: SecretStr = Field(SecretStr(""), description="企业微信：接收消息的 Token")
    wecom_aes_key: SecretStr = Field(
        SecretStr(""), description="企业微信：接收消息的 EncodingAESKey，43 个字符"
    )
    wecom_accounts: int = Field(
        0,
        ge=0,
        description="企业微信：企业的账号上限，一天最多推它的 200 倍人次；0 表示不知道，不预先数",
    )
    wecom_api_base: str = Field(REAL_WECOM, description="企业微信接口的地址，平时不用改")

    official_appid: str = Field("", description="公众号：开发者 AppID")
    official_secret: SecretStr = Field(SecretStr(""), description="公众号：AppSecret")
    official_token: SecretStr = Field(SecretStr(""), description="公众号：服务器配置的 Token")
    official_aes_key: SecretStr = Field(
        SecretStr(""), description="公众号：服务器配置的 EncodingAESKey"
    )
    official_api_base: str = Field(REAL_OFFICIAL, description="公众号接口的地址，平时不用改")
    official_mode: str = Field("", description="safe、compatible 或 plain；有密钥时默认 safe")
    official_template_id: str = Field("", description="服务号：上课提醒一类模板的编号；不写就不发")
    official_template_fields: str = Field(
        "",
        description="模板的字段各填什么，例如 thing1={title};phrase2=待阅读；{lead} 是内容的开头",
    )
    official_templates_a_day: int = Field(
        100_000, ge=0, description="服务号一天能发多少条模板消息，后台“接口权限”里有；0 不数"
    )
    official_customs_a_day: int = Field(
        500_000, ge=0, description="服务号一天能发多少条客服消息；0 不数"
    )
    official_ways: str = Field(
        "template,customer,held",
        description="服务号用哪几种发法：template 模板消息，customer 客服消息，held 等下次来",
    )
    official_windows: str = Field(
        "replace", description="员工再来一次，回复时段是重算（replace）还是累加（add）"
    )

    door_dir: Path | None = Field(None, description="意见箱放文件的文件夹")
    door_host: str = Field("127.0.0.1", description="意见箱的监听地址")
    door_port: int = Field(0, ge=0, le=65535, description="意见箱的监听端口，0 表示任选")
    door_public_url: str = Field("", description="首页“学习与服务”的外网地址，由意见箱提供")
    superior_accounts: str = Field(
        "",
        description="纪检委员超过七天没登记取信时提醒谁：控制台账号名，用逗号分开；"
        "不写就是不兼纪检委员的审核人",
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (
            init_settings,
            env_settings,
            _FileSuffix(settings_cls),
            TomlConfigSettingsSource(settings_cls),
        )


class _FileSuffix(PydanticBaseSettingsSource):
    """`LIANBOT_WECOM_SECRET_FILE=/run/secrets/wecom` reads the secret from that file."""

    def get_field_value(self, field: Any, field_name: str) -> tuple[Any, str, bool]:
        name = f"{PREFIX}{field_name.upper()}_FILE"
        path = os.environ.get(name)  # noqa: TID251 - the one reader
        if not path:
            return None, field_name, False
        try:
            return Path(path).read_text(encoding="utf-8").strip(), field_name, False
        except OSError as error:
            raise InvalidInputError(name, f"读不到文件 {path}") from error

    def __call__(self) -> dict[str, Any]:
        found = {
            name: self.get_field_value(field, name)[0]
            for name, field in self.settings_cls.model_fields.items()
        }
        return {name: value for name, value in found.items() if value is not None}


def load_settings(**overrides: Any) -> Settings:
    """Raises InvalidInputError naming the first setting that is wrong, and the mend."""
    try:
        return Settings(**overrides)
    except ValidationError as error:
        first = error.errors()[0]
        name = PREFIX + "_".join(str(part) for part in first["loc"]).upper()
        if first["type"] == "extra_forbidden":
            raise InvalidInputError(TOML, f"不认识的设置 {first['loc'][0]}") from error
        raise InvalidInputError(name, f"值不对（{first['msg']}）") from error
    except (OSError, ValueError) as error:
        raise InvalidInputError(TOML, f"读不了：{error}") from error


def variables(settings: Settings) -> dict[str, str]:
    """The settings as environment variables, to hand them to a process we start (demo)."""
    found: dict[str, str] = {}
    for name, value in settings:
        if value is None:
            continue
        text = value.get_secret_value() if isinstance(value, SecretStr) else str(value)
        if text:
            found[PREFIX + name.upper()] = text
    return found


def environment() -> dict[str, str]:
    """This process's environment without our own variables."""
    return {
        name: value
        for name, value in os.environ.items()  # noqa: TID251 - the one reader
        if not name.startswith(PREFIX)
    }


def secret_from(name: str) -> str | None:
    """`LIANBOT_NAME`, or the file that `LIANBOT_NAME_FILE` names; for secrets that only a command needs."""
    given = os.environ.get(f"{PREFIX}{name}")  # noqa: TID251 - the one reader
    if given:
        return given
    path = os.environ.get(f"{PREFIX}{name}_FILE")  # noqa: TID251 - the one reader
    if not path:
        return None
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise InvalidInputError(f"{PREFIX}{name}_FILE", f"读不到文件 {path}") from error
