// Every text of the officer's tool; no logic.
export const title = "收信箱";
export const offline = "这个文件从电脑里打开，不连网络，也连不了网络：取来的文件从这里导入，做好的文件从这里导出，用 U 盘搬。";
export const unlock = { head: "打开钥匙", file: "钥匙文件（.key）", words: "口令", open: "打开", busy: "正在打开，请等几秒…", wrong: "口令不对，或钥匙文件坏了。", short: "口令要 6 个词以上。", kind: "这不是钥匙文件。" };
export const create = { head: "新建钥匙", office: "办公室代号（小写字母，如 hq）", name: "办公室名称（员工会看到）", superior: "这是上级（领导的事只送上级）", make: "生成", show: "口令只显示这一次，抄在纸上，和钥匙文件分开放：", key: "保存钥匙文件", open: "保存公开文件（交给签名单的人）", need: "请填代号和名称。" };
export const desk = { files: "导入文件（收信人名单、intake.json、sealed.bin、照片、台账，可以一起选）", list: "台账", save: "导出台账", unsaved: "有没导出的改动！关掉页面就没有了。", pack: "做本周的包", again: "本周再做一个", release: "公告里“改了什么”（不写就不公布）", renew: "加下一季度的钥匙", none: "还没有件。", late: "超期", fetched: "已取到", needList: "请先导入收信人名单 recipients.json。", bad: (name) => `${name}：读不懂，没有导入。`, chain: "台账的操作记录断了链：有人改过。请换用备份并报告上级。", imported: (name) => `${name}：已导入`, opened: (n) => `打开了 ${n} 件新来的或有补充的。`, words: "再输一次口令以保存钥匙" };
export const one = { letters: "来件", replies: "回音", steps: "经过", photo: "照片", missing: "照片文件还没有导入", reply: "写回音（随下一个周包送出）", state: "状态改为", keep: "不改", queue: "放进周包", note: "台账备注（来件人看不到）", second: "另一个人的钥匙文件（办结必须）", secondWords: "另一个人的口令", needSecond: "办结要由另一个人用自己的钥匙同意。", empty: "回音不能是空的。", waiting: "等下一个周包", sent: (week) => `${week} 周送出`, archive: "导出归档（带水印）", print: "打印线索移送单（可存成 PDF）", sheet: "线索移送单", sign: "移送人（签字）：____________　接收人（签字）：____________", from: { concern: "意见", more: "补充", object: "不同意处理结果" }, warn: "不核对笔迹、语气，不排查来件人。" };
export const states = { received: "收到", acked: "已回执", accepted: "受理", referred: "转办", declined: "不予受理", need_info: "请补充", investigating: "核查中", feedback: "已反馈", closed: "办结销号", reopened: "复查" };
export const due = { ack: "三个工作日内回执", refer: "五个工作日内受理或转办", interim: "每三十天告知一次进展", feedback: "三个月内反馈结果", objection: "等三十天异议期后办结" };
export const knowing = { one: "只有本人知道", few: "两三个人知道", many: "很多人都知道", unsure: "知情人数说不清" };
