/**
 * Which URLs and addresses a caller may make this server connect to. A URL is checked when the caller sends it; the
 * address of its host is checked at every connection (guard.ts).
 */
import { isIP } from "node:net";
import ipaddr from "ipaddr.js";
import { parseUrl } from "../../parse-url.js";

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

/**
 * `href`: the URL as it was parsed and checked. Only this text may be stored and sent on: other parsers may read the
 * caller's text as the URL of another host. `fault`: the end of a sentence that begins with the name of the field.
 */
export type CheckedUrl = { href: string; fault: null } | { href: null; fault: string };

export function checkUrl(text: string, policy: UrlPolicy): CheckedUrl {
  // The parser drops spaces. A URL with a space is most likely two URLs, or a part of a text.
  const url = text.length <= MAX_LENGTH && !/\s/.test(text) ? parseUrl(text) : null;
  if (text.length > MAX_LENGTH || (url?.href.length ?? 0) > MAX_LENGTH) {
    return { href: null, fault: `must be at most ${MAX_LENGTH} characters long` };
  }
  const fault = url === null ? "must be an absolute https URL" : faultOf(url, policy);
  return url === null || fault !== null ? { href: null, fault: fault ?? "" } : { href: url.href, fault: null };
}

function faultOf(url: URL, { allowPrivate, allowedOrigins }: UrlPolicy): string | null {
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

/** `hostname`: of a parsed URL. */
export function isInternalHost(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, "").replace(/\.+$/, "");
  return isIP(host) === 0 ? INTERNAL_NAMES.test(host) || !host.includes(".") : isBlockedAddress(host);
}

const parseRanges = (...ranges: string[]) => ranges.map((range) => ipaddr.parseCIDR(range));

/** All public IPv6 addresses are in this block. IANA has assigned no other block for them. */
const GLOBAL_UNICAST_V6 = parseRanges("2000::/3");
/** Ranges that ipaddr.js calls unicast, but that are internal (metadata of Azure and Oracle) or not routed. */
export const EXTRA_BLOCKED_RANGES = ["168.63.129.16/32", "192.0.0.0/24", "192.88.99.0/24", "3fff::/20"];
const EXTRA_BLOCKED = parseRanges(...EXTRA_BLOCKED_RANGES);

/** True unless `address` is a public unicast address: for private, loopback, link-local, metadata, reserved ones. */
export function isBlockedAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return true;
  const parsed = ipaddr.process(address);
  if (parsed.range() !== "unicast" || isWithin(parsed, EXTRA_BLOCKED)) return true;
  return parsed.kind() === "ipv6" && !isWithin(parsed, GLOBAL_UNICAST_V6);
}

function isWithin(address: ipaddr.IPv4 | ipaddr.IPv6, ranges: ReturnType<typeof parseRanges>): boolean {
  return ranges.some(([network, bits]) => network.kind() === address.kind() && address.match(network, bits));
}
