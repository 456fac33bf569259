import { alertView } from "@visgate/shared/alert";
import { budgetId } from "@visgate/shared/money";
import type { RequestRecord } from "@visgate/shared/request";
import type { Outcome } from "@visgate/shared/store";
import { beforeEach, describe, expect, test } from "vitest";
import { pendingRecord, processingRecord, T0 } from "../../../../tests/support/records.js";
import { type TestWorker, useTestWorkers } from "../../../../tests/support/worker.js";
import type { AlertSettings } from "../deps.js";
import { type AlertWatch, createAlertWatch } from "./alerts.js";

const LOOK_MS = 15_000;
const CLEAR_MS = 60_000;
const AUDIT = { action: "budget.set", by: { kind: "admin" }, at: T0, target: "x", details: {} } as const;

const { openWorker } = useTestWorkers();
let worker: TestWorker;
let watch: AlertWatch;
beforeEach(() => open());

let organizations = 0;
/** Each test has an organization of its own, because all use one Redis. */
let organization: string;
async function open(alerts: Partial<AlertSettings> = {}): Promise<void> {
  const standard = { errorRate: 0.5, queueAgeMs: 300_000, clearMs: CLEAR_MS };
  worker = await openWorker({ settings: { alerts: { ...standard, ...alerts } } });
  watch = createAlertWatch(worker.deps);
  organization = `org-${++organizations}`;
  await worker.store.organizations.ensure(organization, 0);
}

/** Some time passes, then a worker looks. */
async function lookAfter(ms: number): Promise<void> {
  worker.clock.advance(ms);
  await watch.look();
}
/** Looks until what cleared has been clear for the whole time. */
async function clear(): Promise<void> {
  for (let passed = 0; passed <= CLEAR_MS; passed += LOOK_MS) await lookAfter(LOOK_MS);
}
const shown = async () => (await worker.store.alerts.list(organization)).map(alertView);
const kinds = async () =>
  (await shown()).map(({ kind, ended_at }) => `${kind} ${ended_at === null ? "open" : "ended"}`);
const events = async () => {
  const feed = await worker.store.feed.read(organization, 0, 1000);
  return feed.map(({ type }) => type).filter((type) => type.startsWith("alert."));
};
const note = (...outcomes: Outcome[]) => worker.store.outcomes.note(organization, outcomes);
const ends = (errors: number, successes: number): Outcome[] => [
  ...Array<Outcome>(errors).fill({ kind: "request", isError: true }),
  ...Array<Outcome>(successes).fill({ kind: "request", isError: false }),
];
const keep = (record: Partial<RequestRecord> = {}) => worker.keep(pendingRecord({ organization, ...record }));

test("an organization in which nothing is wrong has no alert", async () => {
  await note(...ends(0, 50));
  await keep({ createdAt: worker.clock.now() });
  await lookAfter(LOOK_MS);
  expect(await shown()).toEqual([]);
});

describe("error_rate", () => {
  test("opens at the threshold, and closes when most requests have succeeded again for a minute", async () => {
    await note(...ends(6, 4));
    await lookAfter(LOOK_MS);
    const message = expect.stringMatching(/^6 of 10 requests .*failed by a provider's fault/);
    expect(await shown()).toMatchObject([
      { kind: "error_rate", subject: "organization", message, value: 0.6, threshold: 0.5, ended_at: null },
    ]);
    await note(...ends(0, 10));
    await clear();
    expect(await kinds()).toEqual(["error_rate ended"]);
    expect(await events()).toEqual(["alert.opened", "alert.closed"]);
  });

  test("does not open below the threshold, nor with fewer than ten requests", async () => {
    await note(...ends(9, 0));
    await lookAfter(LOOK_MS);
    expect(await shown()).toEqual([]);
    await note(...ends(0, 10));
    await lookAfter(LOOK_MS);
    expect(await shown()).toEqual([]);
  });

  test("a rate that goes up and down is one alert", async () => {
    await note(...ends(10, 10));
    for (let turn = 0; turn < 4; turn += 1) {
      await lookAfter(LOOK_MS);
      await note(...(turn % 2 === 0 ? ends(0, 3) : ends(3, 0)));
    }
    expect(await kinds()).toEqual(["error_rate open"]);
    expect(await events()).toEqual(["alert.opened"]);
  });

  test("0: never", async () => {
    await open({ errorRate: 0 });
    await note(...ends(20, 0));
    await lookAfter(LOOK_MS);
    expect(await shown()).toEqual([]);
  });
});

describe("queue_age", () => {
  /** Of a request that was accepted so long before the current time. */
  const age = (ms: number) => ({ createdAt: worker.clock.now() - ms });
  const at = (createdAt: number, id: string) => ({ createdAt, id });
  /** An id that was made then; `n` makes it unique. */
  const idOf = (time: number, n: number) => {
    const hex = time.toString(16).padStart(12, "0");
    return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-${n.toString(16).padStart(12, "0")}`;
  };
  let number = 0;
  const old = (ms: number): Partial<RequestRecord> => {
    const { createdAt } = age(ms);
    return at(createdAt, idOf(createdAt, ++number));
  };

  test("opens when the oldest pending request is too old, and closes when it is pending no more", async () => {
    const waiting = await keep(old(250_000));
    await lookAfter(LOOK_MS);
    expect(await shown()).toEqual([]);
    await lookAfter(60_000);
    expect(await shown()).toMatchObject([
      { kind: "queue_age", message: expect.stringContaining(waiting.id), value: 325, threshold: 300 },
    ]);
    await lookAfter(LOOK_MS);
    expect(await shown()).toMatchObject([{ value: 340 }]);
    await worker.store.requests.applyTo(waiting, { name: "cancel_requested", at: worker.clock.now() });
    await clear();
    expect(await kinds()).toEqual(["queue_age ended"]);
    expect(await events()).toEqual(["alert.opened", "alert.closed"]);
  });

  test("finds a pending request behind many that render", async () => {
    const rendering = Array.from({ length: 30 }, () => processingRecord({ organization, ...old(900_000) }));
    await Promise.all(rendering.map((record) => worker.keep(record)));
    await lookAfter(LOOK_MS);
    expect(await shown()).toEqual([]);
    const waiting = await keep(old(400_000));
    await lookAfter(LOOK_MS);
    expect(await shown()).toMatchObject([{ message: expect.stringContaining(waiting.id) }]);
  });

  test("reads a request that renders for long only once", async () => {
    await worker.keep(processingRecord({ organization, ...old(900_000) }));
    await lookAfter(LOOK_MS);
    const { get } = worker.store.requests;
    let reads = 0;
    worker.store.requests.get = (ref) => {
      if (ref.organization === organization) reads += 1;
      return get(ref);
    };
    await lookAfter(LOOK_MS);
    expect(reads).toBe(0);
  });

  test.each<{ what: string; record: Partial<RequestRecord> }>([
    { what: "has low priority", record: { priority: "low" } },
    { what: "is being cancelled", record: { cancelRequestedAt: T0 } },
    {
      what: "follows another request",
      record: {
        cache: { hash: null, reason: "joined", leaderId: "another", sharedFrom: null, avoidedCostMicro: 0 },
      },
    },
  ])("a request that $what does not count", async ({ record }) => {
    await keep({ ...old(900_000), ...record });
    await lookAfter(LOOK_MS);
    expect(await shown()).toEqual([]);
    await keep(old(900_000));
    await lookAfter(LOOK_MS);
    expect(await kinds()).toEqual(["queue_age open"]);
  });

  test("0: never", async () => {
    await open({ queueAgeMs: 0 });
    await keep(old(900_000));
    await lookAfter(LOOK_MS);
    expect(await shown()).toEqual([]);
  });
});

describe("budget", () => {
  const PRICE = 2_400_000;
  const limit = (limitMicro: number) =>
    worker.store.budgets.set(organization, { subject: "organization", period: "month", limitMicro }, AUDIT);
  const accept = () => keep({ createdAt: worker.clock.now(), day: "2026-01-01", estimatedCostMicro: PRICE });

  test("opens when the budget is used up, and closes when its limit was raised", async () => {
    await limit(PRICE);
    await accept();
    await lookAfter(LOOK_MS);
    const subject = budgetId("organization", "month");
    expect(await shown()).toMatchObject([{ kind: "budget", subject, value: 2.4, threshold: 2.4, ended_at: null }]);
    await limit(10 * PRICE);
    await clear();
    expect(await kinds()).toEqual(["budget ended"]);
  });

  test("opens when a call was refused although something is left", async () => {
    await limit(1.2 * PRICE);
    await accept();
    await lookAfter(LOOK_MS);
    expect(await shown()).toEqual([]);
    await accept();
    await lookAfter(LOOK_MS);
    expect(await shown()).toMatchObject([{ kind: "budget", value: 2.4, threshold: 2.88 }]);
  });

  test("does not open for a call that is too large for a budget that is hardly used", async () => {
    await limit(PRICE / 2);
    await accept();
    await lookAfter(LOOK_MS);
    expect(await shown()).toEqual([]);
  });

  test("a budget of a period that has passed is not used up", async () => {
    await limit(PRICE);
    await accept();
    await lookAfter(LOOK_MS);
    worker.clock.advance(31 * 86_400_000);
    await clear();
    expect(await kinds()).not.toContain("budget open");
  });
});

describe("provider_down", () => {
  const MODEL = "fal-ai/veo3";
  const used = (account: string, end = { model: MODEL, isError: false, isKeyRefused: false }): Outcome => ({
    ...{ kind: "account", account, end },
  });
  const refused = { model: MODEL, isError: true, isKeyRefused: true };
  /** Each test has an account of its own, because the server's is shared. */
  const own = () => `fal:${organization}`;
  const coolDown = (model = MODEL) => worker.store.health.note(own(), Array(5).fill({ model, isError: true }), 60_000);

  test("opens when a model that the organization uses cools down, and closes a minute after a success", async () => {
    await note(used(own()));
    await coolDown();
    await lookAfter(LOOK_MS);
    expect(await shown()).toMatchObject([
      { kind: "provider_down", subject: "fal", message: expect.stringContaining(MODEL), value: null, threshold: null },
    ]);
    await worker.store.health.note(own(), [{ model: MODEL, isError: false }], 60_000);
    await clear();
    expect(await kinds()).toEqual(["provider_down ended"]);
    expect(await events()).toEqual(["alert.opened", "alert.closed"]);
  });

  test("does not open for a model that only others use", async () => {
    await note(used(own(), { model: "fal-ai/other", isError: false, isKeyRefused: false }));
    await coolDown();
    await lookAfter(LOOK_MS);
    expect(await shown()).toEqual([]);
  });

  test.each([
    { whose: "your organization's", account: own },
    { whose: "the server's", account: () => "runway" },
  ])("opens when the provider refuses $whose key, and says whose it is", async ({ whose, account }) => {
    await note(used(account(), refused));
    await lookAfter(LOOK_MS);
    const [alert] = await shown();
    expect(alert).toMatchObject({ kind: "provider_down", subject: account().split(":")[0] });
    expect(alert?.message).toContain(`refuses ${whose} key`);
  });
});

test("several workers that look at the same time open each alert once, with one event", async () => {
  await note(...ends(10, 0));
  const others = await Promise.all([openWorker(), openWorker()]);
  const watches = [watch, ...others.map(({ deps }) => createAlertWatch(deps))];
  await Promise.all(watches.map((one) => one.look()));
  expect(await kinds()).toEqual(["error_rate open"]);
  expect(await events()).toEqual(["alert.opened"]);
});

test("an alert is closed when nothing of the organization is left to look at", async () => {
  await note(...ends(10, 0));
  await lookAfter(LOOK_MS);
  worker.clock.advance(20 * 60_000);
  await clear();
  expect(await kinds()).toEqual(["error_rate ended"]);
});

test("the alerts of an idle organization are not read", async () => {
  const { open: read } = worker.store.alerts;
  const looked: string[] = [];
  worker.store.alerts.open = (id) => {
    looked.push(id);
    return read(id);
  };
  await watch.look();
  expect(looked).not.toContain(organization);
});
