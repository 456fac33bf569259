/** The alerts of organizations in Redis, changed only by compare-and-set (lua/save_alerts.lua). */
import type { Redis } from "ioredis";
import { type Alert, type AlertChange, conditionName } from "../alert/alert.js";
import type { RequestRef } from "../request/record.js";
import { FIRST_DUE_AFTER_MS } from "./accept.js";
import { alertEventArgument } from "./feed.js";
import type { Keys } from "./keys.js";
import { outcomeMinutes } from "./outcomes.js";
import type { Scripts } from "./scripts.js";

/** How long alerts that have ended are shown. */
const ENDED_ALERTS_MS = 86_400_000;

export interface OpenAlerts {
  revision: string;
  open: Alert[];
}

export interface AlertsOptions {
  redis: Redis;
  keys: Keys;
  scripts: Scripts;
  now: () => number;
  onDeliveries: (deliveries: RequestRef[]) => void;
}

export function createAlerts({ redis, keys, scripts, now, onDeliveries }: AlertsOptions) {
  return { mayChange, open, list, save };

  /**
   * False for an idle organization: it has no open alert, no open request, no budget, and nothing ended lately. One
   * command, because it is asked for every organization.
   */
  async function mayChange(organization: string): Promise<boolean> {
    const signs = [keys.alerts(organization), keys.openRequests(organization), keys.budgets(organization)];
    return (await redis.exists(...signs, ...outcomeMinutes(keys, organization, now()))) > 0;
  }

  async function open(organization: string): Promise<OpenAlerts> {
    // The revision first: a change between the two reads makes a save do nothing.
    const revision = (await redis.get(keys.alertsRevision(organization))) ?? "0";
    return { revision, open: (await redis.hvals(keys.alerts(organization))).map(parse) };
  }

  /** The open ones, and those that ended in the last day; the newest first. */
  async function list(organization: string): Promise<Alert[]> {
    // In this order: an alert that ends between the two reads is in both, and never in neither.
    const opened = (await open(organization)).open;
    const since = now() - ENDED_ALERTS_MS;
    const ended = (await redis.zrangebyscore(keys.endedAlerts(organization), since, "+inf")).map(parse);
    const byId = new Map([...opened, ...ended].map((alert) => [alert.id, alert]));
    return [...byId.values()].toSorted((one, other) => other.since - one.since || (one.id < other.id ? -1 : 1));
  }

  /** False when another process has changed them since they were read; then nothing is written. */
  async function save(organization: string, revision: string, changes: readonly AlertChange[]): Promise<boolean> {
    const at = now();
    const argumentsOf = ({ event, alert }: AlertChange): string[] => [
      ...[conditionName(alert), JSON.stringify(alert), alert.endedAt === null ? "" : String(alert.endedAt)],
      event === null
        ? ""
        : alertEventArgument(organization, { type: event, alert }, { at, dueAt: at + FIRST_DUE_AFTER_MS }),
    ];
    const [saved, ...created] = (await scripts.saveAlerts({
      keys: [keys.alerts(organization), keys.alertsRevision(organization), keys.endedAlerts(organization)],
      args: [revision, keys.all(organization), at - ENDED_ALERTS_MS, ...changes.flatMap(argumentsOf)],
    })) as [number, ...string[]];
    if (created.length > 0) onDeliveries(created.map((id) => ({ organization, id })));
    return saved !== 0;
  }
}

const parse = (text: string): Alert => JSON.parse(text);
