// Receipts, keys, envelopes, codes and proofs: the same bytes as src/lianbot/sealing, on libsodium's WebAssembly.
import sodium from "libsodium-wrappers-sumo";

export const LETTER_BODY = 16384;
export const PHOTO_BODY = 262144;
export const LETTER = 16682;
export const PHOTO = 262442;
export const TAG = 16;
export const MOST_LETTER_BYTES = LETTER_BODY - 1;
const HEAD_AT = 18;
const SLOT = 80;
const SLOTS = 3;
const NONCE_AT = HEAD_AT + SLOTS * SLOT;
const BODY_AT = NONCE_AT + 24;
const CALM_BITS = 15;

export const utf8 = (text) => new TextEncoder().encode(text);
export const text = (bytes) => new TextDecoder("utf-8", { fatal: true }).decode(bytes);
export const b64 = (bytes) => sodium.to_base64(bytes, sodium.base64_variants.ORIGINAL);
export const unb64 = (word) => sodium.from_base64(word, sodium.base64_variants.ORIGINAL);
export const hex = (bytes) => sodium.to_hex(bytes);
export const unhex = (word) => sodium.from_hex(word);
export const random = (size) => sodium.randombytes_buf(size);
export const ready = () => sodium.ready;

export function join(...parts) {
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export function same(one, other) {
  return one.length === other.length && one.every((byte, at) => byte === other[at]);
}

// --- receipt -------------------------------------------------------------------------------------

// digit by digit: twenty digits do not fit a Number, and BigInt is missing on old phones
const mod97 = (digits) => [...digits].reduce((rest, digit) => (rest * 10 + Number(digit)) % 97, 0);

export const checkDigits = (drawn) => String(98 - mod97(drawn + "00")).padStart(2, "0");

export function newReceipt(draw = random) {
  let drawn = "";
  while (drawn.length < 18) {
    for (const byte of draw(18)) if (byte < 250) drawn += byte % 10; // 250 and above would favour 0 to 5
  }
  drawn = drawn.slice(0, 18);
  return drawn + checkDigits(drawn);
}

export const onlyDigits = (typed) =>
  typed.replace(/[０-９]/g, (sign) => String.fromCharCode(sign.charCodeAt(0) - 0xfee0)).replace(/\D/g, "");

export const isReceipt = (digits) => /^\d{20}$/.test(digits) && mod97(digits) === 1;

export const rowsOf = (receipt) => [0, 4, 8, 12, 16].map((at) => receipt.slice(at, at + 4));

// --- keys ----------------------------------------------------------------------------------------

const kdf = (key, number, size, context) => sodium.crypto_kdf_derive_from_key(size, number, context, key);

export function tagOf(key, direction, number) {
  const count = new Uint8Array(4);
  new DataView(count.buffer).setUint32(0, number, true);
  return sodium.crypto_generichash(TAG, join(utf8(direction), count), key);
}

export function reporterKeys(receipt, salt) {
  const master = sodium.crypto_pwhash(
    32, utf8(receipt.slice(0, 18)), salt, 3, 67108864, sodium.crypto_pwhash_ALG_ARGON2ID13,
  );
  const pair = sodium.crypto_box_seed_keypair(kdf(master, 1, 32, "lbdoor01"));
  return {
    master,
    replyPublic: pair.publicKey,
    replySecret: pair.privateKey,
    kt: kdf(master, 2, 32, "lbdoor01"),
    ko: kdf(master, 3, 32, "lbdoor01"),
    kb: kdf(master, 4, 32, "lbdoor01"),
  };
}

export const wTag = (keys, number) => tagOf(keys.kt, "w", number);
export const oTag = (keys, number) => tagOf(keys.ko, "o", number);

// --- envelope ------------------------------------------------------------------------------------

const nonceOf = (contentKey) => kdf(contentKey, 1, 24, "lbnonce1");

function bound(salt, epoch, tag, head) {
  return join(utf8("lianbot-door-v1"), [0], salt, [epoch & 255, epoch >> 8], tag, head);
}

function shuffled(list) {
  const rest = [...list];
  for (let at = rest.length - 1; at > 0; at -= 1) {
    const other = sodium.randombytes_uniform(at + 1);
    [rest[at], rest[other]] = [rest[other], rest[at]];
  }
  return rest;
}

function drawChance() {
  return { contentKey: random(32), ephemeral: [random(32), random(32), random(32)],
    throwaway: [random(32), random(32), random(32)], order: shuffled([0, 1, 2]) };
}

// crypto_box_seal with a given ephemeral seed; the bytes are libsodium's, the test vector needs it
function sealSlot(message, reader, seed) {
  const pair = sodium.crypto_box_seed_keypair(seed);
  const nonce = sodium.crypto_generichash(24, join(pair.publicKey, reader));
  return join(pair.publicKey, sodium.crypto_box_easy(message, nonce, reader, pair.privateKey));
}

export function seal(body, { tag, epoch, salt, readers, padded = LETTER_BODY, chance = drawChance() }) {
  if (body.length >= padded) throw new RangeError("too long");
  if (readers.length > SLOTS) throw new RangeError("too many readers");
  const spare = chance.throwaway.map((seed) => sodium.crypto_box_seed_keypair(seed).publicKey);
  const sealed = [...readers, ...spare].slice(0, SLOTS)
    .map((reader, at) => sealSlot(chance.contentKey, reader, chance.ephemeral[at]));
  const head = join(...chance.order.map((place) => sealed[place]));
  const nonce = nonceOf(chance.contentKey);
  const closed = sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(
    sodium.pad(body, padded), bound(salt, epoch, tag, head), null, nonce, chance.contentKey,
  );
  return join(tag, [1, 0], head, nonce, closed);
}

// nobody can open it; random bytes in the head could be told from a real envelope
export const dummy = (salt, padded = LETTER_BODY) =>
  seal(utf8("{}"), { tag: random(TAG), epoch: 0, salt, readers: [], padded });

export function openEnvelope(envelope, salt, keys) {
  const padded = { [LETTER]: LETTER_BODY, [PHOTO]: PHOTO_BODY }[envelope.length];
  if (!padded || envelope[16] !== 1 || envelope[17] !== 0) return null;
  for (const key of keys) {
    const body = tryKey(envelope, salt, key, padded);
    if (body) return { tag: envelope.slice(0, TAG), epoch: key.epoch, body };
  }
  return null;
}

function tryKey(envelope, salt, key, padded) {
  const head = envelope.subarray(HEAD_AT, NONCE_AT);
  const nonce = envelope.subarray(NONCE_AT, BODY_AT);
  for (let at = 0; at < SLOTS * SLOT; at += SLOT) {
    try {
      const contentKey = sodium.crypto_box_seal_open(head.subarray(at, at + SLOT), key.publicKey, key.secretKey);
      if (contentKey.length !== 32 || !same(nonceOf(contentKey), nonce)) continue;
      return sodium.unpad(sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(
        null, envelope.subarray(BODY_AT), bound(salt, key.epoch, envelope.subarray(0, TAG), head), nonce, contentKey,
      ), padded);
    } catch (closed) {
      continue; // not our slot: dummy, foreign and broken look alike
    }
  }
  return null;
}

// --- recipients, bulletin, intake proof ------------------------------------------------------------

export function readRecipients(file) {
  const signer = unb64(file.signer);
  const list = utf8(file.list);
  if (!sodium.crypto_sign_verify_detached(unb64(file.sig), join(utf8("lianbot recipients"), [0], list), signer)) {
    throw new Error("recipients: signature");
  }
  const inner = JSON.parse(file.list);
  return {
    log: inner.log,
    salt: unhex(inner.salt),
    fingerprint: hex(sodium.crypto_hash_sha256(signer)).slice(0, 20).replace(/(.{4})(?=.)/g, "$1 "),
    offices: inner.offices.map((office) => ({
      id: office.id, name: office.name, superior: office.superior === true, sign: unb64(office.sign),
      keys: new Map(office.keys.map((key) => [key.epoch, unb64(key.pub)])),
    })),
  };
}

export function codeOf(key, week) {
  const digest = sodium.crypto_generichash(16, utf8("b" + week), key);
  return new DataView(digest.buffer, digest.byteOffset).getUint32(0, false) % 1000000;
}

export function readBulletin(raw) {
  const view = new DataView(raw.buffer, raw.byteOffset, raw.length);
  if (raw.length < 65536 || text(raw.subarray(0, 8)) !== "lbbull01") throw new Error("bulletin");
  const count = view.getUint32(192, true);
  return {
    week: text(raw.subarray(8, 16)).replace(/\0+$/, ""),
    codes: Array.from({ length: 36 }, (_, at) => view.getUint32(16 + 4 * at, true)),
    root: raw.slice(160, 192),
    statement: JSON.parse(text(raw.subarray(200, 200 + view.getUint32(196, true))) || "{}"),
    leaves: Array.from({ length: count }, (_, at) => raw.slice(2048 + 32 * at, 2080 + 32 * at)),
  };
}

function personal(size, message, person) {
  // libsodium.js hashes no message with a personal string, so BLAKE2b's parameter block is done here
  return blake2bPersonal(size, message, utf8(person));
}

export const leafHash = (envelope) => sodium.crypto_hash_sha256(join([0], leafOf(envelope)));

export const tagLeafOf = (tag) => personal(16, tag, "lbdoor-leaf-tag");

export function leafOf(envelope) {
  return join(
    tagLeafOf(envelope.subarray(0, TAG)),
    personal(32, envelope, "lbdoor-leaf-env"),
  );
}

export function rootOf(hashes) {
  if (!hashes.length) return sodium.crypto_hash_sha256(new Uint8Array(0));
  let level = hashes;
  while (level.length > 1) {
    const next = [];
    for (let at = 0; at + 1 < level.length; at += 2) {
      next.push(sodium.crypto_hash_sha256(join([1], level[at], level[at + 1])));
    }
    if (level.length % 2) next.push(level[level.length - 1]);
    level = next;
  }
  return level[0];
}

// --- BLAKE2b with a personal string (RFC 7693), on pairs of 32-bit halves -----------------------------

const IV = new Uint32Array([
  0xf3bcc908, 0x6a09e667, 0x84caa73b, 0xbb67ae85, 0xfe94f82b, 0x3c6ef372, 0x5f1d36f1, 0xa54ff53a,
  0xade682d1, 0x510e527f, 0x2b3e6c1f, 0x9b05688c, 0xfb41bd6b, 0x1f83d9ab, 0x137e2179, 0x5be0cd19,
]);
const SIGMA = [
  [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15], [14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3],
  [11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4], [7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8],
  [9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13], [2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9],
  [12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11], [13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10],
  [6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5], [10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0],
];
const QUARTERS = [[0, 4, 8, 12], [1, 5, 9, 13], [2, 6, 10, 14], [3, 7, 11, 15], [0, 5, 10, 15], [1, 6, 11, 12], [2, 7, 8, 13], [3, 4, 9, 14]];

function add(v, a, lo, hi) {
  const low = v[2 * a] + lo;
  v[2 * a + 1] += hi + (low > 0xffffffff ? 1 : 0);
  v[2 * a] = low;
}

function xorTurn(v, a, b, turn) {
  const lo = v[2 * a] ^ v[2 * b];
  const hi = v[2 * a + 1] ^ v[2 * b + 1];
  if (turn === 32) {
    v[2 * a] = hi;
    v[2 * a + 1] = lo;
  } else if (turn === 63) {
    v[2 * a] = (lo << 1) | (hi >>> 31);
    v[2 * a + 1] = (hi << 1) | (lo >>> 31);
  } else {
    v[2 * a] = (lo >>> turn) | (hi << (32 - turn));
    v[2 * a + 1] = (hi >>> turn) | (lo << (32 - turn));
  }
}

function mix(v, m, [a, b, c, d], x, y) {
  add(v, a, v[2 * b], v[2 * b + 1]); add(v, a, m[2 * x], m[2 * x + 1]);
  xorTurn(v, d, a, 32);
  add(v, c, v[2 * d], v[2 * d + 1]);
  xorTurn(v, b, c, 24);
  add(v, a, v[2 * b], v[2 * b + 1]); add(v, a, m[2 * y], m[2 * y + 1]);
  xorTurn(v, d, a, 16);
  add(v, c, v[2 * d], v[2 * d + 1]);
  xorTurn(v, b, c, 63);
}

function blake2bPersonal(size, message, person) {
  const start = new Uint8Array(64);
  start[0] = size; start[2] = 1; start[3] = 1;
  start.set(person, 48);
  const h = IV.map((word, at) => word ^ new DataView(start.buffer).getUint32(4 * at, true));
  const blocks = Math.max(1, Math.ceil(message.length / 128));
  for (let block = 0; block < blocks; block += 1) {
    const chunk = new Uint8Array(128);
    chunk.set(message.subarray(128 * block, 128 * block + 128));
    const words = new DataView(chunk.buffer);
    const m = Uint32Array.from({ length: 32 }, (_, at) => words.getUint32(4 * at, true));
    const v = new Uint32Array(32);
    v.set(h); v.set(IV, 16);
    v[24] ^= Math.min(message.length, 128 * (block + 1)); // photos are far below 4 GiB: one half is enough
    if (block === blocks - 1) { v[28] = ~v[28]; v[29] = ~v[29]; }
    for (let round = 0; round < 12; round += 1) {
      const s = SIGMA[round % 10];
      QUARTERS.forEach((quarter, at) => mix(v, m, quarter, s[2 * at], s[2 * at + 1]));
    }
    for (let at = 0; at < 16; at += 1) h[at] ^= v[at] ^ v[at + 16];
  }
  const out = new Uint8Array(64);
  const view = new DataView(out.buffer);
  h.forEach((word, at) => view.setUint32(4 * at, word, true));
  return out.slice(0, size);
}

// --- stamp ---------------------------------------------------------------------------------------

function zeroBits(digest) {
  let bits = 0;
  for (const byte of digest) {
    if (byte) return bits + Math.clz32(byte) - 24;
    bits += 8;
  }
  return bits;
}

// a second of work on an old phone; it gives way to the screen every few hundred hashes
export async function makeStamp(body, extra = 0) {
  const whole = join(utf8("lbdoor-stamp"), random(16), sodium.crypto_generichash(32, body));
  const count = new DataView(whole.buffer, 24, 4);
  const start = count.getUint32(0, true); // no visible zeros: a searched stamp looks like a random one
  for (let number = 0; ; number += 1) {
    count.setUint32(0, start + number, true);
    if (zeroBits(sodium.crypto_generichash(16, whole)) >= CALM_BITS + extra) return hex(whole.subarray(12, 28));
    if (number % 1024 === 1023) await new Promise((go) => setTimeout(go, 0));
  }
}
