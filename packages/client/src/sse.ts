/** Server-sent events, as the HTML standard has them: bytes in, messages out. */
import { ConnectionError } from "./errors.js";

export interface SseMessage {
  event: string;
  data: string;
  /** Null when the message has none. */
  id: string | null;
}

export interface ReadOptions {
  signal: AbortSignal;
  /** Milliseconds without a byte that count as a cut connection. */
  silenceMs: number;
  /** Called for whatever comes, comments too. */
  onBytes: () => void;
}

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
export function createSseParser(): (text: string) => SseMessage[] {
  let rest = "";
  return (text) => {
    rest += text;
    // A lone CR at the end may be half of a CRLF.
    const usable = rest.endsWith("\r") ? rest.slice(0, -1) : rest;
    const blocks = usable.split(/\r\n\r\n|\n\n|\r\r/);
    rest = (blocks.pop() ?? "") + rest.slice(usable.length);
    return blocks.map(parseBlock).filter((message) => message !== null);
  };
}

function parseBlock(block: string): SseMessage | null {
  const data: string[] = [];
  let event = "message";
  let id: string | null = null;
  for (const line of block.split(/\r\n|\n|\r/)) {
    const [, field, value = ""] = /^([^:]+)(?:: ?(.*))?$/s.exec(line) ?? [];
    if (field === "data") data.push(value);
    if (field === "event") event = value;
    if (field === "id") id = value;
  }
  return data.length === 0 ? null : { event, data: data.join("\n"), id };
}
