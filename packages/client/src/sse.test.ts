import { describe, expect, it } from "vitest";
import { createSseParser, readMessages } from "./sse.js";

function parseInPieces(text: string, size: number) {
  const parse = createSseParser();
  const pieces = text.match(new RegExp(`[\\s\\S]{1,${size}}`, "g")) ?? [];
  return pieces.flatMap((piece) => parse(piece));
}

const STREAM =
  'retry: 2000\n\nid: 1\nevent: status\ndata: {"a":1}\n\n: keep-alive\n\nevent: status\ndata: x\ndata: y\nid: 2\n\n';
const MESSAGES = [
  { event: "status", data: '{"a":1}', id: "1" },
  { event: "status", data: "x\ny", id: "2" },
];

describe("createSseParser", () => {
  it.each([1, 2, 3, 7, 1000])("joins messages that arrive in pieces of %i characters", (size) => {
    expect(parseInPieces(STREAM, size)).toEqual(MESSAGES);
  });
  it.each([1, 2, 3, 1000])("accepts CRLF as line end, in pieces of %i", (size) => {
    expect(parseInPieces(STREAM.replaceAll("\n", "\r\n"), size)).toEqual(MESSAGES);
  });
  it.each([1, 2, 1000])(
    "accepts CR as line end, in pieces of %i, without waiting for an LF after the last one",
    (size) => {
      expect(parseInPieces(STREAM.replaceAll("\n", "\r"), size)).toEqual(MESSAGES);
    },
  );
  it.each([1, 2, 1000])("accepts mixed line ends, in pieces of %i", (size) => {
    const text = "event: status\r\ndata: 1\n\r\ndata: 2\r\n\ndata: 3\r\rdata: 4\n\r";
    expect(parseInPieces(text, size).map(({ data }) => data)).toEqual(["1", "2", "3", "4"]);
  });
  it("keeps an id until the next one, ignores an id with NUL, and reads a field without a colon as empty", () => {
    const text = "id: 1\ndata\n\ndata: b\n\nid: x\0y\nevent\ndata: c\n\nid\ndata: d\n\n";
    const messages = parseInPieces(text, 1000).map(({ event, data, id }) => [event, data, id]);
    expect(messages).toEqual([
      ["message", "", "1"],
      ["message", "b", "1"],
      ["message", "c", "1"],
      ["message", "d", ""],
    ]);
  });
  it("reads a long line in small pieces without scanning it again for each piece", () => {
    const parse = createSseParser();
    const piece = "x".repeat(16);
    parse("data: ");
    for (let count = 0; count < 60_000; count += 1) parse(piece);
    expect(parse("\n\n")[0]?.data).toHaveLength(960_000);
  });
  it("yields nothing for an incomplete message", () => {
    expect(parseInPieces("event: status\ndata: 1\n", 100)).toEqual([]);
  });
  it('names a message without event field "message", and strips one space after the colon', () => {
    expect(parseInPieces("data:  a:b\n\n", 100)).toEqual([{ event: "message", data: " a:b", id: null }]);
  });
});

describe("readMessages", () => {
  const streamOf = (start: (controller: ReadableStreamDefaultController<Uint8Array>) => void) =>
    new Response(new ReadableStream({ start }));
  const reading = (more: Partial<Parameters<typeof readMessages>[1]> = {}) => ({
    ...{ signal: new AbortController().signal, maxSilenceMs: 60_000, onBytes: () => {} },
    ...more,
  });

  it("fails with a ConnectionError when the stream is silent", async () => {
    const silent = readMessages(
      streamOf(() => {}),
      reading({ maxSilenceMs: 20 }),
    );
    await expect(silent.next()).rejects.toMatchObject({ errorCode: "CONNECTION_ERROR", retryable: true });
  });

  it("cancels the stream when the signal is aborted, and when the reader stops", async () => {
    const cancelled: string[] = [];
    const source = (name: string) =>
      new Response(
        new ReadableStream<Uint8Array>({
          start: (controller) => controller.enqueue(new TextEncoder().encode("data: 1\n\n")),
          cancel: () => void cancelled.push(name),
        }),
      );
    const stop = new AbortController();
    const aborted = readMessages(source("aborted"), reading({ signal: stop.signal }));
    await aborted.next();
    stop.abort();
    expect(await aborted.next()).toMatchObject({ done: true });
    for await (const _ of readMessages(source("stopped"), reading())) break;
    expect(cancelled).toEqual(["aborted", "stopped"]);
  });

  it("calls onBytes for every chunk, comments included", async () => {
    let chunks = 0;
    const onBytes = () => {
      chunks += 1;
    };
    const response = streamOf((controller) => {
      controller.enqueue(new TextEncoder().encode(": keep-alive\n\n"));
      controller.close();
    });
    for await (const _ of readMessages(response, reading({ onBytes }))) expect.fail("a comment is not a message");
    expect(chunks).toBe(1);
  });
});
