/** The uses of VISGATE_SECRET: encryption of callers' provider keys, signed file and report URLs, webhook secrets. */
import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes, timingSafeEqual } from "node:crypto";
import type { RequestRef } from "../request/record.js";

const IV_BYTES = 12;
const TAG_BYTES = 16;

export function createSecrets(masterSecret: string) {
  const derive = (purpose: string, bytes = 32) =>
    Buffer.from(hkdfSync("sha256", masterSecret, "visgate", purpose, bytes));
  const encryptionKey = derive("provider-keys");
  const fileKey = derive("file-urls");
  const providerWebhookKey = derive("provider-webhook-urls");

  const signFile = (path: string, expires: number) =>
    createHmac("sha256", fileKey).update(`${path}\n${expires}`).digest("base64url");

  const signReport = ({ organization, id }: RequestRef) =>
    createHmac("sha256", providerWebhookKey).update(`${organization}\n${id}`).digest("base64url");

  return {
    /** AES-256-GCM. `context`, as the request id, binds the text to its place. */
    encrypt(plain: string, context: string): string {
      const iv = randomBytes(IV_BYTES);
      const cipher = createCipheriv("aes-256-gcm", encryptionKey, iv).setAAD(Buffer.from(context));
      const body = Buffer.concat([cipher.update(plain, "utf8"), cipher.final()]);
      return Buffer.concat([iv, cipher.getAuthTag(), body]).toString("base64url");
    },

    /** @throws Error when the text was changed, belongs to another context, or was made with another secret */
    decrypt(text: string, context: string): string {
      const bytes = Buffer.from(text, "base64url");
      const decipher = createDecipheriv("aes-256-gcm", encryptionKey, bytes.subarray(0, IV_BYTES))
        .setAAD(Buffer.from(context))
        .setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
      return decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES), undefined, "utf8") + decipher.final("utf8");
    },

    /** `expires`: seconds since the epoch. */
    signFile,

    fileSignatureMatches(path: string, expires: number, signature: string): boolean {
      return isSame(signFile(path, expires), signature);
    },

    /** The signature in the URL for a provider's report: it proves that this server made the URL for this request. */
    signReport,
    reportSignatureMatches: (ref: RequestRef, signature: string): boolean => isSame(signReport(ref), signature),

    /** The organization's secret for webhooks, as Standard Webhooks writes it. */
    webhookSecret: (organization: string) =>
      newWebhookSecret((bytes) => derive(`webhook-secret:${organization}`, bytes)),

    /** The secret that the organization had before, of 32 bytes. Webhooks are signed with it too (docs/adr/0003). */
    formerWebhookSecret: (organization: string) =>
      WEBHOOK_SECRET_PREFIX + derive(`webhooks:${organization}`).toString("base64"),
  };
}

const WEBHOOK_SECRET_PREFIX = "whsec_";
/** Their base64 ends without `=`, which is easily lost when a secret is copied. Some libraries then refuse it. */
const WEBHOOK_SECRET_BYTES = 24;

export const newWebhookSecret = (makeBytes: (count: number) => Buffer): string =>
  WEBHOOK_SECRET_PREFIX + makeBytes(WEBHOOK_SECRET_BYTES).toString("base64");

function isSame(expected: string, given: string): boolean {
  const [a, b] = [Buffer.from(expected), Buffer.from(given)];
  return a.length === b.length && timingSafeEqual(a, b);
}

export type Secrets = ReturnType<typeof createSecrets>;

/** The route of reports, below the base path of the API. */
export const REPORTS_PATH = "/provider-webhooks/{provider}/{organization}/{id}";

/** Where a provider reports that a job has ended: one signed URL per request, which no one else can make. */
export interface ReportUrls {
  urlOf(provider: string, ref: RequestRef): string;
}

/** `base`: the URL at which providers reach this server. */
export function createReportUrls({ base, secrets }: { base: string; secrets: Secrets }): ReportUrls {
  return {
    urlOf(provider, ref) {
      const { organization, id } = ref;
      return `${base}/api/v1/provider-webhooks/${provider}/${organization}/${id}?signature=${secrets.signReport(ref)}`;
    },
  };
}
