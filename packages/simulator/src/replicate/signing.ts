import { createHmac, randomBytes } from "node:crypto";
import { readFile, rename, writeFile } from "node:fs/promises";

/** A webhook secret in Replicate's format: a prefix and the key in base64. */
export interface WebhookSecret {
  text: string;
  sign(id: string, timestamp: string, body: string): string;
}

const PREFIX = "whsec_";
const KEY_BYTES = 24;

export function webhookSecret(text: string): WebhookSecret {
  const key = Buffer.from(text.slice(PREFIX.length), "base64");
  return {
    text,
    sign(id, timestamp, body) {
      const digest = createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64");
      return `v1,${digest}`;
    },
  };
}

const newSecret = (): string => PREFIX + randomBytes(KEY_BYTES).toString("base64");

/** A secret that no receiver has, for forged webhooks. */
export const unpublishedSecret = (): WebhookSecret => webhookSecret(newSecret());

/** The secret outlives a restart, because receivers store it. */
export async function openWebhookSecret(path: string): Promise<WebhookSecret> {
  const stored = await readFile(path, "utf8").catch(() => null);
  if (stored) return webhookSecret(stored);
  const text = newSecret();
  await writeFile(`${path}.new`, text, { mode: 0o600 });
  await rename(`${path}.new`, path);
  return webhookSecret(text);
}
