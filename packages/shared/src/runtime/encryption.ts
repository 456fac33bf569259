/**
 * AES-256-GCM under the secrets of VISGATE_SECRET: the first one encrypts, each of them decrypts. An encrypted text
 * begins with the id of its secret, so the right one is tried. A text of an earlier version has no id: all are tried.
 */
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import type { MasterSecret } from "./master-secret.js";

const IV_BYTES = 12;
const TAG_BYTES = 16;
/** No character of base64url, in which the rest of the text is written. */
const END_OF_ID = ".";

interface Key {
  id: string;
  bytes: Buffer;
}

export function createEncryption([first, ...others]: readonly [MasterSecret, ...MasterSecret[]]) {
  const current = keyOf(first);
  const keys = [current, ...others.map(keyOf)];

  function decrypt(text: string, context: string): string {
    const end = text.indexOf(END_OF_ID);
    const candidates = end === -1 ? keys : keys.filter(({ id }) => id === text.slice(0, end));
    const sealed = Buffer.from(text.slice(end + 1), "base64url");
    for (const key of candidates) {
      const plain = open(key, sealed, context);
      if (plain !== null) return plain;
    }
    throw new Error("The text was not encrypted for this context with any secret of VISGATE_SECRET.");
  }

  function encrypt(plain: string, context: string): string {
    return current.id + END_OF_ID + seal(current, plain, context).toString("base64url");
  }

  return {
    /** `context`, such as the request id, binds the text to its place. */
    encrypt,

    /** @throws Error when the text was changed, belongs to another context, or was made with another secret */
    decrypt,

    /** The text encrypted with the first secret; null when it is already. @throws Error as `decrypt` */
    renew(text: string, context: string): string | null {
      const plain = decrypt(text, context);
      return text.startsWith(current.id + END_OF_ID) ? null : encrypt(plain, context);
    },
  };
}

function keyOf({ id, derive }: MasterSecret): Key {
  return { id, bytes: derive("provider-keys", 32) };
}

function seal({ bytes }: Key, plain: string, context: string): Buffer {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv("aes-256-gcm", bytes, iv).setAAD(Buffer.from(context));
  const body = Buffer.concat([cipher.update(plain, "utf8"), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), body]);
}

/** Null when the text is not what this key made for this context. */
function open({ bytes }: Key, sealed: Buffer, context: string): string | null {
  try {
    const decipher = createDecipheriv("aes-256-gcm", bytes, sealed.subarray(0, IV_BYTES), { authTagLength: TAG_BYTES })
      .setAAD(Buffer.from(context))
      .setAuthTag(sealed.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
    return decipher.update(sealed.subarray(IV_BYTES + TAG_BYTES), undefined, "utf8") + decipher.final("utf8");
  } catch {
    return null;
  }
}
