import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { Registry } from "prom-client";
import { expect, test } from "vitest";
import { freePort } from "../../../../../scripts/lib/processes/ports.mjs";
import { serveMetrics } from "./metrics-server.js";

const SOON_MS = 10_000;
const SCRAPE = "GET /metrics HTTP/1.1\r\nHost: metrics.test\r\n\r\n";

/** Everything that the socket received until it was closed. */
async function textOf(socket: Socket): Promise<string> {
  let text = "";
  socket.on("data", (chunk) => {
    text += chunk;
  });
  await once(socket, "close");
  return text;
}

async function start(metrics: () => Promise<string>) {
  const registry = new Registry();
  registry.metrics = metrics;
  const port = await freePort();
  const server = await serveMetrics(registry, { host: "127.0.0.1", port, keepAliveMs: 95_000 });
  const socket = connect(port, "127.0.0.1");
  await once(socket, "connect");
  return { server, socket };
}

test("metrics server: an open connection of a scraper does not delay close()", async () => {
  const { server, socket } = await start(async () => "up 1\n");
  const scraped = once(socket, "data");
  socket.write(SCRAPE);
  expect(String((await scraped)[0])).toMatch(/^keep-alive: timeout=95$/im);
  const began = performance.now();
  await server.close();
  expect(performance.now() - began).toBeLessThan(SOON_MS);
});

test("metrics server: close() answers a scrape under way, and closes its connection", async () => {
  let asked = () => {};
  let answer = (_text: string) => {};
  const arrived = new Promise<void>((resolve) => {
    asked = resolve;
  });
  const { server, socket } = await start(() => {
    asked();
    return new Promise((resolve) => {
      answer = resolve;
    });
  });
  const got = textOf(socket);
  socket.write(SCRAPE);
  await arrived;
  const closed = server.close();
  answer("up 1\n");
  await closed;
  expect(await got).toMatch(/^HTTP\/1\.1 200 [\s\S]*connection: close\r\n[\s\S]*up 1/i);
});
