import { describe, expect, test } from "vitest";
import { testIo } from "../../test-support/io.js";
import { createOut } from "./output.js";

const HEADER = ["ID", "TEXT"];
const LONG = "a text that is far longer than the eighty columns of the terminal in which it is to be read";
const OPTIONS = { color: true, quiet: false };

describe("a table", () => {
  test("in a terminal has a header, and is cut unless it is wanted whole", async () => {
    const io = testIo({ terminal: true });
    const out = createOut(io, OPTIONS);
    await out.table(HEADER, [["1", LONG]]);
    await out.table(HEADER, [["1", LONG]], { whole: true });
    const [header, cut, , whole] = io.out().split("\n");
    expect(header).toBe("\x1b[2mID  TEXT\x1b[0m");
    expect([cut?.length, cut?.at(-1)]).toEqual([80, "…"]);
    expect(whole).toBe(`1   ${LONG}`);
  });

  test("in a pipe has neither, and with --quiet the first cells alone", async () => {
    const io = testIo();
    await createOut(io, OPTIONS).table(HEADER, [["1", LONG]]);
    await createOut(io, { ...OPTIONS, quiet: true }).table(HEADER, [["2", LONG]]);
    expect(io.out()).toBe(`1\t${LONG}\n2\n`);
  });
});

test.each([
  { what: "a pipe", io: testIo(), color: true },
  { what: "NO_COLOR", io: testIo({ terminal: true, env: { ...testIo().env, noColor: true } }), color: true },
  { what: "a dumb terminal", io: testIo({ terminal: true, env: { ...testIo().env, isDumb: true } }), color: true },
  { what: "--no-color", io: testIo({ terminal: true }), color: false },
])("no colours: $what", ({ io, color }) => {
  expect(createOut(io, { color, quiet: false }).paint("red", "x")).toBe("x");
});

test("remarks go to stderr, and may be left out; what must be said is said", () => {
  const [io, quiet] = [testIo(), testIo()];
  for (const [one, isQuiet] of [
    [io, false],
    [quiet, true],
  ] as const) {
    const out = createOut(one, { color: true, quiet: isQuiet });
    out.note("a remark");
    out.say("a must");
    out.json({ a: 1 });
  }
  expect([io.err(), quiet.err()]).toEqual(["a remark\na must\n", "a must\n"]);
  expect([io.out(), quiet.out()]).toEqual(['{"a":1}\n', '{"a":1}\n']);
});
