// One phone: chat list, chat, in-app page. Polls for changes while it is looked at.
import { element, render } from "/twin/static/bubbles.js";

const POLL = 600;
const byId = (id) => document.getElementById(id);
const body = document.body;
const phoneId = body.dataset.phone;
const base = `/twin/api/phones/${encodeURIComponent(phoneId)}`;
const titles = { wecom: body.dataset.wecom, official: body.dataset.official };
const state = { version: "", phone: null, messages: [], menus: {}, channel: "", keyboard: true, drawn: "" };

async function post(path, payload, method = "POST") {
  const answer = await fetch(base + path, { method, headers: { "Content-Type": "application/json" }, body: JSON.stringify(payload || {}) });
  const result = await answer.json();
  if (result.error && !answer.ok) toast(result.error);
  else if (result.muted) toast("平台暂停推送一分钟，这一下没有送到");
  await poll();
  return result;
}

const acts = {
  link(url, text) {
    if (url.startsWith("weixin://bizmsgmenu")) {
      const query = new URLSearchParams(url.split("?")[1]);
      return write(query.get("msgmenucontent") || text, query.get("msgmenuid") || "");
    }
    return openPage(url);
  },
  async tap(line, key, selected, box) {
    box.classList.add("waiting");
    await post("/tap", { message: line.id, key, selected });
    box.classList.remove("waiting");
  },
  async cardMenu(line, key, box) {
    box.classList.add("waiting");
    await post("/tap", { message: line.id, key, menu: true });
    box.classList.remove("waiting");
  },
  menuItem: (item) => write(item.content, String(item.id)),
};

function openPage(url) {
  if (!/^https?:/.test(url)) return toast("打不开这个链接");
  const address = `/twin/phone/${encodeURIComponent(phoneId)}/open?url=${encodeURIComponent(url)}`;
  byId("web").src = address;
  byId("web-out").href = address;
  byId("web-host").textContent = new URL(url).host;
  byId("web-screen").hidden = false;
  return undefined;
}

function closePage() {
  byId("web-screen").hidden = true;
  byId("web").src = "about:blank";
}

async function write(text, menuId = "") {
  if (text.trim()) await post("/text", { text, channel: state.channel, menu_id: menuId });
}

function toast(text) {
  byId("toast").textContent = text;
  byId("toast").hidden = false;
  clearTimeout(toast.timer);
  toast.timer = setTimeout(() => { byId("toast").hidden = true; }, 3500);
}

// chat list ---------------------------------------------------------------------------

function chats() {
  const member = ["wecom", "plain"].includes(state.phone.client);
  const wrote = (channel) => state.messages.some((line) => line.channel === channel);
  return ["wecom", "official"].filter((channel) => wrote(channel) || (channel === "wecom" ? member : state.phone.followed));
}

function drawList() {
  const rows = chats().map((channel) => {
    const last = state.messages.filter((line) => line.channel === channel).at(-1);
    const row = element("button", "chat-row");
    row.type = "button";
    const words = element("div", "chat-words");
    words.append(element("b", "", titles[channel]), element("span", "gray", last ? last.summary : channel === "wecom" ? "企业微信应用" : "公众号"));
    row.append(element("span", `avatar ${channel}`, channel === "wecom" ? "企" : "公"), words, element("time", "gray", last ? last.time.slice(11, 16) : ""));
    row.addEventListener("click", () => enterChat(channel, true));
    return row;
  });
  byId("chats").replaceChildren(...rows);
  byId("no-chats").hidden = rows.length > 0;
}

function enterChat(channel, byTap) {
  state.channel = channel;
  state.drawn = "";
  byId("list-screen").hidden = true;
  byId("chat-screen").hidden = false;
  byId("chat-title").textContent = titles[channel];
  state.keyboard = !(state.menus[channel] || []).length;
  drawFoot();
  drawLines(true);
  if (byTap && channel === "wecom") post("/enter", {});
}

function showList() {
  state.channel = "";
  byId("chat-screen").hidden = true;
  byId("list-screen").hidden = false;
  drawList();
}

// chat --------------------------------------------------------------------------------

function timeMark(line, before) {
  if (before && line.at - before.at < 300) return null;
  const today = state.clock.slice(0, 10) === line.time.slice(0, 10);
  const day = `${Number(line.time.slice(5, 7))}月${Number(line.time.slice(8, 10))}日 `;
  return element("div", "time-mark", (today ? "" : day) + line.time.slice(11, 16));
}

function row(line) {
  const node = render(line, acts);
  if (node.classList.contains("notice")) return node;
  const box = element("div", `line ${line.side}`);
  box.dataset.message = line.id;
  const face = line.side === "person" ? state.phone.name.slice(-1) : state.channel === "wecom" ? "企" : "公";
  box.append(element("span", `avatar ${line.side === "person" ? "own" : line.channel}`, face), node);
  return box;
}

function drawLines(toEnd) {
  const lines = state.messages.filter((line) => line.channel === state.channel);
  const mark = JSON.stringify(lines.map((line) => [line.id, line.recalled, line.replaced, line.visible, line.kind === "template_card" && line.content]));
  if (mark === state.drawn) return;
  state.drawn = mark;
  const box = byId("lines");
  const atEnd = toEnd || box.scrollHeight - box.scrollTop - box.clientHeight < 120;
  const nodes = lines.flatMap((line, i) => [timeMark(line, lines[i - 1]), row(line)].filter(Boolean));
  box.replaceChildren(...nodes);
  if (atEnd) box.scrollTop = box.scrollHeight;
}

// foot: menu and keyboard ---------------------------------------------------------------

function menuEntry(entry) {
  const box = element("div", "menu-entry");
  const button = element("button", "", entry.name);
  button.type = "button";
  box.append(button);
  const below = entry.sub_button?.list || entry.sub_button || [];
  button.addEventListener("click", () => below.length ? popup(box, below) : pick(entry));
  return box;
}

function popup(parent, entries) {
  const open = parent.querySelector(".popup");
  closePopups();
  if (open) return;
  const box = element("div", "popup");
  box.append(...entries.map((entry) => {
    const item = element("button", "", entry.name);
    item.type = "button";
    item.addEventListener("click", () => { closePopups(); pick(entry); });
    return item;
  }));
  parent.append(box);
}

function closePopups() {
  for (const box of document.querySelectorAll(".popup")) box.remove();
}

function pick(entry) {
  if (entry.type === "view") {
    // The event goes out while the page opens, as on a real phone.
    post("/menu", { url: entry.url, channel: state.channel });
    openPage(entry.url);
  } else {
    post("/menu", { key: entry.key, channel: state.channel });
  }
}

function drawFoot() {
  const entries = state.menus[state.channel] || [];
  byId("toggle-menu").hidden = !entries.length;
  byId("toggle-menu").textContent = state.keyboard ? "☰" : "⌨";
  byId("menu").hidden = state.keyboard || !entries.length;
  byId("write").hidden = byId("talk").hidden = !state.keyboard;
  byId("menu").replaceChildren(...entries.map(menuEntry));
}

// the phone as a whole -------------------------------------------------------------------

function drawAbout() {
  const phone = state.phone;
  byId("about").textContent = [phone.post, phone.team, phone.note].filter(Boolean).join(" · ");
  byId("why").hidden = byId("strip").hidden = !phone.reason;
  byId("why").textContent = byId("strip").textContent = phone.reason ? `够不着：${phone.reason}。${phone.mend}` : "";
  byId("plain").checked = phone.client === "plain";
  byId("plain").disabled = !["wecom", "plain"].includes(phone.client);
  byId("follow").disabled = phone.followed;
  byId("unfollow").disabled = !phone.followed;
}

async function poll() {
  const answer = await (await fetch(`${base}/live?since=${state.version}`)).json();
  state.clock = answer.clock.local;
  byId("status-clock").textContent = answer.clock.local.slice(11, 16);
  byId("phone-clock").textContent = `时钟 ${answer.clock.local.slice(0, 16)}`;
  if (!answer.phone) return;
  const first = !state.phone;
  const menus = JSON.stringify(state.menus);
  Object.assign(state, { version: answer.version, phone: answer.phone, messages: answer.messages, menus: answer.menus });
  drawAbout();
  if (first) {
    const last = state.messages.at(-1)?.channel || chats()[0];
    if (last) enterChat(last, false);
    else showList();
  } else if (state.channel) {
    if (menus !== JSON.stringify(state.menus)) drawFoot();
    drawLines(false);
  } else {
    drawList();
  }
  if (state.channel && state.phone.unread && !document.hidden) fetch(`${base}/read`, { method: "POST" });
}

async function run() {
  if (!document.hidden) await poll().catch(() => undefined);
  setTimeout(run, POLL);
}

byId("write").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = byId("text").value;
  byId("text").value = "";
  write(text);
});
byId("toggle-menu").addEventListener("click", () => { state.keyboard = !state.keyboard; drawFoot(); });
// Recognition arrives empty on the real platform too: the bot has to ask for text or taps.
byId("talk").addEventListener("click", () => post("/send", { kind: "voice", channel: state.channel, fields: { MediaId: `voice-${Date.now()}`, Format: "amr", Recognition: "" } }));
byId("back").addEventListener("click", showList);
byId("web-close").addEventListener("click", closePage);
byId("plain").addEventListener("change", (event) => post("", { client: event.target.checked ? "plain" : "wecom" }, "PATCH"));
byId("follow").addEventListener("click", async () => { await post("/subscribe", {}); enterChat("official", false); });
byId("unfollow").addEventListener("click", () => post("/unsubscribe", {}));
byId("scan").addEventListener("submit", async (event) => {
  event.preventDefault();
  const scene = byId("scene").value.trim();
  byId("scene").value = "";
  if (!scene) return;
  await post("/subscribe", scene.length > 64 ? { ticket: scene } : { scene });
  enterChat("official", false);
});
byId("large").addEventListener("change", (event) => {
  body.classList.toggle("large", event.target.checked);
  localStorage.setItem("twin-large", event.target.checked ? "1" : "");
});
byId("large").checked = Boolean(localStorage.getItem("twin-large"));
body.classList.toggle("large", byId("large").checked);
run();
