/** The options of a new API key: the same for `visgate keys create` and `visgate admin keys create`. */
import type { ApiKeyInput } from "@visgate_ai/client";
import { type Command, InvalidArgumentError } from "commander";
import { commaList, integerFrom, omitUndefined } from "../arguments.js";
import { UsageError } from "../errors/failure.js";

type Scope = NonNullable<ApiKeyInput["scopes"]>[number];

export interface KeyFlags {
  scope?: Scope[];
  models?: string[];
  requestsPerMinute?: number;
  expires?: string;
}

const SCOPES: readonly Scope[] = ["generate", "read", "manage"];
const UNIT_MS: Record<string, number> = { h: 3_600_000, d: 86_400_000 };
const EXPIRES =
  "a time with its time zone, such as 2027-01-31T12:00:00Z, or a number of days or hours, such as 30d or 12h";

export function addKeyOptions(command: Command): Command {
  return command
    .argument("<name>", "a name for people, at most 100 characters")
    .option(
      "-s, --scope <scopes>",
      `some of ${SCOPES.join(", ")}, separated by commas; all that it may have unless given`,
      scopeList,
    )
    .option("--models <ids>", "the only models that it may generate with, separated by commas", commaList)
    .option("--requests-per-minute <n>", "generations that it may submit in a minute", integerFrom(1))
    .option("--expires <when>", EXPIRES)
    .option("-j, --json", "print it as one JSON object");
}

function scopeList(text: string): Scope[] {
  const scopes = commaList(text);
  const unknown = scopes.find((scope) => !SCOPES.includes(scope as Scope));
  if (unknown === undefined && scopes.length > 0) return scopes as Scope[];
  throw new InvalidArgumentError(`It takes ${SCOPES.join(", ")}, separated by commas.`);
}

/** @throws UsageError */
export function keyInput(name: string, flags: KeyFlags, nowMs: number): ApiKeyInput {
  const { scope: scopes, models, requestsPerMinute, expires } = flags;
  const expiresAt = expires === undefined ? undefined : expiryTime(expires, nowMs);
  return { name, ...omitUndefined<ApiKeyInput>({ scopes, models, requestsPerMinute, expiresAt }) };
}

function expiryTime(text: string, nowMs: number): string {
  const [, count, unit = ""] = /^(\d{1,5})([hd])$/.exec(text) ?? [];
  if (count !== undefined) return new Date(nowMs + Number(count) * (UNIT_MS[unit] ?? 0)).toISOString();
  const isTime = /^\d{4}-\d\d-\d\dT.*(Z|[+-]\d\d:?\d\d)$/i.test(text);
  if (isTime && !Number.isNaN(Date.parse(text))) return new Date(text).toISOString();
  throw new UsageError(`--expires takes ${EXPIRES}, not ${text}.`);
}
