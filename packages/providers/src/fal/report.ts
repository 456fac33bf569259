/** fal signs its webhooks with Ed25519 and publishes its keys. */
import { createHash, createPublicKey, verify } from "node:crypto";
import { z } from "zod";
import {
  type Claim,
  createVerifier,
  fetchJson,
  fieldOf,
  type Report,
  type ReportVerifier,
  type VerifierOptions,
} from "../report/verifier.js";

const KEY_BYTES = 32;
const jwks = z.object({ keys: z.array(z.unknown()) });
const publicKey = z.object({ kty: z.literal("OKP"), crv: z.literal("Ed25519"), x: z.string() });

export function createFalVerifier({ urls, fetch, now }: VerifierOptions): ReportVerifier {
  const keysUrl = urls["reportKeys"] ?? "";
  return createVerifier({ read, now, fetchKeys: async () => keysIn(await fetchJson(fetch, keysUrl, {})) });
}

/** Skips keys of other kinds. */
function keysIn(body: unknown): Buffer[] | null {
  const set = jwks.safeParse(body);
  if (!set.success) return null;
  const keys = set.data.keys.flatMap((key) => publicKey.safeParse(key).data?.x ?? []);
  return keys.map((x) => Buffer.from(x, "base64url")).filter((key) => key.length === KEY_BYTES);
}

/** The signature covers the id in a header. The body must have the same id. */
function read({ headers, body }: Report): Claim | null {
  const header = (name: string) => headers.get(`x-fal-webhook-${name}`);
  const [requestId, userId, timestamp] = [header("request-id"), header("user-id"), header("timestamp")];
  if (!requestId || userId === null || timestamp === null || fieldOf(body, "request_id") !== requestId) return null;
  const digest = createHash("sha256").update(body).digest("hex");
  const message = Buffer.from([requestId, userId, timestamp, digest].join("\n"));
  const signature = Buffer.from(header("signature") ?? "", "hex");
  return { providerRequestId: requestId, timestamp, isSignedBy: (key) => isSignedBy(key, message, signature) };
}

function isSignedBy(key: Buffer, message: Buffer, signature: Buffer): boolean {
  const jwk = { kty: "OKP", crv: "Ed25519", x: key.toString("base64url") };
  try {
    return verify(null, message, createPublicKey({ key: jwk, format: "jwk" }), signature);
  } catch {
    return false;
  }
}
