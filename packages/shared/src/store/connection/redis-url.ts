/**
 * REDIS_URL: `redis://[user:password@]host:port[/db]` (rediss: over TLS), or a primary that Sentinels name:
 * `redis+sentinel://[user:password@]host:port,host:port/name[/db][?sentinel_username=…&sentinel_password=…]`.
 */

import type { RedisOptions } from "ioredis";
import { parseUrl } from "../../parse-url.js";
import { SENTINEL_OPTIONS } from "./sentinel.js";

export const REDIS_URL_FORM =
  "must look like redis://host:6379, or redis+sentinel://host:26379,host:26379/name (rediss: over TLS)";

const SENTINEL_URL =
  /^(rediss?)\+sentinel:\/\/(?:([^:@/]*)(?::([^@/]*))?@)?([^@/?#]+)\/([^/?#]+)(?:\/(\d+))?(?:\?([^#]*))?$/;
const HOST = /^(?:\[([\da-f:.]+)\]|([^:[\]\s]+))(?::(\d{1,5}))?$/i;
const SENTINEL_PORT = 26_379;

type SentinelOptions = Omit<RedisOptions, "protocol" | "replyMapping">;

export function isRedisUrl(text: string): boolean {
  if (!text.includes("+sentinel:")) return parseUrl(text) !== null && /^rediss?:\/\//.test(text);
  return sentinelOptions(text) !== null;
}

/** Where to connect. ioredis reads a URL without Sentinels itself. */
export function sentinelOptions(url: string): SentinelOptions | null {
  const [, protocol, username, password, hosts = "", name = "", db = "0", query = ""] = SENTINEL_URL.exec(url) ?? [];
  const sentinels = hosts.split(",").map(addressOf);
  const extra = new URLSearchParams(query);
  if (protocol === undefined || sentinels.includes(null) || !isKnown(extra)) return null;
  try {
    return {
      sentinels: sentinels.filter((one) => one !== null),
      ...{ name: decodeURIComponent(name), db: Number(db) },
      ...login(username, password),
      ...sentinelLogin(extra),
      ...(protocol === "rediss" && { tls: {}, sentinelTLS: {}, enableTLSForSentinelMode: true }),
      ...SENTINEL_OPTIONS,
    };
  } catch {
    return null; // a % that encodes nothing
  }
}

function addressOf(text: string): { host: string; port: number } | null {
  const [, ipv6, host = ipv6, port = SENTINEL_PORT] = HOST.exec(text) ?? [];
  return host === undefined || Number(port) > 65_535 ? null : { host, port: Number(port) };
}

/** An empty user is the default one, as in `redis://:password@host`. */
function login(username = "", password = "") {
  return {
    ...(username !== "" && { username: decodeURIComponent(username) }),
    ...(password !== "" && { password: decodeURIComponent(password) }),
  };
}

const SENTINEL_USERNAME = "sentinel_username";
const SENTINEL_PASSWORD = "sentinel_password";
const isKnown = (extra: URLSearchParams) =>
  [...extra.keys()].every((name) => name === SENTINEL_USERNAME || name === SENTINEL_PASSWORD);

function sentinelLogin(extra: URLSearchParams) {
  const [username, password] = [extra.get(SENTINEL_USERNAME), extra.get(SENTINEL_PASSWORD)];
  return {
    ...(username !== null && { sentinelUsername: username }),
    ...(password !== null && { sentinelPassword: password }),
  };
}
