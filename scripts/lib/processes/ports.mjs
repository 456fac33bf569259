import { randomInt } from "node:crypto";
import { createServer } from "node:net";
import { StartError } from "../failure.mjs";
import { eventually } from "./processes.mjs";

/** @param {string} host @param {number} port @returns {Promise<void>} rejects when the port cannot be used */
function tryListen(host, port) {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve()));
  });
}

/**
 * Above the last port that `fetch` and browsers refuse ("bad port": 10080), below the ports that Linux (from 32768) and
 * macOS (from 49152) give to outgoing connections.
 */
const FIRST_PORT = 10_081;
const LAST_PORT = 32_767;
const MOST_TRIES = 100;

/**
 * A port on which a server can also restart. The port is outside the range of outgoing connections: while the server is
 * down, such a connection could take the port, and a client that retries could even connect to itself.
 * @param {string} [host] @returns {Promise<number>}
 */
export async function freePort(host = "127.0.0.1") {
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const port = randomInt(FIRST_PORT, LAST_PORT + 1);
    if (await isPortFree(port, host)) return port;
  }
  throw new StartError(`No port between ${FIRST_PORT} and ${LAST_PORT} is free on ${host}: end other programs.`);
}

/** @param {number} port @param {string} [host] */
export const isPortFree = (port, host = "127.0.0.1") =>
  tryListen(host, port).then(
    () => true,
    (error) => {
      if (error.code === "EADDRINUSE") return false;
      throw new StartError(`Cannot listen on ${host} port ${port} (${error.code}): set HOST and PORT, or --port.`);
    },
  );

/** The preferred port if it is free, else another one. @param {number | undefined} preferred */
export async function portNear(preferred) {
  return preferred !== undefined && (await isPortFree(preferred)) ? preferred : freePort();
}

/**
 * Waits for a free port: the services of a killed launcher may use it for some more seconds.
 * @param {{ host: string, port: number, timeoutMs: number }} options
 */
export async function untilPortFree({ host, port, timeoutMs }) {
  if (await eventually(() => isPortFree(port, host), timeoutMs, 200)) return;
  throw new StartError(
    `Port ${port} is used by another program: end that program, or choose another port with --port.`,
  );
}
