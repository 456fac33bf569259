import { describe, expect, test } from "vitest";
import { testIo } from "../../test-support/io.js";
import { run } from "../program.js";

const KEY = "admin-key-of-the-operator-0123456789";
const ENV = { ...testIo().env, adminKey: KEY };

async function recount(fetch: typeof globalThis.fetch) {
  const io = testIo({ env: ENV, fetch });
  const code = await run(io, ["admin", "recount", "acme", "--base-url", "http://gateway:1"]);
  expect(io.out() + io.err()).not.toContain(KEY);
  return { code, err: io.err() };
}

describe("visgate admin: the answers of the gateway, or of something in front of it", () => {
  test.each([
    { what: "a page of a proxy", answer: new Response("<html>", { status: 502 }), code: 1 },
    { what: "another JSON", answer: Response.json({ error: { code: 1 } }, { status: 404 }), code: 1 },
    { what: "no JSON at all", answer: new Response("ok"), code: 1 },
    { what: "a redirect", answer: new Response(null, { status: 302, headers: { location: "http://x" } }), code: 1 },
  ])("$what: is an UNEXPECTED_ANSWER", async ({ answer, code }) => {
    const ended = await recount(async () => answer);
    expect([ended.code, ended.err]).toEqual([code, expect.stringMatching(/^error UNEXPECTED_ANSWER: /)]);
  });

  test("a refused connection: the error names its reason and the URL", async () => {
    const cause = Object.assign(new Error("connect"), { code: "ECONNREFUSED" });
    const { code, err } = await recount(() => Promise.reject(new TypeError("fetch failed", { cause })));
    expect([code, err]).toEqual([1, expect.stringMatching(/^error CONNECTION_ERROR: .*gateway:1.*ECONNREFUSED/)]);
  });

  test("recount: prints a counter that differs, and exits with 1", async () => {
    const differences = [{ counter: "spent", field: "month", counted: 1, recounted: 2 }];
    const io = testIo({
      env: ENV,
      fetch: async () => Response.json({ organization: "acme", entries: 9, counters: 4, differences }),
    });
    expect(await run(io, ["admin", "recount", "acme"])).toBe(1);
    expect(io.out()).toBe("spent\tmonth\t1\t2\n");
    expect(io.err()).toBe("Counters: 4, different: 1. Entries of the ledger: 9.\n");
  });
});

test("the admin key is sent in its own header, without an API key", async () => {
  const sent: RequestInit[] = [];
  const fetch: typeof globalThis.fetch = async (_url, init = {}) => {
    sent.push(init);
    return Response.json({ organizations: [] });
  };
  await run(testIo({ env: ENV, fetch }), ["admin", "organizations"]);
  expect(sent.map(({ headers, redirect }) => ({ headers, redirect }))).toEqual([
    { headers: { "X-Visgate-Admin-Key": KEY }, redirect: "manual" },
  ]);
});
