import { describe, expect, test } from "vitest";
import { testIo } from "../../test-support/io.js";
import { createOut } from "./output.js";

const HEADER = ["ID", "TEXT"];
const LONG = "a text that is far longer than the eighty columns of the terminal in which it is to be read";
const OPTIONS = { color: true, quiet: false };

describe("table", () => {
  test("has a header in a terminal, and cuts long lines unless `whole` is set", async () => {
    const io = testIo({ terminal: true });
    const out = createOut(io, OPTIONS);
    await out.table(HEADER, [["1", LONG]]);
    await out.table(HEADER, [["1", LONG]], { whole: true });
    const [header, cut, , whole] = io.out().split("\n");
    expect(header).toBe("\x1b[2mID  TEXT\x1b[0m");
    expect([cut?.length, cut?.at(-1)]).toEqual([80, "…"]);
    expect(whole).toBe(`1   ${LONG}`);
  });

  test("has no header and cuts nothing in a pipe; with --quiet it prints the first cells only", async () => {
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
])("paint: adds no colors with $what", ({ io, color }) => {
  expect(createOut(io, { color, quiet: false }).paint("red", "x")).toBe("x");
});

test("note is silent with --quiet, say is not; both write to stderr", () => {
  const [io, quiet] = [testIo(), testIo()];
  for (const [one, isQuiet] of [
    [io, false],
    [quiet, true],
  ] as const) {
    const out = createOut(one, { color: true, quiet: isQuiet });
    out.note("a note");
    out.say("a warning");
    out.json({ a: 1 });
  }
  expect([io.err(), quiet.err()]).toEqual(["a note\na warning\n", "a warning\n"]);
  expect([io.out(), quiet.out()]).toEqual(['{"a":1}\n', '{"a":1}\n']);
});
