import { expect, test } from "vitest";
import { FLUX, SHORT, start, VEO } from "../../test-support/harness.js";

const SEEDANCE = "bytedance/seedance-2.0/text-to-video";
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

test("list: shows a request under its endpoint, with its input when `expand` asks for it", async () => {
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

test("list: shows a request when it has begun, without an end while it runs", async () => {
  const { settings, list, submit, idsIn, later } = await startFal();
  await settings({ queue_seconds: 5, render_seconds: 60 });
  const id = await submit("a bird");
  expect(idsIn((await list()).body)).toEqual([]);
  later(5);
  const { body } = await list();
  expect(body.items).toMatchObject([{ request_id: id, started_at: "2026-06-01T12:00:05.000Z" }]);
  expect(body.items[0]).not.toHaveProperty("ended_at");
});

test("list: has pages of `limit`, the newest first, between `start` and `end`", async () => {
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

test("list: refuses a call without a key, without an endpoint or with an invalid range", async () => {
  const { http, list } = await startFal();
  expect((await http(`${LIST}?endpoint_id=${VEO}`, { headers: { authorization: "Key invalid" } })).status).toBe(401);
  expect((await http(LIST)).status).toBe(400);
  expect((await list({ limit: "101" })).status).toBe(400);
  expect((await list({ start: "yesterday" })).status).toBe(400);
});

test("pricing: the catalogue's price of each endpoint, and the one that a setting gives it", async () => {
  const { http, settings } = await start();
  const prices = async (query: string) => {
    const response = await http(`/fal/platform/v1/models/pricing?${query}`);
    return { status: response.status, body: await response.json() };
  };
  const veo = { endpoint_id: VEO, unit_price: 0.2, unit: "second", currency: "USD" };
  const flux = { endpoint_id: FLUX, unit_price: 0.003, unit: "megapixel", currency: "USD" };
  const seedance = { endpoint_id: SEEDANCE, unit_price: 0.014, unit: "1000 tokens", currency: "USD" };
  expect((await prices(`endpoint_id=${SEEDANCE}`)).body).toMatchObject({ prices: [seedance] });
  const both = `endpoint_id=${VEO},${FLUX}`;
  expect(await prices(both)).toEqual({
    status: 200,
    body: { prices: [veo, flux], next_cursor: null, has_more: false },
  });
  await settings({ list_prices: { [VEO]: 0.3 } });
  expect((await prices(`endpoint_id=${VEO}&endpoint_id=${FLUX}`)).body).toMatchObject({
    prices: [{ ...veo, unit_price: 0.3 }, flux],
  });
  expect((await prices("endpoint_id=fal-ai/nothing")).status).toBe(404);
  expect((await prices("")).status).toBe(400);
  const headers = { authorization: "Key invalid" };
  expect((await http(`/fal/platform/v1/models/pricing?${both}`, { headers })).status).toBe(401);
});

test("list: leaves out an input of more than a million characters", async () => {
  const { list, submit } = await startFal();
  await submit("x".repeat(1024 * 1024));
  const { body } = await list({ expand: "payloads" });
  expect(body.items).toHaveLength(1);
  expect(body.items[0]).not.toHaveProperty("json_input");
});

test("list_late: the list shows a job only some seconds after it was accepted", async () => {
  const { disasters, list, submit, idsIn, later } = await startFal();
  const id = await submit("a bird");
  await disasters({ name: "list_late" });
  later(4);
  expect(idsIn((await list()).body)).toEqual([]);
  later(1);
  expect(idsIn((await list()).body)).toEqual([id]);
});

test("list_refused: the list answers 403", async () => {
  const { disasters, list } = await startFal();
  await disasters({ name: "list_refused", times: 1 });
  expect(await list()).toMatchObject({ status: 403, body: { error: { type: "authorization_error" } } });
  expect((await list()).status).toBe(200);
});
