/**
 * How organizations share the slots of a provider account: 1,000 waiting requests of one against single requests of
 * another, over real workers; and three organizations with weights, by the scripts alone.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";
import { startStack } from "../scripts/lib/stack/stack.mjs";
import { percentile } from "./measurements.mjs";

const WAITING = 1000;
const SINGLES = 10;
const WEIGHTS = { one: 1, two: 2, three: 3 };
const GRANTS = 600;
const LIMITS = { maxInFlight: 2, maxInFlightPerModel: null, createsPerSecond: null };
const QUIET_KEY = "vg-key-of-the-quiet-organization";
const FILM = { model: "fal-ai/veo3", prompt: "a lighthouse", duration_seconds: 4, cache: "off" };

/** @param {{ dataDir: string, redisServer: string | undefined }} bench */
export async function fairShare({ dataDir, redisServer }) {
  const env = {
    FAL_MAX_IN_FLIGHT: "2",
    POSTERS: "false",
    SIMULATOR_RENDER_SECONDS: "0.5",
    SIMULATOR_QUEUE_SECONDS: "0.05",
  };
  const stack = await startStack({ dataDir, redisServer, workers: 3, env });
  const redis = new Redis(stack.redisUrl);
  try {
    const { createStore } = await import("@visgate/shared/store");
    const { hashApiKey, prefixOf, SCOPES } = await import("@visgate/shared/organization");
    const store = createStore({ redis, clock: { now: Date.now } });
    await store.organizations.ensure("quiet", Date.now());
    await store.apiKeys.save(
      {
        ...{ v: 1, id: "quiet", organization: "quiet", name: "bench", scopes: SCOPES, models: null },
        ...{ hash: hashApiKey(QUIET_KEY), prefix: prefixOf(QUIET_KEY), requestsPerMinute: null },
        ...{ createdAt: Date.now(), expiresAt: null },
      },
      null,
    );
    return [...(await thousandAgainstOne(stack)), await weights(store.pools)];
  } finally {
    redis.disconnect();
    await stack.stop();
  }
}

/** @param {import("./calls.mjs").Stack} stack */
async function thousandAgainstOne({ baseUrl, apiKey }) {
  /** @param {string} key */
  const submit = async (key) => {
    const headers = { authorization: `Bearer ${key}`, "content-type": "application/json", prefer: "respond-async" };
    const answer = await fetch(`${baseUrl}/api/v1/videos/generate`, {
      ...{ method: "POST", headers, body: JSON.stringify(FILM) },
    });
    return /** @type {any} */ (await answer.json()).request_id;
  };
  /** @param {string} id @param {string} key @returns {Promise<any>} */
  const ended = async (id, key) => {
    const headers = { authorization: `Bearer ${key}` };
    return (await fetch(`${baseUrl}/api/v1/requests/${id}?wait=60`, { headers })).json();
  };
  const first = await ended(await submit(apiKey), apiKey);
  for (let sent = 0; sent < WAITING; sent += 50) await Promise.all(Array.from({ length: 50 }, () => submit(apiKey)));
  await sleep(2000);
  /** @type {number[]} */
  const waits = [];
  /** @type {number[]} */
  const renders = [];
  for (let n = 0; n < SINGLES; n += 1) {
    const { created_at, started_at, completed_at } = await ended(await submit(QUIET_KEY), QUIET_KEY);
    waits.push(Date.parse(started_at) - Date.parse(created_at));
    renders.push(Date.parse(completed_at) - Date.parse(started_at));
  }
  return [
    `Fair share: ${WAITING} requests of one organization against single ones of another, 2 slots, three workers`,
    `  a request alone: ${first.latency_ms} ms; a slot is held for ${Math.round(percentile(renders, 0.5))} ms`,
    `  the single ones waited ${percentile(waits, 0.5)} ms (p50), ${Math.max(...waits)} ms (max) for their slot`,
  ];
}

/** @param {import("@visgate/shared/store").Pools} pools */
async function weights(pools) {
  const pool = { account: "bench", limits: LIMITS };
  for (const [organization, weight] of Object.entries(WEIGHTS)) {
    for (let n = 0; n < GRANTS; n += 1) {
      const share = { weight, maxInFlight: null };
      const request = { organization, id: `${n}`, model: "bench/model", priority: /** @type {const} */ ("normal") };
      await pools.acquire(pool, { ...request, createdAt: n, cost: 1, share });
    }
  }
  /** @type {Record<string, number>} */
  const served = {};
  const held = await pools.holders(pool);
  const began = performance.now();
  for (let n = 0; n < GRANTS; n += 1) {
    const { granted } = await pools.release(pool, /** @type {(typeof held)[0]} */ (held.shift()));
    for (const ref of granted) {
      served[ref.organization] = (served[ref.organization] ?? 0) + 1;
      held.push({ ...ref, grantedAt: 0 });
    }
  }
  const each = ((performance.now() - began) / GRANTS).toFixed(2);
  const shares = Object.entries(WEIGHTS).map(([name, weight]) => `${weight}: ${served[name]}`);
  return `  ${GRANTS} slots by weight: ${shares.join(", ")}; ${each} ms for each release with its grant`;
}
