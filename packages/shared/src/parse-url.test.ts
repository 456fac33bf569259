import { expect, test } from "vitest";
import { parseUrl } from "./parse-url.js";

/** Enough calls for V8 to optimize what is called. */
const OFTEN = 30_000;

test("a URL with a letter outside of ASCII is valid, however often it is parsed", () => {
  const hosts = new Set<string | undefined>();
  for (let call = 0; call < OFTEN; call += 1) hosts.add(parseUrl("https://bücher.example.com/ü")?.host);
  expect([...hosts]).toEqual(["xn--bcher-kva.example.com"]);
});

test("relative to a base, and null for what is no URL", () => {
  expect(parseUrl("/a", "https://example.com/b")?.href).toBe("https://example.com/a");
  for (const text of ["", "/a", "https://", "https://exa mple.com"]) expect(parseUrl(text)).toBeNull();
});
