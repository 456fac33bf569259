/** A worker's metrics, in the Prometheus text format. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";

const SECONDS_BUCKETS = [0.005, 0.025, 0.1, 0.5, 1, 5, 30, 120];
const WAIT_BUCKETS = [0.1, 1, 5, 15, 60, 300, 900, 3600];

export function createMetrics() {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const steps = new Histogram({
    name: "visgate_step_seconds",
    help: "Duration of one step of a request, in seconds.",
    labelNames: ["provider", "step", "outcome"],
    buckets: SECONDS_BUCKETS,
    registers: [registry],
  });
  const calls = new Histogram({
    name: "visgate_provider_call_seconds",
    help: "Duration of one call to a provider, in seconds, by its result.",
    labelNames: ["provider", "call", "result"],
    buckets: SECONDS_BUCKETS,
    registers: [registry],
  });
  const deliveries = new Counter({
    name: "visgate_delivery_attempts_total",
    help: "Webhook attempts, by the state of the delivery after the attempt.",
    labelNames: ["state"],
    registers: [registry],
  });

  const differences = new Counter({
    name: "visgate_cost_differences_total",
    help: "Requests whose bill differs from the estimate by more than 1 %.",
    labelNames: ["provider", "model"],
    registers: [registry],
  });
  const fallbacks = new Counter({
    name: "visgate_fallbacks_total",
    help: "Requests that went on with another model, by the provider that they left and why.",
    labelNames: ["provider", "code"],
    registers: [registry],
  });
  const slotWaits = new Histogram({
    name: "visgate_slot_wait_seconds",
    help: "How long a request waited for a slot at the provider, in seconds. Only where limits are set.",
    labelNames: ["provider"],
    buckets: WAIT_BUCKETS,
    registers: [registry],
  });
  const waiting = new Gauge({
    name: "visgate_slot_waiting",
    help: "How many requests wait for a slot at the provider. Every worker shows the same number.",
    labelNames: ["provider"],
    registers: [registry],
  });

  return {
    registry,
    countCostDifference: (provider: string, model: string) => differences.inc({ provider, model }),
    countFallback: (provider: string, code: string) => fallbacks.inc({ provider, code }),
    observeStep: (provider: string, step: string, outcome: string, ms: number) =>
      steps.observe({ provider, step, outcome }, ms / 1000),
    observeProviderCall: (provider: string, call: string, result: string, ms: number) =>
      calls.observe({ provider, call, result }, ms / 1000),
    observeSlotWait: (provider: string, ms: number) => slotWaits.observe({ provider }, ms / 1000),
    setWaiting: (provider: string, count: number) => waiting.set({ provider }, count),
    countDelivery: (state: string) => deliveries.inc({ state }),
  };
}

export type Metrics = ReturnType<typeof createMetrics>;
