/** Parses a stored record. A record that an earlier version accepted lacks the newer fields. */
import type { RequestRecord } from "../request/record.js";

export function readRecord(text: string): RequestRecord {
  const record: RequestRecord = JSON.parse(text);
  return record.call === undefined ? completed(record) : record;
}

function completed(record: RequestRecord): RequestRecord {
  const { intent, rendered } = record;
  return {
    ...record,
    search: null,
    // An earlier version did not store what makes calls equal, so no call shares this request.
    call: { hash: `of-${record.id}`, isDeliberate: true },
    intent: intent === null ? null : { ...intent, leaseId: "", uploadedUrl: null },
    rendered: rendered === null ? null : { ...rendered, withheld: 0, copies: [] },
  };
}
