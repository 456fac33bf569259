/**
 * GETs that drop the bytes they get. Autocannon makes text of each body, which for a compressed one takes it longer than
 * the server needs to send it (findings/autocannon-is-slow-with-compressed-bodies.sh).
 */
import { once } from "node:events";
import { Agent, request } from "node:http";

/**
 * @param {{ url: string, headers: Record<string, string>, connections: number, seconds: number }} load
 * @returns {Promise<Map<number, number>>} how many answers had each status
 */
export async function getAgainAndAgain({ url, headers, connections, seconds }) {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const until = performance.now() + seconds * 1000;
  /** @type {Map<number, number>} */
  const statuses = new Map();
  const caller = async () => {
    while (performance.now() < until) {
      const sent = request(url, { agent, headers }).end();
      const [response] = /** @type {[import("node:http").IncomingMessage]} */ (await once(sent, "response"));
      await once(response.resume(), "end");
      const status = response.statusCode ?? 0;
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
  };
  await Promise.all(Array.from({ length: connections }, caller));
  agent.destroy();
  return statuses;
}
