import { expect, test } from "vitest";
import { endOfKey, maskedKey } from "./provider-key.js";

test.each([
  ["", ""],
  ["abc", ""],
  ["abcd", "d"],
  ["abcdefgh", "gh"],
  ["abcdefghijklmno", "mno"],
  ["abcdefghijklmnop", "mnop"],
  ["a-key-of-the-usual-length-0123456789", "6789"],
])("a masked key shows at most its last four characters and a quarter of it: %s", (key, end) => {
  expect(endOfKey(key)).toBe(end);
  expect(maskedKey({ last4: endOfKey(key) })).toBe(`****${end}`);
});
