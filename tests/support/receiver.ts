/** A webhook receiver that records what it gets and answers as the test says. */
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
  /** How many senders disconnected before the answer. */
  readonly hungUp: number;
  /** Resolves when `count` webhooks were received. */
  atLeast(count: number, timeoutMs?: number): Promise<Received[]>;
  close(): Promise<void>;
}

/** Returns the status of the answer. Null: it never answers, and the connection stays open. */
export type Answering = (got: Received) => number | null | Promise<number | null>;

/** `answers`: the statuses for the first webhooks (200 for later ones), or a function. `port`: default a free one. */
export async function startReceiver(answers: number[] | Answering = [], port = 0): Promise<Receiver> {
  const received: Received[] = [];
  let hungUp = 0;
  const answer = typeof answers === "function" ? answers : () => answers[received.length - 1] ?? 200;
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    // A sender that is killed while it sends has not sent a webhook.
    try {
      for await (const chunk of request) chunks.push(chunk);
    } catch {
      return;
    }
    const got = { headers: request.headers as Record<string, string>, body: Buffer.concat(chunks).toString() };
    received.push(got);
    response.once("close", () => {
      if (!response.writableEnded) hungUp += 1;
    });
    const status = await answer(got);
    if (status !== null) response.writeHead(status).end();
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: `${origin}/hook`,
    origin,
    received,
    get hungUp() {
      return hungUp;
    },
    atLeast: (count, timeoutMs) =>
      until(`${count} webhooks`, () => received.length >= count && [...received], timeoutMs),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
