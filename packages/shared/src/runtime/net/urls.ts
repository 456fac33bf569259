/** What a URL that a caller hands us must look like. Where it resolves to is checked when it is connected to. */
import { isIP } from "node:net";
import { isBlockedAddress } from "./addresses.js";

const MAX_LENGTH = 2048;
const INTERNAL_NAMES = /(^|\.)(localhost|local|internal|localdomain|home\.arpa)$/i;

/** For whoever tries it on one machine. */
const PRIVATE_HINT = "; a gateway started with ALLOW_PRIVATE_URLS=true takes private addresses";

export interface UrlPolicy {
  /** Any private address, and plain http. */
  allowPrivate: boolean;
  /** Origins (scheme, host, port) that are let through as they are. */
  allowedOrigins: ReadonlySet<string>;
}

/** Why the URL is refused, as the end of a sentence that begins with the field's name; null when it is fine. */
export function urlFault(text: string, { allowPrivate, allowedOrigins }: UrlPolicy): string | null {
  if (text.length > MAX_LENGTH) return `must be at most ${MAX_LENGTH} characters long`;
  // A parser would drop the spaces, and what was checked would not be what is sent on.
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
