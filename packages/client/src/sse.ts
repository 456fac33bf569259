/** Server-sent events as the HTML standard defines them: bytes in, messages out. */
import { ConnectionError } from "./errors.js";
import { unexpectedAnswer } from "./response.js";

export interface SseMessage {
  event: string;
  data: string;
  /** The last id that the stream has sent; null before the first. */
  id: string | null;
}

export interface ReadOptions {
  signal: AbortSignal;
  /** Without a byte for this long, the connection counts as broken. */
  maxSilenceMs: number;
  /** Called for every chunk, comments included. */
  onBytes: () => unknown;
}

/** Characters of one event. Without a limit, an endless line would fill the memory. */
const MAX_EVENT_CHARACTERS = 2 ** 20;

/** Ends with the stream or its signal. @throws ConnectionError when the stream breaks or falls silent */
export async function* readMessages(response: Response, options: ReadOptions): AsyncGenerator<SseMessage> {
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  const decoder = new TextDecoder();
  const parse = createSseParser();
  const stop = () => void reader.cancel().catch(() => {});
  options.signal.addEventListener("abort", stop);
  try {
    while (!options.signal.aborted) {
      const { done, value } = await beforeSilence(reader.read(), options.maxSilenceMs);
      if (done) return;
      options.onBytes();
      yield* parse(decoder.decode(value, { stream: true }));
    }
  } finally {
    options.signal.removeEventListener("abort", stop);
    stop();
  }
}

async function beforeSilence<T>(read: Promise<T>, ms: number): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(brokenStreamError(`no data arrived for ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([read, silence]);
  } finally {
    clearTimeout(timer);
  }
}

export function brokenStreamError(why: string, cause?: unknown): ConnectionError {
  const message = `The event stream broke: ${why}.`;
  return new ConnectionError({ message, errorCode: "CONNECTION_ERROR", retryable: true, cause });
}

/** A function from each piece of a stream, split anywhere, to the messages that are complete by then. */
export function createSseParser(): (piece: string) => SseMessage[] {
  const takeLine = createLineParser();
  let rest = "";
  let endedWithCr = false;
  return (piece) => {
    // The CR has already ended its line: an LF that follows is the second half of the same line end.
    const text = endedWithCr && piece.startsWith("\n") ? piece.slice(1) : piece;
    if (piece !== "") endedWithCr = piece.endsWith("\r");
    const [first = "", ...more] = text.split(/\r\n|\n|\r/);
    const lines = [rest + first, ...more];
    rest = lines.pop() as string;
    if (rest.length > MAX_EVENT_CHARACTERS) throw unexpectedAnswer();
    return lines.map(takeLine).filter((message) => message !== null);
  };
}

/** A function from each line to the message that it completes, or null. @throws VisgateError for a long message */
function createLineParser(): (line: string) => SseMessage | null {
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
    if (size > MAX_EVENT_CHARACTERS) throw unexpectedAnswer();
    return null;
  };
}
