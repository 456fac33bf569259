import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { readFile, rename, writeFile } from "node:fs/promises";

export interface SigningKey {
  /** The public key, as fal publishes it. */
  jwks: { keys: Record<string, unknown>[] };
  sign(message: string): string;
}

async function readOrCreate(path: string): Promise<KeyObject> {
  const stored = await readFile(path).catch(() => null);
  if (stored) return createPrivateKey(stored);
  const { privateKey } = generateKeyPairSync("ed25519");
  const pem = privateKey.export({ type: "pkcs8", format: "pem" });
  await writeFile(`${path}.new`, pem, { mode: 0o600 });
  await rename(`${path}.new`, path);
  return privateKey;
}

function signingKey(key: KeyObject): SigningKey {
  const { x } = createPublicKey(key).export({ format: "jwk" });
  const kid = createHash("sha256").update(String(x)).digest("hex").slice(0, 16);
  return {
    jwks: { keys: [{ kty: "OKP", crv: "Ed25519", x, kid }] },
    sign: (message) => sign(null, Buffer.from(message), key).toString("hex"),
  };
}

/** A key that is not published, for forged webhooks. */
export const unpublishedKey = (): SigningKey => signingKey(generateKeyPairSync("ed25519").privateKey);

/** The key outlives a restart, because receivers cache the public key for up to a day. */
export async function openSigningKey(path: string): Promise<SigningKey> {
  return signingKey(await readOrCreate(path));
}
