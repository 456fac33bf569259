/** POST /requests/bulk: one action on all requests that a filter matches. */
import { randomUUID } from "node:crypto";
import { bulkAnswer } from "@visgate/shared/contract";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { ADMIN_KEY, ASYNC, KEY, OTHER_KEY, ref, startTestApi, useTestApi, VEO } from "../../../tests/support/api.js";
import { apiKeyOf, NEVER_LATE, pendingRecord } from "../../../tests/support/records.js";

const { server, api } = useTestApi();
/** The callback_id of the requests of one test. */
let mine = "";
let round = 0;
beforeEach(() => {
  round += 1;
  mine = `round-${round}`;
});

const send = (body: object, headers: Record<string, string> = {}) =>
  api.call("POST", "/requests/bulk", { body: { filter: { callback_id: mine }, ...body }, headers });
async function bulk(body: object, headers?: Record<string, string>) {
  const { status, body: answer } = await send(body, headers);
  expect([status, answer.message]).toEqual([200, undefined]);
  return bulkAnswer.strict().parse(answer);
}
const newKey = () => ({ "idempotency-key": randomUUID() });
const submit = (more: object = {}) => api.submit({ ...VEO, callback_id: mine, ...more });
const statusOf = async (id: string) => (await api.call("GET", `/requests/${id}`)).body.status ?? "erased";
const all = async () => (await api.call("GET", `/requests?callback_id=${mine}&limit=100`)).body.requests;

/** Requests in each state: two are open. */
async function oneOfEach() {
  const [pending, processing, completed, failed] = [await submit(), await submit(), await submit(), await submit()];
  await api.complete(completed);
  await api.fail(failed);
  return { pending, processing, completed, failed };
}

describe("an action", () => {
  test("cancel: is for open requests only", async () => {
    const { pending, processing, completed } = await oneOfEach();
    expect(await bulk({ action: "cancel" })).toEqual({
      ...{ action: "cancel", dry_run: false, matched: 2, done: 2, failed: [], next_cursor: null },
    });
    for (const id of [pending, processing]) expect(await statusOf(id)).toBe("failed");
    expect(await statusOf(completed)).toBe("completed");
  });

  test("delete: is for ended requests only", async () => {
    const { pending, completed, failed } = await oneOfEach();
    expect(await bulk({ action: "delete", filter: { callback_id: mine, status: ["failed"] } })).toMatchObject({
      ...{ matched: 1, done: 1 },
    });
    expect(await statusOf(failed)).toBe("erased");
    expect(await bulk({ action: "delete" })).toMatchObject({ matched: 1, done: 1 });
    expect([await statusOf(completed), await statusOf(pending)]).toEqual(["erased", "pending"]);
  });

  test("again: makes each ended request once more", async () => {
    await oneOfEach();
    expect(await bulk({ action: "again", expected_count: 2 }, newKey())).toMatchObject({
      matched: 2,
      done: 2,
      failed: [],
    });
    expect((await all()).map(({ status }: { status: string }) => status).toSorted()).toEqual([
      ...["completed", "failed", "pending", "pending", "pending", "pending"],
    ]);
  });

  test("with dry_run: only counts", async () => {
    await oneOfEach();
    const before = await api.traces();
    for (const [action, matched] of [
      ["cancel", 2],
      ["delete", 2],
      ["again", 2],
    ] as const)
      expect(await bulk({ action, dry_run: true })).toMatchObject({ action, dry_run: true, matched, done: 0 });
    expect(await api.traces()).toEqual(before);
  });

  test.each(["cancel", "delete", "again"])(
    "%s with another expected_count: 409 with the count, and nothing is done",
    async (action) => {
      await oneOfEach();
      const before = await api.traces();
      const { status, body } = await send({ action, expected_count: 3 }, newKey());
      expect([status, body.error, body.details.matched]).toEqual([409, "COUNT_CHANGED", 2]);
      expect(await api.traces()).toEqual(before);
    },
  );

  test("does not reach another organization's requests", async () => {
    const { failed } = await oneOfEach();
    const body = { action: "delete", filter: { callback_id: mine } };
    const answer = await api.call("POST", "/requests/bulk", { body, key: OTHER_KEY });
    expect([answer.status, answer.body.matched, await statusOf(failed)]).toEqual([200, 0, "failed"]);
  });

  test("has the filters of the list", async () => {
    const image = { model: "fal-ai/flux/schnell", prompt: "a paper boat", callback_id: mine, cache: "off" };
    await api.call("POST", "/images/generate", { body: image, headers: ASYNC });
    await submit();
    const count = async (filter: object) =>
      (await bulk({ action: "cancel", dry_run: true, filter: { callback_id: mine, ...filter } })).matched;
    expect(await count({})).toBe(2);
    expect(await count({ text: "PAPER" })).toBe(1);
    expect(await count({ media_type: "image", model: image.model, provider: "fal" })).toBe(1);
    expect(await count({ api_key_id: "bootstrap" })).toBe(2);
    expect(await count({ tag: "none" })).toBe(0);
    expect(await count({ created_before: "2020-01-01T00:00:00Z" })).toBe(0);
  });
});

describe("a call that is repeated after a lost answer", () => {
  const key = () => ({ "idempotency-key": `key of ${mine}` });

  test("again, with its key: pays nothing twice, also when its requests have ended and match too", async () => {
    for (const id of [await submit(), await submit()]) await api.fail(id);
    expect(await bulk({ action: "again", expected_count: 2 }, key())).toMatchObject({ done: 2 });
    for (const { id, status } of await all()) if (status === "pending") await api.fail(id);
    expect(await all()).toHaveLength(4);
    expect(await bulk({ action: "again", expected_count: 2 }, key())).toMatchObject({
      matched: 2,
      done: 2,
      failed: [],
    });
    expect(await all()).toHaveLength(4);
    expect(await bulk({ action: "again", expected_count: 4 }, newKey())).toMatchObject({ done: 4 });
    expect(await all()).toHaveLength(8);
  });

  test("again, without a key: 422, and nothing is done", async () => {
    for (const id of [await submit(), await submit()]) await api.fail(id);
    const body = { action: "again", filter: { callback_id: mine }, expected_count: 2 };
    const { status, body: answer } = await api.call("POST", "/requests/bulk", { body });
    expect([status, answer.details.field]).toEqual([422, "Idempotency-Key"]);
    expect(await all()).toHaveLength(2);
  });

  test("ten at the same time with one key: each request is made again once", async () => {
    for (const id of [await submit(), await submit(), await submit()]) await api.fail(id);
    await Promise.all(Array.from({ length: 10 }, () => bulk({ action: "again", expected_count: 3 }, key())));
    expect(await all()).toHaveLength(6);
  });
});

describe("what fails", () => {
  test("is listed with the error of its own call, and the others are done", async () => {
    for (const id of [await submit(), await submit(), await submit()]) await api.fail(id);
    const headers = { "x-visgate-admin-key": ADMIN_KEY };
    const limit = (max_open: number | null) =>
      api.call("PATCH", "/admin/organizations/default", { key: null, headers, body: { max_open } });
    const open = await api.deps.store.maintenance.openCount();
    await limit(open + 1);
    api.clock.advance(1000);
    const { matched, done, failed } = await bulk({ action: "again", expected_count: 3 }, newKey());
    await limit(null);
    api.clock.advance(1000);
    expect([matched, done, failed.map(({ error }) => error)]).toEqual([3, 1, ["RATE_LIMIT_ERROR", "RATE_LIMIT_ERROR"]]);
    for (const { message } of failed) expect(message).toContain("open requests");
  });

  test("a request that ends meanwhile is not cancelled, and is listed", async () => {
    const id = await submit();
    const { listing } = api.deps.store;
    const page = vi.spyOn(listing, "page").mockImplementationOnce(async (...query) => {
      page.mockRestore();
      const found = await listing.page(...query);
      await api.fail(id);
      return found;
    });
    expect(await bulk({ action: "cancel" })).toMatchObject({
      ...{ matched: 1, done: 0, failed: [{ request_id: id, error: "ALREADY_TERMINAL" }] },
    });
  });

  test("when Redis goes away: is a 200 that says which failed, because some may have been accepted", async () => {
    for (let count = 0; count < 30; count += 1) await api.fail(await submit());
    const { requests } = api.deps.store;
    const get = vi.spyOn(requests, "get");
    let reads = 0;
    get.mockImplementation(async () => {
      reads += 1;
      throw Object.assign(new Error("Connection is closed."), { name: "Error" });
    });
    const answer = await bulk({ action: "delete" });
    get.mockRestore();
    expect([answer.matched, answer.done, answer.failed.length]).toEqual([30, 0, 30]);
    expect(new Set(answer.failed.map(({ error }) => error))).toEqual(new Set(["UNAVAILABLE"]));
    // The others were not tried.
    expect(reads).toBeLessThan(10);
  });
});

describe("many requests", () => {
  test("500 at a time: next_cursor leads to the rest, with the same action and filter only", async () => {
    const crowd = Array.from({ length: 620 }, (_, n) => ({
      ...pendingRecord({ organization: "default", createdAt: 1000 + n }),
      callbackId: mine,
    }));
    const { accept } = api.deps.store.requests;
    await Promise.all(
      crowd.map((record) => accept({ record, idempotency: null, notAfter: NEVER_LATE, encryptedProviderKey: null })),
    );
    const dry = await bulk({ action: "cancel", dry_run: true });
    expect([dry.matched, dry.next_cursor === null]).toEqual([500, false]);
    const first = await bulk({ action: "cancel", expected_count: 500 });
    expect([first.done, first.next_cursor]).toEqual([500, dry.next_cursor]);
    for (const body of [{ action: "delete" }, { action: "cancel", filter: { callback_id: "other" } }]) {
      const refused = await send({ ...body, cursor: first.next_cursor });
      expect([refused.status, refused.body.details.field]).toEqual([422, "cursor"]);
    }
    const rest = await bulk({ action: "cancel", cursor: first.next_cursor, expected_count: 120 });
    expect([rest.done, rest.next_cursor]).toEqual([120, null]);
  });
});

describe("a call that is refused", () => {
  test.each([
    ["an unknown action", { action: "retry" }, "action"],
    ["no filter", { action: "cancel", filter: undefined }, "filter"],
    ["an empty filter", { action: "cancel", filter: {} }, "filter"],
    ["a filter that is not known", { action: "cancel", filter: { state: "x" } }, "filter.state"],
    ["a status that is not known", { action: "cancel", filter: { status: ["done"] } }, "filter.status.0"],
    ["no status", { action: "cancel", filter: { status: [] } }, "filter.status"],
    ["again without expected_count", { action: "again" }, "expected_count"],
    ["a negative expected_count", { action: "cancel", expected_count: -1 }, "expected_count"],
    ["a time that is none", { action: "cancel", filter: { created_after: "yesterday" } }, "filter.created_after"],
    ["a wrong cursor", { action: "cancel", cursor: "x" }, "cursor"],
    ["a field that is not known", { action: "cancel", limit: 3 }, "limit"],
  ])("%s: 422 that names the field", async (_what, body, field) => {
    const { status, body: answer } = await send(body);
    expect([status, answer.error, answer.details?.field]).toEqual([422, "VALIDATION_ERROR", field]);
  });

  test("a key that may not read: 403, because the answer tells of requests of others", async () => {
    const key = "vg-key-that-may-only-generate";
    const scopes = ["generate" as const];
    await api.deps.store.apiKeys.save(apiKeyOf({ id: "generating", organization: "default", scopes }, key), null);
    const body = { action: "cancel", filter: { callback_id: mine } };
    const { status, body: answer } = await api.call("POST", "/requests/bulk", { body, key });
    expect([status, answer.details]).toEqual([403, { scope: "read" }]);
    expect((await api.call("POST", "/requests/bulk", { body, key: KEY })).status).toBe(200);
  });

  test("a search in prompts on a server that hides them: 422", async () => {
    const hiding = await startTestApi(server.url, { settings: { hidePrompts: true } });
    const body = { action: "cancel", filter: { text: "bird" } };
    const answer = await hiding.call("POST", "/requests/bulk", { body });
    expect([answer.status, answer.body.details.field]).toEqual([422, "filter.text"]);
    await hiding.close();
  });
});

test("a request that again made is like any other: it can be found, and made again", async () => {
  const id = await submit();
  await api.fail(id);
  await bulk({ action: "again", expected_count: 1 }, { "idempotency-key": "one" });
  const [made] = (await all()).filter((one: { id: string }) => one.id !== id);
  await api.fail(made.id);
  expect(await bulk({ action: "again", expected_count: 2 }, { "idempotency-key": "two" })).toMatchObject({
    failed: [],
  });
  expect(await all()).toHaveLength(4);
  expect((await api.deps.store.requests.get(ref(made.id)))?.doc.input.prompt).toBe(VEO.prompt);
});
