import type { AddressInfo } from "node:net";
import { type HttpBindings, type ServerType, serve } from "@hono/node-server";

export interface Listening {
  url: string;
  close(): Promise<void>;
}

/** The names and addresses of this machine, without brackets. */
export const LOOPBACK_HOST = /^(localhost|127(\.\d{1,3}){3}|::1)$/;

/** The simulator accepts any key and fetches any picture address, so only this machine may reach it. */
export function assertLoopback(host: string): void {
  if (LOOPBACK_HOST.test(host)) return;
  throw new Error(`the simulator listens on loopback addresses only, not on "${host}": use 127.0.0.1 or ::1`);
}

const shown = (host: string): string => (host.includes(":") ? `[${host}]` : host);

function stop(server: ServerType): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    if ("closeAllConnections" in server) server.closeAllConnections();
  });
}

export type Answer = (request: Request, bindings: HttpBindings) => Response | Promise<Response>;

/** Longer than HTTP clients keep a resting connection, so that none of them sends a call on one that is being closed. */
const KEEP_ALIVE_MS = 95_000;

export function listen(hostname: string, port: number, answer: Answer): Promise<Listening> {
  return new Promise((resolve, reject) => {
    const fetch = (request: Request, bindings: unknown) => answer(request, bindings as HttpBindings);
    const serverOptions = { keepAliveTimeout: KEEP_ALIVE_MS };
    const server = serve({ fetch, hostname, port, serverOptions }, (info: AddressInfo) => {
      resolve({ url: `http://${shown(hostname)}:${info.port}`, close: () => stop(server) });
    });
    server.once("error", reject);
  });
}
