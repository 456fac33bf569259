/** TCP links that fail in the way networks do. Bytes keep their order, and none is invented or doubled. */
import { once } from "node:events";
import { connect, createServer } from "node:net";

/** @typedef {import("node:net").Socket} Socket */
/** @typedef {Awaited<ReturnType<typeof startLink>>} Link */

/** Forwards 127.0.0.1:`port` to 127.0.0.1:`targetPort`. @param {{ targetPort: number, port?: number }} options */
export async function startLink({ targetPort, port = 0 }) {
  /** @type {Set<[Socket, Socket]>} */
  const pairs = new Set();
  let isRefusing = false;
  let isSilent = false;

  const server = createServer((client) => {
    if (isRefusing) return void client.resetAndDestroy();
    const upstream = connect(targetPort, "127.0.0.1");
    /** @type {[Socket, Socket]} */
    const pair = [client, upstream];
    pairs.add(pair);
    client.on("data", (chunk) => upstream.write(chunk));
    upstream.on("data", (chunk) => client.write(chunk));
    for (const [one, other] of [pair, pair.toReversed()]) {
      one?.setNoDelay(true);
      one?.on("error", () => {});
      one?.on("close", () => {
        pairs.delete(pair);
        other?.destroy();
      });
    }
    if (isSilent) for (const socket of pair) socket.pause();
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const address = /** @type {import("node:net").AddressInfo} */ (server.address());

  const cut = () => {
    for (const [client] of pairs) client.resetAndDestroy();
  };
  return {
    port: address.port,
    /** Resets every connection. */
    cut,
    /** Resets every connection, and every new one until `heal`. */
    refuse() {
      isRefusing = true;
      cut();
    },
    /** A black hole: nothing passes in either direction until `heal`; then all bytes arrive, in order. */
    silence() {
      isSilent = true;
      for (const pair of pairs) for (const socket of pair) socket.pause();
    },
    /** Half-open: the connections stay open, but their answers never arrive. New connections work. */
    loseAnswers() {
      for (const [, upstream] of pairs) upstream.pause();
    },
    heal() {
      isRefusing = false;
      if (isSilent) for (const pair of pairs) for (const socket of pair) socket.resume();
      isSilent = false;
    },
    async close() {
      for (const pair of pairs) for (const socket of pair) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}
