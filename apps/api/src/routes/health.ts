/** For those who watch this server: its health, and its metrics in the Prometheus text format. */
import { health } from "@visgate/shared/contract";
import { MAINTENANCE_QUEUE, WEBHOOKS_QUEUE } from "@visgate/shared/queue";
import type { Deps } from "../deps.js";
import { answer, answerJson } from "../http/answer.js";
import { type Ctx, json, type Route } from "../http/route.js";
import { queueCounts } from "../use-cases/queue-counts.js";
import { type Refusal, whyNotReady } from "../use-cases/why-refused.js";

export const getHealth: Route = {
  docs: {
    operationId: "getHealth",
    summary: "Health",
    description:
      "For load balancers and monitors. Says whether this server takes generations, and counts the jobs of each queue.",
    tags: ["System"],
    responses: {
      200: { description: "Ready.", content: json(health) },
      503: { description: "This server accepts no generations now; `reason` says why.", content: json(health) },
    },
  },
  handler: (deps) => async (c) => {
    const queues = await readQueues(deps).catch(() => null);
    const refusal = whyNotReady(deps) ?? (queues === null ? NO_ANSWER : null);
    const store = queues === null || refusal?.isRedis ? "unavailable" : "ok";
    const { version } = deps.settings;
    const rest = { version, database: store, cache: store, queues: queues ?? {} };
    if (refusal === null) return answerJson(c, { status: "ok", ...rest }, 200);
    return answerJson(c, { status: "degraded", reason: refusal.reason, ...rest }, 503);
  },
};

const NO_ANSWER: Refusal = { isRedis: true, reason: "Redis does not answer." };

async function readQueues(deps: Deps): Promise<Record<string, Record<string, number>>> {
  await deps.pingRedis();
  const names = [...deps.settings.providers.keys(), WEBHOOKS_QUEUE, MAINTENANCE_QUEUE];
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await queueCounts(deps, name)] as const)),
  );
}

/** Served at the root, and only when metrics have no port of their own. */
export const getMetrics = (deps: Deps) => async (c: Ctx) => {
  const { registry } = deps.metrics;
  return answer(c, await registry.metrics(), 200, { "Content-Type": registry.contentType });
};
