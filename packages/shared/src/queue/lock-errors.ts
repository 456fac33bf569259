import { ErrorCode } from "bullmq";

const NOT_OURS = new Set<unknown>([ErrorCode.JobNotExist, ErrorCode.JobLockNotExist, ErrorCode.JobLockMismatch]);

/** Did BullMQ refuse to move a job because the caller does not hold its lock (any more)? */
export function isNotOurs(error: unknown): boolean {
  return error instanceof Error && "code" in error && NOT_OURS.has(error.code);
}
