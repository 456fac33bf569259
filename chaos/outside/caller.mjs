/** Callers: each call is repeated until it is accepted, half of them with an Idempotency-Key. */
import { setTimeout as sleep } from "node:timers/promises";
import { API_KEY } from "../world.mjs";

/** Longer than an API may take. After it the caller does not know whether its call was accepted. */
const GIVE_UP_MS = 8000;
const MAX_TRIES = 60;
/** Answers after which the same call may be sent again. */
const REPEATED = new Set([429, 500, 502, 503, 504]);

const PATHS = { image: "/images/generate", video: "/videos/generate" };

/**
 * The prompt names the call, so that the provider's log tells which call a job belongs to.
 * @param {number} seed @param {number} call
 */
export const promptOf = (seed, call) => `seed ${seed}, call ${call}: a bird over the sea`;

/** @param {string} prompt @returns {number | null} */
export const callOf = (prompt) => Number(/^seed \d+, call (\d+):/.exec(prompt)?.[1] ?? Number.NaN) || null;

/**
 * Makes the planned calls, each at its time. Resolves when all are accepted or given up.
 * @param {{
 *   calls: import("../plan.mjs").Call[], seed: number, baseUrls: string[], hookUrl: string,
 *   journals: import("../journal.mjs").Journals, signal: AbortSignal,
 * }} options
 */
export async function makeCalls({ calls, seed, baseUrls, hookUrl, journals, signal }) {
  const began = Date.now();
  const made = [];
  for (const call of calls) {
    const waitMs = began + call.atMs - Date.now();
    if (waitMs > 0) await sleep(waitMs, undefined, { signal }).catch(() => {});
    if (signal.aborted) break;
    made.push(makeCall(call));
  }
  await Promise.all(made);

  /** @param {import("../plan.mjs").Call} call */
  async function makeCall({ call, model, media, inputs, keyed, hook }) {
    const body = {
      ...{ model, prompt: promptOf(seed, call), callback_id: String(call) },
      // A caller without a key is protected by the cache: an equal call joins the first one.
      ...(keyed ? { cache: "off" } : {}),
      ...(hook ? { webhook_url: hookUrl } : {}),
      ...inputs,
    };
    const headers = keyed ? { "idempotency-key": `${seed}-${call}` } : {};
    for (let tries = 0; tries < MAX_TRIES && !signal.aborted; tries += 1) {
      const answer = await post(baseUrls[(call + tries) % baseUrls.length] ?? "", PATHS[media], { body, headers });
      journals.write("answers", { call, ...answer.seen });
      if (answer.id !== null) return journals.write("acknowledged", { call, keyed, hook, model, id: answer.id });
      if (!answer.mayRepeat) return;
      await sleep(300 + 100 * (tries % 5), undefined, { signal }).catch(() => {});
    }
  }
}

/**
 * @param {string} baseUrl @param {string} path @param {{ body: object, headers: Record<string, string> }} call
 * @returns {Promise<{ id: string | null, mayRepeat: boolean, seen: object }>}
 */
async function post(baseUrl, path, { body, headers }) {
  const began = performance.now();
  const ms = () => Math.round(performance.now() - began);
  try {
    const response = await fetch(`${baseUrl}/api/v1${path}`, {
      method: "POST",
      headers: { ...authorization, ...headers, "content-type": "application/json", prefer: "respond-async" },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(GIVE_UP_MS),
    });
    const { status } = response;
    const text = await response.text();
    const id = status === 202 ? JSON.parse(text).request_id : null;
    const isRefused = status >= 400 && !REPEATED.has(status);
    return { id, mayRepeat: !isRefused, seen: { baseUrl, status, ms: ms(), ...(isRefused ? { text } : {}) } };
  } catch (error) {
    return { id: null, mayRepeat: true, seen: { baseUrl, status: null, ms: ms(), error: String(error) } };
  }
}

export const authorization = { authorization: `Bearer ${API_KEY}` };
