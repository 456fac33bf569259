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

/** The isolated process runs `code`. */
function isolationOf(code: string) {
  const file = join(dir, `${Math.random()}.mjs`);
  writeFileSync(file, code);
  return createIsolation({ entry: pathToFileURL(file), leaseId: "lease-1" });
}
const STARTED = `process.send({ kind: "started" });`;

test("isolation: passes the request and the lease to the process, and returns its outcome", async () => {
  const isolation = isolationOf(
    `${STARTED} process.send({ kind: "sleep", delayMs: process.argv.slice(2).join() === "acme,request,lease-1" ? 7 : 0 });
    process.disconnect();`,
  );
  expect(await isolation.run(REF, never)).toEqual({ kind: "outcome", outcome: { kind: "sleep", delayMs: 7 } });
});

test.each([
  { what: "in its step", code: `${STARTED} process.kill(process.pid, "SIGKILL");`, kind: "died" },
  { what: "in its step, by itself", code: `${STARTED} setTimeout(() => process.exit(1), 20);`, kind: "died" },
  { what: "before it started, which proves nothing about the request", code: "process.exit(1);", kind: "stopped" },
])("isolation: a process that ends $what is $kind", async ({ code, kind }) => {
  expect(await isolationOf(code).run(REF, never)).toEqual({ kind });
});

test("isolation: runs one request at a time, and answers `busy` to a second one", async () => {
  const aborting = new AbortController();
  const isolation = isolationOf(`${STARTED} setInterval(() => {}, 1000);`);
  const first = isolation.run(REF, aborting.signal);
  expect(await isolation.run({ ...REF, id: "another" }, never)).toEqual({ kind: "busy" });
  aborting.abort();
  expect(await first).toEqual({ kind: "stopped" });
  expect(await isolation.run(REF, AbortSignal.abort())).toEqual({ kind: "stopped" });
});
