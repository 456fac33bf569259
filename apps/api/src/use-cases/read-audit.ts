/** Reads the audit log of an organization, newest first. */

import type { AuditEntryView, AuditQuery } from "@visgate/shared/contract";
import type { LoggedChange } from "@visgate/shared/store";
import { isoTime } from "@visgate/shared/units";
import type { Deps } from "../deps.js";

export interface AuditPage {
  entries: AuditEntryView[];
  next_cursor: string | null;
}

export async function readAudit({ store }: Deps, organization: string, query: AuditQuery): Promise<AuditPage> {
  const found = await store.auditLog.read(organization, query.cursor ?? null, query.limit + 1);
  const page = found.slice(0, query.limit);
  return { entries: page.map(entryView), next_cursor: found.length > query.limit ? (page.at(-1)?.id ?? null) : null };
}

function entryView({ id, entry }: LoggedChange): AuditEntryView {
  const { action, by, at, target, details } = entry;
  return {
    id,
    at: isoTime(at),
    action,
    by: { kind: by.kind, id: by.kind === "api_key" ? by.id : null },
    target,
    details,
  };
}
