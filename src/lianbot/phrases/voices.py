"""Texts of the pages on which an editor records a voice."""

TITLE = "念给师傅听"
INTRO = "点开一条，照着念，用手机的录音机录好交上来。交上来的要另一个人审核过才会播。"
NONE = "没有要念的稿子。"
HAS_VOICE = "已有录音"
NO_VOICE = "还没有录音"
HOW = "找个安静的地方，手机离嘴一拃远，照着念，不超过 60 秒。"
FILE = "录音（点一下就录，或者选录好的）"
SLOW = "这是慢速的一遍"
HAND_IN = "交上去"
NO_FILE = "没有收到录音，请先录好再点“交上去”"
TOO_LARGE = "文件太大，一分钟的录音不会超过 15 MB，请重新录"
NOT_AN_EDITOR = "这一页只给编辑用。您要是编辑，请系统管理员在控制台把您的账号和工号连起来。"
BACK = "回到列表"


def kept(seconds: float) -> str:
    return f"收到了，{seconds:.0f} 秒。等另一个人审核。"
