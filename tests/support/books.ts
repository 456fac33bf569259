/** Compares the receipts of the gateway with the bills of the providers. Amounts in micro-USD. */
import { providerOf } from "@visgate/providers";
import type { Receipt } from "@visgate/shared/contract";
import { expect } from "vitest";
import type { BillLine } from "../../packages/simulator/src/core/billing.js";
import type { Caller } from "./caller.js";
import type { Submitted } from "./month.js";

/** One request with its receipt and its bill. */
export interface Account {
  request: Submitted;
  receipt: Receipt;
  /** The lines of the provider's bill. */
  lines: BillLine[];
}

export const micro = (usd: number): number => Math.round(usd * 1e6);
export const settledMicro = ({ settlement }: Receipt): number => micro(settlement?.cost_usd ?? 0);
export const billedMicro = (lines: readonly BillLine[]): number =>
  lines.reduce((sum, { cost_micro }) => sum + (cost_micro ?? Number.NaN), 0);

const jobOf = ({ attempts }: Receipt): string | null => attempts.at(-1)?.provider_request_id ?? null;

/** Each line goes to the request whose receipt has its job, or else to a request whose job was never found. */
export function accountsOf(requests: Submitted[], receipts: Receipt[], bills: BillLine[]): Account[] {
  const lineOf = new Map(bills.map((line) => [line.id, line]));
  const accounts = receipts.map((receipt, index): Account => {
    const line = lineOf.get(jobOf(receipt) ?? "");
    return { request: requests[index] as Submitted, receipt, lines: line === undefined ? [] : [line] };
  });
  const owned = new Set(receipts.map(jobOf));
  const lost = accounts.filter(({ receipt }) => receipt.charge_state === "unknown" && jobOf(receipt) === null);
  for (const line of bills.filter(({ id }) => !owned.has(id))) {
    const owner = lost.find(({ request, lines }) => lines.length === 0 && request.prompt === line.prompt);
    expect(owner, `the job ${line.id} belongs to no request`).toBeDefined();
    owner?.lines.push(line);
  }
  return accounts;
}

/** Settles every unknown charge by hand, for what the provider billed. */
export async function settleByHand(caller: Caller, accounts: readonly Account[]): Promise<void> {
  const unknown = accounts.filter(({ receipt }) => receipt.charge_state === "unknown");
  // A provider that states every cost leaves only lost submits to settle.
  expect(unknown.filter(({ receipt }) => jobOf(receipt) !== null && statesAll(receipt.provider))).toEqual([]);
  for (const { request, lines } of unknown) {
    const billed = billedMicro(lines);
    const body = billed === 0 ? { outcome: "released" } : { outcome: "charged", cost_usd: billed / 1e6 };
    expect((await caller.call("POST", `/requests/${request.id}/settle`, { body })).status).toBe(200);
  }
}

const statesAll = (provider: string) => Object.values(providerOf(provider).manifest.statesCost).every(Boolean);

/** Money by model, by key, … */
export type Sums = Record<string, number>;

export function sumsOf<T>(items: readonly T[], keyOf: (item: T) => string, microOf: (item: T) => number): Sums {
  const sums: Sums = {};
  for (const item of items) sums[keyOf(item)] = (sums[keyOf(item)] ?? 0) + microOf(item);
  return sums;
}

/** The rows of a CSV, by the names of its columns. */
export function rowsOf(csv: string): Record<string, string>[] {
  const [head = "", ...lines] = csv.trimEnd().split("\r\n");
  const cells = (line: string) =>
    [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^",]*))/g)].map(([, quoted, plain]) =>
      quoted === undefined ? (plain ?? "") : quoted.replaceAll('""', '"'),
    );
  return lines.map((line) => Object.fromEntries(cells(line).map((cell, index) => [cells(head)[index] ?? "", cell])));
}
