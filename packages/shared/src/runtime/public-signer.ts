/** Ed25519 keys derived from VISGATE_SECRET, for receivers that verify a signature with a public key. */
import { createPrivateKey, createPublicKey, type JsonWebKey, type KeyObject, sign } from "node:crypto";
import type { MasterSecret } from "./master-secret.js";

/** What comes before the 32 bytes of the key in PKCS #8 (RFC 8410). */
const PKCS8_HEAD = Buffer.from("302e020100300506032b657004220420", "hex");
const SEED_BYTES = 32;

export function createPublicSigner(masters: readonly [MasterSecret, ...MasterSecret[]], purpose: string) {
  const keyOf = ({ derive }: MasterSecret): KeyObject =>
    createPrivateKey({ key: Buffer.concat([PKCS8_HEAD, derive(purpose, SEED_BYTES)]), format: "der", type: "pkcs8" });
  let first: KeyObject | undefined;
  return {
    sign(text: string): Buffer {
      first ??= keyOf(masters[0]);
      return sign(null, Buffer.from(text), first);
    },

    /** Of all secrets: receivers keep the keys for a while, so that of the next secret is published before its use. */
    publicKeys: (): JsonWebKey[] =>
      masters.map((master) => {
        const { kty, crv, x } = createPublicKey(keyOf(master)).export({ format: "jwk" });
        return { kty, crv, x, kid: master.id } as JsonWebKey;
      }),
  };
}
