/** From the stored text to a record. What an earlier version accepted, and is still open, lacks the fields that came since. */
import type { RequestRecord } from "../domain/request.js";

export function readRecord(text: string): RequestRecord {
  const record: RequestRecord = JSON.parse(text);
  return record.call === undefined ? completed(record) : record;
}

function completed(record: RequestRecord): RequestRecord {
  const { intent, rendered } = record;
  return {
    ...record,
    search: null,
    // Equal calls of an earlier version are not known, so nobody is told that this request is theirs.
    call: { hash: `of-${record.id}`, isDeliberate: true },
    intent: intent === null ? null : { ...intent, leaseId: "", uploadedUrl: null },
    rendered: rendered === null ? null : { ...rendered, withheld: 0, copies: [] },
  };
}
