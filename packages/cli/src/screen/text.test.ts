import { describe, expect, test } from "vitest";
import { aligned, tabbed } from "./table.js";
import { moneyText, plain, seconds, usd } from "./text.js";

describe("text", () => {
  test.each([
    { amount: 0, says: "$0.00" },
    { amount: 2.4, says: "$2.40" },
    { amount: 100, says: "$100.00" },
    { amount: 0.0425, says: "$0.0425" },
    { amount: 0.000001, says: "$0.000001" },
  ])("$amount USD is $says", ({ amount, says }) => expect(usd(amount)).toBe(says));

  test("nothing that others wrote steers the terminal, or begins a line of its own", () => {
    expect(plain("a\x1b[2Jb\r\nc\td\u009b31me\u202ef\u2028g")).toBe("a [2Jb c d 31me f g");
  });

  test("what others wrote in their own letters stays", () => {
    expect(plain("größer, 大きい, 👩‍🚀")).toBe("größer, 大きい, 👩‍🚀");
  });

  test.each([
    { state: "charged", says: "$2.40" },
    { state: "released", says: "does not charge" },
    { state: "none", says: "nothing is charged" },
    { state: "unknown", says: "not known" },
    { state: "held", says: "not known" },
  ])("charge_state $state: $says", ({ state, says }) => expect(moneyText(state, 2.4)).toContain(says));

  test("milliseconds are shown as seconds", () => expect(seconds(12_345)).toBe("12.3 s"));
});

describe("rows", () => {
  const rows = [
    ["ID", "WHAT"],
    ["a-long-id", "short"],
    ["b", "a long one that does not fit"],
  ];

  test("are aligned, and cut to the terminal", () => {
    expect(aligned(rows, 24)).toEqual(["ID         WHAT", "a-long-id  short", "b          a long one t…"]);
  });

  test("are not cut where the width is not known", () => {
    expect(aligned(rows, 0).at(-1)).toBe("b          a long one that does not fit");
  });

  test("for programs have tabs between, and none inside", () => {
    expect(tabbed(["a", "", "b\tc\nd"])).toBe("a\t\tb c d");
  });
});
