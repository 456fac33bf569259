import { PROVIDER_NAMES } from "@visgate/providers";
import { requestWithInput } from "@visgate/shared/contract";
import { beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { ADMIN_KEY, OTHER_KEY, ref, startTestApi, useTestApi, VEO } from "../../../tests/support/api.js";
import { NEVER_LATE, pendingRecord } from "../../../tests/support/records.js";

const { server, api } = useTestApi();

const strictAnswer = z.strictObject({
  requests: z.array(z.strictObject(requestWithInput.shape)),
  next_cursor: z.string().nullable(),
});
const list = async (query: Record<string, string | number> = {}) => {
  const search = new URLSearchParams(
    Object.entries(query).map(([name, value]): [string, string] => [name, String(value)]),
  );
  const { status, body } = await api.call("GET", `/requests?${search}`);
  expect([status, body.message]).toEqual([200, undefined]);
  return strictAnswer.parse(body);
};
const idsOf = (page: z.infer<typeof strictAnswer>) => page.requests.map(({ id }) => id);
/** Follows next_cursor to the end. `between` runs before each further page. */
async function pages(query: Record<string, string | number>, between = async () => {}) {
  const found: string[][] = [];
  for (let cursor: string | null = ""; cursor !== null; await between()) {
    const page = await list({ ...query, ...(cursor === "" ? {} : { cursor }) });
    found.push(idsOf(page));
    cursor = page.next_cursor;
  }
  return found;
}
/** Submits requests with the same callback_id; returns their ids, newest first. */
async function submitSeveral(count: number, callback: string, apartMs = 0): Promise<string[]> {
  const ids: string[] = [];
  for (let n = 0; n < count; n += 1) {
    ids.unshift(await api.submit({ ...VEO, callback_id: callback }));
    api.clock.advance(apartMs);
  }
  return ids;
}

describe("GET /requests: pages", () => {
  test("are sorted newest first, and show each request like its own status", async () => {
    const ids = await submitSeveral(3, "shape", 10);
    await api.complete(ids[1] ?? "");
    const page = await list({ callback_id: "shape" });
    expect(page.next_cursor).toBeNull();
    expect(idsOf(page)).toEqual(ids);
    for (const request of page.requests) {
      expect(request).toEqual((await api.call("GET", `/requests/${request.id}`)).body);
    }
  });

  test("hold 20 requests by default", async () => {
    await submitSeveral(21, "default");
    expect(idsOf(await list())).toHaveLength(20);
    expect(idsOf(await list({ limit: 3 }))).toHaveLength(3);
  });

  test.each([
    { when: "within one millisecond", apartMs: 0 },
    { when: "apart", apartMs: 7 },
  ])("hold each request created $when once, and the last page has no next one", async ({ when, apartMs }) => {
    const ids = await submitSeveral(23, when, apartMs);
    const found = await pages({ callback_id: when, limit: 10 });
    expect(found.map(({ length }) => length)).toEqual([10, 10, 3]);
    expect(found.flat().toSorted()).toEqual(ids.toSorted());
    if (apartMs > 0) expect(found.flat()).toEqual(ids);
    expect((await pages({ callback_id: when, limit: 23 })).map(({ length }) => length)).toEqual([23]);
  });

  test("do not change when requests are created meanwhile", async () => {
    const callback = "growing";
    const ids = await submitSeveral(12, callback, 1);
    const found = await pages({ callback_id: callback, limit: 5 }, async () => {
      await submitSeveral(4, callback, 1);
    });
    expect(found.flat()).toEqual(ids);
  });

  test("miss only the requests that are erased meanwhile", async () => {
    const ids = await submitSeveral(12, "shrinking", 1);
    const [first, last, next] = [ids[0] ?? "", ids[4] ?? "", ids[5] ?? ""];
    for (const id of [first, last, next]) await api.fail(id);
    const found = await pages({ callback_id: "shrinking", limit: 5 }, async () => {
      // One of them is the request that the cursor points to.
      for (const id of [first, last, next]) await api.call("DELETE", `/requests/${id}`);
    });
    expect(found.flat()).toEqual(ids.filter((id) => id !== next));
  });

  test("hold only the requests of the caller's organization", async () => {
    await submitSeveral(2, "ours");
    const { body } = await api.call("GET", "/requests", { key: OTHER_KEY });
    expect(body).toEqual({ requests: [], next_cursor: null });
  });
});

describe("GET /requests: filters", () => {
  const [video, image] = ["films of filters", "pictures of filters"];
  let film: string;
  let kling: string;
  let picture: string;
  let madeAt: number;
  beforeAll(async () => {
    api.clock.advance(1000);
    madeAt = api.clock.now();
    film = await api.submit({ ...VEO, callback_id: video });
    await tagBy("client");
    kling = await api.submit({
      ...{ ...VEO, model: "replicate/google/veo-3", callback_id: video },
      metadata: { client: "acme" },
    });
    api.clock.advance(1000);
    const body = { model: "fal-ai/flux/schnell", prompt: "a picture", callback_id: image, cache: "off" };
    picture = (await api.call("POST", "/images/generate", { body, headers: { prefer: "respond-async" } })).body.id;
    await api.complete(film);
  });
  async function tagBy(usage_tag: string) {
    const headers = { "x-visgate-admin-key": ADMIN_KEY };
    await api.call("PATCH", "/admin/organizations/default", { key: null, headers, body: { usage_tag } });
    // Processes learn of a changed organization within a second.
    api.clock.advance(1000);
  }
  const isoAt = (ms: number) => new Date(ms).toISOString();
  const since = () => ({ created_after: isoAt(madeAt - 1) });

  test.each([
    ["status", () => ({ status: "completed" }), () => [film]],
    ["several statuses", () => ({ status: "completed,pending", media_type: "video" }), () => [kling, film]],
    ["api_key_id", () => ({ api_key_id: "bootstrap" }), () => [picture, kling, film]],
    ["the id of another key", () => ({ api_key_id: "other" }), () => []],
    ["tag", () => ({ tag: "acme" }), () => [kling]],
    ["text", () => ({ text: "PRIVATE-prompt" }), () => [kling, film]],
    ["a text that no prompt has", () => ({ text: "lighthouse" }), () => []],
    ["model", () => ({ model: "replicate/google/veo-3" }), () => [kling]],
    ["provider", () => ({ provider: "fal" }), () => [picture, film]],
    ["media_type", () => ({ media_type: "image" }), () => [picture]],
    ["callback_id", () => ({ callback_id: video }), () => [kling, film]],
    ["two of them", () => ({ callback_id: video, status: "pending" }), () => [kling]],
    ["none that matches", () => ({ status: "failed" }), () => []],
  ])("%s", async (_what, filter, expected) => {
    expect(idsOf(await list({ ...since(), ...filter() }))).toEqual(expected());
  });

  test("created_after and created_before are exclusive", async () => {
    expect(idsOf(await list({ created_after: isoAt(madeAt) }))).toEqual([picture, kling]);
    expect(idsOf(await list({ ...since(), created_before: isoAt(madeAt + 1000) }))).toEqual([film]);
    const between = { created_after: isoAt(madeAt), created_before: isoAt(madeAt + 2000) };
    expect(idsOf(await list(between))).toEqual([kling]);
    expect(idsOf(await list({ created_after: isoAt(madeAt + 5000), created_before: isoAt(madeAt) }))).toEqual([]);
    expect(idsOf(await list({ created_after: isoAt(madeAt + 1000).replace("Z", "+00:00") }))).toEqual([picture]);
  });

  test("with few matches: one call reads 500 requests, and the next page continues there", async () => {
    const crowd = await startTestApi(server.url);
    const records = Array.from({ length: 600 }, (_, n) => ({
      ...pendingRecord({ organization: "globex", createdAt: 1000 + n }),
      callbackId: n < 3 ? "rare" : null,
    }));
    const { accept } = crowd.deps.store.requests;
    await Promise.all(
      records.map((record) => accept({ record, idempotency: null, notAfter: NEVER_LATE, encryptedProviderKey: null })),
    );
    const first = await crowd.call("GET", "/requests?callback_id=rare&limit=2", { key: OTHER_KEY });
    expect(first.body).toEqual({ requests: [], next_cursor: expect.any(String) });
    const follow = (cursor: string) =>
      crowd.call("GET", `/requests?callback_id=rare&limit=2&cursor=${cursor}`, { key: OTHER_KEY });
    const second = await follow(first.body.next_cursor);
    const third = await follow(second.body.next_cursor);
    const found = [...second.body.requests, ...third.body.requests].map(({ id }) => id);
    expect(found).toEqual([records[2]?.id, records[1]?.id, records[0]?.id]);
    expect(third.body.next_cursor).toBeNull();
    await crowd.close();
  });
});

describe("GET /requests: the input", () => {
  test("is shown with each request, unless the caller leaves it out", async () => {
    const id = await api.submit({ ...VEO, callback_id: "with its input" });
    const [shown] = (await list({ callback_id: "with its input" })).requests;
    expect(shown).toMatchObject({ id, input: { prompt: VEO.prompt } });
    const [bare] = (await list({ callback_id: "with its input", include: "-input" })).requests;
    expect(bare).toEqual({ ...shown, input: undefined });
  });

  test("on a server that hides prompts: is not shown, and prompts cannot be searched", async () => {
    const id = await api.submit({ ...VEO, callback_id: "hidden" });
    const hiding = await startTestApi(server.url, { settings: { hidePrompts: true } });
    const { bytes, body } = await hiding.call("GET", "/requests?callback_id=hidden");
    expect([body.requests.length, body.requests[0].id, bytes.includes(VEO.prompt)]).toEqual([1, id, false]);
    const searched = await hiding.call("GET", "/requests?text=bird");
    expect([searched.status, searched.body.details]).toEqual([422, { field: "text" }]);
    await hiding.close();
  });
});

describe("GET /requests: bad input", () => {
  test.each([
    ["status=done", "status", ["pending", "processing", "completed", "failed"]],
    ["status=pending,done", "status", ["pending", "processing", "completed", "failed"]],
    ["status=", "status", ["pending", "processing", "completed", "failed"]],
    ["include=timeline", "include", ["-input"]],
    ["text=", "text", { minimum: 1, exclusive: false }],
    ["tag=", "tag", { minimum: 1, exclusive: false }],
    ["api_key_id=", "api_key_id", { minimum: 1, exclusive: false }],
    ["provider=acme", "provider", PROVIDER_NAMES],
    ["media_type=audio", "media_type", ["video", "image"]],
    ["model=", "model", { minimum: 1, exclusive: false }],
    ["callback_id=", "callback_id", { minimum: 1, exclusive: false }],
    ["limit=0", "limit", { minimum: 1, exclusive: false }],
    ["limit=101", "limit", { maximum: 100 }],
    ["limit=ten", "limit", "number"],
    ["limit=1.5", "limit", "int"],
    ["created_after=yesterday", "created_after", undefined],
    ["created_before=2026-13-01T00:00:00Z", "created_before", undefined],
    ["page=2", "page", undefined],
    ["cursor=", "cursor", { minimum: 1, exclusive: false }],
  ])("?%s is a 422 that names the field and what it takes", async (query, field, allowed) => {
    const { status, body } = await api.call("GET", `/requests?${query}`);
    expect([status, body.error, body.details.field]).toEqual([422, "VALIDATION_ERROR", field]);
    expect(body.details.allowed).toEqual(allowed);
    expect(body.message).toContain(field);
  });

  test("a cursor is a 422 for another organization or with other filters", async () => {
    await submitSeveral(3, "cursor");
    const { next_cursor: cursor } = await list({ callback_id: "cursor", limit: 1 });
    expect(cursor).not.toBeNull();
    const refused = async (query: string, key?: string) => {
      const { status, body } = await api.call("GET", `/requests?${query}`, key === undefined ? {} : { key });
      expect([status, body.error, body.details?.field]).toEqual([422, "VALIDATION_ERROR", "cursor"]);
    };
    await refused(`callback_id=cursor&cursor=${cursor}`, OTHER_KEY);
    await refused(`callback_id=other&cursor=${cursor}`);
    await refused(`callback_id=cursor&status=pending&cursor=${cursor}`);
    await refused(`callback_id=cursor&text=bird&cursor=${cursor}`);
    await refused(`callback_id=cursor&tag=acme&cursor=${cursor}`);
    await refused(`callback_id=cursor&api_key_id=bootstrap&cursor=${cursor}`);
    await refused(`callback_id=cursor&created_after=2020-01-01T00:00:00Z&cursor=${cursor}`);
    await refused(`callback_id=cursor&cursor=${cursor?.slice(0, -5)}`);
    const forged = Buffer.from(JSON.stringify([Date.now(), ref("x").id, "0"])).toString("base64url");
    for (const garbage of ["x", "null", forged, "%F0%9F%8E%AC", "W10"]) await refused(`cursor=${garbage}`);
    expect(idsOf(await list({ callback_id: "cursor", limit: 2, cursor: cursor ?? "" }))).toHaveLength(2);
  });
});
