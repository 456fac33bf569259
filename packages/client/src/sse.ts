/** Server-sent events, as the HTML standard has them: bytes in, messages out. */
import { unexpected } from "./answer.js";
import { ConnectionError } from "./errors.js";

export interface SseMessage {
  event: string;
  data: string;
  /** The last one that the stream told; null before any. */
  id: string | null;
}

export interface ReadOptions {
  signal: AbortSignal;
  /** Milliseconds without a byte that count as a cut connection. */
  silenceMs: number;
  /** Called for whatever comes, comments too. */
  onBytes: () => unknown;
}

/** Characters of one event; a line without an end would fill the memory. */
const MAX_EVENT = 2 ** 20;

/** Ends with the stream; throws a `ConnectionError` when it is cut or silent. */
export async function* readMessages(response: Response, options: ReadOptions): AsyncGenerator<SseMessage> {
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  const decoder = new TextDecoder();
  const parse = createSseParser();
  const stop = () => void reader.cancel().catch(() => {});
  options.signal.addEventListener("abort", stop);
  try {
    while (!options.signal.aborted) {
      const { done, value } = await withinSilence(reader.read(), options.silenceMs);
      if (done) return;
      options.onBytes();
      yield* parse(decoder.decode(value, { stream: true }));
    }
  } finally {
    options.signal.removeEventListener("abort", stop);
    stop();
  }
}

async function withinSilence<T>(read: Promise<T>, ms: number): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const silent = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(streamCut(`nothing was heard for ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([read, silent]);
  } finally {
    clearTimeout(timer);
  }
}

export function streamCut(why: string, cause?: unknown): ConnectionError {
  const message = `The event stream was cut: ${why}.`;
  return new ConnectionError({ message, errorCode: "CONNECTION_ERROR", retryable: true, cause });
}

/** Takes pieces of a stream, cut anywhere; answers the messages that are complete. */
export function createSseParser(): (piece: string) => SseMessage[] {
  const take = createLineReader();
  let rest = "";
  let isAfterCr = false;
  return (piece) => {
    // A line has ended with the CR already: an LF that follows is the other half of it.
    const text = isAfterCr && piece.startsWith("\n") ? piece.slice(1) : piece;
    if (piece !== "") isAfterCr = piece.endsWith("\r");
    const [first = "", ...more] = text.split(/\r\n|\n|\r/);
    const lines = [rest + first, ...more];
    rest = lines.pop() as string;
    if (rest.length > MAX_EVENT) throw unexpected();
    return lines.map(take).filter((message) => message !== null);
  };
}

/** Line after line; a message with the blank line that ends it. @throws VisgateError it grows too long */
function createLineReader(): (line: string) => SseMessage | null {
  let data: string[] = [];
  let size = 0;
  let event = "";
  let id: string | null = null;
  return (line) => {
    if (line === "") {
      const message = data.length === 0 ? null : { event: event || "message", data: data.join("\n"), id };
      data = [];
      size = 0;
      event = "";
      return message;
    }
    const [, field, value = ""] = /^([^:]+)(?:: ?(.*))?$/s.exec(line) ?? [];
    if (field === "data") {
      data.push(value);
      size += line.length;
    }
    if (field === "event") event = value;
    if (field === "id" && !value.includes("\0")) id = value;
    if (size > MAX_EVENT) throw unexpected();
    return null;
  };
}
