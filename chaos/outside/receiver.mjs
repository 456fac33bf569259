/** A webhook receiver that sometimes fails: it logs each webhook before it answers. */
import { once } from "node:events";
import { createServer } from "node:http";
import { Webhook } from "standardwebhooks";

/**
 * @param {{
 *   journals: import("../journal.mjs").Journals, random: import("../random.mjs").Random, readSecret: () => Promise<string>,
 *   address?: string | undefined,
 * }} options
 */
export async function startReceiver({ journals, random, readSecret, address = "127.0.0.1" }) {
  /** @type {Webhook | null} */
  let webhook = null;
  const isSigned = (/** @type {string} */ body, /** @type {Record<string, string>} */ headers) => {
    try {
      webhook?.verify(body, headers);
      return webhook !== null;
    } catch {
      return false;
    }
  };
  const server = createServer(async (request, response) => {
    const chunks = [];
    try {
      for await (const chunk of request) chunks.push(chunk);
    } catch {
      return; // its sender was killed while it sent
    }
    const body = Buffer.concat(chunks).toString();
    const headers = /** @type {Record<string, string>} */ (request.headers);
    const fate = random.next();
    const status = fate < 0.1 ? 500 : fate < 0.15 ? null : 200;
    const { type, data } = JSON.parse(body);
    const from = request.socket.remoteAddress;
    const got = { webhookId: headers["webhook-id"], type, id: data.id, ended: data.status, from };
    journals.write("webhooks", { ...got, status, signed: isSigned(body, headers) });
    if (status === null) request.socket.destroy();
    else response.writeHead(status).end();
  });
  server.listen(0, address);
  await once(server, "listening");
  webhook = new Webhook(await readSecret());
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  return {
    url: `http://${address}:${port}/hook`,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
