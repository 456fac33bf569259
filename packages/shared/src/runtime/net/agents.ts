/** Connections of Node's HTTP client to hosts that are not ours. */
import { type AgentOptions, Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { isIP, type LookupFunction, type Socket } from "node:net";

const CONNECT_TIMEOUT_MS = 5000;
/** Most servers close an idle connection after 5 s or more. We close it earlier, so few requests use a closed one. */
const IDLE_TIMEOUT_MS = 4000;

/** The error code of a connection that was not made in time. No byte of the request was sent. */
export const CONNECT_TIMEOUT = "CONNECT_TIMEOUT";

export const connectTimeout = (limit: string) =>
  Object.assign(new Error(`No connection within ${limit}.`), { code: CONNECT_TIMEOUT });

const connecting = new WeakSet<Socket>();

/** True until the TCP connection is made, and the TLS handshake is done. Until then no byte of a request is sent. */
export const isConnecting = (socket: Socket): boolean => connecting.has(socket);

/** Which addresses a connection may use. */
export interface AddressGuard {
  /** Never resolves to a refused address. */
  lookup: LookupFunction;
  /** The error for a refused address, else null. */
  faultOf(address: string): Error | null;
}

export interface AgentsOptions {
  /** Keep connections open for the next request? */
  keepAlive: boolean;
  guard?: AddressGuard;
  /** For the TCP and the TLS handshake together. */
  connectTimeoutMs?: number;
}

export interface Agents {
  http: HttpAgent;
  https: HttpsAgent;
  /** Cuts every connection. */
  destroy(): void;
}

export function createAgents(options: AgentsOptions): Agents {
  const { keepAlive, guard } = options;
  const common: AgentOptions = { keepAlive, timeout: IDLE_TIMEOUT_MS, ...(guard ? { lookup: guard.lookup } : {}) };
  const http = watchConnections(new HttpAgent(common), options, "connect");
  const https = watchConnections(new HttpsAgent(common), options, "secureConnect");
  return {
    http,
    https,
    destroy() {
      http.destroy();
      https.destroy();
    },
  };
}

function watchConnections<A extends HttpAgent>(agent: A, options: AgentsOptions, ready: string): A {
  const { guard, connectTimeoutMs = CONNECT_TIMEOUT_MS } = options;
  const connect: HttpAgent["createConnection"] = agent.createConnection.bind(agent);
  const watched: HttpAgent["createConnection"] = (target, callback) => {
    const host = target.host ?? "";
    // Node makes no lookup for an IP address.
    const fault = isIP(host) === 0 ? null : (guard?.faultOf(host) ?? null);
    if (fault !== null) {
      callback?.(fault, undefined as never);
      return undefined;
    }
    const socket = connect(target) as Socket;
    if (guard !== undefined) checkPeer(socket, guard);
    limitConnecting(socket, connectTimeoutMs, ready);
    return socket;
  };
  agent.createConnection = watched;
  return agent;
}

/** Prepended, so that it closes the socket before other listeners of this event start the TLS handshake. */
function checkPeer(socket: Socket, guard: AddressGuard): void {
  socket.prependOnceListener("connect", () => {
    const fault = guard.faultOf(socket.remoteAddress ?? "");
    if (fault !== null) socket.destroy(fault);
  });
}

function limitConnecting(socket: Socket, limitMs: number, ready: string): void {
  connecting.add(socket);
  const timer = setTimeout(() => socket.destroy(connectTimeout(`${limitMs} ms`)), limitMs);
  const stop = () => clearTimeout(timer);
  socket.once(ready, () => connecting.delete(socket));
  socket.once(ready, stop).once("close", stop);
}
