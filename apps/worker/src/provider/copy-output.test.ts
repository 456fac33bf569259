import { createHash } from "node:crypto";
import { readdirSync } from "node:fs";
import type { RequestListener } from "node:http";
import { describe, expect, onTestFinished, test } from "vitest";
import { HARMLESS_HOSTS } from "../../../../tests/support/addresses.js";
import { startListener } from "../../../../tests/support/listeners.js";
import { processingRecord } from "../../../../tests/support/records.js";
import { createTestSignal } from "../../../../tests/support/signals.js";
import { type TestWorker, useTestWorkers, type WorkerOptions } from "../../../../tests/support/worker.js";
import { copyOutput } from "./copy-output.js";

const MAX_BYTES = 100_000;
const { openWorker } = useTestWorkers();
let worker: TestWorker;

const FTYP = Buffer.from("00000018667479706d703432000000006d70343269736f6d", "hex");
const mp4 = (bytes: number) => Buffer.concat([FTYP, Buffer.alloc(bytes - FTYP.length, 7)]);
const jpeg = Buffer.concat([Buffer.from("ffd8ffe000104a46494600010100000100010000", "hex"), Buffer.alloc(100)]);
const sending =
  (body: Uint8Array | string, headers: Record<string, string | number> = {}, status = 200): RequestListener =>
  (_request, response) => {
    response.writeHead(status, headers).end(body);
  };

async function copyFrom(
  answer: RequestListener,
  options: WorkerOptions & { image?: boolean; signal?: AbortSignal; isFresh?: boolean } = {},
) {
  const source = await startListener(answer);
  onTestFinished(source.close);
  worker = await openWorker({ policy: { allowPrivate: true }, ...options });
  const record = processingRecord(options.image === true ? { mediaType: "image" } : {});
  const signal = options.signal ?? new AbortController().signal;
  const url = `${source.origin}/film.bin`;
  const result = await copyOutput(worker.deps, record, { url, index: 0, isFresh: options.isFresh ?? true }, signal);
  const output = result.kind === "copied" ? result.output : null;
  const { fault, prospect } = result.kind === "failed" ? result : { fault: null, prospect: null };
  return { output, fault, prospect, record };
}
/** Files of any kind, temporary ones too. */
const files = () =>
  readdirSync(worker.dataDir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => name);

describe("copyOutput", () => {
  test.each([FTYP.length, 5000, MAX_BYTES])("stores %i bytes unchanged, with their size and hash", async (size) => {
    const media = mp4(size);
    const { output, record } = await copyFrom(sending(media));
    expect(output).toEqual({
      kind: "stored",
      key: `acme/out/${record.id}/0.mp4`,
      contentType: "video/mp4",
      bytes: size,
      sha256: createHash("sha256").update(media).digest("hex"),
    });
    const kept = await worker.deps.outputs.open(`acme/out/${record.id}/0.mp4`);
    const chunks: Buffer[] = [];
    for await (const chunk of kept?.stream() ?? []) chunks.push(chunk);
    expect(Buffer.concat(chunks).equals(media)).toBe(true);
  });

  test("takes the file type from the bytes, not from the name or the Content-Type", async () => {
    const { output } = await copyFrom(sending(jpeg, { "content-type": "video/mp4" }), { image: true });
    expect(output).toMatchObject({ contentType: "image/jpeg", key: expect.stringMatching(/\/0\.jpg$/) });
  });

  test("recognizes a body that arrives byte by byte", async () => {
    const { output } = await copyFrom(async (_request, response) => {
      response.writeHead(200);
      for (const byte of mp4(64)) await new Promise((resolve) => response.write(Buffer.of(byte), resolve));
      response.end();
    });
    expect(output).toMatchObject({ bytes: 64 });
  });

  test.each([
    { what: "one byte too many", prospect: "final", answer: sending(mp4(MAX_BYTES + 1)) },
    { what: "an HTML page", prospect: "lasting", answer: sending("<!doctype html>", { "content-type": "video/mp4" }) },
    { what: "a picture for a film", prospect: "lasting", answer: sending(jpeg) },
    { what: "nothing", prospect: "lasting", answer: sending("") },
    { what: "404", prospect: "lasting", answer: sending(mp4(5000), {}, 404) },
    { what: "403", prospect: "lasting", answer: sending("", {}, 403) },
    { what: "410", prospect: "lasting", answer: sending("", {}, 410) },
    { what: "429", prospect: "passing", answer: sending("", {}, 429) },
    { what: "500", prospect: "passing", answer: sending("x", {}, 500) },
    { what: "204", prospect: "lasting", answer: sending("", {}, 204) },
    {
      prospect: "passing",
      what: "half of the announced length",
      answer: ((_request, response) => {
        response.writeHead(200, { "content-length": 10_000 });
        response.write(mp4(5000), () => response.destroy());
      }) as RequestListener,
    },
    {
      prospect: "passing",
      what: "a chunked body that breaks off",
      answer: ((_request, response) => {
        response.writeHead(200);
        response.write(mp4(5000), () => response.destroy());
      }) as RequestListener,
    },
  ])("refuses $what as $prospect, and leaves no file behind", async ({ answer, prospect }) => {
    const copied = await copyFrom(answer);
    expect([copied.output, copied.prospect]).toEqual([null, prospect]);
    expect(copied.fault).toMatch(/^[ -~]{4,}$/);
    expect(files()).toEqual([]);
  });

  test.each([
    { what: "too large", head: mp4(100), image: false },
    { what: "of the wrong type", head: Buffer.from("<!doctype html>"), image: false },
  ])("closes the connection at once to an endless source that is $what", async ({ head }) => {
    const closed = createTestSignal();
    const { fault } = await copyFrom((_request, response) => {
      response.once("close", closed.fire);
      response.writeHead(200);
      response.write(head);
      const more = () => {
        while (!response.destroyed && response.write(Buffer.alloc(16_384, 7)));
        if (!response.destroyed) response.once("drain", more);
      };
      more();
    });
    expect(fault).not.toBeNull();
    await closed.reached(1, 5000);
    expect(files()).toEqual([]);
  });

  /** Tries to copy these URLs from a server on this machine, under the policy of production. */
  async function copyUnderPolicy(urlsOf: (port: number) => string[]) {
    const source = await startListener(sending(mp4(100)));
    onTestFinished(source.close);
    worker = await openWorker();
    const faults = new Set<string>();
    for (const url of urlsOf(source.port)) {
      const from = { url, index: 0, isFresh: true };
      const result = await copyOutput(worker.deps, processingRecord(), from, new AbortController().signal);
      faults.add(result.kind === "failed" ? `${result.prospect}: ${result.fault}` : `${url} was copied`);
    }
    return { faults: [...faults], connections: source.connections };
  }

  test("connects to no internal address, in no notation", async () => {
    const tried = await copyUnderPolicy((port) => HARMLESS_HOSTS.map((host) => `https://${host}:${port}/a.mp4`));
    expect(tried).toEqual({ faults: ["lasting: The address is private, internal or reserved."], connections: 0 });
  });

  test("fetches nothing over plain http", async () => {
    const tried = await copyUnderPolicy((port) => HARMLESS_HOSTS.map((host) => `http://${host}:${port}/a.mp4`));
    const fault = "The URL begins with http://, and only https is allowed.";
    expect(tried).toEqual({ faults: [`lasting: ${fault}`], connections: 0 });
  });

  test("counts a 404 as passing when the URL may have expired", async () => {
    expect((await copyFrom(sending("", {}, 404), { isFresh: false })).prospect).toBe("passing");
  });

  test.each(["not a url", "ftp://example.com/a.mp4", "http://user:secret@127.0.0.1:1/a.mp4"])(
    "never fetches %s, which will fail again",
    async (url) => {
      worker = await openWorker({ policy: { allowPrivate: true } });
      const source = { url, index: 0, isFresh: true };
      const result = await copyOutput(worker.deps, processingRecord(), source, new AbortController().signal);
      expect(result).toMatchObject({ kind: "failed", prospect: "lasting" });
      expect(JSON.stringify(result)).not.toContain("secret");
    },
  );

  test("counts a redirect that must not be followed as lasting", async () => {
    const copied = await copyFrom((_request, response) => response.writeHead(302, { location: "/film.bin" }).end());
    expect(copied.prospect).toBe("lasting");
  });

  test("counts a fault of the output store as passing, and hides its message, which may name accounts and paths", async () => {
    const source = await startListener(sending(mp4(100)));
    onTestFinished(source.close);
    worker = await openWorker({ policy: { allowPrivate: true } });
    worker.deps.outputs.put = async () => {
      throw new Error("User: arn:aws:iam::1:user/x is not authorized to perform s3:PutObject on bucket/key");
    };
    const from = { url: `${source.origin}/film.bin`, index: 0, isFresh: true };
    expect(await copyOutput(worker.deps, processingRecord(), from, new AbortController().signal)).toEqual({
      ...{ kind: "failed", prospect: "passing", fault: "the output could not be stored" },
    });
  });

  test("stops when the job's lock was lost, and leaves no file behind", async () => {
    const lost = new AbortController();
    const { fault } = await copyFrom(
      (_request, response) => {
        response.writeHead(200);
        response.write(mp4(5000), () => lost.abort());
      },
      { signal: lost.signal },
    );
    expect(fault).not.toBeNull();
    expect(files()).toEqual([]);
  });
});
