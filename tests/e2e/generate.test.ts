/** The whole path of one generation, with real HTTP and real processes. */
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { acknowledgement, requestStatus } from "../../packages/shared/src/contract/request.js";
import { videoResult } from "../../packages/shared/src/contract/video.js";
import { VEO } from "../support/caller.js";
import { startTestStack, type TestStack } from "../support/stack.js";
import { gridAt, gridOf, probe } from "../support/video.js";

let test: TestStack;
beforeAll(async () => {
  test = await startTestStack();
});
afterAll(() => test.stop());

/** A part of a time line. */
interface Seen {
  name: string;
  queue_position?: number;
  progress?: number;
}

const download = async (url: string) => new Uint8Array(await (await fetch(url)).arrayBuffer());

/** The modes of everything in a folder, as `ls -l` has them. Renders may come from the cache that test runs share. */
function modesIn(dir: string): Set<string> {
  const names = (readdirSync(dir, { recursive: true }) as string[]).filter((name) => !/^simulator\/media\//.test(name));
  const modes = names.map((name) => statSync(join(dir, name), { throwIfNoEntry: false })?.mode ?? 0o600);
  return new Set(modes.map((mode) => (mode & 0o777).toString(8)));
}

describe("a generation", () => {
  it("async: answers 202 at once, then completes with a playable MP4 of the mapped duration", async () => {
    const answer = await test.caller.generate(
      { ...VEO, duration_seconds: 5, callback_id: "order-7", metadata: { shop: "a" } },
      { prefer: "respond-async" },
    );
    expect(answer.status).toBe(202);
    expect(acknowledgement.parse(answer.body).status).toBe("pending");
    expect(answer.headers.get("location")).toBe(`/api/v1/requests/${answer.body.id}`);
    expect(answer.headers.get("preference-applied")).toBe("respond-async");

    const done = requestStatus.parse(await test.caller.finished(answer.body.id));
    expect(done).toMatchObject({
      ...{ status: "completed", duration_seconds: 6, cost: 2.4, charge_state: "charged", simulated: true },
      ...{ callback_id: "order-7", metadata: { shop: "a" }, error_code: null },
    });
    const video = await probe(await download(done.output_url ?? ""));
    expect(video).toMatchObject({ codec: "h264", width: 640, height: 360 });
    expect(Math.abs(video.seconds - 6)).toBeLessThan(0.2);
  });

  it("sync: answers 200 with the result", async () => {
    const answer = await test.caller.generate(VEO);
    expect(answer.status).toBe(200);
    const result = videoResult.parse(answer.body);
    expect(result).toMatchObject({
      model: "fal-ai/veo3",
      provider: "fal",
      mode: "managed",
      cache_hit: false,
      duration_seconds: 4,
    });
    expect(result.cost).toBe(1.6);
    expect(result.latency_ms).toBeGreaterThan(0);
    const part = await fetch(result.video_url, { headers: { range: "bytes=4-11" } });
    expect(part.status).toBe(206);
    expect(Buffer.from(await part.arrayBuffer()).toString("latin1")).toMatch(/^ftyp/);
  });

  it("image_url as a data URI: the frames of the video show the image", async () => {
    const corner = (color: string, left: number, top: number) => ({
      input: { create: { width: 640, height: 360, channels: 3 as const, background: color } },
      ...{ left, top },
    });
    const photo = await sharp({ create: { width: 1280, height: 720, channels: 3, background: "#e02020" } })
      .composite([corner("#20a040", 640, 0), corner("#2040e0", 0, 360), corner("#f0e040", 640, 360)])
      .jpeg({ quality: 95 })
      .toBuffer();
    // The zeros after the image make it too large to be stored in Redis.
    const padded = Buffer.concat([photo, Buffer.alloc(64 * 1024)]);
    const answer = await test.caller.generate({
      ...VEO,
      image_url: `data:image/jpeg;base64,${padded.toString("base64")}`,
    });
    expect(answer.status).toBe(200);
    const grid = { columns: 2, rows: 2 };
    const shown = await gridAt(await download(answer.body.video_url), 2, grid);
    const wanted = await gridOf(photo, grid);
    for (const [cell, color] of wanted.entries()) {
      for (const [channel, value] of color.entries()) {
        expect(Math.abs((shown[cell]?.[channel] ?? -999) - value), `cell ${cell}, channel ${channel}`).toBeLessThan(60);
      }
    }
    const submit = (await test.simulator.submits()).at(-1);
    expect(submit?.endpoint).toBe("fal-ai/veo3/image-to-video");
  });

  it("skip_gcs_upload: returns the provider's own URL", async () => {
    const answer = await test.caller.generate({ ...VEO, skip_gcs_upload: true });
    expect(answer.body.video_url).toContain(test.simulator.url);
    expect((await probe(await download(answer.body.video_url))).codec).toBe("h264");
  });

  it("Prefer wait=1: answers 202 when the render takes longer, and the request completes later", async () => {
    await test.simulator.settings({ render_seconds: 3 });
    const answer = await test.caller.generate(VEO, { prefer: "wait=1" });
    await test.simulator.settings({ render_seconds: 0.5 });
    expect(answer.status).toBe(202);
    expect(acknowledgement.parse(answer.body).status).toBe("pending");
    expect((await test.caller.finished(answer.body.id)).status).toBe("completed");
  });

  it("queue positions and progress: are those that fal reports", async () => {
    await test.simulator.settings({ queue_seconds: 2, render_seconds: 2 });
    const id = await test.caller.submit();
    await test.caller.finished(id);
    await test.simulator.settings({ queue_seconds: 0.05, render_seconds: 0.5 });
    const timeline: Seen[] = (await test.caller.call("GET", `/requests/${id}?include=timeline`)).body.timeline;
    const positions = timeline.flatMap((entry) => (entry.name === "queued" ? [entry.queue_position ?? -1] : []));
    const shares = timeline.flatMap((entry) => (entry.name === "progress" ? [entry.progress ?? -1] : []));
    expect(positions.length).toBeGreaterThan(0);
    expect(positions).toEqual(
      positions
        .filter((position) => [2, 1, 0].includes(position))
        .toSorted()
        .toReversed(),
    );
    expect(shares.some((share) => share > 0 && share < 1)).toBe(true);
    expect(shares).toEqual(shares.toSorted());
  });

  it("a caller that disconnects: gets the same request with its Idempotency-Key, with one submit", async () => {
    const controller = new AbortController();
    const key = crypto.randomUUID();
    const headers = {
      authorization: `Bearer ${test.stack.apiKey}`,
      ...{ "content-type": "application/json", "idempotency-key": key },
    };
    const init = { method: "POST", headers, body: JSON.stringify(VEO) };
    const before = (await test.simulator.stats()).submits;
    const waiting = fetch(`${test.stack.baseUrl}/api/v1/videos/generate`, { ...init, signal: controller.signal });
    await expect.poll(async () => (await test.simulator.stats()).submits).toBe(before + 1);
    controller.abort();
    await expect(waiting).rejects.toThrow();
    const replay = await test.caller.generate(VEO, { "idempotency-key": key });
    expect(replay.headers.get("idempotency-replayed")).toBe("true");
    expect(replay.status).toBe(200);
    expect((await test.simulator.stats()).submits).toBe(before + 1);
  });

  it("cancel in the provider's queue: cancels the job at the provider too, and charges nothing", async () => {
    await test.simulator.settings({ queue_seconds: 20 });
    const id = await test.caller.submit();
    await expect.poll(async () => (await test.caller.status(id)).status).toBe("processing");
    const answer = await test.caller.call("POST", `/requests/${id}/cancel`);
    expect(answer.status).toBe(202);
    const ended = await test.caller.finished(id);
    await test.simulator.settings({ queue_seconds: 0 });
    expect(ended).toMatchObject({ status: "failed", error_code: "CANCELLED", charge_state: "released", cost: 0 });
    expect((await test.simulator.stats()).cancels).toBeGreaterThan(0);
    expect((await test.caller.call("POST", `/requests/${id}/cancel`)).status).toBe(409);
  });

  it("refused by the content policy: answers 422, with the same error code as in the record", async () => {
    const answer = await test.caller.generate({ ...VEO, prompt: "content policy test" });
    expect(answer.status).toBe(422);
    expect(answer.body).toMatchObject({
      error: "CONTENT_POLICY_VIOLATION",
      details: { provider: "fal", retryable: false },
    });
    const record = await test.caller.status(answer.body.details.request_id);
    expect(record).toMatchObject({ status: "failed", error_code: "CONTENT_POLICY_VIOLATION", output_url: null });
  });

  it("files of all processes: only their user can read them", async () => {
    await test.caller.generate(VEO);
    const files = readdirSync(test.dataDir, { recursive: true }).join("\n");
    for (const written of [/^files\/.+\.mp4$/m, /^redis\/.+\.aof$/m, /^simulator\/.+\.jsonl$/m, /^logs\/.+\.log$/m])
      expect(files).toMatch(written);
    expect(modesIn(test.dataDir)).toEqual(new Set(["600", "700"]));
  });
});
