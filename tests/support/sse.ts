/** Reads server-sent events like a browser's EventSource. */

export interface SseMessage {
  id: string;
  event: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests read answers freely; the contract tests check their shape
  data: any;
}

export interface SseReader {
  /** Comments and `retry` lines, in order. */
  controlLines: string[];
  /** The next message; null when the stream has ended or was cut. */
  next(): Promise<SseMessage | null>;
  rest(): Promise<SseMessage[]>;
  /** Resolves when the next comment or `retry` line has arrived. */
  nextControlLine(): Promise<void>;
  cancel(): Promise<void>;
}

export function readSse(response: Response): SseReader {
  const reader = (response.body ?? new ReadableStream()).getReader();
  const decoder = new TextDecoder();
  const controlLines: string[] = [];
  const messages: SseMessage[] = [];
  let text = "";

  /** Returns false at the end of the stream. */
  async function readMore(): Promise<boolean> {
    const { done, value } = await reader.read().catch(() => ({ done: true, value: undefined }));
    text += decoder.decode(value, { stream: true });
    const blocks = text.split("\n\n");
    text = blocks.pop() ?? "";
    for (const block of blocks) take(block.split("\n"));
    return !done;
  }

  function take(lines: string[]): void {
    const field = (name: string) => lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
    controlLines.push(...lines.filter((line) => line.startsWith(":") || line.startsWith("retry:")));
    const data = field("data");
    if (data !== undefined)
      messages.push({ id: field("id") ?? "", event: field("event") ?? "", data: JSON.parse(data) });
  }

  async function next(): Promise<SseMessage | null> {
    while (messages.length === 0) if (!(await readMore())) break;
    return messages.shift() ?? null;
  }

  return {
    controlLines,
    next,
    async rest() {
      const all: SseMessage[] = [];
      for (let message = await next(); message !== null; message = await next()) all.push(message);
      return all;
    },
    async nextControlLine() {
      for (const before = controlLines.length; controlLines.length === before; ) {
        if (!(await readMore())) throw new Error("the stream ended");
      }
    },
    cancel: () => reader.cancel().catch(() => {}),
  };
}
