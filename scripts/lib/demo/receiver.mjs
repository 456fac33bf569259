/** Receives the webhook of the demo, and accepts it only with a valid signature. */
import { once } from "node:events";
import { createServer } from "node:http";

/**
 * @param {string} origin the address to which the stack may send webhooks
 * @param {string} secret whsec_…
 */
export async function startReceiver(origin, secret) {
  const { Webhook } = await import("standardwebhooks");
  const verifier = new Webhook(secret);
  /** @type {Map<string, { atMs: number, id: string }>} by request id */
  const events = new Map();
  const server = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    try {
      const headers = /** @type {Record<string, string>} */ (request.headers);
      const event = /** @type {any} */ (verifier.verify(Buffer.concat(chunks).toString("utf8"), headers));
      events.set(event.data.id, { atMs: Date.now(), id: headers["webhook-id"] ?? "" });
      server.emit("webhook");
      response.writeHead(204).end();
    } catch {
      response.writeHead(401).end();
    }
  });
  const { hostname, port } = new URL(origin);
  server.listen(Number(port), hostname);
  await once(server, "listening");

  return {
    url: `${origin}/demo`,
    /**
     * The verified event of a request; undefined when it did not arrive in time.
     * @param {string} id @param {number} timeoutMs
     */
    async event(id, timeoutMs) {
      const signal = AbortSignal.timeout(timeoutMs);
      while (!events.has(id) && !signal.aborted) await once(server, "webhook", { signal }).catch(() => {});
      return events.get(id);
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
