/**
 * The uses of VISGATE_SECRET: encryption of provider keys and endpoint secrets, signed file and report URLs, webhook
 * secrets and keys. It may hold several secrets. The first is used for all that is new; what the others made is still valid.
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import type { RequestRef } from "../request/record.js";
import { createEncryption } from "./encryption.js";
import { type MasterSecret, masterSecret } from "./master-secret.js";
import { createPublicSigner } from "./public-signer.js";

export function createSecrets(...texts: readonly [string, ...string[]]) {
  const [first, ...rest] = texts;
  const masters = [masterSecret(first), ...rest.map(masterSecret)] as const satisfies readonly MasterSecret[];
  const files = createSigner(masters, "file-urls");
  const reports = createSigner(masters, "provider-webhook-urls");
  const publicSigner = createPublicSigner(masters, "webhook-public-key");
  const fileText = (path: string, expires: number) => `${path}\n${expires}`;
  const reportText = ({ organization, id }: RequestRef) => `${organization}\n${id}`;

  return {
    ...createEncryption(masters),

    /** `expires`: seconds since the epoch. */
    signFile: (path: string, expires: number): string => files.sign(fileText(path, expires)),

    fileSignatureMatches: (path: string, expires: number, signature: string): boolean =>
      files.matches(fileText(path, expires), signature),

    /** The signature in the URL for a provider's report: it proves that this server made the URL for this request. */
    signReport: (ref: RequestRef): string => reports.sign(reportText(ref)),

    reportSignatureMatches: (ref: RequestRef, signature: string): boolean =>
      reports.matches(reportText(ref), signature),

    /** For webhooks whose receivers verify them with `publicKeys`. */
    signPublicly: publicSigner.sign,
    publicKeys: publicSigner.publicKeys,

    /** The organization's secret for webhooks, as Standard Webhooks writes it. */
    webhookSecret: (organization: string): string => webhookSecretOf(masters[0], organization),

    /**
     * All secrets that sign the organization's webhooks, because receivers may have any of them (docs/adr/0003). The
     * oldest first: a receiver that reads only the first signature was written for a single one.
     */
    webhookSecrets: (organization: string): string[] =>
      masters
        .toReversed()
        .flatMap((master) => [formerWebhookSecretOf(master, organization), webhookSecretOf(master, organization)]),
  };
}

export type Secrets = ReturnType<typeof createSecrets>;

const WEBHOOK_SECRET_PREFIX = "whsec_";
/** Their base64 ends without `=`, which is easily lost when a secret is copied. Some libraries then refuse it. */
const WEBHOOK_SECRET_BYTES = 24;

export const newWebhookSecret = (makeBytes: (count: number) => Buffer): string =>
  WEBHOOK_SECRET_PREFIX + makeBytes(WEBHOOK_SECRET_BYTES).toString("base64");

const webhookSecretOf = ({ derive }: MasterSecret, organization: string) =>
  newWebhookSecret((bytes) => derive(`webhook-secret:${organization}`, bytes));

/** As earlier versions derived it, of 32 bytes. */
const formerWebhookSecretOf = ({ derive }: MasterSecret, organization: string) =>
  WEBHOOK_SECRET_PREFIX + derive(`webhooks:${organization}`, 32).toString("base64");

/** Signs with the first secret, and accepts the signatures of all. */
function createSigner(masters: readonly [MasterSecret, ...MasterSecret[]], purpose: string) {
  const [first, ...others] = masters.map(({ derive }) => derive(purpose, 32)) as [Buffer, ...Buffer[]];
  const signWith = (key: Buffer, text: string) => createHmac("sha256", key).update(text).digest("base64url");
  return {
    sign: (text: string): string => signWith(first, text),
    matches: (text: string, signature: string): boolean =>
      [first, ...others].some((key) => isSame(signWith(key, text), signature)),
  };
}

function isSame(expected: string, given: string): boolean {
  const [a, b] = [Buffer.from(expected), Buffer.from(given)];
  return a.length === b.length && timingSafeEqual(a, b);
}
