/** An API that starts: it refuses connections until it can accept calls, so that a load balancer asks another one. */
import { connect, type Socket } from "node:net";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startTcpProxy, type TcpProxy } from "../../chaos/tcp-proxy.mjs";
import { freePort } from "../../scripts/lib/processes/ports.mjs";
import { createCaller, VEO } from "../support/caller.js";
import { IS_CLUSTER } from "../support/redis-cluster.js";
import { startTestStack, type TestStack } from "../support/stack.js";

const CALL_EVERY_MS = 1;
const REDIS_DELAY_MS = 50;

let test: TestStack;
let slowRedis: TcpProxy;
beforeAll(async () => {
  test = await startTestStack();
  const { hostname, port } = new URL(test.stack.redisUrl);
  const later = (to: Socket) => (chunk: Buffer) => void setTimeout(() => to.write(chunk), REDIS_DELAY_MS);
  slowRedis = await startTcpProxy({
    open: () => connect(Number(port), hostname),
    join([client, upstream]) {
      client.on("data", later(upstream));
      upstream.on("data", later(client));
    },
  });
});
afterAll(async () => {
  await test.stop();
  await slowRedis.close();
});

/** Calls until one is answered. Returns its status. */
async function firstAnswer(port: number): Promise<number> {
  const { generate } = createCaller(`http://127.0.0.1:${port}`, test.stack.apiKey);
  for (;;) {
    const answer = await generate(VEO, { prefer: "respond-async" }).catch(() => null);
    if (answer !== null) return answer.status;
    await new Promise((resolve) => setTimeout(resolve, CALL_EVERY_MS));
  }
}

// The proxy stands in front of one server.
it.skipIf(IS_CLUSTER)("API that starts while Redis is slow: accepts the first call that it answers", async () => {
  const port = await freePort();
  const redisUrl = new URL(test.stack.redisUrl);
  redisUrl.port = String(slowRedis.port);
  const answered = firstAnswer(port);
  await test.stack.addApi(port, { REDIS_URL: redisUrl.href });
  expect(await answered).toBe(202);
});
