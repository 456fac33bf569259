/** An Io for tests: streams that keep what was written, a fixed environment, and no network unless a test gives one. */
import { Readable, Writable } from "node:stream";
import type { Io, Output } from "../src/screen/io.js";

export interface TestIo extends Io {
  out(): string;
  err(): string;
}

export function testIo(more: Partial<Io> & { terminal?: boolean } = {}): TestIo {
  const { terminal = false, ...io } = more;
  const [stdout, stderr] = [recordingStream(terminal), recordingStream(terminal)];
  return {
    stdout: stdout.stream,
    stderr: stderr.stream,
    stdin: () => Readable.from([]),
    env: { apiKey: "vg-test-key", baseUrl: undefined, adminKey: undefined, noColor: false, isDumb: false },
    now: Date.now,
    randomBytes: (count) => Buffer.alloc(count, 7),
    fetch: () => Promise.reject(new Error("this test must not send anything")),
    sleep: async () => {},
    catchInterrupt: () => new AbortController().signal,
    ...io,
    out: stdout.text,
    err: stderr.text,
  };
}

function recordingStream(isTTY: boolean): { stream: Output; text: () => string } {
  const chunks: Buffer[] = [];
  const stream: Output = new Writable({
    write(chunk, _encoding, done) {
      chunks.push(Buffer.from(chunk));
      done();
    },
  });
  stream.isTTY = isTTY;
  stream.columns = 80;
  return { stream, text: () => Buffer.concat(chunks).toString() };
}
