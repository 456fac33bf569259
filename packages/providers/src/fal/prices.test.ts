import { describe, expect, test } from "vitest";
import { createFalAdapter } from "./adapter.js";

const PLATFORM = "https://platform.example/v1";

interface Asked {
  endpoints: string[];
  cursor: string | null;
  key: string | null;
}

/** What the adapter reads of an API that answers as `answer` says. */
async function read(endpoints: string[], answer: (asked: Asked) => Response, platform: string | null = PLATFORM) {
  const asked: Asked[] = [];
  const fetch = async (url: string | URL | Request, init?: RequestInit) => {
    const { searchParams, origin, pathname } = new URL(String(url));
    expect(origin + pathname).toBe(`${PLATFORM}/models/pricing`);
    const key = new Headers(init?.headers).get("authorization");
    const call = { endpoints: searchParams.getAll("endpoint_id"), cursor: searchParams.get("cursor"), key };
    asked.push(call);
    return answer(call);
  };
  const send = fetch as typeof globalThis.fetch;
  const options = { baseUrl: "https://queue.example", urls: { platform }, settings: null, now: Date.now };
  const adapter = createFalAdapter({ ...options, fetch: send, freshFetch: send });
  const result = await adapter.prices?.(endpoints, { apiKey: "the-key", signal: new AbortController().signal });
  return { result, asked };
}

const page = (prices: object[], more: object = {}) =>
  Response.json({ prices, next_cursor: null, has_more: false, ...more });
const priced = (endpoint_id: string, unit_price = 0.1, unit = "second", currency = "USD") => ({
  ...{ endpoint_id, unit_price, unit, currency },
});
const numbered = (count: number) => Array.from({ length: count }, (_, index) => `fal-ai/model-${index}`);

describe("prices", () => {
  test("asks for 50 endpoints at a time, with the key", async () => {
    const { result, asked } = await read(numbered(120), ({ endpoints }) => page(endpoints.map((one) => priced(one))));
    expect(asked.map(({ endpoints }) => endpoints.length)).toEqual([50, 50, 20]);
    expect(new Set(asked.map(({ key }) => key))).toEqual(new Set(["Key the-key"]));
    expect(result).toMatchObject({ kind: "listed" });
    expect(result?.kind === "listed" && result.prices).toHaveLength(120);
  });

  test("reads all pages", async () => {
    const { result, asked } = await read(["a/b", "a/c"], ({ cursor }) =>
      cursor === null ? page([priced("a/b")], { next_cursor: "two", has_more: true }) : page([priced("a/c")]),
    );
    expect(asked.map(({ cursor }) => cursor)).toEqual([null, "two"]);
    expect(result).toMatchObject({ kind: "listed", prices: [{ endpoint: "a/b" }, { endpoint: "a/c" }] });
  });

  test("an endpoint that fal does not know spoils no other one", async () => {
    const { result } = await read(["a/b", "gone/1", "a/c"], ({ endpoints }) =>
      endpoints.includes("gone/1") ? Response.json({}, { status: 404 }) : page(endpoints.map((one) => priced(one))),
    );
    expect(result).toMatchObject({ kind: "listed", prices: [{ endpoint: "a/b" }, { endpoint: "a/c" }] });
  });

  test.each([
    { unit: "second", price: { unit: "second", micro: 100_000 } },
    { unit: "seconds", price: { unit: "second", micro: 100_000 } },
    { unit: "5 seconds", price: { unit: "second", micro: 20_000 } },
    { unit: "Images", price: { unit: "image", micro: 100_000 } },
    { unit: "processed megapixels", price: { unit: "megapixel", micro: 100_000 } },
    { unit: "videos", price: { unit: "video", micro: 100_000 } },
    { unit: "1000 tokens", price: { unit: "thousand_tokens", micro: 100_000 } },
    { unit: "1000000 tokens", price: { unit: "thousand_tokens", micro: 100 } },
    { unit: "compute seconds", price: null },
    { unit: "units", price: null },
    { unit: "", price: null },
    { unit: "0 seconds", price: null },
  ])("the unit $unit", async ({ unit, price }) => {
    const { result } = await read(["a/b"], () => page([priced("a/b", 0.1, unit)]));
    expect(result).toEqual({ kind: "listed", prices: [{ endpoint: "a/b", micro: 100_000, unit, price }] });
  });

  test("another currency is not compared, and what is not a price is left out", async () => {
    const { result } = await read(["a/b"], () =>
      page([priced("a/b", 1, "image", "EUR"), { endpoint_id: "a/c" }, null as never]),
    );
    expect(result).toEqual({
      kind: "listed",
      prices: [{ endpoint: "a/b", micro: null, unit: "image in EUR", price: null }],
    });
  });

  test.each([
    { what: "401", answer: () => Response.json({}, { status: 401 }), result: { kind: "refused" } },
    { what: "403", answer: () => Response.json({}, { status: 403 }), result: { kind: "refused" } },
    {
      what: "500",
      answer: () => new Response("no", { status: 500 }),
      result: { kind: "unavailable", cause: "HTTP 500" },
    },
    { what: "HTML", answer: () => new Response("<p>"), result: { kind: "unavailable", cause: expect.any(String) } },
    {
      what: "pages without an end",
      answer: () => page([], { next_cursor: "x", has_more: true }),
      result: { kind: "unavailable", cause: "the list is too long" },
    },
  ])("$what", async ({ answer, result }) => {
    expect((await read(["a/b"], answer)).result).toEqual(result);
  });

  test("without a platform URL nothing is asked: the key could go to a foreign host", async () => {
    const { result, asked } = await read(["a/b"], () => page([]), null);
    expect([result, asked]).toEqual([{ kind: "unavailable", cause: "no platform URL" }, []]);
  });
});
