/** What the log says when Redis cannot be reached: one line, with the likely cause and the setting. */
import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, createServer, type Server } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import type { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { freePort } from "../../../../../scripts/lib/processes/ports.mjs";
import { CERTIFICATE, CERTIFICATE_KEY } from "../../../../../tests/support/certificate.js";
import { startTestRedis, type TestRedis } from "../../../../../tests/support/redis.js";
import { createTestSignal } from "../../../../../tests/support/signals.js";
import { createLogger } from "../../runtime/log.js";
import { createRedisLog } from "../../runtime/process/redis-log.js";
import { connectFailFast, connectPatient } from "./connect.js";
import { createGate } from "./gate.js";

let server: TestRedis;
beforeAll(async () => {
  server = await startTestRedis();
});
afterAll(() => server.stop());

async function portOf(listener: Server): Promise<number> {
  listener.listen(0, "127.0.0.1");
  onTestFinished(() => void listener.close());
  await once(listener, "listening");
  return (listener.address() as AddressInfo).port;
}
const tlsPort = () => portOf(createTlsServer({ cert: CERTIFICATE, key: CERTIFICATE_KEY }, (socket) => socket.resume()));
const redisPort = () => Number(new URL(server.url).port);

const CASES: { what: string; url(): Promise<string> | string; says: RegExp }[] = [
  {
    what: "a wrong password",
    url: () => `redis://:wrong-password@127.0.0.1:${redisPort()}`,
    says: /password in REDIS_URL/,
  },
  { what: "no password", url: () => `redis://127.0.0.1:${redisPort()}`, says: /asks for a password: REDIS_URL/ },
  {
    what: "a self-signed certificate",
    url: async () => `rediss://127.0.0.1:${await tlsPort()}`,
    says: /certificate.*NODE_EXTRA_CA_CERTS/,
  },
  {
    what: "a plain URL and a TLS port",
    url: async () => `redis://127.0.0.1:${await tlsPort()}`,
    says: /REDIS_URL must begin with rediss:/,
  },
  {
    what: "a TLS URL and a plain port",
    url: () => `rediss://127.0.0.1:${redisPort()}`,
    says: /REDIS_URL must begin with redis:/,
  },
  {
    what: "a port where nothing listens",
    url: async () => `redis://127.0.0.1:${await freePort()}`,
    says: /Nothing listens/,
  },
  { what: "an unknown host name", url: () => "redis://no-such-host.invalid", says: /host name in REDIS_URL/ },
  {
    what: "a server that is not Redis",
    url: async () => `redis://127.0.0.1:${await portOf(createHttpServer((_, response) => response.end("hi")))}`,
    says: /is not Redis/,
  },
  {
    what: "a server that closes connections",
    url: async () => `redis://127.0.0.1:${await portOf(createServer((socket) => socket.end()))}`,
    says: /closes the connection/,
  },
  {
    what: "no Sentinel",
    url: async () => `redis+sentinel://127.0.0.1:${await freePort()}/main`,
    says: /No Sentinel of REDIS_URL/,
  },
];

describe.each([
  { process: "an API", connect: connectFailFast },
  { process: "a worker", connect: connectPatient },
])("the log of $process", ({ connect }) => {
  test.concurrent.each(CASES)("names the cause of $what, once", async ({ url, says }) => {
    const lines: string[] = [];
    const destination = { write: (line: string) => void lines.push(line) };
    const log = createLogger({ level: "info", service: "test", secretNames: [], destination });
    const redis: Redis = connect(await url());
    const faults = createTestSignal();
    const { onFault } = createRedisLog(log);
    const gate = createGate(redis, {
      onFault(fault) {
        onFault(fault);
        faults.fire();
      },
    });
    await faults.reached(2, 20_000);
    gate.close();
    redis.disconnect();
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(says);
    expect(lines[0]).not.toMatch(/127\.0\.0\.1|invalid|wrong-password|ECONN|WRONGPASS/);
    expect(gate.whyClosed()?.message).toMatch(says);
  });
});
