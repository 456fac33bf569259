/** `visgate status`, `list`, `cancel` and `models` in a pipe: whole, exact, and quiet when nobody reads on. */
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
  it("--json is what the API says, to the letter, also with the time line", async () => {
    const plain = await visgate("status", first(), "--json");
    expect(JSON.parse(plain.stdout)).toEqual(await test.caller.status(first()));
    expect(plain.stdout).toContain('"orderId"');
    const whole = await visgate("status", first(), "--timeline", "--json");
    const { body } = await test.caller.call("GET", `/requests/${first()}?include=timeline`);
    expect(JSON.parse(whole.stdout)).toEqual(body);
  });

  it("is one field per line, and no address is cut", async () => {
    const { code, stdout } = await visgate("status", first());
    const fields = Object.fromEntries(linesOf(stdout).map((line) => line.split("\t")));
    const { output_url } = await test.caller.status(first());
    expect([code, fields]).toMatchObject([0, { status: "completed", output_url, cost: "$1.60", simulated: "yes" }]);
  });

  it("--timeline tells what happened, in order", async () => {
    const { stdout } = await visgate("status", first(), "--timeline");
    expect(stdout).toMatch(/\taccepted\t.*[\s\S]*\tsubmitted\tworker=\S+ attempt=1[\s\S]*\tcompleted\t/);
  });

  it("of a failed request is an answer; waited for, it is a failure", async () => {
    expect((await visgate("status", failed())).code).toBe(0);
    const { code, stdout } = await visgate("status", failed(), "--wait");
    expect(code).toBe(1);
    expect(stdout).toMatch(/^error_code\tCONTENT_POLICY_VIOLATION$/m);
  });

  it("--watch shows each change on a line, to the end; --json as objects", async () => {
    await test.simulator.settings({ render_seconds: 1 });
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

  it("of an id that nothing has: exit code 1; of what is no id: wrong usage, and nothing is sent", async () => {
    const unknown = await visgate("status", "00000000-0000-7000-8000-000000000000");
    expect([unknown.code, unknown.stdout]).toEqual([1, ""]);
    expect(unknown.stderr).toMatch(/^error REQUEST_NOT_FOUND: /);
    const none = await visgate("status", "nothing/../of that kind");
    expect([none.code, none.stdout]).toEqual([2, ""]);
    expect(none.stderr).toMatch(/^error VALIDATION_ERROR \(ID\): /);
  });
});

describe("list", () => {
  const idsIn = (stdout: string) => linesOf(stdout).map((line) => line.split("\t")[0]);
  /** Those of the beginning: other tests add to them. */
  const known = (found: (string | undefined)[]) => found.filter((id) => ids.includes(id ?? ""));

  it("--all is every request, newest first, one whole line each, no header, no escapes", async () => {
    const { code, stdout, stderr } = await visgate("list", "--all");
    expect([code, stderr]).toEqual([0, ""]);
    expect(known(idsIn(stdout))).toEqual(ids.toReversed());
    expect(stdout).not.toContain("\x1b");
    for (const line of linesOf(stdout)) expect(line.split("\t")).toHaveLength(7);
  });

  it("--limit goes over pages and stops", async () => {
    expect(idsIn((await visgate("list", "--limit", "22", "--quiet")).stdout)).toHaveLength(22);
    expect(idsIn((await visgate("list")).stdout)).toHaveLength(20);
  });

  it("of none: an empty pipe, and a word on stderr", async () => {
    const none = { code: 0, stdout: "", stderr: "No requests found.\n" };
    expect(await visgate("list", "--model", "none/such")).toMatchObject(none);
    const json = await visgate("list", "--model", "none/such", "--json");
    expect([json.stdout, json.stderr]).toEqual(['{"requests":[]}\n', ""]);
  });

  it("filters; --json is what the API says", async () => {
    const { stdout } = await visgate("list", "--status", "failed", "--provider", "replicate", "--json");
    const { body } = await test.caller.call("GET", "/requests?status=failed&provider=replicate");
    expect(JSON.parse(stdout).requests).toEqual(body.requests);
    expect(body.requests.map(({ id }: { id: string }) => id)).toEqual([failed()]);
    const byModel = await visgate("list", "--model", "replicate/google/veo-3", "--quiet");
    expect(byModel.stdout).toBe(`${failed()}\n`);
  });

  it("ends quietly when nobody reads on", async () => {
    const script = `set -o pipefail; '${CLI.join("' '")}' list --all | true`;
    const { code, stderr } = await startProgram(["bash", "-c", script], env).ended;
    expect([code, stderr]).toEqual([0, ""]);
  });

  it.skipIf(!existsSync("/dev/full"))("on a full disk: one line, no stack", async () => {
    const { code, stderr } = await startProgram(["bash", "-c", `'${CLI.join("' '")}' list --all > /dev/full`], env)
      .ended;
    expect(code).toBe(1);
    expect(stderr).toBe(
      "error OUTPUT_NOT_SAVED: stdout cannot be written to (ENOSPC). visgate list has what was made.\n",
    );
  });
});

describe("cancel", () => {
  it("says what happens to the money, and does it", async () => {
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

describe("models", () => {
  it("needs no key; ids, durations and prices are the catalogue's", async () => {
    const { code, stdout } = await runCli(["models", "--provider", "fal", "--search", "veo"], {
      VISGATE_BASE_URL: test.stack.baseUrl,
    });
    expect(code).toBe(0);
    const { body } = await test.caller.call("GET", "/models?provider=fal&media_type=video&search=veo");
    const rows = linesOf(stdout).map((line) => line.split("\t"));
    expect(rows.map(([id]) => id)).toEqual(body.models.map(({ id }: { id: string }) => id));
    expect(rows).toContainEqual(["fal-ai/veo3", "4,6,8", "optional", "$0.40/second", "$2.40"]);
  });

  it("--json is what the API says", async () => {
    const { body } = await test.caller.call("GET", "/models?media_type=image");
    const { stdout } = await visgate("models", "--media", "image", "--json");
    expect(JSON.parse(stdout)).toEqual(body);
  });

  it("of none: an empty pipe, and a word on stderr", async () => {
    const none = { code: 0, stdout: "", stderr: "No models found.\n" };
    expect(await visgate("models", "--search", "zzz")).toMatchObject(none);
  });
});
