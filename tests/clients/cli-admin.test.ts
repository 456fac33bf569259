/** `visgate admin`: what the operator does with the admin key, which is never printed. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestStack, type TestStack } from "../support/stack.js";
import { type CliEnv, type CliResult, linesOf, runCli } from "./support/cli.js";

const ADMIN_KEY = "admin-key-of-the-operator-0123456789";
const ADMIN = { headers: { "x-visgate-admin-key": ADMIN_KEY } };

let test: TestStack;
/** No API key: the operator needs none. */
let env: CliEnv;
beforeAll(async () => {
  test = await startTestStack({ env: { VISGATE_ADMIN_KEY: ADMIN_KEY } });
  env = { VISGATE_ADMIN_KEY: ADMIN_KEY, VISGATE_BASE_URL: test.stack.baseUrl };
});
afterAll(() => test.stop());

async function visgate(...args: string[]): Promise<CliResult> {
  const result = await runCli(["admin", ...args], env);
  expect(result.stdout + result.stderr).not.toContain(ADMIN_KEY);
  return result;
}
const rowsOf = ({ stdout }: CliResult) => linesOf(stdout).map((line) => line.split("\t"));
const fieldsOf = (result: CliResult) => Object.fromEntries(rowsOf(result));
const answerTo = async (path: string) => (await test.caller.call("GET", `/admin${path}`, ADMIN)).body;
const asOrganization = (key: string) => ({ VISGATE_API_KEY: key, VISGATE_BASE_URL: test.stack.baseUrl });

describe("prices", () => {
  const VEO = "fal-ai/veo3.1/fast";

  it("compares with the list of the simulator, and finds nothing", async () => {
    const { code, stdout, stderr } = await visgate("prices");
    expect([code, stdout]).toEqual([0, ""]);
    expect(stderr).toContain("fal: compared with its own list. The list is the simulator's.");
    expect(stderr).toContain("runway: compared with the published figures. Runway has no API for its prices.");
    expect(stderr).toMatch(/different: 0, not comparable: 0, not listed: \d+\.\n$/);
  });

  it("prints a price that was changed at the provider, and exits with 1", async () => {
    await test.simulator.settings({ list_prices: { [VEO]: 0.16 } });
    const found = await visgate("prices");
    expect(found.code).toBe(1);
    expect(rowsOf(found)).toEqual([
      [VEO, VEO, "different", "$0.10 per second, $0.15 with audio", "$0.16 per second", "the provider's API"],
    ]);
    const json = JSON.parse((await visgate("prices", "--json")).stdout);
    expect(json).toEqual(await answerTo("/prices"));
    expect(json).toMatchObject({ differences: 1 });
    const all = await visgate("prices", "--all", "--quiet");
    expect([all.code, linesOf(all.stdout).length]).toEqual([1, json.prices.length]);
    await test.simulator.settings({ list_prices: {} });
    expect((await visgate("prices", "--quiet")).code).toBe(0);
  });
});

describe("an organization from its creation to its first request", () => {
  let key: string;

  it("organizations create: with the settings that were given", async () => {
    const created = await visgate("organizations", "create", "acme", "--name", "Acme", "--time-zone", "Europe/Berlin");
    expect([created.code, created.stderr]).toEqual([0, ""]);
    expect(fieldsOf(created)).toMatchObject({ id: "acme", name: "Acme", time_zone: "Europe/Berlin", weight: "1" });
    const again = await visgate("organizations", "create", "acme");
    expect([again.code, again.stderr]).toEqual([1, expect.stringMatching(/^error VALIDATION_ERROR \(ID\): .*acme/)]);
  });

  it("organizations update: changes what is given, and none removes a limit", async () => {
    await visgate(
      "organizations",
      "update",
      "acme",
      "--max-in-flight",
      "20",
      "--weight",
      "3",
      "--usage-tag",
      "project",
    );
    const { code, stdout } = await visgate("organizations", "update", "acme", "--max-in-flight", "none", "--json");
    expect([code, JSON.parse(stdout)]).toEqual([0, await answerTo("/organizations/acme")]);
    expect(JSON.parse(stdout)).toMatchObject({ name: "Acme", weight: 3, max_in_flight: null, usage_tag: "project" });
  });

  it("organizations: lists all, by id", async () => {
    expect(linesOf((await visgate("organizations", "--quiet")).stdout)).toEqual(["acme", "default"]);
    expect(JSON.parse((await visgate("organizations", "--json")).stdout)).toEqual(await answerTo("/organizations"));
  });

  it("keys create: prints the first key, which works", async () => {
    const created = await visgate("keys", "create", "acme", "first key", "--quiet");
    expect(created.code).toBe(0);
    key = created.stdout.trim();
    const made = await runCli(["generate", "a bird", "--duration", "4"], asOrganization(key));
    expect(made.code).toBe(0);
    expect(made.stdout).toContain("$0.60");
  });

  it("budget set: the organization sees it; budget remove: it is gone", async () => {
    const set = await visgate("budget", "set", "acme", "1000");
    expect(rowsOf(set)).toMatchObject([["operator", "month", "$1000.00", "$0.60", "$999.40", expect.any(String)]]);
    expect(rowsOf(await runCli(["budget"], asOrganization(key)))).toEqual(rowsOf(set));
    expect(rowsOf(await visgate("budget", "list", "acme"))).toEqual(rowsOf(set));
    expect((await visgate("budget", "remove", "acme")).stdout).toBe("deleted: operator, month\n");
    expect((await visgate("budget", "remove", "acme")).stderr).toMatch(/^error NOT_FOUND: There is no such budget/);
  });

  it("shards: each queue, and what it holds", async () => {
    const { code, stdout, stderr } = await visgate("shards");
    expect([code, stderr]).toEqual([0, "New jobs of each queue go to 1 shard.\n"]);
    expect(rowsOf({ stdout } as CliResult)).toContainEqual(["fal", "0", "0", "0"]);
    const { shards, other_numbers, queues } = JSON.parse((await visgate("shards", "--json")).stdout);
    expect([shards, other_numbers, queues.webhooks]).toEqual([
      ...[1, []],
      [{ shard: "webhooks", waiting: 0, active: 0, delayed: 0 }],
    ]);
  });

  it("recount: every counter equals the ledger", async () => {
    const { code, stdout, stderr } = await visgate("recount", "acme");
    expect([code, stdout]).toEqual([0, ""]);
    expect(stderr).toMatch(/^Counters: \d+, different: 0\. Entries of the ledger: \d+\.\n$/);
    const { differences, entries } = JSON.parse((await visgate("recount", "acme", "--json")).stdout);
    expect(differences).toEqual([]);
    expect(entries).toBeGreaterThan(1);
  });

  it("keys list and keys delete: a deleted key stops working", async () => {
    const [[id = ""] = [], ...others] = rowsOf(await visgate("keys", "list", "acme"));
    expect(others).toEqual([]);
    expect((await visgate("keys", "delete", "acme", id)).stdout).toBe(`deleted: ${id}\n`);
    expect((await visgate("keys", "list", "acme")).stderr).toBe("No API keys found.\n");
  });
});

it("rotate-secret: counts what was encrypted again", async () => {
  const rows = rowsOf(await visgate("rotate-secret"));
  expect(rows.map(([what]) => what)).toEqual(["provider_keys", "webhook_secrets", "request_keys"]);
  for (const [, ...counts] of rows) expect(counts).toEqual(["0", expect.any(String), "0"]);
});

describe("the admin key", () => {
  const withKey = (key: string) => runCli(["admin", "organizations"], { ...env, VISGATE_ADMIN_KEY: key });

  it.each([
    { what: "missing", key: "", says: "No admin key was given." },
    { what: "wrong", key: "another-key-of-32-characters-0123456789", says: "This admin key is wrong." },
    { what: "not a header", key: "a key\nwith lines", says: "VISGATE_ADMIN_KEY has spaces" },
  ])("$what: exit code 3, and the line names VISGATE_ADMIN_KEY", async ({ key, says }) => {
    const { code, stdout, stderr } = await withKey(key);
    expect([code, stdout]).toEqual([3, ""]);
    expect(stderr).toMatch(/^error AUTHENTICATION_ERROR: [^\n]*Set VISGATE_ADMIN_KEY to [^\n]*\n$/);
    expect(stderr).toContain(says);
    if (key !== "") expect(stderr).not.toContain(key);
  });

  it("has no option, because other users can see command lines", async () => {
    const { code, stderr } = await visgate("organizations", "--admin-key", "x");
    expect([code, stderr]).toEqual([2, expect.stringMatching(/^error USAGE: unknown option '--admin-key'/)]);
  });
});

it("refuses an unknown organization, and an id that is a path", async () => {
  const unknown = await visgate("recount", "none");
  expect([unknown.code, unknown.stderr]).toEqual([1, expect.stringMatching(/^error NOT_FOUND: .*organization/)]);
  const path = await visgate("recount", "..");
  expect([path.code, path.stderr]).toEqual([2, expect.stringMatching(/^error VALIDATION_ERROR \(ID\): /)]);
});
