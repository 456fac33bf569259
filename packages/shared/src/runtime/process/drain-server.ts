/**
 * Ends an HTTP server as soon as its answers are sent. Node's own `close` keeps a connection open that was busy when it
 * was called: its client can send further requests until the connection was idle for 5 s.
 */
import { once } from "node:events";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { Server as NetServer, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** Within this time a polling client gets `Connection: close`, so that none of its calls is cut. */
const LINGER_MS = 100;
/** After that, a connection has this long to finish sending its request. A request that is cut was not accepted. */
const INCOMING_MS = 400;

/** The last request of a connection and its response. */
interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
}

/**
 * Call it before the server's first connection. The drain refuses new connections, sends `Connection: close` in every
 * answer, also in long polls, soon closes idle connections, and resolves when the last answer is sent.
 */
export function createDrain(server: Server): () => Promise<void> {
  const connections = new Map<Socket, Exchange | null>();
  let isDraining = false;
  server.on("connection", (socket: Socket) => {
    connections.set(socket, null);
    socket.once("close", () => connections.delete(socket));
  });
  // Prepended, because after the application has answered it is too late for a header.
  server.prependListener("request", (request: IncomingMessage, response: ServerResponse) => {
    connections.set(request.socket, { request, response });
    if (isDraining) closeAfter(response);
  });
  return async () => {
    isDraining = true;
    const closed = once(server, "close");
    // Not the HTTP server's own `close`, which would cut idle connections now, and calls that are under way on them.
    NetServer.prototype.close.call(server);
    for (const exchange of connections.values()) if (exchange !== null) closeAfter(exchange.response);
    await Promise.race([closed, sleep(LINGER_MS)]);
    server.closeIdleConnections();
    const timer = setTimeout(() => cutIncomplete(connections), INCOMING_MS);
    await closed;
    clearTimeout(timer);
  };
}

/** If the headers are already sent, as of a stream, the connection is closed after the end of the answer. */
function closeAfter(response: ServerResponse): void {
  if (!response.headersSent) response.setHeader("Connection", "close");
  else response.once("close", () => response.req.socket.destroySoon());
}

function cutIncomplete(connections: ReadonlyMap<Socket, Exchange | null>): void {
  for (const [socket, exchange] of connections) {
    const isAnswering = exchange?.request.complete === true && !exchange.response.writableFinished;
    if (!isAnswering) socket.destroy();
  }
}
