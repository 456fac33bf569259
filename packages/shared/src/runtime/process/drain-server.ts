/**
 * Ends an HTTP server as soon as its answers are sent. Node's own `close` leaves a connection open that was busy when
 * it was called: its client can send further requests on it until it has been idle for 5 s.
 */
import { once } from "node:events";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { Server as NetServer, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** A polling client gets its `Connection: close` within this time, so that no call is cut. */
const LINGER_MS = 100;
/** After it: how long a connection may take to finish sending its request; what is cut then was not accepted. */
const INCOMING_MS = 400;

/** The last request of a connection, with its answer. */
interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
}

/**
 * To be called before the server's first connection. The drain refuses new connections, says `Connection: close` in
 * every answer, also in those that are being held, soon closes idle connections, and resolves when the last answer is
 * out.
 */
export function createDrain(server: Server): () => Promise<void> {
  const connections = new Map<Socket, Exchange | null>();
  let isDraining = false;
  server.on("connection", (socket: Socket) => {
    connections.set(socket, null);
    socket.once("close", () => connections.delete(socket));
  });
  // Before the application answers, for then it is too late for a header.
  server.prependListener("request", (request: IncomingMessage, response: ServerResponse) => {
    connections.set(request.socket, { request, response });
    if (isDraining) closeAfter(response);
  });
  return async () => {
    isDraining = true;
    const closed = once(server, "close");
    // Not the HTTP server's own `close`, which would cut idle connections now, and the calls that are on their way.
    NetServer.prototype.close.call(server);
    for (const exchange of connections.values()) if (exchange !== null) closeAfter(exchange.response);
    await Promise.race([closed, sleep(LINGER_MS)]);
    server.closeIdleConnections();
    const timer = setTimeout(() => cutIncomplete(connections), INCOMING_MS);
    await closed;
    clearTimeout(timer);
  };
}

/** The headers of a stream are already sent: its connection is closed when the stream has ended. */
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
