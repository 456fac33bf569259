import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test, vi } from "vitest";
import { runApart } from "./run-apart.js";

const dir = mkdtempSync(join(tmpdir(), "visgate-apart-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

let programs = 0;
function program(code: string): string {
  programs += 1;
  const entry = join(dir, `${programs}.mjs`);
  writeFileSync(entry, `process.once("message", async (task) => { ${code} });`);
  return entry;
}
/** Longer than any test here may take: a process that ends has been ended by something else. */
const timeMs = 60_000;

test("the answer of the process comes back, with bytes as bytes", async () => {
  const entry = program("process.send({ echo: task.bytes }, () => process.exit());");
  const reply = await runApart<{ echo: Uint8Array }>({ bytes: new Uint8Array([1, 2]) }, { entry, timeMs });
  expect(reply?.echo).toEqual(new Uint8Array([1, 2]));
});

test.each([
  { what: "crashes", code: 'process.kill(process.pid, "SIGSEGV")' },
  { what: "ends", code: "process.exit(1)" },
])("a process that $what has no answer", async ({ code }) => {
  expect(await runApart({}, { entry: program(code), timeMs })).toBeNull();
});

test("a process that hangs is killed when its time is over, or when the signal aborts", async () => {
  const entry = program("for (;;);");
  expect(await runApart({}, { entry, timeMs: 500 })).toBeNull();
  expect(await runApart({}, { entry, timeMs, signal: AbortSignal.timeout(500) })).toBeNull();
  expect(await runApart({}, { entry, timeMs, signal: AbortSignal.abort() })).toBeNull();
});

test.runIf(process.platform === "linux")("a process with too much memory is killed", async () => {
  const taking = (then: string) =>
    program(`
      const kept = [];
      for (let at = 0; at < 12; at += 1) kept.push(Buffer.alloc(32 * 1024 * 1024, 1));
      ${then}
    `);
  // Only the limit ends the first one.
  const staying = taking("setInterval(() => {}, 1000);");
  expect(await runApart({}, { entry: staying, timeMs: 60_000, maxMemoryBytes: 200 * 1024 * 1024 })).toBeNull();
  const answering = taking('process.send("done", () => process.exit());');
  expect(await runApart({}, { entry: answering, timeMs, maxMemoryBytes: 1024 * 1024 * 1024 })).toBe("done");
});

test("the process does not get the environment", async () => {
  vi.stubEnv("FAKE_SECRET", "1");
  const entry = program("process.send(Object.keys(process.env), () => process.exit());");
  expect(await runApart<string[]>({}, { entry, timeMs })).not.toContain("FAKE_SECRET");
});
