/** Small servers on loopback, and an address without a server. */
import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import { type AddressInfo, createServer as createTcpServer, type Socket } from "node:net";

export interface Listener {
  origin: string;
  port: number;
  /** "METHOD /path" of every request, in order. */
  asked: string[];
  /** How many connections were made, also those without a request. */
  readonly connections: number;
  close(): Promise<void>;
}

export async function startListener(answer: RequestListener, host = "127.0.0.1"): Promise<Listener> {
  const asked: string[] = [];
  let connections = 0;
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    answer(request, response);
  });
  server.on("connection", () => {
    connections += 1;
  });
  server.listen(0, host);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    port,
    asked,
    get connections() {
      return connections;
    },
    origin: `http://${host.includes(":") ? `[${host}]` : host}:${port}`,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

/** A URL on this machine that refuses connections. */
export async function deadUrl(): Promise<string> {
  const listener = await startListener(() => {});
  await listener.close();
  return listener.origin;
}

/** A TCP server. `connected` gets every connection. */
export async function startTcpListener(
  connected: (socket: Socket) => void,
): Promise<Omit<Listener, "asked" | "connections">> {
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {}).once("close", () => sockets.delete(socket));
    connected(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    port,
    origin: `http://127.0.0.1:${port}`,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}
