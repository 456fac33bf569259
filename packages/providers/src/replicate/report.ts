/**
 * Replicate signs its webhooks by the Standard Webhooks scheme, with a secret of the account. The library of that
 * scheme cannot be given a clock for tests, so the check is implemented here.
 */
import { createHmac, timingSafeEqual } from "node:crypto";
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

const PREFIX = "whsec_";
const VERSION = "v1,";
const secretBody = z.object({ key: z.string().startsWith(PREFIX) });

export function createReplicateVerifier({ apiKey, baseUrl, fetch, now }: VerifierOptions): ReportVerifier {
  const url = `${baseUrl}/webhooks/default/secret`;
  const headers = { authorization: `Bearer ${apiKey}` };
  return createVerifier({ read, now, fetchKeys: async () => keysIn(await fetchJson(fetch, url, headers)) });
}

function keysIn(body: unknown): Buffer[] | null {
  const parsed = secretBody.safeParse(body);
  const key = Buffer.from(parsed.data?.key.slice(PREFIX.length) ?? "", "base64");
  return key.length === 0 ? null : [key];
}

function read({ headers, body }: Report): Claim | null {
  const [id, timestamp] = [headers.get("webhook-id"), headers.get("webhook-timestamp")];
  const providerRequestId = fieldOf(body, "id");
  if (!id || timestamp === null || providerRequestId === null) return null;
  const message = `${id}.${timestamp}.${body}`;
  const signatures = (headers.get("webhook-signature") ?? "")
    .split(" ")
    .filter((signature) => signature.startsWith(VERSION))
    .map((signature) => Buffer.from(signature.slice(VERSION.length), "base64"));
  return { providerRequestId, timestamp, isSignedBy: (key) => isSignedBy(key, message, signatures) };
}

function isSignedBy(key: Buffer, message: string, signatures: readonly Buffer[]): boolean {
  const expected = createHmac("sha256", key).update(message).digest();
  return signatures.some((given) => given.length === expected.length && timingSafeEqual(given, expected));
}
