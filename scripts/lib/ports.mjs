import { createServer } from "node:net";
import { StartError } from "./failure.mjs";
import { eventually } from "./processes.mjs";

/** @param {string} host @param {number} port @returns {Promise<number>} the port listened on; rejects when it cannot */
function tryListen(host, port) {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen({ host, port, exclusive: true }, () => {
      const address = /** @type {import("node:net").AddressInfo} */ (server.address());
      server.close(() => resolve(address.port));
    });
  });
}

/** @param {string} [host] */
export const freePort = (host = "127.0.0.1") => tryListen(host, 0);

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
