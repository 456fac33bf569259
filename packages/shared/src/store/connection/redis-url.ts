/**
 * REDIS_URL: `redis://[user:password@]host:port[/db]` (rediss: over TLS), a primary that Sentinels name:
 * `redis+sentinel://[user:password@]host:port,host:port/name[/db][?sentinel_username=…&sentinel_password=…]`, or some
 * nodes of a Redis Cluster: `redis+cluster://[user:password@]host:port,host:port`.
 */

import type { RedisOptions } from "ioredis";
import { parseUrl } from "../../parse-url.js";
import { SENTINEL_OPTIONS } from "./sentinel.js";

export const REDIS_URL_FORM =
  "must look like redis://host:6379, redis+sentinel://host:26379,host:26379/name or redis+cluster://host:6379,host:6379 " +
  "(rediss: over TLS)";

const SENTINEL_URL =
  /^(rediss?)\+sentinel:\/\/(?:([^:@/]*)(?::([^@/]*))?@)?([^@/?#]+)\/([^/?#]+)(?:\/(\d+))?(?:\?([^#]*))?$/;
const HOST = /^(?:\[([\da-f:.]+)\]|([^:[\]\s]+))(?::(\d{1,5}))?$/i;
const SENTINEL_PORT = 26_379;
const CLUSTER_URL = /^(rediss?)\+cluster:\/\/(?:([^:@/]*)(?::([^@/]*))?@)?([^@/?#]+)\/?$/;
const NODE_PORT = 6379;

type SentinelOptions = Omit<RedisOptions, "protocol" | "replyMapping">;

export function isRedisUrl(text: string): boolean {
  if (text.includes("+sentinel:")) return sentinelOptions(text) !== null;
  if (text.includes("+cluster:")) return clusterAddress(text) !== null;
  return parseUrl(text) !== null && /^rediss?:\/\//.test(text);
}

export interface ClusterAddress {
  /** Any of them leads to the others. */
  nodes: { host: string; port: number }[];
  login: Pick<RedisOptions, "username" | "password" | "tls">;
}

export function clusterAddress(url: string): ClusterAddress | null {
  const [, protocol, username, password, hosts = ""] = CLUSTER_URL.exec(url) ?? [];
  const nodes = hosts.split(",").map((host) => addressOf(host, NODE_PORT));
  if (protocol === undefined || nodes.includes(null)) return null;
  try {
    return {
      nodes: nodes.filter((one) => one !== null),
      login: { ...login(username, password), ...(protocol === "rediss" && { tls: {} }) },
    };
  } catch {
    return null; // a % that encodes nothing
  }
}

/** Where to connect. ioredis reads a URL of a single server itself. */
export function sentinelOptions(url: string): SentinelOptions | null {
  const [, protocol, username, password, hosts = "", name = "", db = "0", query = ""] = SENTINEL_URL.exec(url) ?? [];
  const sentinels = hosts.split(",").map((host) => addressOf(host, SENTINEL_PORT));
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

function addressOf(text: string, defaultPort: number): { host: string; port: number } | null {
  const [, ipv6, host = ipv6, port = defaultPort] = HOST.exec(text) ?? [];
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
