"""What `lianbot init` writes."""

TOML_TEMPLATE = """\
# lianbot 的设置。每一项也可以用环境变量 LIANBOT_大写名 来写；
# 密码类的可以用 LIANBOT_大写名_FILE 指一个文件。

# 数据库：一个文件就够一所学校用。几台机器一起跑才要 PostgreSQL：
# database_url = "postgresql://lianbot@/lianbot?host=/run/postgresql"
database_url = "sqlite:///lianbot.db"

# 只在本机听；对外请用 nginx 之类转进来（见 deploy/）
http_host = "127.0.0.1"
http_port = 8080

# 员工手机上看到的地址，要和企业微信“可信域名”、服务号“网页授权域名”一致
public_url = ""

# 签链接和防重用；换了它，已发出的页面要重新点开
secret_key = "{secret_key}"

# 企业微信：我的企业 → 企业 ID；应用管理 → 自建应用 → AgentId、Secret；
# 接收消息 → 设置 API 接收 → Token、EncodingAESKey，地址填 public_url + /wechat/wecom
wecom_corp_id = ""
wecom_agent_id = 0
# wecom_secret = ""
# wecom_token = ""
# wecom_aes_key = ""

# 服务号（可以和企业微信一起用，也可以只用一个）：开发 → 基本配置 → AppID、AppSecret；
# 服务器配置 → Token、EncodingAESKey，地址填 public_url + /wechat/official，加密方式选安全模式
official_appid = ""
# official_secret = ""
# official_token = ""
# official_aes_key = ""
# 模板消息（要本人同意）：模板库里选一个上课提醒一类的，抄下编号，写明每个字段填什么
# official_template_id = ""
# official_template_fields = "thing1={{title}};phrase2=待阅读"

# 意见箱（单独的进程）对外的地址，也是“学习与服务”首页
door_public_url = ""
"""
