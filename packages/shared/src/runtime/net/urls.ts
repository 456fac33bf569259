/**
 * Which URLs and addresses a caller may make this server connect to. A URL is checked when the caller sends it; the
 * address of its host is checked at every connection (guard.ts).
 */
import { isIP } from "node:net";
import ipaddr from "ipaddr.js";

const MAX_LENGTH = 2048;
const INTERNAL_NAMES = /(^|\.)(localhost|local|internal|localdomain|home\.arpa)$/i;

/** For a first try on one machine. */
const PRIVATE_HINT = "; a gateway started with ALLOW_PRIVATE_URLS=true takes private addresses";

export interface UrlPolicy {
  /** Allows private addresses and plain http. */
  allowPrivate: boolean;
  /** Origins (scheme, host, port) that are allowed without further checks. */
  allowedOrigins: ReadonlySet<string>;
}

/** Why the URL is refused, as the end of a sentence that begins with the name of the field; null when it is allowed. */
export function urlFault(text: string, { allowPrivate, allowedOrigins }: UrlPolicy): string | null {
  if (text.length > MAX_LENGTH) return `must be at most ${MAX_LENGTH} characters long`;
  // The parser drops spaces, so the URL that was checked would not be the URL that is sent to the provider.
  if (!URL.canParse(text) || /\s/.test(text)) return "must be an absolute https URL";
  const url = new URL(text);
  if (allowedOrigins.has(url.origin)) return null;
  if (url.protocol === "http:" && !allowPrivate) {
    return `must be an https URL${isInternalHost(url.hostname) ? PRIVATE_HINT : ""}`;
  }
  if (url.protocol !== "https:" && url.protocol !== "http:") return "must be an https URL";
  if (url.username !== "" || url.password !== "") return "must not contain a user name or password";
  if (!allowPrivate && isInternalHost(url.hostname))
    return `must not point to a private or internal address${PRIVATE_HINT}`;
  return null;
}

function isInternalHost(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, "").replace(/\.+$/, "");
  return isIP(host) === 0 ? INTERNAL_NAMES.test(host) || !host.includes(".") : isBlockedAddress(host);
}

/** Ranges that ipaddr.js calls unicast, but that are internal (metadata of Azure and Oracle) or not routed. */
const EXTRA_BLOCKED = [
  "168.63.129.16/32",
  "192.0.0.0/24",
  "192.88.99.0/24",
  "::/96",
  "64:ff9b:1::/48",
  "3fff::/20",
  "5f00::/16",
].map((range) => ipaddr.parseCIDR(range));

/** True unless `address` is a public unicast address: for private, loopback, link-local, metadata, reserved ones. */
export function isBlockedAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return true;
  const parsed = ipaddr.process(address);
  if (parsed.range() !== "unicast") return true;
  return EXTRA_BLOCKED.some(([network, bits]) => network.kind() === parsed.kind() && parsed.match(network, bits));
}
