/**
 * Server-sent events. One timer sends the heartbeats of all open streams, and nothing is read for a caller that is not
 * ready to take it. Hono's own helper would hold two streams and a pipe for each caller.
 */
import type { Deps } from "../deps.js";
import { onAbort } from "../waiting/wake-signal.js";

export interface EventSource {
  /** Resolves with the next text to send; with null when the stream has ended or cannot continue. */
  next(): Promise<string | null>;
  stop(): void;
}

interface OpenStream {
  beat(): void;
  end(): void;
}

const HEARTBEAT_MS = 15_000;
/** How long a caller should wait before it reconnects, in ms. */
const RETRY = "retry: 2000\n";
const HEARTBEAT = Buffer.from(": keep-alive\n\n");

export const EVENT_STREAM_HEADERS = {
  "Content-Type": "text/event-stream",
  "Cache-Control": "no-store",
  "X-Accel-Buffering": "no",
};

/** A stream ends with its source, its caller or the process, or while Redis is unavailable: callers reconnect then. */
export function createEventStreams({ draining, pingRedis }: Pick<Deps, "draining" | "pingRedis">) {
  const open = new Set<OpenStream>();
  let timer: NodeJS.Timeout | undefined;
  const endAll = () => {
    for (const stream of [...open]) stream.end();
  };
  const beatAll = () => {
    for (const stream of open) stream.beat();
  };
  onAbort(draining, endAll);

  function join(stream: OpenStream): void {
    open.add(stream);
    timer ??= setInterval(() => pingRedis().then(beatAll, endAll), HEARTBEAT_MS).unref();
    if (draining.aborted) stream.end();
  }
  function leave(stream: OpenStream): void {
    open.delete(stream);
    if (open.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  }

  /** Nothing starts before the first read, so that a HEAD request leaves nothing behind. */
  return (source: EventSource): ReadableStream<Uint8Array> => {
    let stream: OpenStream | null = null;
    const close = () => {
      source.stop();
      if (stream !== null) leave(stream);
    };
    const body = {
      async pull(controller: ReadableStreamDefaultController<Uint8Array>) {
        const head = stream === null ? RETRY : "";
        if (stream === null) {
          stream = streamOf(controller, source);
          join(stream);
        }
        const text = await source.next();
        if (text !== null) return controller.enqueue(Buffer.from(head + text));
        if (open.has(stream)) controller.close();
        close();
      },
      cancel: close,
    };
    return new ReadableStream(body, { highWaterMark: 0 });
  };
}

/** Sends a heartbeat only to a caller that waits for data: for a slow reader they would pile up. */
function streamOf(controller: ReadableStreamDefaultController<Uint8Array>, source: EventSource): OpenStream {
  return {
    beat: () => controller.desiredSize === 0 && controller.enqueue(HEARTBEAT),
    end: () => source.stop(),
  };
}
