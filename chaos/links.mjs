/** TCP links that fail in the way networks do. Bytes keep their order, and none is invented or doubled. */
import { connect } from "node:net";
import { startTcpProxy } from "./tcp-proxy.mjs";

/** @typedef {Awaited<ReturnType<typeof startLink>>} Link */

/** Forwards its own port to 127.0.0.1:`targetPort`. @param {{ targetPort: number }} options */
export async function startLink({ targetPort }) {
  let isRefusing = false;
  let isSilent = false;
  const { port, pairs, close } = await startTcpProxy({
    open: () => (isRefusing ? null : connect(targetPort, "127.0.0.1")),
    join(pair) {
      const [client, upstream] = pair;
      client.on("data", (chunk) => upstream.write(chunk));
      upstream.on("data", (chunk) => client.write(chunk));
      for (const socket of pair) socket.setNoDelay(true);
      if (isSilent) for (const socket of pair) socket.pause();
    },
  });

  const cut = () => {
    for (const [client] of pairs) client.resetAndDestroy();
  };
  return {
    port,
    close,
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
  };
}
