/** Playback of an output in a bucket: in Chromium, paused until the presigned URL has expired, and in ffmpeg. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import ffmpeg from "@ffmpeg-installer/ffmpeg";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { freePort } from "../../scripts/lib/processes/ports.mjs";
import { ffmpegTo } from "../support/film.js";
import { startTestS3, type TestS3 } from "../support/s3.js";
import { startTestStack, type TestStack } from "../support/stack.js";
import { until } from "../support/until.js";
import { type Browser, startBrowser } from "./support/browser.js";

const run = promisify(execFile);
const SECONDS = 24;
/** Far behind what a paused player has loaded. */
const LATE = 22;
/** How long a presigned URL of the first API is valid. */
const SHORT_SECONDS = 3;

let s3: TestS3;
let stack: TestStack;
let browser: Browser;
/** The file URL of one output, at each API. */
const urls = { short: "", long: "", proxy: "" };
beforeAll(async () => {
  [s3, browser] = await Promise.all([startTestS3(), startBrowser()]);
  const { bucket, endpoint, credentials } = await s3.createBucket();
  const { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY } = credentials;
  const env = {
    OUTPUT_STORE: "s3",
    S3_BUCKET: bucket,
    S3_ENDPOINT: endpoint,
    AWS_ACCESS_KEY_ID,
    AWS_SECRET_ACCESS_KEY,
  };
  stack = await startTestStack({ env: { ...env, S3_URL_SECONDS: String(SHORT_SECONDS) } });
  const [long, proxy] = [await freePort(), await freePort()];
  await stack.stack.addApi(long, { S3_URL_SECONDS: "" });
  await stack.stack.addApi(proxy, { S3_DELIVERY: "proxy" });

  const { output_url } = await stack.caller.finished(await stack.caller.submit());
  const at = (port: number) => Object.assign(new URL(output_url), { port: String(port) }).href;
  Object.assign(urls, { short: output_url, long: at(long), proxy: at(proxy) });
  const Key = (await s3.contents(bucket)).find((key) => key.endsWith("/0.mp4"));
  const client = new S3Client({ endpoint, credentials, region: "us-east-1", forcePathStyle: true });
  await client.send(new PutObjectCommand({ Bucket: bucket, Key, Body: await longFilm() }));
  client.destroy();
});
afterAll(async () => {
  await browser.close();
  await stack.stop();
  await s3.stop();
});

/** Too large for a player to load all of it: noise does not compress. */
function longFilm(): Promise<Buffer> {
  const picture = `testsrc2=size=640x360:rate=2:duration=${SECONDS},noise=alls=100:allf=t`;
  const codec = ["-c:v", "libx264", "-preset", "ultrafast", "-qp", "8", "-g", "2", "-pix_fmt", "yuv420p"];
  return ffmpegTo("film.mp4", ["-f", "lavfi", "-i", picture, ...codec, "-movflags", "+faststart"]);
}

describe("a player in Chromium that was paused until short presigned URLs have expired", () => {
  /** Resolves when it shows its first frame. */
  async function startPlayer(url: string): Promise<Page> {
    // A page of this machine: others may not load from it.
    const page = await browser.openPage(`${stack.stack.baseUrl}/api/v1/health`);
    await page.setContent("<video muted></video>");
    await page.evaluate(`document.querySelector("video").src = ${JSON.stringify(url)}`);
    await page.waitForFunction("document.querySelector('video').readyState >= 2");
    return page;
  }

  /** Our own redirect is younger than the player's. */
  async function expired(): Promise<void> {
    const { headers } = await fetch(urls.short, { redirect: "manual" });
    const location = headers.get("location") ?? "";
    const get = async () => fetch(location, { headers: { range: "bytes=0-0" } });
    expect((await get()).status).toBe(206);
    await until("the presigned URL to expire", async () => (await get()).status === 403);
  }

  /** Resolves with the event that follows: `seeked` when the player shows the new place, or `error`. */
  const seek = (page: Page): Promise<unknown> =>
    page.evaluate(`new Promise((resolve) => {
      const video = document.querySelector("video");
      for (const name of ["seeked", "error"]) video.addEventListener(name, () => resolve(name), { once: true });
      video.currentTime = ${LATE};
    })`);

  test.each([
    { api: "short", what: "cannot seek when its own has expired", outcome: "error" },
    { api: "long", what: "can seek by default", outcome: "seeked" },
    { api: "proxy", what: "can seek with S3_DELIVERY=proxy", outcome: "seeked" },
  ] as const)("$what", async ({ api, outcome }) => {
    const page = await startPlayer(urls[api]);
    await expired();
    expect(await seek(page)).toBe(outcome);
    await page.close();
  });
});

test.each(["long", "proxy"] as const)("ffmpeg seeks in the file URL, with the API %s", async (name) => {
  const seek = ["-ss", String(LATE), "-i", urls[name], "-frames:v", "1", "-f", "null", "-"];
  const { stderr } = await run(ffmpeg.path, ["-xerror", "-v", "info", ...seek]);
  expect(stderr).toMatch(/frame= +1 /);
});

test("S3_DELIVERY=proxy: the API passes on whole files, parts, versions and HEAD", async () => {
  const head = await fetch(urls.proxy, { method: "HEAD", redirect: "manual" });
  const total = Number(head.headers.get("content-length"));
  const etag = head.headers.get("etag") ?? "";
  expect([head.status, total > 10_000_000, head.headers.get("content-type")]).toEqual([200, true, "video/mp4"]);
  const ask = async (headers: Record<string, string>) => {
    const answer = await fetch(urls.proxy, { headers, redirect: "manual" });
    return { status: answer.status, bytes: Buffer.from(await answer.arrayBuffer()), headers: answer.headers };
  };
  const whole = await ask({});
  expect([whole.status, whole.bytes.length]).toEqual([200, total]);
  const part = await ask({ range: "bytes=1000-1999", "if-range": etag });
  expect([part.status, part.headers.get("content-range")]).toEqual([206, `bytes 1000-1999/${total}`]);
  expect(part.bytes.equals(whole.bytes.subarray(1000, 2000))).toBe(true);
  expect((await ask({ range: "bytes=0-9", "if-range": '"other"' })).bytes.length).toBe(total);
  expect(await ask({ range: `bytes=${total}-` })).toMatchObject({ status: 416 });
  expect(await ask({ "if-none-match": etag })).toMatchObject({ status: 304 });
});
