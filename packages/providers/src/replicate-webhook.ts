/**
 * Replicate signs its webhooks by the Standard Webhooks scheme, with a secret of the account. That scheme's own library
 * reads the clock by itself, so the few lines are here.
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import { z } from "zod";
import { createKeyRing, fetchJson, fieldOf, isFresh } from "./webhook-keys.js";
import type { Report, ReportVerifier, Verdict, VerifierOptions } from "./webhooks.js";

const PREFIX = "whsec_";
const VERSION = "v1,";
const secretBody = z.object({ key: z.string().startsWith(PREFIX) });

export function createReplicateVerifier({ apiKey, baseUrl, fetch, now }: VerifierOptions): ReportVerifier {
  const url = `${baseUrl}/webhooks/default/secret`;
  const headers = { authorization: `Bearer ${apiKey}` };
  const keyRing = createKeyRing({ now, fetchKeys: async () => keysIn(await fetchJson(fetch, url, headers)) });
  return {
    async verify(report): Promise<Verdict> {
      const signed = read(report);
      if (signed === null || !isFresh(signed.timestamp, now())) return { kind: "refused" };
      const found = await keyRing.check((key) => isSignedBy(key, signed));
      if (found === "unavailable") return { kind: "unavailable" };
      return found === "fits" ? { kind: "genuine", providerRequestId: signed.predictionId } : { kind: "refused" };
    },
  };
}

function keysIn(body: unknown): Buffer[] | null {
  const parsed = secretBody.safeParse(body);
  if (!parsed.success) return null;
  const key = Buffer.from(parsed.data.key.slice(PREFIX.length), "base64");
  return key.length === 0 ? null : [key];
}

interface Signed {
  predictionId: string;
  timestamp: string;
  message: string;
  signatures: Buffer[];
}

/** Null when a part is missing. */
function read({ headers, body }: Report): Signed | null {
  const [id, timestamp] = [headers.get("webhook-id"), headers.get("webhook-timestamp")];
  const predictionId = fieldOf(body, "id");
  if (!id || timestamp === null || predictionId === null) return null;
  const signatures = (headers.get("webhook-signature") ?? "")
    .split(" ")
    .filter((signature) => signature.startsWith(VERSION))
    .map((signature) => Buffer.from(signature.slice(VERSION.length), "base64"));
  return { predictionId, timestamp, message: `${id}.${timestamp}.${body}`, signatures };
}

function isSignedBy(key: Buffer, { message, signatures }: Signed): boolean {
  const expected = createHmac("sha256", key).update(message).digest();
  return signatures.some((given) => given.length === expected.length && timingSafeEqual(given, expected));
}
