import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import { until } from "./harness.js";

export interface Delivery {
  headers: IncomingHttpHeaders;
  raw: string;
  body: Record<string, unknown>;
}

export interface Receiver {
  url: string;
  deliveries: Delivery[];
  /** Resolves when that many deliveries have arrived. */
  received(count: number): Promise<Delivery[]>;
}

/** A webhook endpoint that answers each of `statuses` in turn, and then 200. */
export async function startReceiver(statuses: number[] = []): Promise<Receiver> {
  const deliveries: Delivery[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const raw = Buffer.concat(chunks).toString();
    deliveries.push({ headers: request.headers, raw, body: JSON.parse(raw) as Record<string, unknown> });
    response.writeHead(statuses.shift() ?? 200).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    deliveries,
    received: (count) => until(() => deliveries.length >= count && deliveries),
  };
}
