/** Paging while requests arrive, and the files that a deletion removes, with real processes. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { VEO } from "../support/caller.js";
import { startTestStack, type TestStack } from "../support/stack.js";

let test: TestStack;
beforeAll(async () => {
  test = await startTestStack({ apis: 2, workers: 1 });
});
afterAll(() => test.stop());

const api = (n: number) => test.callers[n % 2] ?? test.caller;
const submitMany = (count: number) => Promise.all(Array.from({ length: count }, (_, n) => api(n).submit()));

/** The ids on all pages, read from both APIs in turn. Runs `between` after the first page. */
async function listAll(query: string, between: () => Promise<void>): Promise<string[]> {
  const ids: string[] = [];
  let page = 0;
  for (let cursor = ""; ; page += 1) {
    const { status, body } = await api(page).call("GET", `/requests?${query}${cursor}`);
    expect(status).toBe(200);
    ids.push(...body.requests.map(({ id }: { id: string }) => id));
    if (page === 0) await between();
    if (body.next_cursor === null) return ids;
    cursor = `&cursor=${body.next_cursor}`;
  }
}

it("list: pages show each of 60 requests once, newest first, while 100 more arrive", async () => {
  const before = await submitMany(60);
  let arriving: Promise<string[]> | undefined;
  const listed = await listAll("limit=7", async () => {
    arriving = submitMany(100);
  });
  expect(listed.toSorted()).toEqual(before.toSorted());
  const all = await listAll("limit=100", async () => {});
  const after = (await arriving) ?? [];
  expect(all.toSorted()).toEqual([...before, ...after].toSorted());
  const times = (await test.caller.call("GET", "/requests?limit=100")).body.requests.map(
    ({ created_at }: { created_at: string }) => created_at,
  );
  expect(times).toEqual(times.toSorted().toReversed());
  await Promise.all(all.map((id) => test.caller.finished(id)));
  const { body } = await test.caller.call("GET", "/requests?status=pending");
  expect(body).toEqual({ requests: [], next_cursor: null });
});

it("delete: removes the files and the record, and both APIs answer 404", async () => {
  const id = await test.caller.submit(VEO);
  const { output_url } = await test.caller.finished(id);
  const files = () =>
    readdirSync(join(test.dataDir, "files"), { recursive: true }).filter((file) => `${file}`.includes(id));
  expect((await fetch(output_url)).status).toBe(200);
  expect(files()).not.toEqual([]);
  expect((await api(0).call("DELETE", `/requests/${id}`)).body).toEqual({ request_id: id, deleted: true });
  expect(files()).toEqual([]);
  expect((await fetch(output_url)).status).toBe(404);
  for (const path of [`/requests/${id}`, `/requests/${id}/events`]) {
    expect((await api(1).call("GET", path)).status).toBe(404);
  }
  expect((await api(1).call("DELETE", `/requests/${id}`)).status).toBe(404);
  expect((await api(1).call("GET", "/requests?limit=1")).body.requests[0]?.id).not.toBe(id);
});
