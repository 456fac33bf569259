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

describe("server-sent events", () => {
  it.each([1, 2, 3, 7, 1000])("are whole again after being cut into pieces of %i", (size) => {
    expect(parseInPieces(STREAM, size)).toEqual(MESSAGES);
  });
  it.each([1, 2, 3, 1000])("with CRLF, in pieces of %i", (size) => {
    expect(parseInPieces(STREAM.replaceAll("\n", "\r\n"), size)).toEqual(MESSAGES);
  });
  it.each([1, 2, 1000])("with CR alone, in pieces of %i; the last one without waiting for more", (size) => {
    expect(parseInPieces(STREAM.replaceAll("\n", "\r"), size)).toEqual(MESSAGES);
  });
  it.each([1, 2, 1000])("with line ends that change, in pieces of %i", (size) => {
    const text = "event: status\r\ndata: 1\n\r\ndata: 2\r\n\ndata: 3\r\rdata: 4\n\r";
    expect(parseInPieces(text, size).map(({ data }) => data)).toEqual(["1", "2", "3", "4"]);
  });
  it("an id stays until there is another; one with NUL in it is none; a field without a colon is empty", () => {
    const text = "id: 1\ndata\n\ndata: b\n\nid: x\0y\nevent\ndata: c\n\nid\ndata: d\n\n";
    const told = parseInPieces(text, 1000).map(({ event, data, id }) => [event, data, id]);
    expect(told).toEqual([
      ["message", "", "1"],
      ["message", "b", "1"],
      ["message", "c", "1"],
      ["message", "d", ""],
    ]);
  });
  it("a message of a megabyte in small pieces is not looked through anew for each", () => {
    const parse = createSseParser();
    const piece = "x".repeat(16);
    parse("data: ");
    for (let count = 0; count < 60_000; count += 1) parse(piece);
    expect(parse("\n\n")[0]?.data).toHaveLength(960_000);
  });
  it("a message that is not complete is not told", () => {
    expect(parseInPieces("event: status\ndata: 1\n", 100)).toEqual([]);
  });
  it("without event and id it is a plain message; one space after the colon is not data", () => {
    expect(parseInPieces("data:  a:b\n\n", 100)).toEqual([{ event: "message", data: " a:b", id: null }]);
  });
});

describe("a stream", () => {
  const streamOf = (start: (controller: ReadableStreamDefaultController<Uint8Array>) => void) =>
    new Response(new ReadableStream({ start }));
  const reading = (more: Partial<Parameters<typeof readMessages>[1]> = {}) => ({
    ...{ signal: new AbortController().signal, silenceMs: 60_000, onBytes: () => {} },
    ...more,
  });

  it("that says nothing counts as cut", async () => {
    const silent = readMessages(
      streamOf(() => {}),
      reading({ silenceMs: 20 }),
    );
    await expect(silent.next()).rejects.toMatchObject({ errorCode: "CONNECTION_ERROR", retryable: true });
  });

  it("is let go of when the signal is aborted, and when nobody reads on", async () => {
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
    for await (const _ of readMessages(source("left"), reading())) break;
    expect(cancelled).toEqual(["aborted", "left"]);
  });

  it("tells of every byte, comments too", async () => {
    let heard = 0;
    const onBytes = () => {
      heard += 1;
    };
    const response = streamOf((controller) => {
      controller.enqueue(new TextEncoder().encode(": keep-alive\n\n"));
      controller.close();
    });
    for await (const _ of readMessages(response, reading({ onBytes }))) expect.fail("a comment is no message");
    expect(heard).toBe(1);
  });
});
