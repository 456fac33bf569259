import { createHash } from "node:crypto";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import {
  createDiskStore,
  type FileOwner,
  type OutputStore,
  outputKey,
  type Presigning,
  posterKeyOf,
} from "@visgate/shared/outputs";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { ASYNC, startTestApi, useTestApi, VEO } from "../../../tests/support/api.js";

const DAY_MS = 86_400_000;
const MEDIA = Buffer.from(Array.from({ length: 1000 }, (_, index) => index % 256));
let url: string;
const { server, api } = useTestApi();
beforeAll(async () => {
  const id = await api.submit();
  await api.complete(id, MEDIA);
  url = (await api.call("GET", `/requests/${id}`)).body.output_url;
});

const idOf = (address: string) => new URL(address).pathname.split("/").at(-2) ?? "";
const get = (address = url, headers: Record<string, string> = {}) => api.call("GET", address, { key: null, headers });
const altered = (change: (url: URL) => void) => {
  const copy = new URL(url);
  change(copy);
  return copy.href;
};
/** Changes the path of the file's URL. */
const path = (from: string, to: string) => (url: URL) => {
  url.pathname = url.pathname.replace(from, to);
};

describe("a signed file URL", () => {
  test("serves the unchanged bytes with their type, without an API key", async () => {
    const { status, headers, bytes } = await get();
    expect(status).toBe(200);
    expect(bytes.equals(MEDIA)).toBe(true);
    expect(headers.get("content-type")).toBe("video/mp4");
    expect(headers.get("content-length")).toBe("1000");
    expect(headers.get("accept-ranges")).toBe("bytes");
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("cache-control")).toMatch(/^private/);
    expect(headers.get("content-disposition")).toBe(`inline; filename="${idOf(url)}-0.mp4"`);
  });

  test.each(["0", "0.mp4", "0.webm"])("serves the same output when it ends in %s", async (name) => {
    expect((await get(altered(path("0.mp4", name)))).bytes.equals(MEDIA)).toBe(true);
  });

  test("answers a HEAD with the same headers and no body", async () => {
    const { status, headers, bytes } = await api.call("HEAD", url, { key: null });
    expect([status, bytes.length, headers.get("content-length")]).toEqual([200, 0, "1000"]);
  });

  test.each(["bytes=0-9", "bytes=-5", "bytes=2000-3000", "bytes=abc"])(
    "answers a HEAD with the Range %s like one without: Range is for GET",
    async (range) => {
      const { status, headers, bytes } = await api.call("HEAD", url, { key: null, headers: { range } });
      expect([status, headers.get("content-length"), headers.get("content-range"), bytes.length]).toEqual([
        200,
        "1000",
        null,
        0,
      ]);
    },
  );

  test("may be read by a page of any origin, also when the file is not there", async () => {
    for (const address of [url, altered((to) => to.searchParams.delete("signature"))]) {
      const { headers } = await get(address, { origin: "https://shop.example.com" });
      expect(headers.get("access-control-allow-origin")).toBe("*");
      expect(headers.get("access-control-expose-headers")).toMatch(/Content-Length, Content-Range/);
      expect(headers.get("cross-origin-resource-policy")).toBe("cross-origin");
    }
    const { status, headers } = await api.call("OPTIONS", url, {
      key: null,
      headers: { origin: "https://shop.example.com", "access-control-request-headers": "range" },
    });
    expect([status, headers.get("access-control-allow-origin")]).toEqual([204, "*"]);
    expect(headers.get("access-control-allow-methods")).toBe("GET, HEAD, OPTIONS");
    expect(headers.get("access-control-allow-headers")).toContain("Range");
  });

  test("is the only answer that pages of other origins may read", async () => {
    for (const path of ["/models", `/requests/${idOf(url)}`, "/nothing"]) {
      const { headers } = await api.call("GET", path, { headers: { origin: "https://shop.example.com" } });
      expect(headers.get("access-control-allow-origin")).toBeNull();
    }
  });

  test.each([
    { what: "no signature", change: (to: URL) => to.searchParams.delete("signature") },
    { what: "an empty signature", change: (to: URL) => to.searchParams.set("signature", "") },
    { what: "another signature", change: (to: URL) => to.searchParams.set("signature", "A".repeat(43)) },
    { what: "a later expiry", change: (to: URL) => to.searchParams.set("expires", "99999999999") },
    { what: "no expiry", change: (to: URL) => to.searchParams.delete("expires") },
    { what: "an infinite expiry", change: (to: URL) => to.searchParams.set("expires", "Infinity") },
    { what: "another output", change: path("0.mp4", "1.mp4") },
    { what: "another organization", change: path("/default/", "/globex/") },
    {
      what: "the request's input",
      change: path("0.mp4", "input.png"),
    },
    { what: "a path out of the folder", change: path("0.mp4", "0.mp4%2f..%2f..%2f..%2fetc%2fpasswd") },
    { what: "no index", change: path("0.mp4", "mp4") },
  ])("with $what is a 401 that says nothing about the file", async ({ change }) => {
    const { status, body } = await get(altered(change));
    expect([status, body.error]).toEqual([401, "AUTHENTICATION_ERROR"]);
    expect(JSON.stringify(body)).not.toContain("mp4");
  });

  test("does not work with an API key instead of the signature", async () => {
    const unsigned = url.split("?")[0] ?? "";
    expect((await api.call("GET", unsigned)).status).toBe(401);
  });

  test("stays the same, and is valid as long as the file is kept", async () => {
    const id = idOf(url);
    api.clock.advance(29 * DAY_MS);
    expect((await api.call("GET", `/requests/${id}`)).body.output_url).toBe(url);
    expect((await get()).status).toBe(200);
    api.clock.advance(1.1 * DAY_MS);
    const { status, body } = await get();
    expect([status, body.error]).toEqual([404, "NOT_FOUND"]);
    api.clock.advance(-30.1 * DAY_MS);
  });

  test("is a 404 for a pruned file", async () => {
    const id = await api.submit();
    const output = await api.complete(id, MEDIA);
    const { body } = await api.call("GET", `/requests/${id}`);
    if (output.kind === "stored") rmSync(join(api.dataDir, "files", output.key));
    expect((await get(body.output_url)).status).toBe(404);
  });
});

describe("output_url_when_ready", () => {
  async function submitted(body: object = VEO) {
    const { body: acknowledged } = await api.generate(body, ASYNC);
    return { id: acknowledged.id as string, promised: acknowledged.output_url_when_ready as string };
  }

  test("shows the progress until the output exists, and then equals output_url", async () => {
    const { id, promised } = await submitted();
    const early = await get(promised);
    expect([early.status, early.headers.get("retry-after"), early.headers.get("cache-control")]).toEqual([
      202,
      "2",
      "no-store",
    ]);
    expect(early.body).toEqual({ request_id: id, status: "pending", progress: null, queue_position: null });
    await api.complete(id, MEDIA);
    expect((await api.call("GET", `/requests/${id}`)).body.output_url).toBe(promised);
    expect((await get(promised)).bytes.equals(MEDIA)).toBe(true);
  });

  test("answers with the failure of a failed request, like a synchronous call", async () => {
    const { id, promised } = await submitted();
    await api.fail(id, { code: "CONTENT_POLICY_VIOLATION", message: "no", retryable: false });
    const { status, body, headers } = await get(promised);
    expect([status, headers.get("cache-control")]).toEqual([422, "no-store"]);
    expect(body).toMatchObject({ error: "CONTENT_POLICY_VIOLATION", details: { request_id: id, provider: "fal" } });
  });

  test("has no extension for an image, whose type is not known yet; output_url has one", async () => {
    const flux = { model: "fal-ai/flux/schnell", prompt: "a lighthouse" };
    const { body } = await api.call("POST", "/images/generate", { body: flux, headers: ASYNC });
    const promised = body.output_url_when_ready;
    expect(new URL(promised).pathname).toBe(`/api/v1/files/default/${body.id}/0`);
    const key = outputKey("default", body.id, 0, "webp");
    const kept = await api.deps.outputs.put(key, Readable.from([Buffer.from("a picture")]));
    await api.completeWith(body.id, [{ kind: "stored", key, contentType: "image/webp", ...kept }]);
    const { output_url } = (await api.call("GET", `/requests/${body.id}`)).body;
    expect(new URL(output_url).pathname).toBe(`/api/v1/files/default/${body.id}/0.webp`);
    for (const address of [promised, output_url]) {
      const { headers, body: picture } = await get(address);
      expect([headers.get("content-type"), picture]).toEqual(["image/webp", "a picture"]);
      expect(headers.get("content-disposition")).toContain("-0.webp");
    }
  });

  test("is null when the output will be the provider's own URL", async () => {
    const { id, promised } = await submitted({ ...VEO, skip_gcs_upload: true });
    expect(promised).toBeNull();
    const remote = "https://provider.example.com/film.mp4";
    await api.completeWith(id, [{ kind: "remote", url: remote }]);
    expect((await api.call("GET", `/requests/${id}`)).body.output_url).toBe(remote);
    const { status, headers } = await get(signed(id, 0));
    expect([status, headers.get("location")]).toEqual([302, remote]);
  });

  test("serves an output that is stored in the folder of another request", async () => {
    const first = await submitted();
    const output = await api.complete(first.id, MEDIA);
    const second = await submitted();
    await api.completeWith(second.id, [output]);
    const { bytes, headers } = await get(second.promised);
    expect(bytes.equals(MEDIA)).toBe(true);
    expect(headers.get("content-disposition")).toContain(second.id);
  });

  test("is a 404 for an output that does not exist, and for an erased request", async () => {
    const { id } = await submitted();
    await api.complete(id, MEDIA);
    const none = await get(signed(id, 1));
    expect([none.status, none.body.error]).toEqual([404, "NOT_FOUND"]);
    const unknown = await get(signed("req_unknown", 0));
    expect([unknown.status, unknown.body.error]).toEqual([404, "NOT_FOUND"]);
  });

  const signed = (id: string, index: number) => {
    const record = {
      organization: "default",
      id,
      mediaType: "video",
      createdAt: api.clock.now(),
      outputs: [],
    } as const;
    return api.deps.fileUrls.urlOf(record, index);
  };
});

describe("an output store with presigned URLs", () => {
  const presigned = "https://bucket.example.com/a?X-Amz-Signature=1";

  /** An API with an output of its own. `redirect` asks for the output, and shows what the store was asked for. */
  async function startRedirecting(settings: { s3UrlSeconds?: number } = {}) {
    let asked: { key: string; options: Presigning } | undefined;
    const disk = createDiskStore(join(api.dataDir, "files"));
    const outputs: OutputStore = {
      ...disk,
      presign: async (key, options) => {
        asked = { key, options };
        return presigned;
      },
    };
    const other = await startTestApi(server.url, { deps: { outputs }, settings });
    onTestFinished(() => other.close());
    const id = await other.submit();
    const output = await other.complete(id, MEDIA);
    const { output_url } = (await other.call("GET", `/requests/${id}`)).body;
    return {
      ...{ other, id, output, output_url },
      async redirect() {
        const { status, headers, bytes } = await other.call("GET", output_url, { key: null });
        expect([status, headers.get("location"), bytes.length]).toEqual([302, presigned, 0]);
        const maxAge = /^private, max-age=(\d+)$/.exec(headers.get("cache-control") ?? "")?.[1];
        return { ...(asked as NonNullable<typeof asked>), maxAge: Number(maxAge) };
      },
    };
  }

  test("gets a redirect that lasts as long as S3 allows; HEAD is answered without one", async () => {
    const { other, id, output, output_url, redirect } = await startRedirecting();
    const { key, options, maxAge } = await redirect();
    expect(output).toMatchObject({ kind: "stored", key });
    const signedAt = other.clock.now();
    expect(options).toEqual({
      ...{ contentType: "video/mp4", filename: `${id}-0.mp4`, signedAt },
      expiresSeconds: 604_800,
    });
    expect(maxAge).toBe(600);
    const head = await other.call("HEAD", output_url, { key: null });
    expect([head.status, head.headers.get("content-length")]).toEqual([200, "1000"]);
  });

  test("the redirect does not last longer than the file URL, and is not kept longer than it lasts", async () => {
    const { other, redirect } = await startRedirecting();
    other.clock.advance(29 * DAY_MS);
    const lastDay = await redirect();
    expect(lastDay.options.expiresSeconds).toBeGreaterThan((DAY_MS - 60_000) / 1000);
    expect(lastDay.options.expiresSeconds).toBeLessThanOrEqual(DAY_MS / 1000 + 1);
    other.clock.advance(DAY_MS - 100_000);
    const { options, maxAge } = await redirect();
    expect(options.expiresSeconds).toBeLessThanOrEqual(101);
    expect(maxAge).toBeLessThan(options.expiresSeconds);
    expect(maxAge).toBeGreaterThan(30);
  });

  test("S3_URL_SECONDS: the redirect lasts for this time", async () => {
    const { redirect } = await startRedirecting({ s3UrlSeconds: 60 });
    const { options, maxAge } = await redirect();
    expect([options.expiresSeconds, maxAge]).toEqual([60, 30]);
  });
});

describe("the ETag", () => {
  const etagOf = async () => (await get()).headers.get("etag") ?? "";

  test("is the hash of the bytes, on whole files, parts and HEAD", async () => {
    const etag = `"${createHash("sha256").update(MEDIA).digest("hex")}"`;
    const part = await get(url, { range: "bytes=0-9" });
    const head = await api.call("HEAD", url, { key: null });
    expect([await etagOf(), part.headers.get("etag"), head.headers.get("etag")]).toEqual([etag, etag, etag]);
  });

  test("If-None-Match: 304 for this ETag, also as one of several, and 200 for another", async () => {
    const etag = await etagOf();
    for (const known of [etag, `"other", ${etag}`, `W/${etag}`]) {
      const { status, bytes } = await get(url, { "if-none-match": known });
      expect([status, bytes.length]).toEqual([304, 0]);
    }
    expect((await get(url, { "if-none-match": '"other"' })).status).toBe(200);
  });

  test("If-Range: a part for this ETag, and the whole file for another or a date", async () => {
    const range = "bytes=0-9";
    const part = await get(url, { range, "if-range": await etagOf() });
    expect([part.status, part.bytes.length]).toEqual([206, 10]);
    for (const other of ['"other"', "Wed, 21 Oct 2026 07:28:00 GMT"]) {
      const { status, bytes } = await get(url, { range, "if-range": other });
      expect([status, bytes.length]).toEqual([200, 1000]);
    }
  });
});

describe("poster_url", () => {
  const JPEG = Buffer.from("a small picture");
  const posterSha256 = createHash("sha256").update(JPEG).digest("hex");

  async function withPoster() {
    const id = await api.submit();
    const key = outputKey("default", id, 0, "mp4");
    const kept = await api.deps.outputs.put(key, Readable.from([MEDIA]));
    await api.deps.outputs.put(posterKeyOf(key), Readable.from([JPEG]));
    await api.completeWith(id, [{ kind: "stored", key, contentType: "video/mp4", ...kept, posterSha256 }]);
    return { id, ...(await api.call("GET", `/requests/${id}`)).body } as { id: string; poster_url: string };
  }

  test("opens the JPEG, under a signature of its own", async () => {
    const { id, poster_url } = await withPoster();
    const { status, headers, body } = await get(poster_url);
    expect([status, headers.get("content-type"), body]).toEqual([200, "image/jpeg", String(JPEG)]);
    expect(headers.get("etag")).toBe(`"${posterSha256}"`);
    expect(headers.get("content-disposition")).toBe(`inline; filename="${id}-poster.jpg"`);
    for (const other of ["0.mp4", "file.jpg"])
      expect((await get(poster_url.replace("poster.jpg", other))).status).toBe(401);
  });

  test("of a request without a poster is null, and its URL would be a 404", async () => {
    const { body } = await api.call("GET", `/requests/${idOf(url)}`);
    expect(body.poster_url).toBeNull();
    const record = await api.deps.store.requests.get({ organization: "default", id: idOf(url) });
    expect((await get(api.deps.fileUrls.posterUrl(record?.doc as FileOwner))).status).toBe(404);
  });
});

describe("Range", () => {
  test.each([
    { range: "bytes=0-99", from: 0, to: 99 },
    { range: "bytes=100-100", from: 100, to: 100 },
    { range: "bytes=900-", from: 900, to: 999 },
    { range: "bytes=-100", from: 900, to: 999 },
    { range: "bytes=0-", from: 0, to: 999 },
    { range: "bytes=990-5000", from: 990, to: 999 },
    { range: "bytes=-5000", from: 0, to: 999 },
    { range: "bytes=0-9,5-19", from: 0, to: 19 },
  ])("$range is answered with just that", async ({ range, from, to }) => {
    const { status, headers, bytes } = await get(url, { range });
    expect(status).toBe(206);
    expect(headers.get("content-range")).toBe(`bytes ${from}-${to}/1000`);
    expect(headers.get("content-length")).toBe(String(to - from + 1));
    expect(bytes.equals(MEDIA.subarray(from, to + 1))).toBe(true);
  });

  test.each(["bytes=1000-", "bytes=2000-3000", "bytes=-0"])("%s is a 416 that says the length", async (range) => {
    const { status, headers, bytes } = await get(url, { range });
    expect([status, headers.get("content-range"), bytes.length]).toEqual([416, "bytes */1000", 0]);
  });

  test.each(["bytes=abc", "nonsense", "items=0-9", "bytes=0-9,100-109"])(
    "%s is answered with the whole file",
    async (range) => {
      const { status, headers, bytes } = await get(url, { range });
      expect([status, headers.get("content-range"), bytes.length]).toEqual([200, null, 1000]);
    },
  );
});
