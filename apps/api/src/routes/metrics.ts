/** GET /metrics, at the root: Prometheus text, unless it has a port of its own. */
import type { Deps } from "../deps.js";
import { answer } from "../http/answer.js";
import type { Ctx } from "../http/route.js";

export const getMetrics = (deps: Deps) => async (c: Ctx) => {
  const { registry } = deps.metrics;
  return answer(c, await registry.metrics(), 200, { "Content-Type": registry.contentType });
};
