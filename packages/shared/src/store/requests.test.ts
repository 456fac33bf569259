import { expect, test } from "vitest";
import { intendedRecord, renderedRecord } from "../../../../tests/support/records.js";
import { readRecord } from "./requests.js";

test("readRecord: returns the record as it was written", () => {
  for (const record of [intendedRecord(), renderedRecord()]) expect(readRecord(JSON.stringify(record))).toEqual(record);
});

test("readRecord: adds the newer fields to a record of an earlier version", () => {
  const {
    call: _call,
    search: _search,
    awaitsReport: _awaits,
    priority: _low,
    account: _account,
    ...later
  } = renderedRecord();
  const { day: _day, apiKeyId: _key, tag: _tag, heldMicro: _held, ...old } = later;
  const { withheld: _withheld, copies: _copies, ...rendered } = old.rendered ?? {};
  const { leaseId: _lease, uploadedUrl: _url, ...intent } = old.intent ?? {};
  expect(readRecord(JSON.stringify({ ...old, awaitsWebhook: true, intent, rendered }))).toEqual({
    ...old,
    ...{ search: null, call: { hash: `of-${old.id}`, isDeliberate: true } },
    awaitsReport: true,
    ...{ day: "2026-01-01", apiKeyId: "", tag: "", heldMicro: 0 },
    priority: "normal",
    account: "server",
    intent: { ...intent, leaseId: "", uploadedUrl: null },
    rendered: { ...rendered, withheld: 0, copies: [] },
  });
});

test("readRecord: keeps the fields that an earlier version did store", () => {
  const record = renderedRecord({ apiKeyId: "", heldMicro: 0 });
  const { awaitsReport, priority: _normal, account: _account, ...later } = record;
  const { day: _day, apiKeyId: _key, tag: _tag, heldMicro: _held, ...old } = later;
  expect(readRecord(JSON.stringify({ ...old, awaitsWebhook: awaitsReport }))).toEqual(record);
  expect(readRecord(JSON.stringify({ ...old, awaitsReport: true })).awaitsReport).toBe(true);
});

test("readRecord: a record that does not name the account that pays has it from its mode", () => {
  const { account: _account, ...old } = renderedRecord({ awaitsReport: true });
  expect(readRecord(JSON.stringify(old))).toEqual({ ...old, account: "server" });
  expect(readRecord(JSON.stringify({ ...old, mode: "byok" }))).toEqual({ ...old, mode: "byok", account: "caller" });
});
