import { expect, test, vi } from "vitest";

test("providers: the list loads no SDK; createAdapter loads the provider's SDK", async () => {
  const loaded: string[] = [];
  for (const name of ["@fal-ai/client", "replicate", "@runwayml/sdk"]) {
    vi.doMock(name, () => {
      loaded.push(name);
      return {};
    });
  }
  vi.resetModules();
  const fresh = await import("./index.js");
  expect(loaded).toEqual([]);
  const options = { baseUrl: "https://x", urls: {}, settings: null, fetch, freshFetch: fetch, now: Date.now };
  await fresh
    .providerOf("fal")
    .createAdapter(options)
    .catch(() => {});
  expect(loaded).not.toEqual([]);
});
