/** Sends a running stack all kinds of right and wrong calls. */
import { StartError } from "./failure.mjs";
import { runSchemathesis } from "./programs/schemathesis.mjs";

/** What a stack needs for it: quick renders, and short waits of calls that say nothing of waiting. */
export const FUZZ_ENV = {
  ...{ SIMULATOR_RENDER_SECONDS: "0.1", SYNC_WAIT_SECONDS: "2", LOG_LEVEL: "warn" },
  VISGATE_ADMIN_KEY: "admin-key-of-the-operator-0123456789",
};

/**
 * `generated`: how many generations were accepted, by model.
 * @param {{ python: string, baseUrl: string, apiKey: string }} target
 * @param {{ examples: number, seed: number, phases?: string[], withoutChecks?: string[], onText?: (text: string) => void }} options
 */
export async function fuzz({ python, baseUrl, apiKey }, options) {
  const fileUrl = await makeOutput(baseUrl, apiKey);
  const result = await runSchemathesis({
    ...{ python, baseUrl, apiKey, fileUrl, adminKey: FUZZ_ENV.VISGATE_ADMIN_KEY },
    ...options,
  });
  return { ...result, generated: await countGenerations(baseUrl) };
}

/** @param {string} baseUrl @param {string} apiKey @returns {Promise<string>} the URL of an image */
async function makeOutput(baseUrl, apiKey) {
  const response = await fetch(`${baseUrl}/api/v1/images/generate`, {
    method: "POST",
    headers: { authorization: `Bearer ${apiKey}`, "content-type": "application/json", prefer: "wait=30" },
    body: JSON.stringify({ model: "fal-ai/flux/schnell", prompt: "a lighthouse" }),
  });
  if (response.status !== 200) throw new StartError(`The stack generates nothing (status ${response.status}).`);
  /** @type {any} */
  const { images } = await response.json();
  return images[0];
}

/** @param {string} baseUrl @returns {Promise<Record<string, number>>} */
async function countGenerations(baseUrl) {
  const response = await fetch(`${baseUrl}/api/v1/models`);
  /** @type {any} */
  const { models } = await response.json();
  const counts = models.map((/** @type {any} */ { id, run_count }) => [id, run_count]);
  return Object.fromEntries(counts.filter((/** @type {[string, number]} */ [, count]) => count > 0));
}
