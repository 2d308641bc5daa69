// Key files: the same bytes as src/lianbot/officer/keyfile.py.
import sodium from "libsodium-wrappers-sumo";
import { b64, hex, join, random, text, unb64, unhex, utf8 } from "../door/sealing.js";

const KIND = "lianbot-officer-key";
const BOUND = "lianbot-officer-key-v1";
const OPS = 3;
const MEM = 268435456;
const FEWEST_WORDS = 6;
const SYLLABLES = [..."bpmfdtnlgkhjqxrzcs"].flatMap((one) => [..."aeiou"].map((two) => one + two)).slice(0, 88);

export class PassphraseError extends Error {}

const syllable = () => SYLLABLES[sodium.randombytes_uniform(88)];
export const newPassphrase = () => Array.from({ length: 6 }, () => syllable() + syllable()).join(" ");

function stretched(passphrase, salt) {
  const words = passphrase.normalize("NFKC").toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length < FEWEST_WORDS) throw new PassphraseError("short");
  return sodium.crypto_pwhash(32, utf8(words.join(" ")), salt, OPS, MEM, sodium.crypto_pwhash_ALG_ARGON2ID13);
}

export function newKeys(office, name, superior, epoch) {
  return { office, name, superior, sign: random(32), book: random(32), epochs: new Map([[epoch, random(32)]]) };
}

export function writeKeyfile(keys, passphrase) {
  const salt = random(16);
  const nonce = random(24);
  const inner = { v: 1, office: keys.office, name: keys.name, superior: keys.superior, sign: hex(keys.sign), book: hex(keys.book),
    epochs: Object.fromEntries([...keys.epochs].map(([epoch, seed]) => [String(epoch), hex(seed)])) };
  const box = sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(utf8(JSON.stringify(inner)), utf8(BOUND), null, nonce, stretched(passphrase, salt));
  return `${JSON.stringify({ v: 1, kind: KIND, office: keys.office, ops: OPS, mem: MEM, salt: hex(salt), nonce: hex(nonce), box: b64(box) }, null, 1)}\n`;
}

export function readKeyfile(raw, passphrase) {
  const file = JSON.parse(raw);
  if (file.kind !== KIND || file.ops !== OPS || file.mem !== MEM) throw new Error("kind");
  const key = stretched(passphrase, unhex(file.salt));
  let inner;
  try {
    inner = JSON.parse(text(sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(null, unb64(file.box), utf8(BOUND), unhex(file.nonce), key)));
  } catch (closed) {
    throw new PassphraseError("wrong");
  }
  return { office: inner.office, name: inner.name, superior: inner.superior === true, sign: unhex(inner.sign), book: unhex(inner.book),
    epochs: new Map(Object.entries(inner.epochs).map(([epoch, seed]) => [Number(epoch), unhex(seed)])) };
}

export const openingKeys = (keys) => [...keys.epochs].sort((one, other) => other[0] - one[0]).map(([epoch, seed]) => {
  const pair = sodium.crypto_box_seed_keypair(seed);
  return { epoch, publicKey: pair.publicKey, secretKey: pair.privateKey };
});

export const signingPair = (keys) => sodium.crypto_sign_seed_keypair(keys.sign);

// as it stands in the ledger and in the published list: whose key this was can be looked up by anybody
export const fingerprint = (keys) => hex(sodium.crypto_hash_sha256(signingPair(keys).publicKey)).slice(0, 8);

export function publicFile(keys) {
  return `${JSON.stringify({ v: 1, office: { id: keys.office, name: keys.name, superior: keys.superior, sign: b64(signingPair(keys).publicKey),
    keys: openingKeys(keys).map((key) => ({ epoch: key.epoch, pub: b64(key.publicKey) })) } })}\n`;
}

export const sign = (keys, label, message) => sodium.crypto_sign_detached(join(utf8(label), [0], message), signingPair(keys).privateKey);
