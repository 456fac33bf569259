/** fal signs its webhooks with Ed25519 under a published key. */
import { createHash, createPublicKey, verify } from "node:crypto";
import { z } from "zod";
import { createKeyRing, fetchJson, fieldOf, isFresh } from "./webhook-keys.js";
import type { Report, ReportVerifier, Verdict, VerifierOptions } from "./webhooks.js";

const KEY_BYTES = 32;
const jwks = z.object({ keys: z.array(z.unknown()) });
const publicKey = z.object({ kty: z.literal("OKP"), crv: z.literal("Ed25519"), x: z.string() });

export function createFalVerifier({ jwksUrl, fetch, now }: VerifierOptions): ReportVerifier {
  const keyRing = createKeyRing({ now, fetchKeys: async () => keysIn(await fetchJson(fetch, jwksUrl, {})) });
  return {
    async verify(report): Promise<Verdict> {
      const signed = read(report);
      if (signed === null || !isFresh(signed.timestamp, now())) return { kind: "refused" };
      const found = await keyRing.check((key) => isSignedBy(key, signed));
      if (found === "unavailable") return { kind: "unavailable" };
      return found === "fits" ? { kind: "genuine", providerRequestId: signed.requestId } : { kind: "refused" };
    },
  };
}

/** Keys of other kinds are passed over. */
function keysIn(body: unknown): Buffer[] | null {
  const set = jwks.safeParse(body);
  if (!set.success) return null;
  const keys = set.data.keys.flatMap((key) => publicKey.safeParse(key).data?.x ?? []);
  return keys.map((x) => Buffer.from(x, "base64url")).filter((key) => key.length === KEY_BYTES);
}

interface Signed {
  requestId: string;
  timestamp: string;
  message: Buffer;
  signature: Buffer;
}

/** Null when a part is missing, or the signed id is not the body's. */
function read({ headers, body }: Report): Signed | null {
  const header = (name: string) => headers.get(`x-fal-webhook-${name}`);
  const [requestId, userId, timestamp] = [header("request-id"), header("user-id"), header("timestamp")];
  const signature = Buffer.from(header("signature") ?? "", "hex");
  if (!requestId || userId === null || timestamp === null || fieldOf(body, "request_id") !== requestId) return null;
  const digest = createHash("sha256").update(body).digest("hex");
  const message = Buffer.from([requestId, userId, timestamp, digest].join("\n"));
  return { requestId, timestamp, message, signature };
}

function isSignedBy(key: Buffer, { message, signature }: Signed): boolean {
  const jwk = { kty: "OKP", crv: "Ed25519", x: key.toString("base64url") };
  try {
    return verify(null, message, createPublicKey({ key: jwk, format: "jwk" }), signature);
  } catch {
    return false;
  }
}
