/** `visgate status`, `list`, `cancel` and `models` in a pipe: complete and exact, and silent when the reader stops. */
import { existsSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { VEO } from "../support/caller.js";
import { startTestStack, type TestStack } from "../support/stack.js";
import { CLI, type CliEnv, linesOf, runCli, startCli, startProgram } from "./support/cli.js";

const COUNT = 25;
let test: TestStack;
let env: CliEnv;
/** Oldest first; the last one failed. */
let ids: string[];
beforeAll(async () => {
  test = await startTestStack({ workers: 1, env: { SIMULATOR_RENDER_SECONDS: "0.1" } });
  env = { VISGATE_API_KEY: test.stack.apiKey, VISGATE_BASE_URL: test.stack.baseUrl };
  ids = [];
  for (let n = 1; n < COUNT; n += 1) ids.push(await test.caller.submit({ ...VEO, metadata: { orderId: `${n}` } }));
  ids.push(await test.caller.submit({ ...VEO, model: "replicate/google/veo-3", prompt: "content policy test" }));
  await Promise.all(ids.map((id) => test.caller.finished(id)));
});
afterAll(() => test.stop());

const visgate = (...args: string[]) => runCli(args, env);
const first = () => ids[0] ?? "";
const failed = () => ids.at(-1) ?? "";

describe("status", () => {
  it("--json: prints exactly what the API answers, also with --timeline", async () => {
    const plain = await visgate("status", first(), "--json");
    expect(JSON.parse(plain.stdout)).toEqual(await test.caller.status(first()));
    expect(plain.stdout).toContain('"orderId"');
    const whole = await visgate("status", first(), "--timeline", "--json");
    const { body } = await test.caller.call("GET", `/requests/${first()}?include=timeline`);
    expect(JSON.parse(whole.stdout)).toEqual(body);
  });

  it("prints one field per line, and the whole URL", async () => {
    const { code, stdout } = await visgate("status", first());
    const fields = Object.fromEntries(linesOf(stdout).map((line) => line.split("\t")));
    const { output_url } = await test.caller.status(first());
    expect([code, fields]).toMatchObject([0, { status: "completed", output_url, cost: "$1.60", simulated: "yes" }]);
  });

  it("--timeline: shows what happened, in order", async () => {
    const { stdout } = await visgate("status", first(), "--timeline");
    expect(stdout).toMatch(/\taccepted\t.*[\s\S]*\tsubmitted\tworker=\S+ attempt=1[\s\S]*\tcompleted\t/);
  });

  it("exits with 0 for a failed request; with --wait it exits with 1", async () => {
    expect((await visgate("status", failed())).code).toBe(0);
    const { code, stdout } = await visgate("status", failed(), "--wait");
    expect(code).toBe(1);
    expect(stdout).toMatch(/^error_code\tCONTENT_POLICY_VIOLATION$/m);
  });

  it("--watch: prints each change as a line until the end, with --json as an object", async () => {
    await test.simulator.settings({ render_seconds: 4 });
    const id = await test.caller.submit();
    const runs = [startCli(["status", id, "--watch"], env), startCli(["status", id, "--watch", "--json"], env)];
    const [lines, objects] = await Promise.all(runs.map(({ ended }) => ended));
    const { output_url } = await test.caller.status(id);
    expect(linesOf(lines?.stdout ?? "").at(-1)).toBe(`completed\t100 %\t\t${output_url}`);
    const statuses = linesOf(objects?.stdout ?? "").map((line) => JSON.parse(line).status);
    expect(statuses.at(-1)).toBe("completed");
    expect(statuses).toContain("processing");
    expect(statuses.length).toBe(linesOf(objects?.stdout ?? "").length);
  });

  it("exits with 1 for an unknown id, and with 2 for a malformed one without sending it", async () => {
    const unknown = await visgate("status", "00000000-0000-7000-8000-000000000000");
    expect([unknown.code, unknown.stdout]).toEqual([1, ""]);
    expect(unknown.stderr).toMatch(/^error REQUEST_NOT_FOUND: /);
    const malformed = await visgate("status", "not/../an id");
    expect([malformed.code, malformed.stdout]).toEqual([2, ""]);
    expect(malformed.stderr).toMatch(/^error VALIDATION_ERROR \(ID\): /);
  });
});

describe("list", () => {
  const idsIn = (stdout: string) => linesOf(stdout).map((line) => line.split("\t")[0]);
  /** The requests made at the start; other tests add more. */
  const known = (found: (string | undefined)[]) => found.filter((id) => ids.includes(id ?? ""));

  it("--all: prints every request as one whole line, newest first, without header or colors", async () => {
    const { code, stdout, stderr } = await visgate("list", "--all");
    expect([code, stderr]).toEqual([0, ""]);
    expect(known(idsIn(stdout))).toEqual(ids.toReversed());
    expect(stdout).not.toContain("\x1b");
    for (const line of linesOf(stdout)) expect(line.split("\t")).toHaveLength(7);
  });

  it("--limit: reads as many pages as it needs, and 20 requests by default", async () => {
    expect(idsIn((await visgate("list", "--limit", "22", "--quiet")).stdout)).toHaveLength(22);
    expect(idsIn((await visgate("list")).stdout)).toHaveLength(20);
  });

  it("prints nothing on stdout and a note on stderr when there are no requests", async () => {
    const none = { code: 0, stdout: "", stderr: "No requests found.\n" };
    expect(await visgate("list", "--model", "none/such")).toMatchObject(none);
    const json = await visgate("list", "--model", "none/such", "--json");
    expect([json.stdout, json.stderr]).toEqual(['{"requests":[]}\n', ""]);
  });

  it("filters by status, provider and model; --json prints what the API answers", async () => {
    const { stdout } = await visgate("list", "--status", "failed", "--provider", "replicate", "--json");
    const { body } = await test.caller.call("GET", "/requests?status=failed&provider=replicate");
    expect(JSON.parse(stdout).requests).toEqual(body.requests);
    expect(body.requests.map(({ id }: { id: string }) => id)).toEqual([failed()]);
    const byModel = await visgate("list", "--model", "replicate/google/veo-3", "--quiet");
    expect(byModel.stdout).toBe(`${failed()}\n`);
  });

  it("filters by several statuses, a text of the prompt and a key", async () => {
    const both = await visgate("list", "--status", "completed,failed", "--text", "CONTENT policy", "--quiet");
    expect(both.stdout).toBe(`${failed()}\n`);
    expect((await visgate("list", "--key", "another", "--quiet")).stdout).toBe("");
    expect((await visgate("list", "--tag", "none", "--quiet")).stdout).toBe("");
  });

  it("ends without an error when the reader closes the pipe", async () => {
    const script = `set -o pipefail; '${CLI.join("' '")}' list --all | true`;
    const { code, stderr } = await startProgram(["bash", "-c", script], env).ended;
    expect([code, stderr]).toEqual([0, ""]);
  });

  it.skipIf(!existsSync("/dev/full"))("prints one line without a stack trace when the disk is full", async () => {
    const { code, stderr } = await startProgram(["bash", "-c", `'${CLI.join("' '")}' list --all > /dev/full`], env)
      .ended;
    expect(code).toBe(1);
    expect(stderr).toBe(
      "error OUTPUT_NOT_SAVED: Writing to stdout failed (ENOSPC). visgate list shows your requests.\n",
    );
  });
});

describe("cancel", () => {
  it("cancels the request, and says whether it may be charged", async () => {
    await test.simulator.settings({ render_seconds: 60 });
    const id = await test.caller.submit();
    const { code, stdout } = await visgate("cancel", id);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^cancelling: .*charge/);
    expect((await test.caller.finished(id)).error_code).toBe("CANCELLED");
    const again = await visgate("cancel", id);
    expect(again.code).toBe(1);
    expect(again.stderr).toMatch(/^error ALREADY_TERMINAL: /);
  });
});

describe("again", () => {
  it("makes the call again, and prints the id of the new request", async () => {
    await test.simulator.settings({ render_seconds: 0.1 });
    const { code, stdout } = await visgate("again", first());
    const id = stdout.trim();
    expect([code, id === first()]).toEqual([0, false]);
    const [before, after] = [await test.caller.status(first()), await test.caller.finished(id)];
    expect([after.status, after.metadata, after.input]).toEqual(["completed", before.metadata, before.input]);
    const json = await visgate("again", first(), "--json", "--idempotency-key", "one");
    const twice = await visgate("again", first(), "--json", "--idempotency-key", "one");
    expect(JSON.parse(json.stdout)).toMatchObject({ status: "pending", model: before.model });
    expect(JSON.parse(twice.stdout).request_id).toBe(JSON.parse(json.stdout).request_id);
  });

  it("an unknown request: exits with 1 and says so", async () => {
    const { code, stderr } = await visgate("again", "018f0000-0000-7000-8000-000000000000");
    expect([code, stderr.startsWith("error REQUEST_NOT_FOUND")]).toEqual([1, true]);
  });
});

describe("models", () => {
  it("prints ids, durations and prices of the catalogue without an API key", async () => {
    const { code, stdout } = await runCli(["models", "--provider", "fal", "--search", "veo"], {
      VISGATE_BASE_URL: test.stack.baseUrl,
    });
    expect(code).toBe(0);
    const { body } = await test.caller.call("GET", "/models?provider=fal&media_type=video&search=veo");
    const rows = linesOf(stdout).map((line) => line.split("\t"));
    expect(rows.map(([id]) => id)).toEqual(body.models.map(({ id }: { id: string }) => id));
    expect(rows).toContainEqual(["fal-ai/veo3", "4,6,8", "optional", "$0.40/second", "$2.40"]);
  });

  it("--json: prints what the API answers", async () => {
    const { body } = await test.caller.call("GET", "/models?media_type=image");
    const { stdout } = await visgate("models", "--media", "image", "--json");
    expect(JSON.parse(stdout)).toEqual(body);
  });

  it("prints nothing on stdout and a note on stderr when no model matches", async () => {
    const none = { code: 0, stdout: "", stderr: "No models found.\n" };
    expect(await visgate("models", "--search", "zzz")).toMatchObject(none);
  });
});
