/** API keys on the screen. */
import type { ApiKey, ApiKeyDeleted, ApiKeyWithSecret } from "@visgate_ai/client";
import { toApiNames, withValues } from "../screen/api-fields.js";
import type { Session } from "../session.js";

const HEADER = ["ID", "NAME", "PREFIX", "SCOPES", "MODELS", "PER MINUTE", "EXPIRES", "LAST USED"];

export async function printKeys({ out, json }: Session, keys: readonly ApiKey[]): Promise<void> {
  if (json) out.json(toApiNames(keys));
  else await out.table(HEADER, keys.map(row), { empty: "No API keys found." });
}

function row({ id, name, keyPrefix, scopes, models, requestsPerMinute, expiresAt, lastUsedAt }: ApiKey): string[] {
  const limits = [models?.join(",") ?? "", requestsPerMinute === null ? "" : String(requestsPerMinute)];
  return [id, name, keyPrefix, scopes.join(","), ...limits, expiresAt ?? "", lastUsedAt ?? ""];
}

/** The key is a result, so it goes to stdout; with --quiet it is the only one. */
export async function printNewKey({ out, json, quiet }: Session, created: ApiKeyWithSecret): Promise<void> {
  if (json) out.json(toApiNames(created));
  else if (quiet) out.line(created.key);
  else await out.table(["FIELD", "VALUE"], newKeyRows(created), { whole: true });
  out.note("Keep the key now: it is not shown again.");
}

function newKeyRows({ key, id, name, scopes, models, requestsPerMinute, expiresAt }: ApiKeyWithSecret) {
  return withValues([
    ["key", key],
    ["id", id],
    ["name", name],
    ["scopes", scopes.join(",")],
    ["models", models?.join(",") ?? null],
    ["requests_per_minute", requestsPerMinute === null ? null : String(requestsPerMinute)],
    ["expires_at", expiresAt],
  ]);
}

export function printDeletedKey({ out, json }: Session, deleted: ApiKeyDeleted): void {
  if (json) out.json(toApiNames(deleted));
  else out.line(`deleted: ${deleted.id}`);
}
