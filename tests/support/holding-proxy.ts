/** A TCP proxy that can hold back what a client sends after a given word. */
import { connect, type Socket } from "node:net";
import { startTcpProxy } from "../../chaos/tcp-proxy.mjs";
import { createTestSignal, type TestSignal } from "./signals.js";

export interface HoldingProxy {
  port: number;
  /** From now on, a chunk that contains `word` (upper or lower case) and all later chunks wait for `release`. */
  hold(word: string): void;
  /** Fires when something is held back. */
  held: TestSignal;
  release(): void;
  /** Existing connections stay open but pass no data, in either direction. New connections work. */
  silenceAll(): void;
  cutAll(): void;
  close(): Promise<void>;
}

export async function startHoldingProxy(target: { host: string; port: number }): Promise<HoldingProxy> {
  let word: string | null = null;
  let waiting: (() => void)[] = [];
  const held = createTestSignal();
  const silenced = new WeakSet<Socket>();

  const forward = (upstream: Socket) => {
    let holding = false;
    return (chunk: Buffer) => {
      if (silenced.has(upstream)) return;
      if (word !== null && chunk.toString("latin1").toLowerCase().includes(word)) holding = true;
      if (!holding || word === null) return void upstream.write(chunk);
      waiting.push(() => upstream.write(chunk));
      held.fire();
    };
  };
  const { port, pairs, close } = await startTcpProxy({
    open: () => connect(target.port, target.host),
    join([client, upstream]) {
      client.on("data", forward(upstream));
      upstream.on("data", (chunk) => silenced.has(client) || client.write(chunk));
    },
  });
  return {
    port,
    close,
    held,
    hold(text) {
      word = text.toLowerCase();
    },
    release() {
      word = null;
      const later = waiting;
      waiting = [];
      for (const send of later) send();
    },
    silenceAll() {
      for (const pair of pairs) for (const socket of pair) silenced.add(socket);
    },
    cutAll() {
      for (const pair of pairs) for (const socket of pair) socket.destroy();
    },
  };
}
