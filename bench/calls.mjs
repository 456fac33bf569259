/** Calls that several benches use. */

/** @typedef {Awaited<ReturnType<typeof import("../scripts/lib/stack/stack.mjs").startStack>>} Stack */

/** The request of the benches. With cache `off` each request is rendered, although all are equal. */
export const INPUT = { model: "fal-ai/veo3", prompt: "a bird flying over the sea", duration_seconds: 4, cache: "off" };

/** @param {Stack} stack @param {object} [overrides] of INPUT @returns {Promise<string>} the id of the request */
export async function submit(stack, overrides = {}) {
  return (await authorized(stack, "/videos/generate", { ...INPUT, ...overrides })).id;
}

/** Waits until the request has completed. @param {Stack} stack @param {string} id @returns {Promise<any>} */
export async function finished(stack, id) {
  const request = await authorized(stack, `/requests/${id}?wait=60`);
  if (request.status !== "completed") throw new Error(`request ${id} is ${request.status}: ${request.error_message}`);
  return request;
}

/** Changes settings of the simulator. @param {Stack} stack @param {object} settings */
export async function control(stack, settings) {
  await fetch(`${stack.simulatorUrl}/control/settings`, { method: "PUT", body: JSON.stringify(settings) });
}

/** @param {Stack} stack */
export const keyOf = (stack) => ({ authorization: `Bearer ${stack.apiKey}` });

/** @param {Stack} stack */
export const headersOf = (stack) => ({
  ...keyOf(stack),
  ...{ "content-type": "application/json", prefer: "respond-async" },
});

/** @param {Stack} stack @param {string} path @param {object} [body] */
export function authorized(stack, path, body) {
  const post = body === undefined ? {} : { method: "POST", body: JSON.stringify(body) };
  return json(`${stack.baseUrl}/api/v1${path}`, { ...post, headers: headersOf(stack) });
}

/** @param {string} url @param {RequestInit} [init] @returns {Promise<any>} */
export async function json(url, init) {
  const response = await fetch(url, init);
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
  return response.json();
}

/**
 * Calls `each` for 0 … count - 1, at `perSecond` calls a second.
 * @template T @param {{ count: number, perSecond: number }} pace @param {(index: number) => Promise<T>} each
 */
export async function atPace({ count, perSecond }, each) {
  /** @type {Promise<T>[]} */
  const started = [];
  const beganMs = performance.now();
  for (let index = 0; index < count; index += 1) {
    const waitMs = beganMs + (index / perSecond) * 1000 - performance.now();
    if (waitMs > 1) await new Promise((resolve) => setTimeout(resolve, waitMs));
    started.push(each(index));
  }
  return Promise.all(started);
}

/** VISGATE_ADMIN_KEY of the benches that create organizations. */
export const ADMIN_KEY = "bench-admin-key-0123456789abcdef";

/**
 * Creates an organization with an API key, and returns the key. `settings`: of both, such as `requests_per_minute`.
 * @param {Stack} stack @param {string} id @param {object} [settings] @returns {Promise<string>}
 */
export async function createOrganization(stack, id, settings = {}) {
  const admin = (/** @type {string} */ path, /** @type {object} */ body) =>
    json(`${stack.baseUrl}/api/v1/admin/organizations${path}`, {
      ...{ method: "POST", body: JSON.stringify(body) },
      headers: { "x-visgate-admin-key": ADMIN_KEY, "content-type": "application/json" },
    });
  await admin("", { id, ...settings });
  return (await admin(`/${id}/api-keys`, { name: id, ...settings })).key;
}
