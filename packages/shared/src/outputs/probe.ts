/** Whether media can be kept, asked at the start: found out later, it would be a render that is paid and has no place. */
import { randomUUID } from "node:crypto";
import type { OutputStore } from "./store.js";

/** Null, or what the store said when it refused: lasting faults of its settings or rights, not an outage or a full disk. */
export interface ProbeResult {
  fault: { name: string; lasting: boolean } | null;
}

/** Writes a file, reads it back and removes it. */
export async function probeOutputStore(store: Pick<OutputStore, "put" | "open" | "removeAll">): Promise<ProbeResult> {
  const folder = `probe-${randomUUID()}`;
  try {
    await store.put(`${folder}/probe`, written());
    if ((await store.open(`${folder}/probe`)) === null) return { fault: { name: "NotFound", lasting: true } };
    await store.removeAll(folder);
    return { fault: null };
  } catch (error) {
    return { fault: { name: nameOf(error), lasting: isLasting(error) } };
  }
}

async function* written(): AsyncGenerator<Uint8Array> {
  yield Buffer.from("Visgate was here to see whether it may write.\n");
}

interface Fault {
  name?: string;
  code?: string;
  $metadata?: { httpStatusCode?: number };
}

/** `EACCES`, `NoSuchBucket`: never the message, which may hold what was sent. */
const nameOf = (error: unknown): string => (error as Fault).code ?? (error as Fault).name ?? "an unknown fault";

const LASTING = new Set(["EACCES", "EPERM", "EROFS", "ENOTDIR", "EEXIST", "CredentialsProviderError"]);

function isLasting(error: unknown): boolean {
  const status = (error as Fault).$metadata?.httpStatusCode ?? 0;
  return LASTING.has(nameOf(error)) || (status >= 300 && status < 500 && status !== 429);
}
