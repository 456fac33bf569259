/** A TCP proxy. What passes between the two sockets of a pair is up to its caller. */
import { once } from "node:events";
import { createServer } from "node:net";

/** @typedef {import("node:net").Socket} Socket */
/** @typedef {readonly [client: Socket, upstream: Socket]} Pair */
/** @typedef {Awaited<ReturnType<typeof startTcpProxy>>} TcpProxy */

/**
 * `open` returns the connection to the server, or null to refuse the client. `join` is called with each new pair. When
 * one socket of a pair closes, the other one is destroyed.
 * @param {{ open: () => Socket | null, join: (pair: Pair) => void, address?: string, port?: number }} options `address`,
 *   `port`: where it listens; by default on a free port of 127.0.0.1
 */
export async function startTcpProxy({ open, join, address = "127.0.0.1", port: wanted = 0 }) {
  /** @type {Set<Pair>} */
  const pairs = new Set();
  const server = createServer((client) => {
    client.on("error", () => {});
    const upstream = open();
    if (upstream === null) return void client.resetAndDestroy();
    /** @type {Pair} */
    const pair = [client, upstream];
    pairs.add(pair);
    upstream.on("error", () => {});
    for (const socket of pair)
      socket.on("close", () => {
        pairs.delete(pair);
        client.destroy();
        upstream.destroy();
      });
    join(pair);
  });
  server.listen(wanted, address);
  await once(server, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  return {
    port,
    /** The open connections. */
    pairs,
    async close() {
      for (const pair of pairs) for (const socket of pair) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}
