import { describe, expect, test } from "vitest";
import { commaList, integerFrom, parseParams, positive } from "./arguments.js";

describe("parseParams", () => {
  test.each([
    { pair: "seed=42", value: 42 },
    { pair: "audio=false", value: false },
    { pair: "end=null", value: null },
    { pair: 'size={"width":9}', value: { width: 9 } },
    { pair: "ratio=16:9", value: "16:9" },
    { pair: "text=a=b", value: "a=b" },
    { pair: 'id="42"', value: "42" },
    { pair: "empty=", value: "" },
    { pair: "prompt=true story", value: "true story" },
  ])("reads $pair as $value", ({ pair, value }) => {
    expect(Object.values(parseParams([pair]))).toEqual([value]);
  });

  test("joins several pairs into one object, and accepts __proto__ as a plain name", () => {
    const params = parseParams(["a=1", "__proto__=2"]);
    expect(Object.entries(params)).toEqual([
      ["a", 1],
      ["__proto__", 2],
    ]);
  });

  test.each(["seed", "=1", ""])("refuses '%s'", (pair) => expect(() => parseParams([pair])).toThrow("key=value"));
  test("refuses a name that is given twice", () => expect(() => parseParams(["a=1", "a=1"])).toThrow("twice"));
});

describe("positive", () => {
  test.each(["1", "0.5", "1e3"])("accepts %s", (text) => expect(positive(text)).toBe(Number(text)));
  test.each(["0", "-1", "", " ", "x", "Infinity", "NaN"])("refuses '%s'", (text) =>
    expect(() => positive(text)).toThrow("above 0"),
  );
});

test("integerFrom: accepts whole numbers from its minimum only", () => {
  expect(integerFrom(0)("0")).toBe(0);
  for (const text of ["0", "1.5", "", "x", "1e99"]) expect(() => integerFrom(1)(text)).toThrow("at least 1");
});

test("commaList: trims the items and leaves out empty ones", () => {
  expect(commaList(" a, b,,c ")).toEqual(["a", "b", "c"]);
});
