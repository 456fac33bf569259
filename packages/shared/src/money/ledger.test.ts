/** The ledger entries of a request, over every way in which it can go. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { accepted, ESTIMATE, entryText, WAYS } from "../../../../tests/support/money-ways.js";
import { type RequestRecord, reduce, type Transition } from "../request/index.js";
import { countsOf, openingEntry, rowOf, settledMicro, transitionEntry, withdrawingEntry } from "./ledger.js";

/** The record after the transitions, and the entries that they wrote, the first one included. */
function run(record: RequestRecord, transitions: Transition[]) {
  const entries = [openingEntry(record)];
  let current = record;
  for (const transition of transitions) {
    const after = reduce(current, transition);
    if (after === null) throw new Error(`${transition.name} is refused`);
    const entry = transitionEntry(current, after);
    if (entry !== null) entries.push(entry);
    current = after;
  }
  return { current, entries };
}

describe.each(WAYS)("a request that $what", ({ from = accepted, by, entries, charge }) => {
  const { current, entries: written } = run(from, by);

  test("writes these entries", () => {
    expect(written.map(entryText)).toEqual(entries);
    expect(current.chargeState).toBe(charge);
  });

  test("its entries add up to what its record holds and has settled", () => {
    const sum = (field: "held" | "settled") => written.reduce((total, entry) => total + entry[field], 0);
    expect([sum("held"), sum("settled")]).toEqual([current.heldMicro, settledMicro(current)]);
  });

  test("is counted once, and its end once", () => {
    expect(written.map(({ opened }) => opened).reduce((a, b) => a + b)).toBe(1);
    expect(written.filter(({ end }) => end !== null)).toHaveLength(1);
  });
});

test("a request that is withdrawn: its two entries take each other back, in every counter", () => {
  const totals = new Map<string, number>();
  for (const entry of [openingEntry(accepted), withdrawingEntry(accepted)]) {
    for (const [key, field, by] of countsOf(entry, rowOf(accepted))) {
      totals.set(`${key} ${field}`, (totals.get(`${key} ${field}`) ?? 0) + by);
    }
  }
  expect([...totals.values()].filter((total) => total !== 0)).toEqual([]);
});

test("money counts in the day and the month of the acceptance, for the organization, the key and the provider", () => {
  const record = { ...accepted, day: "2026-03-31", apiKeyId: "key_1" };
  const spent = countsOf(openingEntry(record), rowOf(record)).filter(([key]) => key.startsWith("spent:"));
  expect(spent).toEqual(
    ["2026-03-31", "2026-03"].flatMap((period) =>
      ["organization", "provider:fal", "key:key_1"].map((subject) => [
        "spent:2026-03",
        `${period}|${subject}`,
        ESTIMATE,
      ]),
    ),
  );
});

describe("docs/money.md", () => {
  const page = readFileSync(new URL("../../../../docs/money.md", import.meta.url), "utf8");
  const rows = [...page.matchAll(/^\| (.+) \| (.+) \| `(\w+)` \|$/gm)].map(([, what, entries, charge]) => [
    what,
    entries,
    charge,
  ]);
  const dollars = (micro: string) => Number(micro) / 1e6;
  const told = (entry: string) => {
    const [kind = "", held = "", settled = ""] = entry.split(" ");
    const moved = [
      ...(held === "0" ? [] : [`held ${dollars(held)}`]),
      ...(settled === "0" ? [] : [`settled ${dollars(settled)}`]),
    ];
    return moved.length === 0 ? kind : `${kind} (${moved.join(", ")})`;
  };

  test("its table has every way, with its entries and its charge_state", () => {
    expect(rows.slice(1)).toEqual(
      WAYS.map(({ what, entries, charge }) => [what, entries.map(told).join(", "), charge]),
    );
  });
});
