/** From an error of a command or a connection: what is wrong with Redis, in a sentence with cause and setting. */

export interface RedisFault {
  /** `away`: Redis cannot be reached. `refuses`: it answers, but takes no writes. `full`: it has little memory left. */
  kind: "away" | "refuses" | "full";
  /** For logs and for GET /health: contains no address, no user name and no secret. */
  message: string;
}

const away = (message: string): RedisFault => ({ kind: "away", message });
export const SILENT = away("Redis does not answer.");
export const LOADING = away("Redis is loading its data.");
export const CLOSED_EARLY = away(
  "Redis closes the connection before it answers. If its port speaks TLS, REDIS_URL must begin with rediss:.",
);
export const SILENT_TLS = away(
  "Redis does not answer over TLS. If its port does not speak TLS, REDIS_URL must begin with redis:.",
);
export const NO_PRIMARY = away(
  "No Sentinel of REDIS_URL names a primary that answers. Wait for the failover, or check addresses and name.",
);
export const UNKNOWN_OUTAGE = away("The connection to Redis fails for an unknown reason.");
export const NEARLY_FULL: RedisFault = {
  kind: "full",
  message: "Redis is nearly full. Raise its maxmemory, or lower RETENTION_DAYS.",
};
/** Also a verdict at the start. */
export const NO_WAITAOF =
  "Redis does not know WAITAOF, which ACCEPT_REPLICAS_ON_DISK needs. Use Redis 7.2 or later, or Valkey, or unset ACCEPT_REPLICAS_ON_DISK.";

type Row = readonly [pattern: RegExp, message: string];

/** Errors that Redis answers to a command that it does not run. */
const REFUSALS: readonly Row[] = [
  // UNBLOCKED: this primary has just become a replica, and ends the commands that wait.
  [/READONLY|UNBLOCKED|MASTERDOWN/, "Redis is a read-only replica. Promote it, or set REDIS_URL to the primary."],
  [/OOM command/, "Redis is full (maxmemory). Raise its maxmemory, or lower RETENTION_DAYS."],
  [/MISCONF/, "Redis cannot write to its disk, and refuses writes (MISCONF). Its log says why; free its disk."],
  [/NOREPLICAS/, "Redis has too few replicas for its min-replicas-to-write. Start them, or lower it."],
  [
    /NotReplicatedError.*on disk/,
    "The primary or too few replicas of Redis have the last writes on disk (ACCEPT_REPLICAS_ON_DISK). Start the missing ones, set appendonly yes and appendfsync always on each, or wait for the failover to end.",
  ],
  [
    /NotReplicatedError/,
    "Too few replicas of Redis have the last writes (ACCEPT_REPLICAS). Start the missing ones, or wait for the failover to end.",
  ],
  [
    /NOPERM|ACL failure|user executing the script/,
    "The Redis user of REDIS_URL lacks a right. Grant it: docs/operations.md has the ACL rule.",
  ],
  [/unknown command ['`]?waitaof/i, NO_WAITAOF],
  [
    /WAITAOF cannot be used when/,
    "The primary of Redis keeps no append-only file, which ACCEPT_REPLICAS_ON_DISK needs. Set appendonly yes.",
  ],
  [
    /unknown command ['`]?(?:eval|bzpopmin|hset|set\b)/i,
    "Redis does not know a command that Visgate needs. It may be renamed in redis.conf, or REDIS_URL names a Sentinel.",
  ],
];

/** Errors of connections, and of commands that may or may not have been run. */
const OUTAGES: readonly Row[] = [
  [/CLUSTERDOWN/, "A part of the Redis Cluster is down. Bring its nodes back, or wait for the failover."],
  [
    /cluster support disabled/,
    "REDIS_URL begins with redis+cluster:, but the server is not in a cluster. Use redis: for a single server.",
  ],
  [/MOVED \d|CROSSSLOT/, "The server is in a Redis Cluster: REDIS_URL must begin with redis+cluster:."],
  [/WRONGPASS|invalid password/i, "Redis refuses the user or the password in REDIS_URL."],
  [/NOAUTH/, "Redis asks for a password: REDIS_URL must look like redis://:password@host:6379."],
  [/DENIED/, "Redis is in protected mode. Give it a password (requirepass), and put it into REDIS_URL."],
  [/max number of clients/, "Redis takes no more connections (maxclients). Raise its maxclients."],
  [/DB index is out of range/, "Redis does not have the database number of REDIS_URL."],
  [
    /SELF_SIGNED|UNABLE_TO_(?:VERIFY|GET_ISSUER)|CERT_UNTRUSTED|self-signed/,
    "The TLS certificate of Redis is not trusted. Set NODE_EXTRA_CA_CERTS to the file of its CA certificate.",
  ],
  [
    /CERT_HAS_EXPIRED|CERT_NOT_YET_VALID/,
    "The TLS certificate of Redis is not valid now. Renew it, or correct the clock.",
  ],
  [/ALTNAME_INVALID/, "The TLS certificate of Redis is for another host name. REDIS_URL must have that name."],
  [
    /WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|EPROTO|secure TLS connection was established/,
    "REDIS_URL begins with rediss:, but its port does not speak TLS. Use redis:, or the TLS port.",
  ],
  [/Protocol error|Unknown RESP type/i, "What answers at REDIS_URL is not Redis, or speaks TLS (then use rediss:)."],
  [/ENOTFOUND|EAI_AGAIN/, "The host name in REDIS_URL is not known."],
  [/All sentinels are unreachable/, NO_PRIMARY.message],
  [/ECONNREFUSED/, "Nothing listens at the address of Redis. Start it, or correct REDIS_URL."],
  [/EHOSTUNREACH|ENETUNREACH/, "The address of REDIS_URL cannot be reached."],
  [/LOADING/, LOADING.message],
];

const SILENCE = new RegExp(
  [
    ...["Connection is closed", "Stream isn't writeable", "Command timed out", "max retries per request"],
    ...["ECONNRESET", "EPIPE", "ETIMEDOUT", "Socket timeout", "connection close"],
    ...["has no connection", "ConnectionReplacedError", "BUSY Redis"],
    ...["Cluster isn't ready", "Cluster redirections", "slots cache", "startup nodes", "Cluster is ended"],
  ].join("|"),
  "i",
);

/** Null: not a fault of Redis. */
export function faultOf(error: unknown): RedisFault | null {
  if (!(error instanceof Error)) return null;
  // Of a cluster that cannot be reached: why its last node could not.
  if ("lastNodeError" in error && error.lastNodeError instanceof Error) return faultOf(error.lastNodeError) ?? SILENT;
  const text = `${"code" in error ? error.code : ""} ${error.name} ${error.message}`;
  const find = (rows: readonly Row[]) => rows.find(([pattern]) => pattern.test(text))?.[1];
  const refusal = find(REFUSALS);
  if (refusal !== undefined) return { kind: "refuses", message: refusal };
  const outage = find(OUTAGES);
  if (outage !== undefined) return away(outage);
  return SILENCE.test(text) ? SILENT : null;
}
