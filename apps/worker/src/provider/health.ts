/** Counts how submits and renders end, for the health of provider accounts. A process writes what it saw once a second. */
import type { Failure, FailureCode } from "@visgate/shared/errors";
import { accountOf, type RequestRecord } from "@visgate/shared/request";
import type { Logger } from "@visgate/shared/runtime";
import type { Health, ModelEnd } from "@visgate/shared/store";
import type { Deps } from "../deps.js";

const WRITE_EVERY_MS = 1000;
/** More than a process sees in a second; the rest is not counted. */
const MAX_ENDS = 5000;

/** The provider is to blame. The content policy and wrong inputs are the caller's business. */
const PROVIDERS_FAULT: ReadonlySet<FailureCode> = new Set<FailureCode>([
  ...(["PROVIDER_ERROR", "RATE_LIMIT_ERROR", "PROVIDER_TIMEOUT", "SUBMIT_UNKNOWN"] as const),
]);

export interface HealthReport {
  add(account: string, end: ModelEnd): void;
  isCooling(account: string, model: string): Promise<boolean>;
  close(): Promise<void>;
}

export interface HealthReportOptions {
  health: Health;
  /** 0 for no cool-down. */
  coolDownMs: number;
  log: Logger;
}

export function createHealthReport({ health, coolDownMs, log }: HealthReportOptions): HealthReport {
  let seen = new Map<string, ModelEnd[]>();

  async function write(): Promise<void> {
    const accounts = seen;
    seen = new Map();
    const written = [...accounts].map(([account, ends]) => health.note(account, ends, coolDownMs));
    await Promise.all(written).catch((error) => log.warn({ err: error }, "the health of a provider was not noted"));
  }

  const timer = setInterval(() => void (seen.size > 0 && write()), WRITE_EVERY_MS).unref();
  return {
    add(account, end) {
      const ends = seen.get(account) ?? [];
      if (ends.length < MAX_ENDS) ends.push(end);
      seen.set(account, ends);
    },
    async isCooling(account, model) {
      if (coolDownMs === 0) return false;
      return health.isCooling(account, model);
    },
    async close() {
      clearInterval(timer);
      await write();
    },
  };
}

/** A submit or a job of this request has failed. Nothing is counted when nothing was sent. */
export function noteFailure(deps: Deps, record: RequestRecord, failure: Failure): void {
  if (record.intent === null || !PROVIDERS_FAULT.has(failure.code)) return;
  note(deps, record, { model: record.model, isError: true });
}

export function noteRendered(deps: Deps, record: RequestRecord): void {
  const ms = deps.clock.now() - (record.startedAt ?? record.createdAt);
  const usualMs = (deps.catalogue.get(record.model)?.usualSeconds ?? 0) * 1000;
  note(deps, record, { model: record.model, isError: false, ...(usualMs > 0 && { took: { ms, usualMs } }) });
}

/** Of a key that the caller sent along, nobody else uses the account. */
function note(deps: Deps, record: RequestRecord, end: ModelEnd): void {
  const account = accountOf(record);
  if (account !== null) deps.health.add(account, end);
}

/** Whether the model of this request has failed for others just before. */
export async function isCooling(deps: Deps, record: RequestRecord): Promise<boolean> {
  const account = accountOf(record);
  return account !== null && (await deps.health.isCooling(account, record.model));
}
