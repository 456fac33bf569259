/** Watchers: one follows every acknowledged request to its end, the other reads the feed. */
import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { authorization } from "./caller.mjs";
import { isWhole } from "./media.mjs";

const LOOK_EVERY_MS = 200;
const ANSWER_WITHIN_MS = 8000;

/**
 * @typedef {{ baseUrls: string[], journals: import("../journal.mjs").Journals, signal: AbortSignal }} WatchOptions
 */

/** Looks at each acknowledged request until it has ended. @param {WatchOptions} options */
export function watchRequests({ baseUrls, journals, signal }) {
  /** @type {Map<string, string>} the last status of each open request */
  const open = new Map();
  const known = new Set();
  let turn = 0;

  async function look(/** @type {string} */ id) {
    const baseUrl = baseUrls[turn++ % baseUrls.length] ?? "";
    const request = await getJson(`${baseUrl}/api/v1/requests/${id}`);
    if (request === null) return;
    const { status = "missing" } = request.body;
    if (open.get(id) !== status) journals.write("statuses", { id, status });
    open.set(id, status);
    if (status !== "completed" && status !== "failed") return;
    const output = status === "completed" ? await download(request.body.output_url) : null;
    journals.write("ends", { id, request: request.body, output });
    open.delete(id);
  }

  const rest = () => sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => {});

  /** Each request by itself: an API that does not answer delays only those that ask it now. */
  async function follow(/** @type {string} */ id) {
    open.set(id, "");
    for (; !signal.aborted && open.has(id); await rest()) await look(id);
  }

  const done = (async () => {
    /** @type {Promise<void>[]} */
    const following = [];
    for (; !signal.aborted; await rest()) {
      for (const { id } of journals.read("acknowledged")) {
        if (known.has(id)) continue;
        known.add(id);
        following.push(follow(id));
      }
    }
    await Promise.all(following);
  })();
  return { openCount: () => open.size, knownCount: () => known.size, done };
}

/** Reads the feed from its first event. @param {WatchOptions} options */
export async function readFeed({ baseUrls, journals, signal }) {
  let after = 0;
  for (let turn = 0; !signal.aborted; turn += 1) {
    const baseUrl = baseUrls[turn % baseUrls.length] ?? "";
    const answer = await getJson(`${baseUrl}/api/v1/events?after=${after}&limit=500&wait=2`);
    if (answer?.status !== 200) {
      await sleep(300, undefined, { signal }).catch(() => {});
      continue;
    }
    for (const { sequence, type, request_id: id } of answer.body.events) journals.write("feed", { sequence, type, id });
    after = answer.body.next_after;
  }
}

/** Null when there was no answer, or a 5xx. @param {string} url @returns {Promise<{ status: number, body: any } | null>} */
export async function getJson(url) {
  try {
    const signal = AbortSignal.timeout(ANSWER_WITHIN_MS);
    const response = await fetch(url, { headers: authorization, signal });
    if (response.status >= 500 || response.status === 429) return null;
    return { status: response.status, body: await response.json() };
  } catch {
    return null;
  }
}

const DOWNLOAD_TRIES = 60;

/** @param {string} url @returns {Promise<{ whole: boolean, bytes: number, sha256: string } | { error: string }>} */
async function download(url) {
  let error = "";
  for (let tries = 0; tries < DOWNLOAD_TRIES; tries += 1) {
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
      const bytes = Buffer.from(await response.arrayBuffer());
      if (response.status === 200)
        return { whole: isWhole(bytes), bytes: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex") };
      error = `HTTP ${response.status}`;
      if (response.status < 500) return { error };
    } catch (caught) {
      error = String(caught);
    }
    await sleep(500);
  }
  return { error };
}
