import { expect, test } from "vitest";
import { FLUX, SHORT, start, VEO } from "../../test-support/harness.js";
import { INPUT, VEO as REPLICATE_VEO, startReplicate } from "../../test-support/replicate.js";

const LIST = "/fal/platform/v1/models/requests/by-endpoint";

interface FalList {
  items: { request_id: string }[];
  next_cursor: string;
  has_more: boolean;
}

async function startFal() {
  let at = Date.parse("2026-06-01T12:00:00Z");
  const fixture = await start({ now: () => at });
  await fixture.settings({ queue_seconds: 0 });
  const list = async (query: Record<string, string> = {}) => {
    const response = await fixture.http(`${LIST}?${new URLSearchParams({ endpoint_id: VEO, ...query })}`);
    return { status: response.status, body: (await response.json()) as FalList };
  };
  const submit = async (prompt: string, endpoint: string = VEO) =>
    (await fixture.fal.queue.submit(endpoint, { input: { ...SHORT, prompt } })).request_id;
  const idsIn = (body: FalList) => body.items.map(({ request_id: id }) => id);
  return { ...fixture, list, submit, idsIn, later: (seconds: number) => (at += seconds * 1000) };
}

test("fal: a request is listed under its endpoint, with its input when that is asked for", async () => {
  const { list, submit, later, finished } = await startFal();
  const id = await submit("a bird");
  await submit("a picture", FLUX);
  later(1);
  await finished(VEO, id);
  const { body } = await list({ expand: "payloads" });
  expect(body).toMatchObject({
    items: [
      {
        ...{ request_id: id, endpoint_id: VEO, sent_at: "2026-06-01T12:00:00.000Z", status_code: 200 },
        ...{ json_input: { ...SHORT, prompt: "a bird" }, json_output: { video: {} } },
      },
    ],
    ...{ next_cursor: null, has_more: false },
  });
  expect((await list()).body.items[0]).not.toHaveProperty("json_input");
});

test("fal: a request is listed from when it begins, without an end while it runs", async () => {
  const { settings, list, submit, idsIn, later } = await startFal();
  await settings({ queue_seconds: 5, render_seconds: 60 });
  const id = await submit("a bird");
  expect(idsIn((await list()).body)).toEqual([]);
  later(5);
  const { body } = await list();
  expect(body.items).toMatchObject([{ request_id: id, started_at: "2026-06-01T12:00:05.000Z" }]);
  expect(body.items[0]).not.toHaveProperty("ended_at");
});

test("fal: pages of `limit`, the newest first, between `start` and `end`", async () => {
  const { disasters, list, submit, idsIn, later } = await startFal();
  await disasters({ name: "fail" });
  const ids: string[] = [];
  for (const prompt of ["1", "2", "3", "4", "5"]) {
    ids.unshift(await submit(prompt));
    later(10);
  }
  const first = (await list({ limit: "2" })).body;
  expect(first).toMatchObject({ has_more: true, next_cursor: expect.any(String) });
  const second = (await list({ limit: "2", cursor: first.next_cursor })).body;
  const third = (await list({ limit: "2", cursor: second.next_cursor })).body;
  expect(third).toMatchObject({ has_more: false, next_cursor: null });
  expect([first, second, third].flatMap(idsIn)).toEqual(ids);
  const range = { start: "2026-06-01T12:00:10Z", end: "2026-06-01T12:00:30Z" };
  expect(idsIn((await list(range)).body)).toEqual(ids.slice(2, 4));
});

test("fal: a list needs a key, an endpoint and a sensible range", async () => {
  const { http, list } = await startFal();
  expect((await http(`${LIST}?endpoint_id=${VEO}`, { headers: { authorization: "Key invalid" } })).status).toBe(401);
  expect((await http(LIST)).status).toBe(400);
  expect((await list({ limit: "101" })).status).toBe(400);
  expect((await list({ start: "yesterday" })).status).toBe(400);
});

test("fal: an input of more than a million characters is not listed", async () => {
  const { list, submit } = await startFal();
  await submit("x".repeat(1024 * 1024));
  const { body } = await list({ expand: "payloads" });
  expect(body.items).toHaveLength(1);
  expect(body.items[0]).not.toHaveProperty("json_input");
});

test("Replicate: pages of a hundred, the newest first, that stay the same while predictions are added", async () => {
  const { replicate, disasters, submit } = await startReplicate();
  await disasters({ name: "fail" });
  const made = async () => ((await (await submit()).json()) as { id: string }).id;
  const idsIn = ({ results }: { results: { id: string }[] }) => results.map(({ id }) => id);
  const ids: string[] = [];
  for (let count = 0; count < 205; count += 1) ids.unshift(await made());
  const first = await replicate.predictions.list();
  await made();
  const follow = async (address: string | undefined | null) =>
    (await replicate.request(String(address), { method: "GET" })).json() as unknown as typeof first;
  const second = await follow(first.next);
  const third = await follow(second.next);
  expect([first, second, third].map(({ results }) => results.length)).toEqual([100, 100, 5]);
  expect([first, second, third].flatMap(idsIn)).toEqual(ids);
  expect([first.previous, third.next]).toEqual([null, null]);
  expect(idsIn(await follow(second.previous))).toEqual(idsIn(first));
});

test("Replicate: a listed prediction has its model, its input and its webhook", async () => {
  const { replicate } = await startReplicate();
  const webhook = "http://127.0.0.1:9/hook";
  const { id } = await replicate.predictions.create({ model: REPLICATE_VEO, input: INPUT, webhook });
  const { results } = await replicate.predictions.list();
  expect(results).toMatchObject([{ id, model: REPLICATE_VEO, input: INPUT, webhook }]);
});

test("list_late: a job is listed only some seconds after it was accepted", async () => {
  const { disasters, list, submit, idsIn, later } = await startFal();
  const id = await submit("a bird");
  await disasters({ name: "list_late" });
  later(4);
  expect(idsIn((await list()).body)).toEqual([]);
  later(1);
  expect(idsIn((await list()).body)).toEqual([id]);
});

test("list_refused: 403, in the words of each provider", async () => {
  const { disasters, list } = await startFal();
  await disasters({ name: "list_refused", times: 1 });
  expect(await list()).toMatchObject({ status: 403, body: { error: { type: "authorization_error" } } });
  expect((await list()).status).toBe(200);
  const replicate = await startReplicate();
  await replicate.disasters({ name: "list_refused" });
  const refused = await replicate.call("/predictions");
  expect([refused.status, await refused.json()]).toMatchObject([403, { title: "Forbidden", status: 403 }]);
});
