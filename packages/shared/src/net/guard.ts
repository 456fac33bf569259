/**
 * Connections to addresses that others name (webhook receivers, outputs). The decision is made on the address of the
 * very connection: IP literals before, every resolved address during, and the peer after connecting, so that no
 * redirect, odd notation or DNS rebinding leads inside.
 */

import { lookup as dnsLookup } from "node:dns";
import { isIP, type LookupFunction } from "node:net";
import { Agent, buildConnector, fetch, type RequestInit, type Response } from "undici";
import { isBlockedAddress } from "./addresses.js";
import type { UrlPolicy } from "./urls.js";

const CONNECT_TIMEOUT_MS = 5000;

export class BlockedAddressError extends Error {
  constructor() {
    super("The address is private, internal or reserved.");
    this.name = "BlockedAddressError";
  }
}

const guardedLookup: LookupFunction = (hostname, options, callback) => {
  dnsLookup(hostname, { ...options, all: true }, (error, addresses) => {
    if (error) return callback(error, "", 0);
    if (addresses.length === 0 || addresses.some(({ address }) => isBlockedAddress(address))) {
      return callback(new BlockedAddressError(), "", 0);
    }
    if (options.all) return callback(null, addresses);
    const [first] = addresses;
    callback(null, first?.address ?? "", first?.family ?? 4);
  });
};

function createGuardedAgent(): Agent {
  const connect = buildConnector({ timeout: CONNECT_TIMEOUT_MS, lookup: guardedLookup });
  return new Agent({
    connect(options, callback) {
      const host = options.hostname.replace(/^\[|\]$/g, "");
      if (isIP(host) !== 0 && isBlockedAddress(host)) return callback(new BlockedAddressError(), null);
      connect(options, (error, socket) => {
        if (error !== null) return callback(error, null);
        if (!isBlockedAddress(socket.remoteAddress ?? "")) return callback(null, socket);
        socket.destroy();
        callback(new BlockedAddressError(), null);
      });
    },
  });
}

export type GuardedFetch = (url: string, init: RequestInit) => Promise<Response>;

/** `fetch` under a policy: only what it allows is connected to without the guard, and then not redirected elsewhere. */
export function createGuardedFetch(policy: UrlPolicy): { fetch: GuardedFetch; close(): Promise<void> } {
  const guarded = createGuardedAgent();
  const open = new Agent({ connect: { timeout: CONNECT_TIMEOUT_MS } });
  return {
    fetch(url, init) {
      const trusted = policy.allowedOrigins.has(new URL(url).origin);
      if (policy.allowPrivate || !trusted)
        return fetch(url, { ...init, dispatcher: policy.allowPrivate ? open : guarded });
      return fetch(url, { ...init, redirect: init.redirect === "manual" ? "manual" : "error", dispatcher: open });
    },
    async close() {
      await Promise.all([guarded.destroy(), open.destroy()]);
    },
  };
}

/** The cause of a failed fetch in words that tell nothing about our network. */
export function fetchFault(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  if (cause instanceof BlockedAddressError) return cause.message;
  if (!(cause instanceof Error)) return "failed";
  if (cause.name === "TimeoutError" || /TIMEOUT/.test(codeOf(cause))) return "timed out";
  return codeOf(cause) || cause.message;
}

const codeOf = (error: Error): string => ("code" in error && typeof error.code === "string" ? error.code : "");
