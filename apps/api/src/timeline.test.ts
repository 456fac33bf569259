import { statusAnswer, type TimelineEntry, timelineEntry } from "@visgate/shared/contract";
import { type Change, type Transition, timelineView } from "@visgate/shared/request";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { ref, useTestApi, VEO } from "../../../tests/support/api.js";
import { pendingRecord, submitIntended, T0 } from "../../../tests/support/records.js";

const { api } = useTestApi();

const strictAnswer = z.strictObject(statusAnswer.required().shape);
const INCLUDES = ["timeline", "-input", "timeline,-input", "-input,timeline"];
const read = async (id: string, more = "") => {
  const { status, body } = await api.call("GET", `/requests/${id}?include=timeline${more}`);
  expect(status).toBe(200);
  return strictAnswer.parse(body);
};
const namesOf = (timeline: TimelineEntry[]) => timeline.map(({ name }) => name);
const observed = (progress: number | null, queuePosition: number | null = null): Transition => {
  return { name: "observed", progress, queuePosition };
};
const intended = (attempt: number): Transition => {
  return submitIntended({ at: api.clock.now(), attempt });
};
/** Applies one transition after the other, a second apart. */
async function live(id: string, transitions: (() => Transition)[]): Promise<void> {
  for (const transition of transitions) {
    api.clock.advance(1000);
    await api.apply(id, transition());
  }
}

describe("GET /requests/{id}?include=timeline", () => {
  test("shows what happened, when, and in which process", async () => {
    const id = await api.submit();
    const at = api.clock.now();
    await live(id, [
      () => intended(1),
      () => ({ name: "submit_rejected", attempt: 1 }),
      () => intended(2),
      () => ({ name: "submit_accepted", at: api.clock.now(), attempt: 2, providerRequestId: "provider-job-1" }),
      () => observed(null, 3),
      () => observed(0.5),
      () => ({ name: "cancel_requested", at: api.clock.now() }),
    ]);
    const { timeline } = await read(id);
    const moment = (ms: number) => ({ ms, at: new Date(at + ms).toISOString(), worker: "api-1" });
    expect(timeline).toEqual([
      { name: "accepted", ...moment(0), worker: null },
      { name: "submit_rejected", ...moment(2000), attempt: 1 },
      { name: "submitted", ...moment(4000), attempt: 2, provider_request_id: "provider-job-1" },
      { name: "queued", ...moment(5000), queue_position: 3 },
      { name: "progress", ...moment(6000), progress: 0.5 },
      { name: "cancel_requested", ...moment(7000) },
    ]);
  });

  test("shows that the output was stored", async () => {
    const id = await api.submit();
    await api.complete(id);
    const { timeline, ...status } = await read(id);
    expect(namesOf(timeline)).toEqual(["accepted", "submitted", "rendered", "output_stored", "completed"]);
    expect(status).toEqual((await api.call("GET", `/requests/${id}`)).body);
  });

  test("shows no stored output when the output is the provider's own URL", async () => {
    const id = await api.submit();
    await api.completeWith(id, [{ kind: "remote", url: "https://provider.example.com/a.mp4" }]);
    expect(namesOf((await read(id)).timeline)).toEqual(["accepted", "submitted", "rendered", "completed"]);
  });

  test("shows the error code of a failure", async () => {
    const id = await api.submit();
    await api.fail(id, { code: "PROVIDER_TIMEOUT" });
    expect((await read(id)).timeline.at(-1)).toMatchObject({ name: "failed", error_code: "PROVIDER_TIMEOUT" });
  });

  test("shows a cache hit, and a request that joined another one and was promoted", async () => {
    const body = { ...VEO, cache: "use", prompt: "a film for two" };
    const leader = await api.submit(body);
    const follower = await api.submit(body);
    expect(namesOf((await read(follower)).timeline)).toEqual(["accepted", "joined"]);
    await api.apply(follower, { name: "promoted" });
    expect(namesOf((await read(follower)).timeline)).toEqual(["accepted", "joined", "promoted"]);
    await api.complete(leader);
    const hit = await api.submit(body);
    const { timeline } = await read(hit);
    expect(timeline.map(({ name, ms }) => [name, ms])).toEqual([
      ["accepted", 0],
      ["cached", 0],
      ["completed", 0],
    ]);
  });

  test("shows every attempt of its webhooks", async () => {
    const id = await api.submit({ ...VEO, webhook_url: "https://example.com/hook" });
    await api.complete(id);
    const [stored] = await api.deps.store.deliveries.ofRequest(ref(id));
    if (stored === undefined) throw new Error("there should be a delivery");
    api.clock.advance(2000);
    const tried = { at: api.clock.now(), by: "worker-1", httpStatus: 500, ms: 31, error: "HTTP 500" };
    await api.deps.store.deliveries.save(stored.rev, { ...stored.doc, attempts: [tried] }, 1000);
    const last = (await read(id)).timeline.at(-1);
    expect(last).toEqual({
      name: "webhook_attempt",
      at: new Date(api.clock.now()).toISOString(),
      ms: 2000,
      worker: "worker-1",
      delivery_id: stored.doc.id,
      type: "request.completed",
      endpoint_id: null,
      http_status: 500,
      error: "HTTP 500",
      duration_ms: 31,
    });
  });

  test("works together with wait", async () => {
    const id = await api.submit();
    const waiting = read(id, "&wait=20");
    await api.complete(id);
    const { status, timeline } = await waiting;
    expect([status, timeline.at(-1)?.name]).toEqual(["completed", "completed"]);
  });

  test("is left out by default", async () => {
    expect((await api.call("GET", `/requests/${await api.submit()}`)).body).not.toHaveProperty("timeline");
  });

  test.each(["include=events", "include=", "include=timeline,deliveries"])("answers ?%s with a 422", async (query) => {
    const { status, body } = await api.call("GET", `/requests/${await api.submit()}?${query}`);
    expect([status, body.details]).toEqual([422, { field: "include", allowed: INCLUDES }]);
  });
});

describe("timelineView", () => {
  const change = (name: Change["name"], at: number): Change => {
    const state = { progress: null, queuePosition: null, chargeState: "held", attempts: 1 } as const;
    return { name, at, by: "w", status: "processing", ...state };
  };
  const delivery = (id: string, ...at: number[]) => ({
    ...({
      v: 1,
      id,
      eventId: "msg",
      organization: "acme",
      requestId: "r",
      type: "request.progress",
      change: 1,
    } as const),
    ...({
      sequence: 1,
      endpointId: "ep_1",
      createdAt: T0,
      state: "pending",
      attemptsBefore: 0,
      nextAttemptAt: T0,
    } as const),
    attempts: at.map((moment) => ({ at: moment, by: "w", httpStatus: null, ms: 1, error: "refused" })),
  });
  const merge = (changes: Change[], ...deliveries: ReturnType<typeof delivery>[]) => {
    const timeline = timelineView(pendingRecord(), changes, deliveries);
    for (const entry of timeline) timelineEntry.parse(entry);
    return timeline.map((entry) => ("delivery_id" in entry ? entry.delivery_id : entry.name));
  };

  test("puts the attempts of several deliveries between the changes, by time", () => {
    const changes = [change("submitted", T0 + 10), change("progress", T0 + 20), change("rendered", T0 + 30)];
    const merged = merge(changes, delivery("a", T0 + 15, T0 + 40), delivery("b", T0 + 12, T0 + 20));
    expect(merged).toEqual(["accepted", "submitted", "b", "a", "progress", "b", "rendered", "a"]);
  });

  test("keeps the order of changes when the clocks of two workers differ, and puts none before the acceptance", () => {
    const changes = [change("submitted", T0 + 500), change("rendered", T0 - 100)];
    expect(merge(changes)).toEqual(["accepted", "submitted", "rendered"]);
    expect(timelineView(pendingRecord(), changes, []).map(({ ms }) => ms)).toEqual([0, 500, 0]);
  });
});
