/**
 * A caller without idempotency keys that retries temporary errors, as generated SDKs do: three attempts on 408, 409,
 * 429 and 5xx. One call is billed at most once in every named disaster. docs/reliability.md has the table;
 * BLIND_TABLE=1 prints it.
 */
import { afterAll, beforeAll, expect, it } from "vitest";
import { DISASTERS, type DisasterName } from "../../packages/simulator/src/core/disasters.js";
import { startTestStack, type TestStack } from "../support/stack.js";

const MODELS = ["fal-ai/veo3", "replicate/google/veo-3", "runway/gen4.5", "openai-videos/sim-video"];
const TRIES = 3;
const isRepeated = (status: number) => status === 408 || status === 409 || status === 429 || status >= 500;
/** The disasters of a provider's list are tested in lost-answers.test.ts. */
const NAMES = (Object.keys(DISASTERS) as DisasterName[]).filter((name) => DISASTERS[name] !== "list");

let test: TestStack;
beforeAll(async () => {
  // As in production: private addresses are refused, except the address of the simulator.
  const env = { SYNC_WAIT_SECONDS: "50", MAX_OUTPUT_BYTES: "20000000", ALLOW_PRIVATE_URLS: "false" };
  test = await startTestStack({ workers: 2, env });
  const disasters = NAMES.map((name) => ({ name, match_prompt: `meets ${name}.`, bytes: 30_000_000 }));
  await test.simulator.settings({ disasters });
});
afterAll(() => test.stop());

interface Row {
  model: string;
  name: string;
  prompt: string;
  statuses: number[];
  chargeState: string;
}

/** A synchronous call without an idempotency key, with the retries above. */
async function callBlindly(model: string, name: string): Promise<Row> {
  const prompt = `a bird for ${model} meets ${name}.`;
  const deadline = name.startsWith("never_") ? { deadline_seconds: 20 } : {};
  const body = { model, prompt, duration_seconds: 4, ...deadline };
  const statuses: number[] = [];
  for (;;) {
    const answer = await test.caller.call("POST", "/videos/generate", { body });
    statuses.push(answer.status);
    const chargeState = answer.body.details?.charge_state ?? "";
    if (statuses.length === TRIES || !isRepeated(answer.status)) return { model, name, prompt, statuses, chargeState };
  }
}

async function billedPrompts(): Promise<string[]> {
  const jobs = (await (await fetch(`${test.simulator.url}/control/jobs`)).json()) as {
    prompt: string;
    billed: boolean;
  }[];
  return jobs.filter(({ billed }) => billed).map(({ prompt }) => prompt);
}

it("caller without idempotency keys: is billed at most once in every disaster", async () => {
  const rows = await Promise.all(MODELS.flatMap((model) => NAMES.map((name) => callBlindly(model, name))));
  const billed = await billedPrompts();
  const results = rows.map((row) => ({ ...row, billed: billed.filter((prompt) => prompt === row.prompt).length }));
  if (process.env["BLIND_TABLE"]) {
    for (const { model, name, statuses, chargeState, billed } of results)
      console.log(`| ${name} | ${model} | ${statuses.join(", ")} | ${chargeState} | ${billed} |`);
  }
  expect(results.filter((row) => row.billed > 1)).toEqual([]);
  // A call that ends with a status that clients retry was not billed.
  expect(results.filter((row) => row.billed > 0 && isRepeated(row.statuses.at(-1) ?? 0))).toEqual([]);
  expect(results.filter(({ statuses }) => statuses.length > 1).length).toBeGreaterThan(0);
});
