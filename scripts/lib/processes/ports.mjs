import { randomInt } from "node:crypto";
import { createServer } from "node:net";
import { StartError } from "../failure.mjs";
import { eventually } from "./processes.mjs";

/** @param {string} host @param {number} port @returns {Promise<void>} rejects when it cannot be listened on */
function tryListen(host, port) {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve()));
  });
}

/** Above the last port that `fetch` and browsers refuse ("bad port": 10080), below what Linux (32768) and macOS (49152) give to outgoing connections. */
const FIRST_PORT = 10_081;
const LAST_PORT = 32_767;
const MOST_TRIES = 100;

/**
 * A port for a server that may be started again on it. While it is down, no outgoing connection is given it: one would
 * hold it, and a client that calls 127.0.0.1 again and again would even be connected to itself.
 * @param {string} [host] @returns {Promise<number>}
 */
export async function freePort(host = "127.0.0.1") {
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const port = randomInt(FIRST_PORT, LAST_PORT + 1);
    if (await isPortFree(port, host)) return port;
  }
  throw new StartError(`No free port between ${FIRST_PORT} and ${LAST_PORT} on ${host}.`);
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

/** The wanted port when it is free, else any. @param {number | undefined} wanted */
export async function portNear(wanted) {
  return wanted !== undefined && (await isPortFree(wanted)) ? wanted : freePort();
}

/**
 * Waits for a port that a killed launcher's services may still hold for some seconds.
 * @param {{ host: string, port: number, timeoutMs: number }} options
 */
export async function untilPortFree({ host, port, timeoutMs }) {
  if (await eventually(() => isPortFree(port, host), timeoutMs, 200)) return;
  throw new StartError(`Port ${port} is taken by another program: end it, or choose another with --port.`);
}
