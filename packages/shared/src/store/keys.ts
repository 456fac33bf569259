import { queuePrefix } from "../queue/messages.js";

/**
 * All Redis keys. The keys of one organization share a hash tag, and so a cluster slot, in which scripts are atomic. No
 * request is found under another organization, whose keys have another prefix. Scripts get `all`, the prefix of these
 * keys, and append the same names to it.
 */
export function createKeys(prefix = "vg") {
  const of = (organization: string) => `${prefix}:{${organization}}`;
  return {
    prefix,
    all: of,
    request: (organization: string, id: string) => `${of(organization)}:req:${id}`,
    openRequests: (organization: string) => `${of(organization)}:open`,
    allRequests: (organization: string) => `${of(organization)}:requests`,
    /** Ended requests that are not in their cold form yet, by the time of their end (ms). */
    ended: (organization: string) => `${of(organization)}:ended`,
    runs: (organization: string) => `${of(organization)}:runs`,
    idempotency: (organization: string, keyHash: string) => `${of(organization)}:idem:${keyHash}`,
    timeline: (organization: string, id: string) => `${of(organization)}:tl:${id}`,
    channel: (organization: string, id: string) => `${of(organization)}:ch:${id}`,

    cacheEntry: (organization: string, hash: string) => `${of(organization)}:cache:${hash}`,
    /** The id of the request in flight that others with the same cache hash follow. */
    flight: (organization: string, hash: string) => `${of(organization)}:flight:${hash}`,
    followers: (organization: string, leaderId: string) => `${of(organization)}:followers:${leaderId}`,
    /** The requests of equal calls whose charge is not settled. */
    unsettled: (organization: string, callHash: string) => `${of(organization)}:unsettled:${callHash}`,
    /** The requests that show the output of `ownerId`. */
    uses: (organization: string, ownerId: string) => `${of(organization)}:uses:${ownerId}`,
    /** Folders to remove from the output store. */
    trash: (organization: string) => `${of(organization)}:trash`,
    /** Cache entries that all organizations share. */
    sharedCacheEntry: (hash: string) => `${prefix}:{cache}:${hash}`,

    delivery: (organization: string, id: string) => `${of(organization)}:dlv:${id}`,
    /** All deliveries, by the time of their events. */
    allDeliveries: (organization: string) => `${of(organization)}:deliveries`,
    openDeliveries: (organization: string) => `${of(organization)}:open-dlv`,
    failedDeliveries: (organization: string) => `${of(organization)}:failed-dlv`,
    deliveriesOf: (organization: string, requestId: string) => `${of(organization)}:dlvs:${requestId}`,
    /** The deliveries of alerts, by their time. */
    alertDeliveries: (organization: string) => `${of(organization)}:alert-dlv`,
    /** The open alerts, by the names of their conditions. */
    alerts: (organization: string) => `${of(organization)}:alerts`,
    /** How often the open alerts were changed. */
    alertsRevision: (organization: string) => `${of(organization)}:alerts-rev`,
    endedAlerts: (organization: string) => `${of(organization)}:alerts-ended`,
    /** How the organization's requests ended in a minute (store/outcomes.ts). */
    outcomesMinute: (organization: string, minute: number) => `${of(organization)}:outcomes:${minute}`,
    endpoints: (organization: string) => `${of(organization)}:endpoints`,
    /** The event types of each enabled endpoint, for scripts. */
    subscriptions: (organization: string) => `${of(organization)}:subs`,
    /** What each endpoint missed while it was disabled (lua/save_endpoint.lua). */
    missedEvents: (organization: string) => `${of(organization)}:missed`,
    feed: (organization: string) => `${of(organization)}:feed`,
    feedSequence: (organization: string) => `${of(organization)}:seq`,
    feedChannel: (organization: string) => `${of(organization)}:feed-ch`,

    /** The request that owns a provider's job. Not per organization, since several may use one provider key. */
    providerJob: (provider: string, jobId: string) => `${prefix}:job:${provider}:${jobId}`,

    /** Never exists: checks whether Redis takes writes, without writing. */
    probe: () => `${prefix}:probe`,
    /** As `probe`, in the n-th of some slots. */
    probeOf: (n: number) => `${prefix}:{${n}}:probe`,
    /** In the n-th of some slots: written before a wait for replicas (connection/confirmations.ts). */
    mark: (n: number) => `${prefix}:{${n}}:mark`,

    organization: (organization: string) => `${of(organization)}:org`,
    apiKeysOf: (organization: string) => `${of(organization)}:keys`,
    /** When each API key was last used. */
    keyUse: (organization: string) => `${of(organization)}:key-use`,
    /** Calls in the current window of a rate limit (lua/count_calls.lua). */
    organizationRate: (organization: string) => `${of(organization)}:rate:org`,
    keyRate: (organization: string, apiKeyId: string) => `${of(organization)}:rate:key:${apiKeyId}`,
    budgets: (organization: string) => `${of(organization)}:budgets`,
    /** The requests that ended with their charge unknown and still hold money, by the time until which they do. */
    unknownHolds: (organization: string) => `${of(organization)}:unknown-holds`,
    ledger: (organization: string) => `${of(organization)}:ledger`,
    /** A counter that is counted from the ledger (money/ledger.ts). */
    counter: (organization: string, name: string) => `${of(organization)}:${name}`,
    /** The organization's own provider keys, encrypted. */
    providerKeys: (organization: string) => `${of(organization)}:provider-keys`,
    audit: (organization: string) => `${of(organization)}:audit`,
    /** The prefix of a pool's keys: who holds and who waits for a slot at one provider account (lua/pool.lua). */
    pool: (account: string) => `${prefix}:{pool:${account}}`,
    slotHolders: (account: string) => `${prefix}:{pool:${account}}:holders`,
    slotCreates: (account: string) => `${prefix}:{pool:${account}}:creates`,
    slotWaiting: (account: string) => `${prefix}:{pool:${account}}:waiting`,

    /** How the submits and renders of a provider account ended in a minute, and which models fail in a row. */
    healthMinute: (account: string, minute: number) => `${prefix}:{health:${account}}:${minute}`,
    healthStreaks: (account: string) => `${prefix}:{health:${account}}:streaks`,

    /** Requests that were just accepted, in the slot of the shard that they go to (store/outbox.ts). */
    outbox: (shard: string) => `${queuePrefix(shard, prefix)}:outbox`,
    outboxTaken: (shard: string) => `${queuePrefix(shard, prefix)}:outbox-taken`,
    outboxBell: (shard: string) => `${queuePrefix(shard, prefix)}:outbox-bell`,
    /** The prefix of BullMQ's jobs. */
    jobs: (shard: string) => `${queuePrefix(shard, prefix)}:${shard}:`,
    /** When a process last said that it makes jobs in so many shards, by their number (queue/shards.ts). */
    shardCounts: () => `${prefix}:shards`,

    organizations: () => `${prefix}:orgs`,
    /** The worker processes, each with the time of its last heartbeat. */
    leases: () => `${prefix}:leases`,
    /** What a worker process says about itself, by the id of its lease (store/workers.ts). */
    worker: (lease: string) => `${prefix}:worker:${lease}`,
    /** The organization and the id of each API key, by its hash. */
    apiKeyIndex: () => `${prefix}:{keys}:by-hash`,
  };
}

export type Keys = ReturnType<typeof createKeys>;
