/**
 * Redis memory of ended requests without a webhook, by kind of key: as they end, and in their cold form. The requests are
 * written through the store, as the API and a worker write them.
 */
import { createHash, randomUUID } from "node:crypto";
import { Redis } from "ioredis";
import { startStack } from "../scripts/lib/stack/stack.mjs";
import { submit } from "./calls.mjs";
import { withTarget } from "./targets.mjs";

const REQUESTS = 5000;
const ORGANIZATION = "default";
const PREFIX = `vg:{${ORGANIZATION}}:`;
/** Half of what a request took before there was a cold form. */
const TARGET_BYTES = 2958 / 2;
/** Of the name of a key: what it holds. */
const KINDS = [
  { kind: "record", pattern: /^req:/ },
  { kind: "time line", pattern: /^tl:/ },
  { kind: "indexes", pattern: /^(?:requests|ended|open)$/ },
  { kind: "feed", pattern: /^feed$/ },
  { kind: "ledger", pattern: /^ledger$/ },
];

/** @param {{ dataDir: string, redisServer: string | undefined }} bench */
export async function memory({ dataDir, redisServer }) {
  const stack = await startStack({ dataDir, redisServer, workers: 0 });
  const redis = new Redis(stack.redisUrl);
  try {
    const { createStore } = await import("@visgate/shared/store");
    const store = createStore({ redis, clock: { now: Date.now }, actor: "worker-1:4711" });
    const example = { organization: ORGANIZATION, id: await submit(stack) };
    const record = (await store.requests.get(example))?.doc;
    if (record === undefined) throw new Error("The first request is not there.");
    const before = await bytesByKind(redis);
    for (let index = 0; index < REQUESTS; index += 1) await writeEnded(store, record);
    const warm = perRequest(await bytesByKind(redis), before);
    while ((await store.coldRequests.freezeEnded(ORGANIZATION, Number.MAX_SAFE_INTEGER, 100)) > 0);
    const cold = perRequest(await bytesByKind(redis), before);
    return [
      `Redis memory of an ended request without a webhook, bytes (of ${REQUESTS.toLocaleString("en")} requests):`,
      `  as it ends: ${describe(warm)}`,
      `  after an hour: ${describe(cold)}`,
      `  ${withTarget("after an hour, in all", total(cold), { atMost: Math.round(TARGET_BYTES), unit: " bytes" })}`,
    ];
  } finally {
    redis.disconnect();
    await stack.stop();
  }
}

/** @param {import("@visgate/shared/store").Store} store @param {import("@visgate/shared/request").RequestRecord} example */
async function writeEnded(store, example) {
  const { newRequestId } = await import("@visgate/shared/ids");
  const at = Date.now();
  const id = newRequestId(at);
  const hash = createHash("sha256").update(id).digest("hex");
  const prompt = `${hash.slice(0, 40)} a bird that flies over the sea at dawn`.padEnd(80, ".");
  const record = {
    ...{ ...example, id, createdAt: at, input: { ...example.input, prompt } },
    ...{ call: { hash: hash.slice(0, 32), isDeliberate: true } },
  };
  const accepting = { record, idempotency: null, notAfter: Number.MAX_SAFE_INTEGER, encryptedProviderKey: null };
  await store.requests.accept(accepting);
  const intent = { attempt: 1, at, token: randomUUID(), leaseId: randomUUID(), uploadedUrl: null };
  const outputs = [
    {
      kind: "stored",
      key: `${ORGANIZATION}/out/${id}/0.mp4`,
      contentType: "video/mp4",
      bytes: 1_234_567,
      sha256: hash,
    },
  ];
  const url = `https://media.example.com/files/${hash.slice(0, 20)}/output.mp4`;
  for (const transition of [
    { name: "submit_intended", intent, awaitsReport: false },
    { name: "submit_accepted", at: at + 200, attempt: 1, providerRequestId: randomUUID() },
    { name: "observed", progress: 0.3, queuePosition: null },
    { name: "observed", progress: 0.7, queuePosition: null },
    {
      name: "rendered",
      at: at + 90_000,
      outputs: [{ url }],
      withheld: 0,
      costMicro: 1_600_000,
      costSource: "catalogue",
    },
    { name: "completed", at: at + 91_000, outputs },
  ]) {
    await store.requests.applyTo(record, /** @type {any} */ (transition));
  }
}

/** @param {Redis} redis @returns {Promise<Map<string, number>>} */
async function bytesByKind(redis) {
  const sums = new Map(KINDS.map(({ kind }) => [kind, 0]));
  for await (const names of redis.scanStream({ match: `${PREFIX}*`, count: 10_000 })) {
    for (const name of /** @type {string[]} */ (names)) {
      const kind = KINDS.find(({ pattern }) => pattern.test(name.slice(PREFIX.length)))?.kind;
      if (kind === undefined) continue;
      sums.set(kind, (sums.get(kind) ?? 0) + Number(await redis.memory("USAGE", name, "SAMPLES", 0)));
    }
  }
  return sums;
}

/** @param {Map<string, number>} after @param {Map<string, number>} before */
const perRequest = (after, before) =>
  new Map([...after].map(([kind, bytes]) => [kind, Math.round((bytes - (before.get(kind) ?? 0)) / REQUESTS)]));

/** @param {Map<string, number>} bytes */
const total = (bytes) => [...bytes.values()].reduce((sum, one) => sum + one, 0);

/** @param {Map<string, number>} bytes */
const describe = (bytes) => `${total(bytes)} (${[...bytes].map(([kind, one]) => `${kind} ${one}`).join(", ")})`;
