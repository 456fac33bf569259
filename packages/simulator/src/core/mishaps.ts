import type { HttpBindings } from "@hono/node-server";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import type { Context } from "hono";

/** The ways in which an HTTP answer goes wrong at every provider alike. */

export type NodeContext = Context<{ Bindings: HttpBindings }>;

const GATEWAY_PAGE = "<html><head><title>%</title></head><body><center><h1>%</h1></center><hr></body></html>";

export const htmlPage = (title: string): string => GATEWAY_PAGE.replaceAll("%", title);

export const htmlError = (c: NodeContext): Response => c.html(htmlPage("500 Internal Server Error"), 500);

/** Closes the connection before the first byte of an answer. */
export function dropConnection(c: NodeContext): Response {
  c.env.incoming.socket.destroy();
  return RESPONSE_ALREADY_SENT;
}

/** Never answers; ends when the caller closes the connection. */
export async function hang(c: NodeContext): Promise<Response> {
  const { socket } = c.env.incoming;
  if (!socket.destroyed) await new Promise((resolve) => socket.once("close", resolve));
  return RESPONSE_ALREADY_SENT;
}

/** Delays an answer. */
export const delay = (seconds: number) => new Promise((resolve) => setTimeout(resolve, seconds * 1000).unref());

/** Announces the whole length, sends half of it and closes the connection. */
export function sendHalf(c: NodeContext, bytes: Uint8Array, contentType: string): Response {
  const { outgoing } = c.env;
  outgoing.writeHead(200, { "content-type": contentType, "content-length": bytes.byteLength });
  outgoing.write(bytes.subarray(0, bytes.byteLength >> 1), () => outgoing.destroy());
  return RESPONSE_ALREADY_SENT;
}
