// The wall: polls for changed tiles once a second and touches only those.
const POLL = 1000;
const MOST_TILES = 400;
const byId = (id) => document.getElementById(id);
const state = { since: -1, roster: -1, phones: new Map(), nodes: new Map(), banner: "" };

function element(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
}

function shortTime(at) {
  return at ? new Date(at * 1000).toLocaleTimeString("zh-CN", { hour: "2-digit", minute: "2-digit", timeZone: "Asia/Shanghai" }) : "";
}

function newTile(phone) {
  const node = element("a", "tile");
  node.href = `/twin/phone/${encodeURIComponent(phone.id)}`;
  node.dataset.phone = phone.id;
  const head = element("div", "tile-head");
  head.append(element("b", "tile-name"), element("span", "badge"));
  node.append(head, element("div", "tile-note"), element("div", "tile-last"), element("div", "tile-foot"));
  return node;
}

function fill(node, phone) {
  node.classList.toggle("grey", Boolean(phone.reason));
  node.classList.toggle("from-person", phone.side === "person");
  const [head, note, last, foot] = node.children;
  head.children[0].textContent = phone.name;
  head.children[1].textContent = phone.unread ? String(Math.min(phone.unread, 99)) : "";
  note.textContent = [phone.post, phone.team, phone.note].filter(Boolean).join(" · ") || " ";
  last.textContent = phone.reason ? phone.reason : phone.last || "还没有消息";
  last.classList.toggle("none", !phone.last && !phone.reason);
  const client = phone.client === "plain" ? "普通微信" : "";
  foot.textContent = phone.reason ? phone.mend : [shortTime(phone.at), client].filter(Boolean).join(" · ");
  node.title = phone.reason ? `${phone.reason}。${phone.mend}` : phone.last;
}

function wanted(phone) {
  const words = byId("search").value.trim().toLowerCase().split(/\s+/).filter(Boolean);
  const text = `${phone.name} ${phone.post} ${phone.team} ${phone.note} ${phone.id}`.toLowerCase();
  const team = byId("team").value;
  return words.every((word) => text.includes(word))
    && (!team || phone.team === team)
    && (!byId("only-unread").checked || phone.unread > 0)
    && (!byId("only-grey").checked || Boolean(phone.reason));
}

function nodeOf(phone) {
  let node = state.nodes.get(phone.id);
  if (!node) {
    node = newTile(phone);
    fill(node, phone);
    state.nodes.set(phone.id, node);
  }
  return node;
}

function arrange() {
  const matching = [...state.phones.values()].filter(wanted);
  const shown = matching.slice(0, MOST_TILES).map(nodeOf);
  const tiles = byId("tiles");
  const same = shown.length === tiles.children.length && shown.every((node, i) => tiles.children[i] === node);
  if (!same) tiles.replaceChildren(...shown);
  byId("counted").textContent = `${matching.length} / ${state.phones.size} 部`;
  byId("more").hidden = matching.length <= MOST_TILES;
  byId("more").textContent = `还有 ${matching.length - MOST_TILES} 部没有显示，请用上面的筛选。`;
}

function fillTeams() {
  const chosen = byId("team").value;
  const teams = [...new Set([...state.phones.values()].map((phone) => phone.team).filter(Boolean))].sort((a, b) => a.localeCompare(b, "zh"));
  byId("team").replaceChildren(new Option("全部班组", ""), ...teams.map((team) => new Option(team, team)));
  byId("team").value = teams.includes(chosen) ? chosen : "";
}

function showFigures(figures) {
  byId("figures").hidden = !figures.length;
  byId("figures").replaceChildren(...figures.map((figure) => {
    const box = element("div", "figure");
    box.append(element("b", "", String(figure.value)), element("span", "", figure.label));
    return box;
  }));
}

function tourStep(step, index) {
  const box = element("li");
  box.append(element("b", "", step.title), element("span", "", step.text || ""));
  const buttons = element("div", "step-buttons");
  if (step.action_url) {
    const button = element("button", "", step.action || "做");
    button.type = "button";
    button.addEventListener("click", () => act(index, button));
    buttons.append(button);
  }
  if (step.link) {
    const link = element("a", "", step.link_text || "看");
    link.href = step.link;
    if (/^https?:/.test(step.link)) link.target = "_blank";
    buttons.append(link);
  }
  box.append(buttons);
  return box;
}

async function act(index, button) {
  button.disabled = true;
  try {
    const answer = await (await fetch(`/twin/api/banner/act/${index}`, { method: "POST" })).json();
    toast(answer.message || (answer.ok ? "好了" : "没成"));
  } finally {
    button.disabled = false;
  }
}

function showBanner(banner) {
  const text = JSON.stringify(banner);
  if (text === state.banner) return;
  state.banner = text;
  if (banner.title) byId("title").textContent = banner.title;
  if (banner.note) byId("note").textContent = banner.note;
  showFigures(banner.figures || []);
  byId("tour").hidden = !(banner.tour || []).length;
  byId("tour").replaceChildren(...(banner.tour || []).map(tourStep));
}

function toast(text) {
  byId("toast").textContent = text;
  byId("toast").hidden = false;
  clearTimeout(toast.timer);
  toast.timer = setTimeout(() => { byId("toast").hidden = true; }, 4000);
}

async function poll() {
  const answer = await (await fetch(`/twin/api/wall?since=${state.since}&roster=${state.roster}`)).json();
  byId("clock").textContent = answer.clock.local.slice(0, 16);
  byId("jumps").hidden = !answer.clock.movable;
  showBanner(answer.banner);
  if (answer.all) {
    state.phones.clear();
    state.nodes.clear();
  }
  for (const phone of answer.tiles) {
    state.phones.set(phone.id, phone);
    const node = state.nodes.get(phone.id);
    if (node) fill(node, phone);
  }
  state.since = answer.version;
  state.roster = answer.roster;
  if (answer.all) fillTeams();
  if (answer.all || answer.tiles.length) arrange();
}

async function run() {
  if (!document.hidden) await poll().catch(() => { byId("counted").textContent = "替身没有回答"; });
  setTimeout(run, POLL);
}

for (const id of ["search", "team", "only-unread", "only-grey"]) byId(id).addEventListener("input", arrange);
byId("jumps").addEventListener("click", async (event) => {
  const jump = event.target.dataset.jump;
  if (!jump) return;
  const answer = await fetch("/twin/api/clock", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ jump }) });
  const body = await answer.json();
  toast(body.error || `现在是 ${body.local.slice(0, 16).replace("T", " ")}`);
  await poll();
});
run();
