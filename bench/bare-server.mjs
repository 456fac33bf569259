/**
 * The server to compare with: Hono and BullMQ, one SET and one queue.add to accept, one GET to answer. It has no
 * authentication, validation, idempotency, log or metrics.
 */
import { randomUUID } from "node:crypto";
import { serve } from "@hono/node-server";
import { Queue } from "bullmq";
import { Hono } from "hono";
import { Redis } from "ioredis";

const redis = new Redis(process.env["REDIS_URL"] ?? "");
const queue = new Queue("bare", { connection: redis, prefix: "{bare}" });
await queue.waitUntilReady();

const app = new Hono();
app.post("/submit", async (c) => {
  const input = await c.req.json();
  const id = randomUUID();
  const record = { id, status: "pending", input, created_at: new Date().toISOString() };
  await redis.set(`bare:${id}`, JSON.stringify(record));
  await queue.add("generate", { id }, { jobId: id });
  return c.json({ id, status: "pending" }, 202);
});
app.get("/status/:id", async (c) => {
  const found = await redis.get(`bare:${c.req.param("id")}`);
  return found === null ? c.json({ error: "not found" }, 404) : c.json(JSON.parse(found));
});

const server = serve({ fetch: app.fetch, hostname: "127.0.0.1", port: Number(process.env["PORT"]) }, () => {
  process.send?.({ type: "ready" });
});
const end = () => server.close(() => process.exit(0));
process.on("SIGTERM", end);
process.on("disconnect", end);
