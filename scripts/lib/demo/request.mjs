/** The API calls, the progress bar and the time line of the demo. */
import { setTimeout as sleep } from "node:timers/promises";
import { StartError } from "../failure.mjs";

const POLL_MS = 250;

/**
 * @param {{ baseUrl: string, apiKey: string }} target
 * @param {"GET" | "POST"} method
 * @param {string} path
 * @param {object} [body]
 * @returns {Promise<any>}
 */
export async function callApi({ baseUrl, apiKey }, method, path, body) {
  const headers = { authorization: `Bearer ${apiKey}`, "content-type": "application/json", prefer: "respond-async" };
  const response = await fetch(`${baseUrl}/api/v1${path}`, {
    ...{ method, headers: method === "POST" ? headers : { authorization: headers.authorization } },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const answer = /** @type {any} */ (await response.json());
  if (response.ok) return answer;
  throw new StartError(`The API answered ${response.status} ${answer.error}: ${answer.message}`);
}

/**
 * Shows a progress bar until the request ends, and returns its last status. When the provider reports no progress, the
 * bar follows the elapsed time, more and more slowly, and is full only at the end.
 * @param {{ baseUrl: string, apiKey: string }} target
 * @param {string} id
 * @param {AbortSignal} signal
 */
export async function followRequest(target, id, signal) {
  const { default: cliProgress } = await import("cli-progress");
  const format = "{bar} {status} {seconds} s";
  const bar = new cliProgress.SingleBar({ format, hideCursor: true, noTTYOutput: true, notTTYSchedule: 5000 });
  const beganMs = Date.now();
  bar.start(100, 0, { status: "pending", seconds: "0.0" });
  try {
    for (;;) {
      const request = await callApi(target, "GET", `/requests/${id}`);
      const seconds = (Date.now() - beganMs) / 1000;
      const ended = request.status === "completed" || request.status === "failed";
      const expected = request.simulated ? 5 : 90;
      const share = ended ? 1 : (request.progress ?? 1 - Math.exp(-seconds / expected));
      bar.update(Math.round(share * 100), { status: request.status, seconds: seconds.toFixed(1) });
      if (ended) return request;
      await sleep(POLL_MS, undefined, { signal });
    }
  } finally {
    bar.stop();
  }
}

/**
 * @param {any} request @param {number | undefined} webhookAtMs
 * @returns {string} the steps of the request with their seconds
 */
export function timeLine(request, webhookAtMs) {
  const acceptedMs = Date.parse(request.created_at);
  const after = (/** @type {number} */ ms) => `${((ms - acceptedMs) / 1000).toFixed(1)} s`;
  const parts = ["accepted 0 s"];
  if (request.started_at) parts.push(`at the provider ${after(Date.parse(request.started_at))}`);
  parts.push(`${request.status} ${after(Date.parse(request.completed_at))}`);
  if (webhookAtMs !== undefined) parts.push(`webhook ${after(webhookAtMs)}`);
  return parts.join(" → ");
}
