// One chat line as a node. Text of the bot is never parsed as HTML by the browser.
export function element(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
}

function linkTo(text, url, acts) {
  const link = element("a", "link", text);
  link.href = url;
  link.addEventListener("click", (event) => {
    event.preventDefault();
    acts.link(url, text);
  });
  return link;
}

// Chat texts know <a href="…">…</a> and bare addresses, nothing else.
const PIECES = /<a\s+href="([^"]+)"[^>]*>([\s\S]*?)<\/a>|(https?:\/\/[^\s<>"，。；！？、）】]+)/g;

export function richText(text, acts) {
  const box = element("span", "rich");
  let from = 0;
  for (const found of text.matchAll(PIECES)) {
    box.append(text.slice(from, found.index));
    box.append(found[3] ? linkTo(found[3], found[3], acts) : linkTo(found[2], found[1], acts));
    from = found.index + found[0].length;
  }
  box.append(text.slice(from));
  return box;
}

// textcard descriptions: <div class="gray|normal|highlight"> and <br> only.
function cardText(text) {
  const box = element("div", "card-text");
  const pieces = text.split(/(<div class="(?:gray|normal|highlight)">|<\/div>|<br\s*\/?>)/);
  let target = box;
  for (const piece of pieces) {
    const kind = /^<div class="(\w+)">$/.exec(piece);
    if (kind) {
      target = element("div", kind[1]);
      box.append(target);
    } else if (piece === "</div>") {
      target = box;
    } else if (/^<br/.test(piece)) {
      target.append(element("br"));
    } else if (piece) {
      target.append(piece);
    }
  }
  return box;
}

function tappable(node, open) {
  node.classList.add("tappable");
  node.tabIndex = 0;
  node.setAttribute("role", "link");
  node.addEventListener("click", (event) => { if (!event.target.closest("button,a,input,select,label")) open(); });
  node.addEventListener("keydown", (event) => { if (event.key === "Enter" && event.target === node) open(); });
  return node;
}

function textCard(part, acts) {
  const card = element("div", "card");
  card.append(element("div", "card-title", part.title), cardText(part.description));
  card.append(element("div", "card-more", part.btntxt || "详情"));
  return tappable(card, () => acts.link(part.url));
}

function news(part, acts) {
  const card = element("div", "card news");
  part.articles.forEach((article, i) => {
    const row = element("div", i ? "article" : "article first");
    if (article.picurl) {
      const picture = element("img");
      picture.src = article.picurl;
      picture.alt = "";
      row.append(picture);
    }
    const words = element("div");
    words.append(element("div", "card-title", article.title));
    if (article.description && part.articles.length === 1) words.append(element("div", "card-text gray", article.description));
    row.append(words);
    card.append(article.url ? tappable(row, () => acts.link(article.url)) : row);
  });
  return card;
}

function cardSource(source) {
  const row = element("div", "card-source");
  if (source.icon_url) {
    const icon = element("img");
    icon.src = source.icon_url;
    icon.alt = "";
    row.append(icon);
  }
  row.append(element("span", `source-${source.desc_color || 0}`, source.desc || ""));
  return row;
}

function horizontal(entry, acts) {
  const row = element("div", "pair");
  const value = entry.type === 1 && entry.url ? linkTo(entry.value || entry.url, entry.url, acts) : element("span", "", entry.value || "");
  row.append(element("span", "gray", entry.keyname || ""), value);
  return row;
}

function cardWords(card, acts) {
  const nodes = [];
  const push = (className, text) => { if (text) nodes.push(element("div", className, text)); };
  if (card.source) nodes.push(cardSource(card.source));
  push("card-title", card.main_title?.title);
  push("card-text gray", card.main_title?.desc);
  if (card.card_image?.url) {
    const picture = element("img", "card-picture");
    picture.src = card.card_image.url;
    picture.alt = "";
    nodes.push(picture);
  }
  push("emphasis", card.emphasis_content?.title);
  push("card-text gray", card.emphasis_content?.desc);
  if (card.quote_area) {
    const quote = element("div", "quote");
    quote.append(element("b", "", card.quote_area.title || ""), element("div", "", card.quote_area.quote_text || ""));
    nodes.push(card.quote_area.url ? tappable(quote, () => acts.link(card.quote_area.url)) : quote);
  }
  push("card-text", card.sub_title_text);
  for (const entry of card.vertical_content_list || []) {
    push("card-text strong", entry.title);
    push("card-text gray", entry.desc);
  }
  for (const entry of card.horizontal_content_list || []) nodes.push(horizontal(entry, acts));
  for (const jump of card.jump_list || []) {
    const row = element("div", "jump", jump.title);
    nodes.push(jump.url ? tappable(row, () => acts.link(jump.url)) : row);
  }
  return nodes;
}

function cardButtons(line, card, acts) {
  const box = element("div", `buttons buttons-${(card.button_list || []).length}`);
  if (line.replaced) {
    const done = element("button", "done", line.replaced);
    done.type = "button";
    done.disabled = true;
    box.append(done);
    return box;
  }
  for (const entry of card.button_list || []) {
    const button = element("button", `style-${entry.style || 1}`, entry.text);
    button.type = "button";
    button.addEventListener("click", () => entry.type === 1 ? acts.link(entry.url) : acts.tap(line, entry.key, null, box));
    box.append(button);
  }
  return box;
}

function cardChoices(line, card, acts) {
  const form = element("form", "choices");
  const checkbox = card.checkbox;
  for (const option of checkbox?.option_list || []) {
    const label = element("label", "choice");
    const input = element("input");
    input.type = checkbox.mode === 1 ? "checkbox" : "radio";
    input.name = checkbox.question_key || "";
    input.value = option.id;
    input.checked = Boolean(option.is_checked);
    label.append(input, element("span", "", option.text));
    form.append(label);
  }
  for (const list of card.select_list || []) {
    const label = element("label", "choice", list.title || "");
    const select = element("select");
    select.name = list.question_key;
    select.append(...(list.option_list || []).map((option) => new Option(option.text, option.id, false, option.id === list.selected_id)));
    label.append(select);
    form.append(label);
  }
  const submit = element("button", "style-1", line.replaced || card.submit_button?.text || "提交");
  submit.disabled = Boolean(line.replaced);
  form.append(submit);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const selected = {};
    for (const [name, value] of new FormData(form)) (selected[name] ||= []).push(value);
    acts.tap(line, card.submit_button?.key || "", selected, form);
  });
  return form;
}

function templateCard(line, card, acts) {
  const box = element("div", "card template-card");
  box.append(...cardWords(card, acts));
  const chooses = card.card_type === "vote_interaction" || card.card_type === "multiple_interaction";
  if (chooses) box.append(cardChoices(line, card, acts));
  else if (card.button_list?.length || line.replaced) box.append(cardButtons(line, card, acts));
  for (const action of card.action_menu?.action_list || []) {
    const button = element("button", "card-menu", action.text);
    button.type = "button";
    button.addEventListener("click", () => acts.cardMenu(line, action.key, box));
    box.append(button);
  }
  const url = card.card_action?.type === 1 ? card.card_action.url : "";
  return url ? tappable(box, () => acts.link(url)) : box;
}

function template(content, acts) {
  const box = element("div", "card template");
  box.append(element("div", "card-title", content.title || "服务通知"));
  for (const row of content.rows || []) {
    const pair = element("div", "pair");
    pair.append(element("span", "gray", row.label), element("span", "", row.value));
    box.append(pair);
  }
  if (!content.url) return box;
  box.append(element("div", "card-more", "详情"));
  return tappable(box, () => acts.link(content.url));
}

function menuMessage(part, acts) {
  const box = element("div", "bubble");
  if (part.head_content) box.append(element("div", "", part.head_content));
  for (const item of part.list || []) {
    const link = element("button", "menu-item", item.content);
    link.type = "button";
    link.addEventListener("click", () => acts.menuItem(item));
    box.append(link);
  }
  if (part.tail_content) box.append(element("div", "", part.tail_content));
  return box;
}

function mediaAddress(line, part) {
  return `/twin/media/${line.channel}/${encodeURIComponent(part.media_id || part.MediaId || "")}`;
}

function image(line, part) {
  const picture = element("img", "picture");
  picture.src = mediaAddress(line, part);
  picture.alt = "图片";
  return picture;
}

function voice(line, part) {
  const box = element("button", line.side === "app" ? "bubble voice unheard" : "bubble voice");
  box.type = "button";
  // the longer the voice, the wider its bubble, as in WeChat
  if (part.seconds) box.style.width = `${Math.min(104 + part.seconds * 2.6, 250)}px`;
  box.append(element("span", "waves", "◖))"), element("span", "", part.seconds ? `${part.seconds}″` : "语音"));
  box.addEventListener("click", () => {
    box.classList.add("playing");
    box.classList.remove("unheard");
    // Few browsers play AMR; the bubble shows that it was tapped all the same.
    const done = () => box.classList.remove("playing");
    const sound = new Audio(mediaAddress(line, part));
    sound.addEventListener("ended", done);
    sound.play().catch(() => setTimeout(done, 1200));
  });
  return box;
}

export function render(line, acts) {
  if (line.recalled || line.side === "system") return element("div", "notice", line.recalled ? line.summary : line.content.text);
  if (!line.visible) return element("div", "bubble hidden-kind", line.summary);
  const part = line.content[line.kind] || {};
  switch (line.kind) {
    case "text":
    case "markdown": {
      const bubble = element("div", "bubble");
      bubble.append(richText(part.content || "", acts));
      return bubble;
    }
    case "textcard": return textCard(part, acts);
    case "template_card": return templateCard(line, part, acts);
    case "news": return news(part, acts);
    case "template": return template(line.content, acts);
    case "msgmenu": return menuMessage(part, acts);
    case "image": return image(line, part);
    case "voice": return voice(line, part);
    default: return element("div", "bubble", line.summary);
  }
}
