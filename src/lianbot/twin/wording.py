"""Every text of the twin that a person reads on a phone."""

from __future__ import annotations

SERVICE_DOWN = {
    "wecom": "该应用提供的服务暂时不可用，请稍后再试",
    "official": "该公众号提供的服务暂时不可用，请稍后再试",
}
HIDDEN_KIND = "暂不支持此消息类型，请在企业微信中查看"
SEE_IN_WECOM = "你收到一条消息，请在企业微信中查看"
RECALLED = "对方撤回了一条消息"
FOLLOWED = "你已关注该公众号"
UNFOLLOWED = "你已取消关注"
SERVICE_NOTICE = "服务通知"
OPEN_IN_WECHAT = "请在微信客户端打开链接"

# Why a phone is grey when nobody set another reason, and what would mend it.
UNREACHED = {
    "inactive": ("企业微信还没激活", "请本人登录一次企业微信，或扫码关注微信插件"),
    "unlicensed": ("账号没有许可", "请管理员在后台分配许可"),
    "none": ("没有企业微信，也没关注公众号", "请扫班组海报上的码，或由班长当面读"),
}
