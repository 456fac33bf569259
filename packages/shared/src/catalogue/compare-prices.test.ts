import { expect, test } from "vitest";
import { compareWithListed, compareWithPublished } from "./compare-prices.js";

const audio = { params: { generate_audio: true }, micro: 400_000 };
const tall = { params: { resolution: "1080p" }, micro: 300_000 };
const veo = { unit: "second", micro: 200_000, when: [audio] } as const;
const price = { ...veo, when: [...veo.when] };
const unknown = { unit: "second" as const, micro: null, when: [] };

test.each([
  { what: "the base price", listed: { unit: "second", micro: 200_000 }, result: "same" },
  { what: "a price with inputs", listed: { unit: "second", micro: 400_000 }, result: "same" },
  { what: "another price", listed: { unit: "second", micro: 250_000 }, result: "different" },
  { what: "another unit", listed: { unit: "video", micro: 200_000 }, result: "not_comparable" },
  { what: "a unit that the catalogue does not have", listed: null, result: "not_comparable" },
] as const)("compareWithListed: $what is $result", ({ listed, result }) => {
  expect(compareWithListed(price, listed)).toBe(result);
});

test("compareWithListed: a price that the catalogue does not know is different", () => {
  expect(compareWithListed(unknown, { unit: "second", micro: 1 })).toBe("different");
});

test("compareWithPublished: compares the whole price, in any order of its rules", () => {
  const both = { ...price, when: [audio, tall] };
  expect(compareWithPublished(both, { ...price, when: [tall, audio] })).toBe("same");
  expect(compareWithPublished(both, price)).toBe("different");
  expect(compareWithPublished({ ...price, micro: 1 }, price)).toBe("different");
  expect(compareWithPublished({ ...price, unit: "video" }, price)).toBe("different");
  expect(compareWithPublished(unknown, price)).toBe("different");
  expect(compareWithPublished(price, unknown)).toBe("not_listed");
});
