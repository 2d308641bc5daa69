// Every text of the page; no logic.
export const title = "学习与服务";
export const leave = "立即离开";
export const back = "返回";
export const next = "下一步";
export const levels = "匿名：这里不问您是谁，本系统不收集、不保存能认出您的信息。微信和网络运营商不在我们控制之内；用自己的流量、用手机自带的浏览器更稳妥。";

export const front = {
  lessons: "短课", faq: "常见问题", search: "搜一搜（不发出去）", noHit: "没有找到。可以在微信里问机器人，或当面问班长、支部。",
  record: "我的记录", recordText: "学习记录要从微信消息里您自己的链接打开，这个页面不认识任何人。",
  box: "意见箱", boxText: "看见不对的事，想说又怕被认出来，可以写在这里。纸条、电话、当面也一样算数。",
  write: "写意见", mailbox: "看回音", ways: "其他办法", board: "公告", poster: "收信人钥匙指纹（可以和海报核对）：",
  nothing: "今天没有新的短课。",
};

export const ways = {
  title: "其他办法，随时可用",
  list: [
    ["12388", "纪检监察举报电话"], ["12333", "工资、社保、合同"], ["12315", "食品、价格、消费"], ["110", "有人正受到伤害"],
  ],
  more: "也可以写纸条放进食堂、宿舍、更衣室的意见箱，或者当面找纪检委员、支部书记。本意见箱不是国家机关的举报平台。",
  tooOld: "这部手机封不了信。请打 12388，或写纸条放进意见箱，或换一部手机扫海报。",
};

export const wage = {
  title: "工资、工时的事，先打劳动保障电话更快",
  text: "12333 是劳动保障热线，欠薪、不签合同、不缴社保都管，可以直接要求处理。也可以继续写在这里，两边都说不冲突。",
};

export const categories = [
  ["gift", "收礼、回扣、人情菜"], ["buying", "采购、验收、库存"], ["food", "食品安全"], ["safety", "用火用电、安全"],
  ["wage", "欠薪、工时、扣钱"], ["bully", "欺负、骚扰、打击报复"], ["property", "公物私用、偷拿"],
  ["leader", "领导干部的事"], ["other", "别的"],
];

export const places = ["食堂", "库房、收货口", "宿舍", "大门、门岗", "教学楼", "工地、维修", "办公室", "别的地方", "不想说"];

export const knowing = [["one", "只有我"], ["few", "两三个人"], ["many", "很多人都知道"], ["unsure", "说不清"]];

export const blocks = {
  any: ["我看到", "我听说", "有人", "不止一次", "最近一个月", "半年多了", "别人也知道", "没有人管", "希望查一查", "希望给个说法"],
  gift: ["收了供货商的东西", "要回扣", "给亲戚多打菜", "过节送卡送烟酒"],
  buying: ["少收多记", "次的当好的收", "单子和货对不上", "库里的东西不见了"],
  food: ["用了过期的东西", "剩菜又端上来", "不洗手不戴口罩"],
  safety: ["消防门锁着", "电线裸露", "没有培训就上岗"],
  wage: ["工资晚发", "加班没有钱", "乱扣钱", "不签合同"],
  bully: ["骂人打人", "说了实话就给穿小鞋", "动手动脚"],
  property: ["公家的东西拿回家", "公车私用"],
  leader: ["领导打招呼", "领导的亲戚承包"],
  other: [],
};

export const form = {
  category: "是哪一类的事？", place: "在哪里？", knowing: "还有几个人知道？（帮收信人判断怎样查才不会露出您）",
  blocks: "点一下就能拼成句子：", text: "想说的话", textHint: "写什么时候、什么地方、什么事。不写自己的名字。",
  photos: "照片（最多 4 张，可以不加）", addPhoto: "加一张照片", photoBusy: "正在处理照片…", photoBad: "这张照片打不开，换一张试试。PDF、文档请拍照。",
  photoNote: "照片会在手机里重新压缩，去掉时间和地点信息。拍到自己、自己的手或工牌的，请不要加。",
  readers: "谁能看到", readersBoth: "默认由这几个办公室各自收到同一封信：", omit: (name) => `不给${name}看`, onlySuperior: (name) => `领导的事只送${name}，别的办公室打不开。`,
  empty: "请先写几个字，或点几句现成的话。", tooLong: "太长了，请删短一些。", noCategory: "请先选一类。",
  check: "发出前再看一眼", checkText: "里面好像有能认出人的内容：", checkFix: "回去改", checkGo: "就这样写",
  hints: { phone: "手机号", id: "身份证号", bank: "银行卡号", name: "“我是…、我叫…”", bed: "床号或房号", staff: "工号" },
};

export const receipt = {
  title: "回执码", lead: "共 5 行，每行 4 个数字。抄在纸上，像抄发票号码。不要截图：相册可能会自动上传。",
  copied: "抄好了", typeBack: (row) => `请输入第 ${row} 行的 4 个数字`, again: "再看一眼", wrong: "和上面的不一样，请再对一遍纸上的数字。",
  enter: "请输入回执码，一行一格", bad: "号码有一位不对，请一行一行再对一遍", open: "打开",
};

export const sending = {
  busy: "正在封好，请等几秒，不要关", done: "已封好送到。第 1、5、9、13 周的星期一以后，来这里看回音。号码丢了，谁也找不回来，但意见照样会有人看。",
  failed: "没有送到，请再试", retry: "再试一次", full: "现在送不进去。号码可以划掉，请改用下面的办法，或者明天再来。", finish: "好了，回到首页",
  photoFailed: "照片没有送到，请再试",
};

export const mailbox = {
  title: "回音", opening: "正在打开，请等几秒", states: { received: "收到", passed: "已转", result: "有结果", done: "办完" },
  none: "信箱里还没有回音。第 1、5、9、13 周的星期一以后再来看。", unknown: "没有找到这个号码的信。请一行一行再对一遍。",
  news: "公告里有给您的新回音。", proof: "您的信在每日总账里，没有人拿掉它。", noProof: "您的信还没有进每日总账（每天凌晨进一次）。如果过了两天还是这样，请用其他办法再说一次。",
  follow: "补充几句", object: "我不同意这个结果", objectNote: "只能提一次，会由另一个人再看。", retaliation: "有人因此为难您吗？请写在补充里，会优先处理。",
  send: "封好送出", to: "这次送给谁？（页面不记得上次选了谁）", toAll: "这几个办公室都送", only: (name) => `只送${name}`, choose: "请先选送给谁。", sent: "已封好送到。", from: (n) => `第 ${n} 次回音`, objectionSent: "已送到，会有另一个人再看。",
  failed: "打不开，请检查网络后再试",
};

export const idle = { still: "还在吗？点一下继续", yes: "继续" };
