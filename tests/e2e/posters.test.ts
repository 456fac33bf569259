/** Posters: made before a request completes, shown wherever its status is, and removed with its output. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { VEO } from "../support/caller.js";
import { startReceiver } from "../support/receiver.js";
import { startTestStack, type TestStack } from "../support/stack.js";
import { until } from "../support/until.js";

let test: TestStack;
beforeAll(async () => {
  test = await startTestStack({ env: { POSTERS: "true" }, restart: true });
});
afterAll(() => test.stop());
beforeEach(() => test.simulator.reset());

const FLUX = { model: "fal-ai/flux/schnell", prompt: "a lighthouse", cache: "off" };
const filesOf = (id: string) =>
  readdirSync(join(test.dataDir, "files"), { recursive: true, encoding: "utf8" }).filter((file) => file.includes(id));

async function open(url: string) {
  const answer = await fetch(url);
  const bytes = new Uint8Array(await answer.arrayBuffer());
  expect([answer.status, answer.headers.get("content-type")]).toEqual([200, "image/jpeg"]);
  const { format, width = 0, height = 0 } = await sharp(bytes).metadata();
  return { format, longest: Math.max(width, height), ratio: width / height };
}

it("a video: its status, the list, the feed and its webhook have the same poster_url, which opens without a key", async () => {
  const receiver = await startReceiver();
  const id = await test.caller.submit({ ...VEO, webhook_url: receiver.url });
  const { poster_url } = await test.caller.finished(id);
  expect(new URL(poster_url).pathname).toBe(`/api/v1/files/default/${id}/poster.jpg`);
  expect(await open(poster_url)).toMatchObject({ format: "jpeg", longest: 640 });

  const { body: list } = await test.caller.call("GET", "/requests?limit=1");
  const { body: feed } = await test.caller.call("GET", "/events?limit=100");
  const [webhook] = await receiver.atLeast(1);
  const told = [
    list.requests[0],
    // biome-ignore lint/suspicious/noExplicitAny: the feed is read like any client reads it
    feed.events.findLast(({ type, data }: any) => type === "request.completed" && data.id === id).data,
    JSON.parse(webhook?.body ?? "").data,
  ];
  expect(told.map((data) => data.poster_url)).toEqual([poster_url, poster_url, poster_url]);
  await receiver.close();
});

it("several images: the poster is that of the first one", async () => {
  const { body } = await test.caller.call("POST", "/images/generate", { body: { ...FLUX, num_images: 2 } });
  const { poster_url } = await test.caller.status(body.id);
  expect(await open(poster_url)).toMatchObject({ format: "jpeg", longest: 640 });
  expect(filesOf(body.id).filter((file) => /poster/.test(file))).toHaveLength(1);
});

it("poster_url is null before the end, after a failure, and without a stored output", async () => {
  await test.simulator.settings({ disasters: [{ name: "never_finish" }] });
  const open = await test.caller.submit();
  expect((await test.caller.status(open)).poster_url).toBeNull();
  await test.caller.call("POST", `/requests/${open}/cancel`);
  expect(await test.caller.finished(open)).toMatchObject({ status: "failed", poster_url: null });
  await test.simulator.reset();
  const elsewhere = await test.caller.submit({ ...VEO, skip_gcs_upload: true });
  expect(await test.caller.finished(elsewhere)).toMatchObject({ status: "completed", poster_url: null });
});

it("a result of the cache has a poster under its own URL, and a poster is removed with its request", async () => {
  const cached = { ...VEO, prompt: "a film with a poster", cache: "use" };
  const first = await test.caller.finished(await test.caller.submit(cached));
  const second = await test.caller.finished(await test.caller.submit(cached));
  expect(second).toMatchObject({ cache_hit: true, poster_url: expect.stringContaining(second.id) });
  expect(await open(second.poster_url)).toMatchObject({ longest: 640 });

  const alone = await test.caller.finished(await test.caller.submit());
  expect(filesOf(alone.id).filter((file) => file.endsWith(".jpg"))).toHaveLength(1);
  await test.caller.call("DELETE", `/requests/${alone.id}`);
  expect((await fetch(alone.poster_url)).status).toBe(404);
  await until("the files to be removed", () => filesOf(alone.id).every((file) => !/\.(mp4|jpg)$/.test(file)));
  expect(await open(first.poster_url)).toMatchObject({ longest: 640 });
});

it("a poster as the next call's image: is taken like any output", async () => {
  const { poster_url } = await test.caller.finished(await test.caller.submit());
  const next = await test.caller.submit({ ...VEO, image_url: poster_url });
  expect(await test.caller.finished(next)).toMatchObject({ status: "completed" });
  expect(await test.caller.submit({ ...VEO, video_url: poster_url }).catch(String)).toMatch(/422/);
});

const isLinux = process.platform === "linux";

it.runIf(isLinux)(
  "kill -9 of the worker while it makes a poster: the request completes, is billed once, and no decoder is left",
  async () => {
    const worker = test.stack.workers[0]?.pid ?? 0;
    const decoders = () => childrenOf(worker).filter((pid) => commandOf(pid).includes("posters"));
    const id = await test.caller.submit();
    const [decoder = 0] = await until("a decoder", () => {
      const found = decoders();
      return found.length > 0 && found;
    });
    process.kill(decoder, "SIGSTOP");
    process.kill(worker, "SIGKILL");
    process.kill(decoder, "SIGCONT");
    const done = await test.caller.finished(id);
    expect(done).toMatchObject({ status: "completed", poster_url: expect.any(String) });
    expect(await test.simulator.bills()).toHaveLength(1);
    await until("the decoder to end", () => !commandOf(decoder).includes("posters"));
  },
);

/** `children` lists those of one thread. Node.js starts its processes from the main thread. */
function childrenOf(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return "";
  }
}
