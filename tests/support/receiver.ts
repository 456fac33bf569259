/** A webhook receiver: keeps what it got, answers as told. */

import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { until } from "./until.js";

export interface Received {
  headers: Record<string, string>;
  body: string;
}

export interface Receiver {
  url: string;
  origin: string;
  received: Received[];
  /** Resolves when `count` were received. */
  atLeast(count: number, timeoutMs?: number): Promise<Received[]>;
  close(): Promise<void>;
}

/** `statuses`: answers to the first ones; 200 afterwards. */
export async function startReceiver(statuses: number[] = []): Promise<Receiver> {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    received.push({ headers: request.headers as Record<string, string>, body: Buffer.concat(chunks).toString() });
    response.writeHead(statuses[received.length - 1] ?? 200).end();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: `${origin}/hook`,
    origin,
    received,
    atLeast: (count, timeoutMs) =>
      until(`${count} webhooks`, () => received.length >= count && [...received], timeoutMs),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
