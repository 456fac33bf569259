import { text } from "node:stream/consumers";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { deadUrl, type Listener, startListener } from "../../../../../tests/support/listeners.js";
import { CONNECT_TIMEOUT } from "./agents.js";
import { createGuardedFetch, fetchFault, type GuardedFetch } from "./guard.js";

/** The canary counts requests and connections that get through. Only this machine is tried. */
let canary: Listener;
let canaryV6: Listener | null;
/** Redirects to the URL in its query. */
let redirector: Listener;
let strict: ReturnType<typeof createGuardedFetch>;
let trusting: ReturnType<typeof createGuardedFetch>;
beforeAll(async () => {
  canary = await startListener((_request, response) => response.end("canary"));
  canaryV6 = await startListener((_request, response) => response.end("canary"), "::1").catch(() => null);
  redirector = await startListener((request, response) => {
    const to = new URL(request.url ?? "/", "http://x").searchParams.get("to") ?? "";
    response.writeHead(302, { location: to }).end();
  });
  strict = createGuardedFetch({ allowPrivate: false, allowedOrigins: new Set() });
  trusting = createGuardedFetch({ allowPrivate: false, allowedOrigins: new Set([redirector.origin]) });
});
beforeEach(() => {
  canary.asked.length = 0;
  if (canaryV6 !== null) canaryV6.asked.length = 0;
  connectedBefore = connected();
});
afterAll(async () => {
  await strict.close();
  await trusting.close();
  for (const listener of [canary, canaryV6, redirector]) await listener?.close();
});

const faultOf = (fetching: ReturnType<GuardedFetch>): Promise<unknown> =>
  fetching.then(
    (response) => `got through: ${response.status}`,
    (error: unknown) => error,
  );
const hits = () => canary.asked.length + (canaryV6?.asked.length ?? 0);
const connected = () => canary.connections + (canaryV6?.connections ?? 0);
let connectedBefore: number;
const connections = () => connected() - connectedBefore;
const BLOCKED = "The address is private, internal or reserved.";
const NOT_SECURE = "The URL begins with http://, and only https is allowed.";

/** Notations for this machine. */
const HOSTS = [
  "127.0.0.1",
  "127.0.0.1.",
  "127.1",
  "0x7f.1",
  "2130706433",
  "0177.0.0.1",
  "0.0.0.0",
  "0",
  "127.8.8.8",
  "[::1]",
  "[::]",
  "[::ffff:127.0.0.1]",
  "[::ffff:7f00:1]",
  "localhost",
  "LOCALHOST",
];

describe("the guard", () => {
  test.each(HOSTS)("does not connect to %s", async (host) => {
    const ports = [canary.port, ...(canaryV6 === null ? [] : [canaryV6.port])];
    for (const port of ports) {
      expect(fetchFault(await faultOf(strict.fetch(`https://${host}:${port}/`, {})))).toBe(BLOCKED);
      expect(fetchFault(await faultOf(strict.fetch(`http://${host}:${port}/`, {})))).toBe(NOT_SECURE);
    }
    expect(connections()).toBe(0);
  });

  test("does not connect to localhost with a dot, which not every resolver knows", async () => {
    expect(await faultOf(strict.fetch(`https://localhost.:${canary.port}/`, {}))).toBeInstanceOf(Error);
    expect(connections()).toBe(0);
  });

  test("does not connect for a POST, or without redirects", async () => {
    const init = { method: "POST", body: "x", redirect: "manual" } as const;
    expect(fetchFault(await faultOf(strict.fetch(`https://127.0.0.1:${canary.port}/`, init)))).toBe(BLOCKED);
    expect(connections()).toBe(0);
  });

  test("gives the same error whether a server listens there or not", async () => {
    const open = await faultOf(strict.fetch(canary.origin.replace("http:", "https:"), {}));
    const closed = await faultOf(strict.fetch((await deadUrl()).replace("http:", "https:"), {}));
    expect(fetchFault(open)).toBe(fetchFault(closed));
  });

  test("shows no detail of our network for a host that does not exist", async () => {
    const fault = fetchFault(await faultOf(strict.fetch("https://no-such-host.invalid/", {})));
    expect(fault).toMatch(/^(ENOTFOUND|EAI_AGAIN)$/);
  });
});

describe("an allowed origin", () => {
  test("is the only internal origin that gets through", async () => {
    const allowing = createGuardedFetch({ allowPrivate: false, allowedOrigins: new Set([canary.origin]) });
    try {
      expect(await text((await allowing.fetch(`${canary.origin}/x`, {})).body)).toBe("canary");
      expect(canary.asked).toEqual(["GET /x"]);
      const others = [`http://localhost:${canary.port}/`, `http://127.0.0.2:${canary.port}/`, redirector.origin];
      for (const url of others) {
        const secure = url.replace("http:", "https:");
        expect(fetchFault(await faultOf(allowing.fetch(url, {})))).toBe(NOT_SECURE);
        expect(fetchFault(await faultOf(allowing.fetch(secure, {})))).toBe(BLOCKED);
      }
      expect(connections()).toBe(1);
    } finally {
      await allowing.close();
    }
  });

  test.each(["127.0.0.1", "localhost", "[::1]"])("may not redirect to %s", async (host) => {
    const to = encodeURIComponent(`http://${host}:${canary.port}/`);
    const result = await faultOf(trusting.fetch(`${redirector.origin}/?to=${to}`, {}));
    expect(result).toBeInstanceOf(Error);
    expect(hits()).toBe(0);
  });

  test("may not redirect to itself either", async () => {
    const to = encodeURIComponent(`${redirector.origin}/?to=x`);
    expect(await faultOf(trusting.fetch(`${redirector.origin}/?to=${to}`, {}))).toBeInstanceOf(Error);
  });

  test("returns its redirect when redirects are manual", async () => {
    const response = await trusting.fetch(`${redirector.origin}/?to=/x`, { redirect: "manual" });
    expect(response.status).toBe(302);
    expect(hits()).toBe(0);
  });
});

test("allowPrivate: connects to any address, redirects included", async () => {
  const open = createGuardedFetch({ allowPrivate: true, allowedOrigins: new Set() });
  try {
    const response = await open.fetch(`${redirector.origin}/?to=${encodeURIComponent(canary.origin)}`, {});
    expect(await text(response.body)).toBe("canary");
    expect(response.url).toBe(`${canary.origin}/`);
  } finally {
    await open.close();
  }
});

describe("fetchFault", () => {
  test.each([
    { error: new DOMException("The operation was aborted due to timeout", "TimeoutError"), says: "timed out" },
    {
      error: new TypeError("fetch failed", {
        cause: Object.assign(new Error("x"), { code: CONNECT_TIMEOUT }),
      }),
      says: "timed out",
    },
    {
      error: new TypeError("fetch failed", {
        cause: Object.assign(new Error("connect ECONNREFUSED 10.0.0.1:80"), { code: "ECONNREFUSED" }),
      }),
      says: "ECONNREFUSED",
    },
    { error: "text", says: "failed" },
    { error: null, says: "failed" },
  ])("says $says", ({ error, says }) => {
    expect(fetchFault(error)).toBe(says);
  });
});
