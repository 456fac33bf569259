/** The worker of the bare server: its job reads the record and does nothing with it. */
import { Worker } from "bullmq";
import { Redis } from "ioredis";

const redis = new Redis(process.env["REDIS_URL"] ?? "", { maxRetriesPerRequest: null });
const options = { connection: redis, prefix: "{bare}", concurrency: 50, removeOnComplete: { count: 0 } };
const worker = new Worker("bare", async ({ data }) => void (await redis.get(`bare:${data.id}`)), options);
await worker.waitUntilReady();
process.send?.({ type: "ready" });

const end = async () => {
  await worker.close();
  process.exit(0);
};
process.on("SIGTERM", end);
process.on("disconnect", end);
