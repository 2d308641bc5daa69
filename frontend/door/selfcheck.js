// Warns of what could name the writer; it only looks, here in the page, and never blocks.
const SIGNS = [
  ["phone", /(?:^|\D)1[3-9]\d{9}(?!\d)/], ["id", /(?:^|\D)\d{17}[\dXx](?!\d)/], ["bank", /(?:^|\D)\d{16,19}(?!\d)/],
  ["name", /我(?:是|叫|姓)\S/], ["bed", /\d{2,4}\s*(?:床|房|宿舍|寝室)|[一二三四五六七八九十]+号床/], ["staff", /工号\s*\S/],
];

export const signsIn = (text) => SIGNS.filter(([, sign]) => sign.test(text.replace(/[\s-]/g, ""))).map(([name]) => name);
