import { rmSync } from "node:fs";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { outputKey } from "@visgate/shared/outputs";
import type { Output } from "@visgate/shared/request";
import sharp from "sharp";
import { beforeAll, describe, expect, test } from "vitest";
import { ASYNC, BASE, OTHER_KEY, ref, useTestApi, VEO } from "../../../tests/support/api.js";

const FLUX = { cache: "off", model: "fal-ai/flux/schnell", prompt: "a lighthouse" } as const;
const { api } = useTestApi();
let picture: Buffer;
beforeAll(async () => {
  const created = sharp({ create: { width: 64, height: 64, channels: 3, background: "teal" } });
  picture = await created.png().toBuffer();
});

interface Made {
  bytes?: Buffer;
  extension?: string;
  contentType?: string;
}

async function submitImage(): Promise<{ id: string; url: string }> {
  const { body } = await api.call("POST", "/images/generate", { body: FLUX, headers: ASYNC });
  return { id: body.request_id, url: body.output_url_when_ready };
}
/** Generates an image; returns its signed file URL. */
async function madeImage({ bytes = picture, extension = "png", contentType = "image/png" }: Made = {}) {
  const { id, url } = await submitImage();
  const key = outputKey("default", id, 0, extension);
  const kept = await api.deps.outputs.put(
    key,
    (async function* () {
      yield bytes;
    })(),
  );
  await api.completeWith(id, [{ kind: "stored", key, contentType, ...kept }]);
  return { id, url, file: join(api.dataDir, "files", key) };
}
const fromImage = (image_url: string, more: object = {}, key?: string) =>
  api.call("POST", "/videos/generate", {
    body: { ...VEO, image_url, ...more },
    headers: ASYNC,
    ...(key ? { key } : {}),
  });
async function imageOf(id: string, organization = "default") {
  const image = (await api.deps.store.requests.get(ref(id, organization)))?.doc.input.image;
  if (image?.kind !== "stored") return image;
  const file = await api.deps.outputs.open(image.key);
  return { ...image, bytes: file === null ? null : await buffer(file.stream()) };
}

describe("an output of this gateway as image_url", () => {
  test.each([
    { what: "as output_url gives it", to: BASE },
    { what: "over http from another name of this host", to: "http://127.0.0.1:8787" },
    { what: "through a mapped port", to: "http://localhost:18080" },
    { what: "below the path of a proxy", to: "https://example.com/gateway" },
  ])("is taken by its key, not fetched, $what", async ({ to }) => {
    const { url } = await madeImage();
    const { status, body } = await fromImage(url.replace(BASE, to));
    expect([status, body.error]).toEqual([202, undefined]);
    expect(await imageOf(body.request_id)).toEqual({
      kind: "stored",
      key: `default/in/${body.request_id}/input.png`,
      contentType: "image/png",
      bytes: picture,
    });
  });

  test("lives as long as the request that uses it, also after its own request was erased", async () => {
    const { id, url } = await madeImage();
    const { body } = await fromImage(url);
    expect((await api.call("DELETE", `/requests/${id}`)).status).toBe(200);
    expect(await imageOf(body.request_id)).toMatchObject({ bytes: picture });
    expect((await fromImage(url)).status).toBe(422);
  });

  test("is the same input as its bytes in a data: URI, so the result cache sees one call", async () => {
    const call = { ...VEO, cache: "use" };
    const { url } = await madeImage();
    const first = await fromImage(url, call);
    const image = `data:image/png;base64,${picture.toString("base64")}`;
    const hashes = [
      first,
      await fromImage(url.replace(BASE, "http://localhost:1"), call),
      await fromImage(image, call),
    ];
    const docs = await Promise.all(hashes.map(({ body }) => api.deps.store.requests.get(ref(body.request_id))));
    expect(new Set(docs.map((stored) => stored?.doc.cache.hash)).size).toBe(1);
    const other = await fromImage((await madeImage({ bytes: Buffer.concat([picture, Buffer.of(0)]) })).url, call);
    const stored = await api.deps.store.requests.get(ref(other.body.request_id));
    expect(stored?.doc.cache.hash).not.toBe(docs[0]?.doc.cache.hash);
  });

  test("that was not copied leads to the provider's own URL", async () => {
    const { id, url } = await submitImage();
    await api.completeWith(id, [{ kind: "remote", url: "https://media.example.com/a.png" }]);
    const { body } = await fromImage(url);
    expect(await imageOf(body.request_id)).toEqual({ kind: "url", url: "https://media.example.com/a.png" });
  });
});

describe("a file URL that cannot be an image_url is a 422, and nothing is accepted:", () => {
  const altered = (text: string, change: (url: URL) => void) => {
    const url = new URL(text);
    change(url);
    return url.href;
  };
  const cases: { what: string; says: string; url: () => Promise<string> }[] = [
    {
      what: "a video",
      says: "is a file of type video/mp4; send a JPEG, PNG or WebP image",
      url: async () => {
        const id = await api.submit();
        await api.complete(id);
        return (await api.call("GET", `/requests/${id}`)).body.output_url;
      },
    },
    {
      what: "a GIF",
      says: "image/gif",
      url: async () => (await madeImage({ extension: "gif", contentType: "image/gif" })).url,
    },
    { what: "a request that has not ended", says: "has not ended", url: async () => (await submitImage()).url },
    {
      what: "a failed request",
      says: "failed",
      url: async () => {
        const { id, url } = await submitImage();
        await api.fail(id);
        return url;
      },
    },
    {
      what: "an output that the request does not have",
      says: "no longer kept",
      url: async () => {
        const { id } = await madeImage();
        const stored = await api.deps.store.requests.get(ref(id));
        return stored === null ? "" : api.deps.fileUrls.urlOf(stored.doc, 1);
      },
    },
    {
      what: "a file that was removed",
      says: "no longer kept",
      url: async () => {
        const { url, file } = await madeImage();
        rmSync(file);
        return url;
      },
    },
    {
      what: "an expired URL",
      says: "no longer kept",
      url: async () => {
        const { id } = await madeImage();
        const stored = await api.deps.store.requests.get(ref(id));
        if (stored === null) return "";
        return api.deps.fileUrls.urlOf({ ...stored.doc, createdAt: stored.doc.createdAt - 31 * 86_400_000 }, 0);
      },
    },
    {
      what: "a wrong signature",
      says: "wrong signature",
      url: async () => altered((await madeImage()).url, (url) => url.searchParams.set("signature", "A".repeat(43))),
    },
    {
      what: "a URL without its query",
      says: "wrong signature",
      url: async () => (await madeImage()).url.split("?")[0] ?? "",
    },
    {
      what: "a wrong signature, over http from another name of this host",
      says: "must be an https URL",
      url: async () => (await madeImage()).url.replace(BASE, "http://127.0.0.1:8787").replace(/.$/, "!"),
    },
  ];
  test.each(cases)("$what", async ({ says, url }) => {
    const image_url = await url();
    const before = await api.traces();
    const { status, body } = await fromImage(image_url);
    expect([status, body.error, body.details.field]).toEqual([422, "VALIDATION_ERROR", "image_url"]);
    expect(body.message).toContain(says);
    expect(await api.traces()).toEqual(before);
  });

  test("an image of another organization, over http", async () => {
    const { url } = await madeImage();
    const { status, body } = await fromImage(url, {}, OTHER_KEY);
    expect([status, body.details.field]).toEqual([422, "image_url"]);
    expect(body.message).toBe("image_url must be an https URL, or be a data: URI.");
  });

  test("an image that is too large", async () => {
    const { id, url } = await submitImage();
    const output: Output = { kind: "stored", key: "k", contentType: "image/png", bytes: 17 * 1024 ** 2, sha256: "0" };
    await api.completeWith(id, [output]);
    expect((await fromImage(url)).body.message).toBe("image_url is larger than 16 MB.");
  });
});

test("an image of another organization is an ordinary https URL, which the provider fetches", async () => {
  const { url } = await madeImage();
  const image_url = url.replace(BASE, "https://gateway.example.com");
  const { body } = await fromImage(image_url, {}, OTHER_KEY);
  expect(await imageOf(body.request_id, "globex")).toEqual({ kind: "url", url: image_url });
});
