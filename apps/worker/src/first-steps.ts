/**
 * Takes new requests from the outbox, and runs their first step at once. BullMQ gets them afterwards, as jobs that sleep,
 * or without a first step when this process is busy: then the first worker with a free slot runs it. A request leaves
 * this process only when it has a job, or has ended.
 */
import { baseOf, type Producer } from "@visgate/shared/queue";
import type { RequestRef } from "@visgate/shared/request";
import type { Logger } from "@visgate/shared/runtime";
import type { Gate, Outbox, Redis } from "@visgate/shared/store";
import type { Process } from "./consume.js";
import { type RunningJobs, runningIn } from "./queue-worker.js";

export interface FirstStepsOptions {
  outbox: Outbox;
  /** Only waits for the outbox. */
  blocking: Redis;
  producer: Pick<Producer, "wakeRequest">;
  gate: Pick<Gate, "report" | "untilWritable" | "untilTaken">;
  /** How many first steps of a queue may run at once. */
  concurrency: number;
  leaseId: string;
  running: RunningJobs;
  log: Logger;
}

/** A ring may be lost with the process that heard it, so the outboxes are also looked at without one. */
const LOOK_EVERY_SECONDS = 1;
/** So many at once, so that several workers share a burst. */
const MAX_TAKEN = 10;
/** A busy process only passes these on. */
const MAX_PASSED = 200;
const RETRY_MS = 500;

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms).unref());

export interface FirstSteps {
  /** Takes no more requests. Resolves when those that were taken have their jobs. */
  close(): Promise<void>;
}

/** `queues`: shards whose outboxes one command can wait for. */
export function runFirstSteps(queues: readonly string[], process: Process, options: FirstStepsOptions): FirstSteps {
  const { outbox, blocking, producer, gate, concurrency, leaseId, log } = options;
  if (queues.length === 0) return { close: async () => blocking.disconnect() };
  const never = new AbortController().signal;
  /** By queue and request id. */
  const steps = new Map(queues.map((queue) => [queue, new Map<string, Promise<void>>()]));
  let isClosed = false;
  let close = () => {};
  const closed = new Promise<void>((resolve) => {
    close = resolve;
  });

  /** Begins requests of a queue, or passes them on. Returns whether there may be more. */
  async function takeSome(queue: string): Promise<boolean> {
    const own = steps.get(queue) ?? new Map();
    const free = concurrency - own.size;
    const limit = free > 0 ? Math.min(free, MAX_TAKEN) : MAX_PASSED;
    const { count, refs } = await outbox.take(queue, leaseId, limit);
    for (const ref of refs) {
      runningIn(options.running, queue).add(ref.id);
      own.set(ref.id, free > 0 ? begin(queue, ref) : pass(queue, ref));
    }
    if (free <= 0) await Promise.allSettled(refs.map(({ id }) => own.get(id)));
    return count === limit;
  }

  async function begin(queue: string, ref: RequestRef): Promise<void> {
    try {
      const outcome = await gate.untilTaken(() => process(ref, never, baseOf(queue)));
      if (outcome.kind !== "finish") await makeJob(queue, ref, outcome.kind === "sleep" ? outcome.delayMs : 0);
    } catch (error) {
      log.error({ queue, requestId: ref.id, err: error }, "a step failed; the sweeper will wake it");
    }
    await leave(queue, ref);
  }

  async function pass(queue: string, ref: RequestRef): Promise<void> {
    await makeJob(queue, ref, 0).catch((error) =>
      log.warn({ queue, requestId: ref.id, err: error }, "a job was not made; the sweeper will make one"),
    );
    await leave(queue, ref);
  }

  const makeJob = (queue: string, ref: RequestRef, delayMs: number) =>
    gate.untilTaken(() => producer.wakeRequest(baseOf(queue), ref, delayMs));

  /** When Redis does not learn of it, the request is taken once more after this process has ended, which is harmless. */
  async function leave(queue: string, ref: RequestRef): Promise<void> {
    await outbox.settle(queue, leaseId, ref).catch(gate.report);
    steps.get(queue)?.delete(ref.id);
    runningIn(options.running, queue).delete(ref.id);
  }

  async function look(): Promise<void> {
    try {
      await Promise.race([gate.untilWritable(), closed]);
      if (isClosed) return;
      const rung = await outbox.untilRung(blocking, queues, LOOK_EVERY_SECONDS);
      let due = rung === null ? queues : [rung];
      // While one queue has much to do, no ring is heard, so the others are looked at too.
      while (due.length > 0 && !isClosed) due = (await Promise.all(due.map(takeSome))).includes(true) ? queues : [];
    } catch (error) {
      if (isClosed) return;
      if (gate.report(error) === null) log.warn({ err: error }, "the outbox was not read");
      await Promise.race([pause(RETRY_MS), closed]);
    }
  }

  const looking = (async () => {
    while (!isClosed) await look();
  })();

  return {
    async close() {
      isClosed = true;
      close();
      blocking.disconnect();
      await looking;
      await Promise.all([...steps.values()].flatMap((own) => [...own.values()]));
    },
  };
}
