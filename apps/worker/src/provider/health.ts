/**
 * Counts how submits and renders end, for the health of provider accounts, and how requests end, for the alerts of their
 * organizations. A process writes what it saw once a second.
 */
import type { Failure, FailureCode } from "@visgate/shared/errors";
import { accountOf, type RequestRecord } from "@visgate/shared/request";
import type { Logger } from "@visgate/shared/runtime";
import type { Health, ModelEnd, Outcome, OutcomeStore } from "@visgate/shared/store";
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
  addOutcome(organization: string, outcome: Outcome): void;
  isCooling(account: string, model: string): Promise<boolean>;
  close(): Promise<void>;
}

export interface HealthReportOptions {
  health: Health;
  outcomes: Pick<OutcomeStore, "note">;
  /** 0 for no cool-down. */
  coolDownMs: number;
  log: Logger;
}

export function createHealthReport({ health, outcomes, coolDownMs, log }: HealthReportOptions): HealthReport {
  let seen = new Map<string, ModelEnd[]>();
  let came = new Map<string, Outcome[]>();

  async function write(): Promise<void> {
    const [accounts, organizations] = [seen, came];
    [seen, came] = [new Map(), new Map()];
    const written = [
      ...[...accounts].map(([account, ends]) => health.note(account, ends, coolDownMs)),
      ...[...organizations].map(([organization, all]) => outcomes.note(organization, all)),
    ];
    await Promise.all(written).catch((error) => log.warn({ err: error }, "the health of a provider was not noted"));
  }

  const timer = setInterval(() => void (seen.size + came.size > 0 && write()), WRITE_EVERY_MS).unref();
  return {
    add: (account, end) => addTo(seen, account, end),
    addOutcome: (organization, outcome) => addTo(came, organization, outcome),
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

function addTo<T>(all: Map<string, T[]>, name: string, one: T): void {
  const known = all.get(name) ?? [];
  if (known.length < MAX_ENDS) known.push(one);
  all.set(name, known);
}

/** Something was sent, and the provider is to blame. */
const isProvidersFault = ({ intent }: RequestRecord, { code }: Failure): boolean =>
  intent !== null && PROVIDERS_FAULT.has(code);

/** A submit or a job of this request has failed. Nothing is counted when nothing was sent. */
export function noteFailure(deps: Deps, record: RequestRecord, failure: Failure): void {
  if (!isProvidersFault(record, failure)) return;
  note(deps, record, { model: record.model, isError: true }, failure.isKeyRefused);
}

/** The request has completed, or failed with this failure. */
export function noteEnded(deps: Deps, record: RequestRecord, failure: Failure | null): void {
  if (failure !== null && !isProvidersFault(record, failure)) return;
  deps.health.addOutcome(record.organization, { kind: "request", isError: failure !== null });
}

export function noteRendered(deps: Deps, record: RequestRecord): void {
  const ms = deps.clock.now() - (record.startedAt ?? record.createdAt);
  const usualMs = (deps.catalogue.get(record.model)?.usualSeconds ?? 0) * 1000;
  note(deps, record, { model: record.model, isError: false, took: { ms, usualMs: usualMs > 0 ? usualMs : null } });
}

/** Of a key that the caller sent along, nobody else uses the account. */
function note(deps: Deps, record: RequestRecord, end: ModelEnd, isKeyRefused = false): void {
  const account = accountOf(record);
  if (account === null) return;
  deps.health.add(account, end);
  const { model, isError } = end;
  deps.health.addOutcome(record.organization, { kind: "account", account, end: { model, isError, isKeyRefused } });
}

/** Whether the model of this request has failed for others just before. */
export async function isCooling(deps: Deps, record: RequestRecord): Promise<boolean> {
  const account = accountOf(record);
  return account !== null && (await deps.health.isCooling(account, record.model));
}
