import { describe, expect, test } from "vitest";
import { commaList, parseParams, positive, wholeFrom } from "./arguments.js";

describe("--param", () => {
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
  ])("$pair", ({ pair, value }) => {
    expect(Object.values(parseParams([pair]))).toEqual([value]);
  });

  test("several are one object, and a name is a name", () => {
    const params = parseParams(["a=1", "__proto__=2"]);
    expect(Object.entries(params)).toEqual([
      ["a", 1],
      ["__proto__", 2],
    ]);
  });

  test.each(["seed", "=1", ""])("%s is none", (pair) => expect(() => parseParams([pair])).toThrow("key=value"));
  test("the same twice is refused", () => expect(() => parseParams(["a=1", "a=1"])).toThrow("twice"));
});

describe("numbers", () => {
  test.each(["1", "0.5", "1e3"])("%s is positive", (text) => expect(positive(text)).toBe(Number(text)));
  test.each(["0", "-1", "", " ", "x", "Infinity", "NaN"])("%s is not positive", (text) =>
    expect(() => positive(text)).toThrow(),
  );
  test("whole ones begin where they begin", () => {
    expect(wholeFrom(0)("0")).toBe(0);
    for (const text of ["0", "1.5", "", "x", "1e99"]) expect(() => wholeFrom(1)(text)).toThrow("from 1");
  });
});

test("lists are separated by commas", () => expect(commaList(" a, b,,c ")).toEqual(["a", "b", "c"]));
