/** The API's metrics, in the Prometheus text format. */
import type { Producer } from "@visgate/shared/queue";
import type { Store } from "@visgate/shared/store";
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import { queueCounts } from "./use-cases/queue-counts.js";

const SECONDS_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5, 30, 120];

export function createMetrics() {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const http = new Histogram({
    name: "visgate_http_request_seconds",
    help: "Duration of an HTTP request, in seconds, including the time that a caller waits for an output.",
    labelNames: ["method", "route", "status"],
    buckets: SECONDS_BUCKETS,
    registers: [registry],
  });

  const reports = new Counter({
    name: "visgate_provider_reports_total",
    help: "Reports from providers, by the verdict on their signature.",
    labelNames: ["provider", "verdict"],
    registers: [registry],
  });

  return {
    registry,
    countReport: (provider: string, verdict: string) => reports.inc({ provider, verdict }),
    observeHttp(method: string, route: string, status: number, ms: number): void {
      http.observe({ method, route, status }, ms / 1000);
    },
  };
}

export type Metrics = ReturnType<typeof createMetrics>;

/** Gauges that are read from Redis at each scrape. While Redis is unavailable, only these are missing. */
export function registerRedisGauges(
  metrics: Metrics,
  options: { store: Store; producer: Producer; queues: string[] },
): void {
  new Gauge({
    name: "visgate_requests_in_flight",
    help: "Requests that were accepted and have not completed or failed.",
    registers: [metrics.registry],
    async collect() {
      this.remove();
      const open = await options.store.maintenance.openCount().catch(() => null);
      if (open !== null) this.set(open);
    },
  });
  new Gauge({
    name: "visgate_queue_jobs",
    help: "Jobs per queue and state. A delayed job sleeps until its request is polled again.",
    labelNames: ["queue", "state"],
    registers: [metrics.registry],
    async collect() {
      this.reset();
      const counted = options.queues.map(async (queue) => {
        const counts = await queueCounts(options, queue).catch(() => ({}));
        for (const [state, count] of Object.entries(counts)) this.set({ queue, state }, count);
      });
      await Promise.all(counted);
    },
  });
  new Gauge({
    name: "visgate_queue_late_seconds",
    help: "How long the sleeping job that is overdue longest has waited for a worker; 0 when none is overdue.",
    labelNames: ["queue"],
    registers: [metrics.registry],
    async collect() {
      this.reset();
      const measured = options.queues.map(async (queue) => {
        const ms = await options.producer.lateMs(queue).catch(() => null);
        if (ms !== null) this.set({ queue }, ms / 1000);
      });
      await Promise.all(measured);
    },
  });
}
