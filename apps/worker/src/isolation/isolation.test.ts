import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createIsolation } from "./isolation.js";

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "visgate-isolation-"));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const REF = { organization: "acme", id: "request" };
const never = new AbortController().signal;

/** A process that does this. */
function isolationOf(code: string) {
  const file = join(dir, `${Math.random()}.mjs`);
  writeFileSync(file, code);
  return createIsolation({ entry: pathToFileURL(file), leaseId: "lease-1" });
}
const STARTED = `process.send({ kind: "started" });`;

test("hands over the request and the lease, and answers with the outcome", async () => {
  const isolation = isolationOf(
    `${STARTED} process.send({ kind: "sleep", delayMs: process.argv.slice(2).join() === "acme,request,lease-1" ? 7 : 0 });
    process.disconnect();`,
  );
  expect(await isolation.run(REF, never)).toEqual({ kind: "outcome", outcome: { kind: "sleep", delayMs: 7 } });
});

test.each([
  { what: "in its step", code: `${STARTED} process.kill(process.pid, "SIGKILL");`, kind: "died" },
  { what: "in its step, by itself", code: `${STARTED} setTimeout(() => process.exit(1), 20);`, kind: "died" },
  { what: "before it began: that says nothing about the request", code: "process.exit(1);", kind: "stopped" },
])("a process that ends $what is $kind", async ({ code, kind }) => {
  expect(await isolationOf(code).run(REF, never)).toEqual({ kind });
});

test("one at a time: a second request gets `busy`", async () => {
  const calledOff = new AbortController();
  const isolation = isolationOf(`${STARTED} setInterval(() => {}, 1000);`);
  const first = isolation.run(REF, calledOff.signal);
  expect(await isolation.run({ ...REF, id: "another" }, never)).toEqual({ kind: "busy" });
  calledOff.abort();
  expect(await first).toEqual({ kind: "stopped" });
  expect(await isolation.run(REF, AbortSignal.abort())).toEqual({ kind: "stopped" });
});
