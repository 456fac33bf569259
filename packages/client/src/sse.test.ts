import { describe, expect, it } from "vitest";
import { createSseParser } from "./sse.js";

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
  it("a message that is not complete is not told", () => {
    expect(parseInPieces("event: status\ndata: 1\n", 100)).toEqual([]);
  });
  it("without event and id it is a plain message; one space after the colon is not data", () => {
    expect(parseInPieces("data:  a:b\n\n", 100)).toEqual([{ event: "message", data: " a:b", id: null }]);
  });
});
