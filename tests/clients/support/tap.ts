/** Stands between a browser and a server and keeps every byte of both, streams that were broken off included. */
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

export interface Tap {
  /** What the browser opens instead of the server. */
  url: string;
  /** All that the browser was sent, and all that it sent. */
  toBrowser(): string;
  fromBrowser(): string;
  close(): Promise<void>;
}

export async function startTap(target: string): Promise<Tap> {
  const { hostname, port } = new URL(target);
  const chunks = { toBrowser: [] as Buffer[], fromBrowser: [] as Buffer[] };
  const sockets = new Set<Socket>();
  const join = (from: Socket, to: Socket, kept: Buffer[]) => {
    sockets.add(from);
    from.on("data", (chunk) => kept.push(chunk));
    from.on("error", () => {});
    from.on("close", () => {
      sockets.delete(from);
      to.destroy();
    });
    from.pipe(to);
  };
  const server = createServer((browser) => {
    const upstream = connect(Number(port), hostname);
    join(browser, upstream, chunks.fromBrowser);
    join(upstream, browser, chunks.toBrowser);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    toBrowser: () => Buffer.concat(chunks.toBrowser).toString("latin1"),
    fromBrowser: () => Buffer.concat(chunks.fromBrowser).toString("latin1"),
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}
