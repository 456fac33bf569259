import { EXAMPLE } from "./providers.mjs";

/** Without user and password. The URL of a cluster names several hosts. @param {string} redisUrl */
const hostsOf = (redisUrl) => /\/\/(?:[^@/]*@)?([^/?#]*)/.exec(redisUrl)?.[1] ?? "";

/**
 * The text printed when the stack is ready, with commands to paste for the first request.
 * @param {import("./stack.mjs").Stack} stack
 * @param {{ webhookSecret: string | undefined }} extra
 */
export function readyBlock(
  { baseUrls, apiKey, receiverOrigin, redis, redisUrl, simulated, real, logDir },
  { webhookSecret },
) {
  const base = `${baseUrls[0]}/api/v1`;
  const rows = [
    ["API", baseUrls.map((url) => `${url}/api/v1`).join("  ")],
    ["API key", apiKey],
    ["Webhook secret", webhookSecret ?? `GET ${base}/webhooks/default/secret`],
    ...(receiverOrigin
      ? [["Webhooks to", `${receiverOrigin} (the only address on this machine that may get them)`]]
      : []),
    // What follows # is not sent to any server.
    ["Console", `${baseUrls[0]}/console#key=${apiKey}`],
    ["Docs", `${base}/docs`],
    ["Providers", providersLine(simulated, real)],
    ["Redis", redis ? `${redis.current.binary} (started by npm start)` : `${hostsOf(redisUrl)} (REDIS_URL)`],
    ["Logs", logDir],
  ];
  const body = JSON.stringify({ model: EXAMPLE.model, prompt: "a bird flying over the sea", duration_seconds: 4 });
  return `
Visgate is ready.

${rows.map(([name, value]) => `  ${`${name}`.padEnd(15)} ${value}`).join("\n")}

Make a video${real.includes(EXAMPLE.provider) ? ` (${EXAMPLE.provider} is real: this request costs money)` : ""}:

curl -sS ${base}/videos/generate \\
  -H "Authorization: Bearer ${apiKey}" \\
  -H "Content-Type: application/json" -H "Prefer: respond-async" \\
  -d '${body}'

Then read the result with the request_id of the answer (waits up to 60 s for the end):

curl -sS "${base}/requests/REQUEST_ID?wait=60" -H "Authorization: Bearer ${apiKey}"

Ctrl-C stops everything.`;
}

/** @param {string[]} simulated @param {string[]} real */
function providersLine(simulated, real) {
  const parts = [];
  if (real.length > 0) parts.push(`real: ${real.join(", ")}`);
  if (simulated.length > 0)
    parts.push(`simulated: ${simulated.join(", ")} (costs nothing; set the provider's key to use the real one)`);
  return parts.join("; ");
}

/**
 * The webhook signing secret, read from the running API.
 * @param {{ baseUrl: string, apiKey: string }} stack
 * @returns {Promise<string | undefined>} undefined when the API does not return it
 */
export async function fetchWebhookSecret({ baseUrl, apiKey }) {
  try {
    const response = await fetch(`${baseUrl}/api/v1/webhooks/default/secret`, {
      headers: { authorization: `Bearer ${apiKey}` },
      signal: AbortSignal.timeout(3000),
    });
    const body = /** @type {{ key?: unknown } | undefined} */ (response.ok ? await response.json() : undefined);
    return typeof body?.key === "string" ? body.key : undefined;
  } catch {
    return undefined;
  }
}
