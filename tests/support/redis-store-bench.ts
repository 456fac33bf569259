/** The conformance suites on a store in Redis. */
import { randomUUID } from "node:crypto";
import type { RequestRef } from "@visgate/shared/request";
import { createStore, type Redis } from "@visgate/shared/store";
import { contentsOf } from "./redis-contents.js";
import { createTestClock } from "./signals.js";
import { acceptConformance } from "./store-accept-conformance.js";
import { alertsConformance } from "./store-alerts-conformance.js";
import { applyConformance } from "./store-apply-conformance.js";
import type { OpenBench } from "./store-bench.js";
import { cacheConformance } from "./store-cache-conformance.js";
import { eventsConformance } from "./store-events-conformance.js";
import { maintenanceConformance } from "./store-maintenance-conformance.js";
import { moneyConformance } from "./store-money-conformance.js";
import { openAlertsConformance } from "./store-open-alerts-conformance.js";
import { unsettledConformance } from "./store-unsettled-conformance.js";

export function storeConformance(connect: () => Redis): void {
  const open: OpenBench = async () => {
    const prefix = `test-${randomUUID()}`;
    const clock = createTestClock();
    const redis = connect();
    const created: RequestRef[] = [];
    const onDeliveries = (deliveries: RequestRef[]) => void created.push(...deliveries);
    return {
      clock,
      created,
      store: createStore({ redis, clock, prefix, actor: "test", cacheTtlSeconds: 100, onDeliveries }),
      connect: async () => createStore({ redis: connect(), clock, prefix, actor: "test", cacheTtlSeconds: 100 }),
      dump: () => contentsOf(redis, `${prefix}:`),
      ttlSeconds: (key) => redis.ttl(key),
      redis,
    };
  };
  acceptConformance(open);
  applyConformance(open);
  cacheConformance(open);
  eventsConformance(open);
  maintenanceConformance(open);
  unsettledConformance(open);
  moneyConformance(open);
  alertsConformance(open);
  openAlertsConformance(open);
}
