import { describe, expect, test } from "vitest";
import { alignedLines, chargeText, oneLine, seconds, tabbedLine, usd } from "./text.js";

test.each([
  { amount: 0, text: "$0.00" },
  { amount: 2.4, text: "$2.40" },
  { amount: 100, text: "$100.00" },
  { amount: 0.0425, text: "$0.0425" },
  { amount: 0.000001, text: "$0.000001" },
])("usd: shows $amount as $text", ({ amount, text }) => expect(usd(amount)).toBe(text));

test("seconds: shows milliseconds as seconds", () => expect(seconds(12_345)).toBe("12.3 s"));

describe("oneLine", () => {
  test("removes line ends and characters that control the terminal", () => {
    expect(oneLine("a\x1b[2Jb\r\nc\td\u009b31me\u202ef\u2028g")).toBe("a [2Jb c d 31me f g");
  });

  test("keeps the letters of other languages, and emoji", () => {
    expect(oneLine("größer, 大きい, 👩‍🚀")).toBe("größer, 大きい, 👩‍🚀");
  });
});

describe("chargeText", () => {
  test.each([
    { state: "charged", text: "charges $2.40" },
    { state: "released", text: "does not charge" },
    { state: "none", text: "nothing is charged" },
    { state: "unknown", text: "not known" },
    { state: "held", text: "not known" },
  ])("says '$text' for charge_state $state", ({ state, text }) => expect(chargeText(state, 2.4)).toContain(text));

  test("names no amount when the cost is not known", () => {
    expect(chargeText("charged", null)).toBe("The provider charges for it.");
  });
});

describe("alignedLines", () => {
  const rows = [
    ["ID", "WHAT"],
    ["a-long-id", "short"],
    ["b", "a long one that does not fit"],
  ];

  test("aligns the columns, and cuts lines at the terminal's width", () => {
    expect(alignedLines(rows, 24)).toEqual(["ID         WHAT", "a-long-id  short", "b          a long one t…"]);
  });

  test("cuts nothing when the width is not known", () => {
    expect(alignedLines(rows, 0).at(-1)).toBe("b          a long one that does not fit");
  });
});

test("tabbedLine: puts tabs between the cells and leaves none inside", () => {
  expect(tabbedLine(["a", "", "b\tc\nd"])).toBe("a\t\tb c d");
});
