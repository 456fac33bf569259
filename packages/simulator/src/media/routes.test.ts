import { expect, test } from "vitest";
import { SHORT, start, VEO } from "../../test-support/harness.js";

test("media routes: serve a file whole, by HEAD and by range", async () => {
  const { fal } = await start();
  const { data } = await fal.subscribe(VEO, { input: SHORT, pollInterval: 20 });
  const { url, file_size: size } = data.video as unknown as { url: string; file_size: number };
  const head = await fetch(url, { method: "HEAD" });
  expect([head.status, head.headers.get("content-type"), head.headers.get("content-length")]).toEqual([
    ...[200, "video/mp4", String(size)],
  ]);
  const whole = Buffer.from(await (await fetch(url)).arrayBuffer());
  expect(whole.byteLength).toBe(size);

  const ranged = async (range: string) => {
    const response = await fetch(url, { headers: { range } });
    return { response, bytes: Buffer.from(await response.arrayBuffer()) };
  };
  const middle = await ranged("bytes=100-199");
  expect(middle.response.status).toBe(206);
  expect(middle.response.headers.get("content-range")).toBe(`bytes 100-199/${size}`);
  expect(middle.bytes.equals(whole.subarray(100, 200))).toBe(true);
  expect((await ranged("bytes=-10")).bytes.equals(whole.subarray(size - 10))).toBe(true);
  expect((await ranged(`bytes=${size}-`)).response.status).toBe(416);
  expect((await fetch(url.replace(/[\da-f]{8}-/, "00000000-"))).status).toBe(404);
});
