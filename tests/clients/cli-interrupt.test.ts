/** Ctrl-C at `visgate generate`: what happens to the request at the gateway and its provider, and whether it is charged. */
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, it, onTestFinished } from "vitest";
import { startHoldingProxy } from "../support/holding-proxy.js";
import { startTestStack, type TestStack } from "../support/stack.js";
import { until } from "../support/until.js";
import { type CliEnv, startCli, startInTerminal } from "./support/cli.js";

let test: TestStack;
let env: CliEnv;
let made = 0;
beforeAll(async () => {
  test = await startTestStack();
  env = { VISGATE_API_KEY: test.stack.apiKey, VISGATE_BASE_URL: test.stack.baseUrl };
});
beforeEach(async () => {
  await test.simulator.reset();
  await test.simulator.settings({ render_seconds: 60, queue_seconds: 0 });
});
afterAll(() => test.stop());

const prompt = () => `a video that is not needed, ${++made}`;
const CTRL_C = "\x03";
const UUID = /[0-9a-f]{8}-[0-9a-f-]{27}/;

/** Runs the command through a proxy that can hold back what the command sends. */
async function startHeld(...args: string[]) {
  const { hostname, port } = new URL(test.stack.baseUrl);
  const proxy = await startHoldingProxy({ host: hostname, port: Number(port) });
  onTestFinished(proxy.close);
  const through = { ...env, VISGATE_BASE_URL: `http://127.0.0.1:${proxy.port}` };
  return { proxy, through, start: () => startCli(["generate", prompt(), ...args], through) };
}

async function idOnceRendering(run: ReturnType<typeof startCli>): Promise<string> {
  await run.says("Request ", "stderr");
  const [id = ""] = UUID.exec(run.stderr()) ?? [];
  await until("the provider to have the request", async () => (await test.caller.status(id)).status === "processing");
  return id;
}

it("Ctrl-C while it renders: cancels here and at the provider, says whether it is charged, exits with 130", async () => {
  const dir = mkdtempSync(join(tmpdir(), "visgate-cli-"));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  const run = startCli(["generate", prompt(), "--model", "runway/gen4.5", "-o", join(dir, "out.mp4")], env);
  const id = await idOnceRendering(run);
  run.child.kill("SIGINT");
  const { code, stdout, stderr } = await run.ended;
  expect([code, stdout]).toEqual([130, ""]);
  expect(stderr).toContain(`Cancelling ${id}. Ctrl-C again quits at once.`);
  expect(stderr).toContain(`Cancelled: request ${id}. The provider does not charge for it.`);
  expect(stderr).not.toContain("error");
  expect(await test.caller.status(id)).toMatchObject({ status: "failed", error_code: "CANCELLED" });
  expect(await test.simulator.stats()).toMatchObject({ submits: 1, cancels: 1, jobs: { running: 0, failed: 1 } });
  expect(readdirSync(dir)).toEqual([]);
});

it("Ctrl-C: says that the charge is not known when the provider does not report it", async () => {
  const run = startCli(["generate", prompt()], env);
  const id = await idOnceRendering(run);
  run.child.kill("SIGINT");
  const { code, stderr } = await run.ended;
  expect(code).toBe(130);
  expect(stderr).toContain(`Cancelled: request ${id}. It is not known whether the provider charges for it.`);
});

it("Ctrl-C during the submit: cancels the request that the gateway still accepts", async () => {
  const { proxy, start } = await startHeld();
  proxy.hold("POST /api/v1/videos/generate");
  const run = start();
  await proxy.held.reached(1);
  run.child.kill("SIGINT");
  await run.says("Cancelling.", "stderr");
  proxy.release();
  const { code, stderr } = await run.ended;
  expect(code).toBe(130);
  const [id = ""] = UUID.exec(stderr) ?? [];
  expect(await test.caller.finished(id)).toMatchObject({ status: "failed", error_code: "CANCELLED", cost: 0 });
  expect((await test.simulator.stats()).jobs).toMatchObject({ queued: 0, running: 0, completed: 0 });
});

it("--timeout during the submit: cancels nothing, shows the request id, exits with 124", async () => {
  const { code, stderr } = await startCli(["generate", prompt(), "--timeout", "0.001"], env).ended;
  expect(code).toBe(124);
  expect(stderr).toMatch(/^error CLIENT_TIMEOUT/m);
  const [id = ""] = UUID.exec(stderr) ?? [];
  expect((await test.caller.status(id)).error_code).toBeNull();
  await test.caller.call("POST", `/requests/${id}/cancel`);
});

it("a second Ctrl-C: quits at once, although the gateway has not answered the cancel", async () => {
  const { proxy, start } = await startHeld();
  const run = start();
  const id = await idOnceRendering(run);
  proxy.hold("/cancel");
  run.child.kill("SIGINT");
  await proxy.held.reached(1);
  const began = performance.now();
  run.child.kill("SIGINT");
  expect((await run.ended).code).toBe(130);
  expect(performance.now() - began).toBeLessThan(20_000);
  expect((await test.caller.status(id)).status).toBe("processing");
});

it("Ctrl-C in a terminal with a bar: shows the request id, also when a second Ctrl-C quits at once", async () => {
  const { proxy, through } = await startHeld();
  const run = startInTerminal(["generate", prompt()], through, "pipe");
  await run.says("processing");
  proxy.hold("/cancel");
  run.child.stdin?.write(CTRL_C);
  await run.says("Ctrl-C again quits at once.");
  run.child.stdin?.write(CTRL_C);
  const { code, stdout } = await run.ended;
  expect(code).toBe(130);
  const [, id = ""] = /Cancelling (\S+)\. Ctrl-C again/.exec(stdout) ?? [];
  expect((await test.caller.status(id)).status).toBe("processing");
});

it("Ctrl-C at status --watch: stops watching, and the request continues", async () => {
  const id = await test.caller.submit();
  const run = startCli(["status", id, "--watch"], env);
  await run.says("processing");
  run.child.kill("SIGINT");
  await run.ended;
  expect((await test.caller.status(id)).status).toBe("processing");
});
