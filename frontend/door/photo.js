// Photos are drawn anew and stripped in the phone: the door never sees a picture and cannot do it.
const LARGEST = 262000;
const TRIES = [[1600, 0.7], [1600, 0.6], [1600, 0.5], [1600, 0.4], [1280, 0.7], [1280, 0.5], [1280, 0.4], [960, 0.4], [640, 0.4]];

function load(file) {
  return new Promise((done, fail) => {
    const image = new Image();
    const address = URL.createObjectURL(file);
    image.onload = () => { URL.revokeObjectURL(address); done(image); };
    image.onerror = () => { URL.revokeObjectURL(address); fail(new Error("photo")); };
    image.src = address;
  });
}

function jpeg(image, side, quality) {
  const scale = Math.min(1, side / Math.max(image.naturalWidth, image.naturalHeight));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(image.naturalWidth * scale));
  canvas.height = Math.max(1, Math.round(image.naturalHeight * scale));
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height); // orientation is baked in by the browser
  return new Promise((done) => canvas.toBlob(done, "image/jpeg", quality));
}

// drops every APP1 to APP15 and comment segment: Chromium adds an ICC profile, others may add more
export function stripped(raw) {
  if (raw[0] !== 0xff || raw[1] !== 0xd8) throw new Error("photo");
  const kept = [raw.subarray(0, 2)];
  let at = 2;
  while (at + 4 <= raw.length && raw[at] === 0xff && raw[at + 1] !== 0xda) {
    const mark = raw[at + 1];
    const end = at + 2 + raw[at + 2] * 256 + raw[at + 3];
    if (!((mark >= 0xe1 && mark <= 0xef) || mark === 0xfe)) kept.push(raw.subarray(at, end));
    at = end;
  }
  kept.push(raw.subarray(at));
  const whole = new Uint8Array(kept.reduce((size, part) => size + part.length, 0));
  kept.reduce((to, part) => (whole.set(part, to), to + part.length), 0);
  return whole;
}

export async function prepared(file) {
  const image = await load(file);
  for (const [side, quality] of TRIES) {
    const blob = await jpeg(image, side, quality);
    if (!blob) break;
    const raw = stripped(new Uint8Array(await new Response(blob).arrayBuffer()));
    if (raw.length <= LARGEST) return raw;
  }
  throw new Error("photo");
}
