import { appendFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { KLING, SHORT, start, temporaryDir, VEO, VEO_IMAGE } from "../../test-support/harness.js";

test("stats and requests: show what was received, without secrets and with shortened pictures", async () => {
  const { fal, stats, requests, finished } = await start();
  const imageUrl = `data:image/png;base64,${"A".repeat(5000)}`;
  await fal.queue.submit(KLING, { input: { prompt: "x" } });
  const { request_id: id } = await fal.queue.submit(VEO_IMAGE, { input: { prompt: "x", image_url: imageUrl } });
  await finished(VEO, id);
  await fal.queue.result(VEO, { requestId: id }).catch(() => undefined);
  await fal.queue.submit("fal-ai/none", { input: {} }).catch(() => undefined);

  const seen = await stats();
  expect(seen).toMatchObject({ submits: 3, by_endpoint: { [KLING]: 1, [VEO_IMAGE]: 1, "fal-ai/none": 1 }, results: 1 });
  expect(seen.polls).toBeGreaterThan(0);
  const [first, second, third] = await requests();
  expect(first).toMatchObject({ seq: 1, provider: "fal", endpoint: KLING, body: { prompt: "x" }, outcome: "accepted" });
  expect(first?.headers).toMatchObject({ authorization: "redacted", "x-fal-queue-priority": "normal" });
  const logged = (second as { body: { image_url: string } } | undefined)?.body.image_url ?? "";
  expect(logged).toMatch(/^data:image\/png;base64,A+\.\.\. \(5022 characters\)$/);
  expect(logged.length).toBeLessThan(250);
  expect(third).toMatchObject({ seq: 3, provider_request_id: null, outcome: "rejected: unknown endpoint" });
});

test("Idempotency-Key: a replay makes a job, as at the providers, and is counted", async () => {
  const dataDir = await temporaryDir();
  const fixture = await start({ dataDir });
  const submit = (key: string | null, path = `/fal/${VEO}`, headers: object = {}) =>
    fixture.http(path, {
      method: "POST",
      headers: { ...(key !== null && { "Idempotency-Key": key }), ...headers },
      body: JSON.stringify(path.startsWith("/fal") ? SHORT : {}),
    });
  for (const key of ["a", null, "a", "b", "a", null]) await submit(key);
  // Keys of another provider are others, and a refused submit counts too.
  await submit("a", "/replicate/v1/predictions");
  await submit("a", "/replicate/v1/predictions");
  const replays = (await fixture.requests()).map(({ replay_of: first }) => first);
  expect(replays).toEqual([null, null, 1, null, 1, null, null, 7]);
  expect(await fixture.stats()).toMatchObject({ submits: 8, replays: 3 });
  await fixture.stop();

  const again = await start({ dataDir });
  expect((await again.stats()).replays).toBe(3);
  await again.http(`/fal/${VEO}`, { method: "POST", headers: { "idempotency-key": "b" }, body: "{}" });
  expect((await again.stats()).replays).toBe(4);
  await again.http("/control/reset", { method: "POST" });
  await again.http(`/fal/${VEO}`, { method: "POST", headers: { "idempotency-key": "b" }, body: "{}" });
  expect(await again.stats()).toMatchObject({ submits: 1, replays: 0 });
});

test("settings: are validated, shown and reset", async () => {
  const { http, settings } = await start({ renderSeconds: 2, queueSeconds: 0.2 });
  const initial = { render_seconds: 2, queue_seconds: 0.2, disasters: [], list_prices: {} };
  const show = async () => (await http("/control/settings")).json();
  expect(await show()).toEqual(initial);
  expect((await settings({ render_seconds: -1 })).status).toBe(400);
  expect((await settings({ disasters: [{ name: "flood" }] })).status).toBe(400);
  expect((await settings({ speed: 1 })).status).toBe(400);
  const changed = { render_seconds: 7, disasters: [{ name: "poll_500", times: 2 }] };
  expect(await (await settings(changed)).json()).toEqual({ ...initial, ...changed });
  await http("/control/settings", { method: "DELETE" });
  expect(await show()).toEqual(initial);
});

test("journal: jobs, requests and counts outlive a restart; a reset of the counts does too", async () => {
  const dataDir = await temporaryDir();
  const first = await start({ dataDir });
  const { request_id: done } = await first.fal.queue.submit(VEO, { input: SHORT });
  await first.finished(VEO, done);
  await first.settings({ render_seconds: 60, queue_seconds: 0 });
  const { request_id: open } = await first.fal.queue.submit(KLING, { input: { prompt: "x" } });
  const before = await first.requests();
  await first.stop();
  // A kill during a write leaves half a line.
  await appendFile(join(dataDir, "journal.jsonl"), '{"type":"submit","sub');

  const second = await start({ dataDir });
  expect(await second.requests()).toEqual(before);
  expect(await second.stats()).toMatchObject({ submits: 2, jobs: { completed: 1, running: 1, queued: 0 } });
  const { data } = await second.fal.queue.result(VEO, { requestId: done });
  expect((await fetch(data.video.url)).status).toBe(200);
  expect((await second.fal.queue.status(KLING, { requestId: open })).status).toBe("IN_PROGRESS");
  await second.http("/control/reset", { method: "POST" });
  await second.stop();

  const third = await start({ dataDir });
  expect(await third.stats()).toMatchObject({ submits: 0, jobs: { completed: 0, running: 0 } });
  expect((await third.fal.queue.status(VEO, { requestId: done })).status).toBe("COMPLETED");
});

test("journal: the next start drops jobs older than a day", async () => {
  const dataDir = await temporaryDir();
  const first = await start({ dataDir });
  const { request_id: requestId } = await first.fal.queue.submit(VEO, { input: SHORT });
  await first.stop();
  const later = await start({ dataDir, now: () => Date.now() + 25 * 3600_000 });
  expect(await later.stats()).toMatchObject({ submits: 0 });
  await expect(later.fal.queue.status(VEO, { requestId })).rejects.toMatchObject({ status: 404 });
});

test("start: a second process on the same port fails and does not change the journal", async () => {
  const first = await start();
  const port = Number(new URL(first.url).port);
  await expect(start({ dataDir: first.dataDir, port })).rejects.toThrow(/EADDRINUSE/);
  await first.fal.queue.submit(VEO, { input: SHORT });
  await first.stop();
  const again = await start({ dataDir: first.dataDir });
  expect(await again.stats()).toMatchObject({ submits: 1 });
});
