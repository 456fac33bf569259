import type { Alert } from "@visgate/shared/alert";
import { alertList, feedEvent } from "@visgate/shared/contract";
import { beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { OTHER_KEY, useTestApi } from "../../../tests/support/api.js";

const { api } = useTestApi();
beforeEach(async () => {
  const { keys } = api.deps.store;
  await api.redis.del(keys.alerts("default"), keys.alertsRevision("default"), keys.endedAlerts("default"));
});

const alert = (fields: Partial<Alert> = {}): Alert => ({
  ...{ v: 1, id: "alert_1", kind: "error_rate", subject: "organization", message: "6 of 10 failed.", value: 0.6 },
  ...{ threshold: 0.5, since: api.clock.now(), clearSince: null, endedAt: null, ...fields },
});
const VIEW = {
  ...{ id: "alert_1", kind: "error_rate", subject: "organization", message: "6 of 10 failed." },
  ...{ value: 0.6, threshold: 0.5 },
};

const read = async () => {
  const { status, body } = await api.call("GET", "/alerts");
  expect(status).toBe(200);
  return z.strictObject(alertList.shape).parse(body).alerts;
};

test("GET /alerts: an organization without any has none", async () => {
  expect(await read()).toEqual([]);
});

test("GET /alerts: shows open alerts, and those that ended in the last day, the newest first", async () => {
  const now = api.clock.now();
  const since = new Date(now).toISOString();
  const { alerts } = api.deps.store;
  await alerts.save("default", "0", [
    { event: "alert.opened", alert: alert() },
    { event: "alert.opened", alert: alert({ id: "alert_2", kind: "queue_age", since: now + 1 }) },
  ]);
  await alerts.save("default", "1", [{ event: "alert.closed", alert: alert({ clearSince: now, endedAt: now + 5 }) }]);
  expect(await read()).toEqual([
    { ...VIEW, id: "alert_2", kind: "queue_age", since: new Date(now + 1).toISOString(), ended_at: null },
    { ...VIEW, since, ended_at: new Date(now + 5).toISOString() },
  ]);
});

test("GET /alerts: another organization does not see them", async () => {
  await api.deps.store.alerts.save("default", "0", [{ event: "alert.opened", alert: alert() }]);
  const { body } = await api.call("GET", "/alerts", { headers: { authorization: `Bearer ${OTHER_KEY}` } });
  expect(body).toEqual({ alerts: [] });
});

test("GET /events: shows an alert as it was at its event", async () => {
  const { alerts } = api.deps.store;
  const { latest } = (await api.call("GET", "/events?limit=1")).body;
  await alerts.save("default", "0", [{ event: "alert.opened", alert: alert() }]);
  await alerts.save("default", "1", [{ event: null, alert: alert({ value: 1 }) }]);
  const { body } = await api.call("GET", `/events?after=${latest}&types=alert.opened,alert.closed`);
  const since = new Date(api.clock.now()).toISOString();
  expect(z.array(feedEvent).parse(body.events)).toEqual([
    {
      sequence: latest + 1,
      type: "alert.opened",
      timestamp: since,
      request_id: null,
      data: { ...VIEW, since, ended_at: null },
    },
  ]);
});
