/** The launcher: its printed curl command, Ctrl-C, and a kill -9 of the launcher and its Redis. */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, it } from "vitest";
import { interrupt, launch } from "../support/launcher.js";
import { until } from "../support/until.js";

const run = promisify(execFile);

let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), "visgate-launcher-"));
});
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

it("launcher killed with Redis: the next start completes the open request, with one submit", async () => {
  const first = await launch(dataDir);
  const id = await first.caller.submit();
  await until("processing", async () => (await first.caller.status(id)).status === "processing");
  first.child.kill("SIGKILL");
  process.kill(first.redisPid, "SIGKILL");
  await first.exited;

  const second = await launch(dataDir);
  expect(await second.caller.finished(id)).toMatchObject({ status: "completed", charge_state: "charged" });
  expect((await second.simulator.stats()).submits).toBe(1);
  expect(await interrupt(second)).toBe(0);
});

it("launcher: prints a working curl; Ctrl-C ends all processes; the next start completes the request", async () => {
  const first = await launch(dataDir);
  const { stdout } = await run("bash", ["-c", first.curl]);
  const accepted = JSON.parse(stdout);
  expect(accepted.status).toBe("pending");
  expect(first.output()).toMatch(/Webhooks to +http:\/\/127\.0\.0\.1:\d+ /);
  await until("processing", async () => (await first.caller.status(accepted.id)).status === "processing");
  const began = performance.now();
  expect(await interrupt(first)).toBe(0);
  expect(performance.now() - began).toBeLessThan(25_000);
  await expect(first.caller.status(accepted.id)).rejects.toThrow();

  const second = await launch(dataDir);
  expect((await second.caller.finished(accepted.id)).status).toBe("completed");
  const again = await launch(dataDir).catch((error: Error) => error);
  expect(String(again)).toMatch(/already runs at http:/);
  expect(await interrupt(second)).toBe(0);
});
