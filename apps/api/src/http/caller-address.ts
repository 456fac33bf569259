/** The address of the caller, behind as many proxies as the operator trusts. */
import ipaddr from "ipaddr.js";
import type { Ctx } from "./route.js";

/** An IPv6 caller usually owns a whole network of this size. */
const IPV6_NETWORK_PARTS = 4;
const UNKNOWN = "unknown";

interface Connection {
  incoming?: { socket?: { remoteAddress?: string | undefined } };
}

/**
 * Each proxy appends the address that it got the call from to X-Forwarded-For, so only the last `trustedProxies` entries
 * are true; whatever stands before them was written by the caller. An IPv6 address is shortened to its network.
 */
export function callerAddress(c: Ctx, trustedProxies: number): string {
  const socketAddress = (c.env as Connection | undefined)?.incoming?.socket?.remoteAddress ?? UNKNOWN;
  if (trustedProxies === 0) return networkOf(socketAddress);
  const forwarded = (c.req.header("x-forwarded-for") ?? "").split(",").map((entry) => entry.trim());
  return networkOf(forwarded.at(-trustedProxies) || socketAddress);
}

function networkOf(address: string): string {
  if (!ipaddr.isValid(address)) return UNKNOWN;
  const parsed = ipaddr.process(address);
  if (parsed.kind() === "ipv4") return parsed.toString();
  return parsed.toNormalizedString().split(":").slice(0, IPV6_NETWORK_PARTS).join(":");
}
