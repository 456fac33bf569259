/** `visgate usage`, `quote`, `receipt`, `budget` and `keys`: what they print is what the API answers. */
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { VEO } from "../support/caller.js";
import { startTestStack, type TestStack } from "../support/stack.js";
import { type CliEnv, type CliResult, linesOf, runCli } from "./support/cli.js";

let test: TestStack;
let env: CliEnv;
/** It cost $1.60. */
let id: string;
beforeAll(async () => {
  test = await startTestStack({ env: { SIMULATOR_RENDER_SECONDS: "0.1" } });
  env = { VISGATE_API_KEY: test.stack.apiKey, VISGATE_BASE_URL: test.stack.baseUrl };
  id = await test.caller.submit();
  await test.caller.finished(id);
});
afterAll(() => test.stop());

const visgate = (...args: string[]) => runCli(args, env);
const rowsOf = ({ stdout }: CliResult) => linesOf(stdout).map((line) => line.split("\t"));
const fieldsOf = (result: CliResult) => Object.fromEntries(rowsOf(result));
const answerTo = async (path: string) => (await test.caller.call("GET", path)).body;

describe("usage", () => {
  it("prints the totals of the month, then the requests of each model", async () => {
    const result = await visgate("usage");
    const usage = await answerTo("/usage");
    expect([result.code, result.stderr]).toEqual([0, ""]);
    expect(fieldsOf(result)).toMatchObject({
      period: "month",
      ...{ period_start: usage.period_start, total_requests: `${usage.total_requests}` },
      ...{ total_provider_cost: "$1.60", total_billed_cost: "$1.60", [VEO.model]: `${usage.total_requests}` },
    });
    expect((await visgate("usage", "--quiet")).stdout).toBe("$1.60\n");
  });

  it("--by: prints only the models, or only the days", async () => {
    expect(rowsOf(await visgate("usage", "--by", "model"))).toEqual([[VEO.model, "1"]]);
    const { by_day } = await answerTo("/dashboard");
    expect(rowsOf(await visgate("usage", "--by", "day"))).toEqual([[by_day[0].date, "1", "0", "0", "$1.60"]]);
  });

  it("--json: prints exactly what the API answers", async () => {
    const printed = JSON.parse((await visgate("usage", "--period", "year", "--json")).stdout);
    expect(printed).toEqual(await answerTo("/usage?period=year"));
    const days = JSON.parse((await visgate("usage", "--by", "day", "--json")).stdout);
    expect(days).toEqual(await answerTo("/dashboard"));
  });

  it("--csv: prints exactly what the API exports", async () => {
    const { stdout } = await visgate("usage", "--period", "day", "--csv");
    expect(stdout).toBe(await answerTo("/usage/export?period=day"));
    expect(stdout).toContain(`,${VEO.model},bootstrap,`);
  });

  it("--date: selects the period; without requests in it, the rest is empty", async () => {
    const empty = await visgate("usage", "--period", "year", "--date", "2020-02-29");
    expect(fieldsOf(empty)).toMatchObject({ total_requests: "0", total_provider_cost: "$0.00" });
    const models = await visgate("usage", "--by", "model", "--date", "2020-02-29");
    expect([models.code, models.stdout, models.stderr]).toEqual([0, "", "No requests in this period.\n"]);
    const wrong = await visgate("usage", "--date", "2026-02-30");
    expect(wrong.stderr).toMatch(/^error VALIDATION_ERROR \(--date\): must be a day, such as 2026-03-31/);
  });
});

describe("quote and receipt", () => {
  it("quote: prints what the video would cost, and submits nothing", async () => {
    const { submits } = await test.simulator.stats();
    const quoted = fieldsOf(await visgate("quote", "a bird", "--duration", "4"));
    expect(quoted).toMatchObject({
      model: "fal-ai/veo3.1/fast",
      duration: "4 s",
      cost: "$0.60",
      would_be_accepted: "yes",
    });
    expect((await visgate("quote", "a bird", "-d", "4", "--quiet")).stdout).toBe("$0.60\n");
    const json = await runCli(["quote", "-", "--json"], env, "from stdin");
    expect(JSON.parse(json.stdout)).toMatchObject({ cost_usd: 0.9, cost_source: "catalogue", budgets: [] });
    expect((await test.simulator.stats()).submits).toBe(submits);
  });

  it("quote: says which option is wrong", async () => {
    const { code, stderr } = await visgate("quote", "a bird", "--duration", "99");
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error VALIDATION_ERROR \(--duration\): .*Allowed: 4, 6, 8\./);
  });

  it("receipt: prints the attempts, the charge and the source of the cost", async () => {
    const result = await visgate("receipt", id);
    expect(fieldsOf(result)).toMatchObject({
      ...{ request_id: id, charge_state: "charged", quoted: "$1.60", held: "$0.00", cost: "$1.60" },
      ...{ cost_source: "provider", simulated: "yes", "attempt 1": expect.stringMatching(/^accepted 20\S+Z \S+$/) },
    });
    expect(JSON.parse((await visgate("receipt", id, "--json")).stdout)).toEqual(
      await answerTo(`/requests/${id}/receipt`),
    );
    expect((await visgate("receipt", id, "--quiet")).stdout).toBe("charged\n");
  });
});

describe("budget", () => {
  const removed = async (...args: string[]) => void (await visgate("budget", "remove", ...args));

  it("set, list and remove: of the organization, of a provider and of a key", async () => {
    onTestFinished(() => removed("--period", "month"));
    const none = { code: 0, stdout: "", stderr: "No budgets: spending is not limited.\n" };
    expect(await visgate("budget")).toMatchObject(none);
    const set = await visgate("budget", "set", "500");
    const { budgets } = await answerTo("/budgets");
    expect(rowsOf(set)).toEqual([["organization", "month", "$500.00", "$1.60", "$498.40", budgets[0].renews_on]]);
    expect(rowsOf(await visgate("budget", "list"))).toEqual(rowsOf(set));
    expect(JSON.parse((await visgate("budget", "--json")).stdout)).toEqual({ budgets });

    for (const subject of [
      ["--provider", "fal"],
      ["--key", "bootstrap"],
    ] as const) {
      const daily = await visgate("budget", "set", "0.5", "--period", "day", ...subject);
      expect([daily.code, daily.stderr]).toEqual([0, ""]);
      const gone = await visgate("budget", "remove", "--period", "day", ...subject);
      expect(gone.stdout).toBe(`deleted: ${subject[0].slice(2)}:${subject[1]}, day\n`);
    }
  });

  it("a generation beyond a budget is refused, and the line names the budget", async () => {
    onTestFinished(() => removed("--period", "day", "--provider", "fal"));
    await visgate("budget", "set", "0.5", "--period", "day", "--provider", "fal");
    const { code, stdout, stderr } = await visgate("generate", "too expensive", "--no-cache");
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(/^error BUDGET_EXCEEDED: .*provider:fal/);
    expect(fieldsOf(await visgate("quote", "too expensive"))).toMatchObject({ would_be_accepted: "no" });
  });

  it("says which option is wrong, or that there is no such budget", async () => {
    const unknown = await visgate("budget", "set", "5", "--provider", "none");
    expect([unknown.code, unknown.stderr]).toEqual([1, expect.stringMatching(/^error VALIDATION_ERROR .*--provider/)]);
    const missing = await visgate("budget", "remove", "--period", "day");
    expect([missing.code, missing.stderr]).toEqual([1, expect.stringMatching(/^error NOT_FOUND: /)]);
  });
});

describe("keys", () => {
  it("create: the key works within its scopes; list shows it without the key; delete revokes it", async () => {
    const created = await visgate("keys", "create", "reader", "--scope", "read", "--expires", "12h", "--json");
    expect([created.code, created.stderr]).toEqual([0, "Keep the key now: it is not shown again.\n"]);
    const { key, id: keyId, ...fields } = JSON.parse(created.stdout);
    expect(fields).toMatchObject({ name: "reader", scopes: ["read"], models: null });
    const inHours = (Date.parse(fields.expires_at) - Date.now()) / 3_600_000;
    expect(inHours).toBeCloseTo(12, 1);

    const reader = { ...env, VISGATE_API_KEY: key };
    expect((await runCli(["status", id], reader)).code).toBe(0);
    expect((await runCli(["generate", "x"], reader)).stderr).toMatch(/^error FORBIDDEN: /);
    const listed = await visgate("keys");
    expect(rowsOf(listed).at(-1)?.slice(0, 4)).toEqual([keyId, "reader", key.slice(0, 10), "read"]);
    expect(listed.stdout).not.toContain(key);
    expect((await visgate("keys", "delete", keyId)).stdout).toBe(`deleted: ${keyId}\n`);
    expect((await visgate("keys", "delete", keyId)).stderr).toMatch(/^error NOT_FOUND: There is no such API key/);
  });

  it("create: prints each field as a line, with --quiet only the key", async () => {
    const options = ["--models", VEO.model, "--requests-per-minute", "10", "--expires", "2099-01-31T12:00:00+01:00"];
    const created = fieldsOf(await visgate("keys", "create", "limited", ...options));
    expect(created).toMatchObject({
      key: expect.stringMatching(/^vg-/),
      ...{ scopes: "generate,read,manage", models: VEO.model, requests_per_minute: "10" },
      expires_at: "2099-01-31T11:00:00.000Z",
    });
    const quiet = await visgate("keys", "create", "quiet", "--quiet");
    expect([quiet.stdout, quiet.stderr]).toEqual([expect.stringMatching(/^vg-\S+\n$/), ""]);
  });

  it("says which option is wrong", async () => {
    const model = await visgate("keys", "create", "x", "--models", "no/such");
    expect([model.code, model.stderr]).toEqual([1, expect.stringMatching(/^error VALIDATION_ERROR \(--models\): /)]);
    const past = await visgate("keys", "create", "x", "--expires", "2020-01-01T00:00:00Z");
    expect(past.stderr).toMatch(/^error VALIDATION_ERROR \(--expires\): .*future/);
  });
});
