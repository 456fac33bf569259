/** The books of the simulated providers, with amounts that are calculated by hand. */
import { expect, test } from "vitest";
import { type Fixture, FLUX, KLING, SHORT, start, VEO } from "../../test-support/harness.js";
import type { BillLine } from "./billing.js";

const PROVIDERS = {
  fal: { path: (endpoint: string) => `/fal/${endpoint}`, headers: {} },
  replicate: {
    path: (model: string) => `/replicate/v1/models/${model}/predictions`,
    headers: { authorization: "Bearer r8_any" },
  },
  runway: {
    path: (endpoint: string) => `/runway/v1/${endpoint}`,
    headers: { authorization: "Bearer key_any", "x-runway-version": "2024-11-06" },
  },
};

async function submit({ http }: Fixture, provider: keyof typeof PROVIDERS, endpoint: string, body: object) {
  const { path, headers } = PROVIDERS[provider];
  const answer = await http(path(endpoint), {
    ...{ method: "POST", headers: { ...headers, "content-type": "application/json" } },
    body: JSON.stringify(body),
  });
  const { id, request_id } = (await answer.json()) as { id?: string; request_id?: string };
  if (!answer.ok) throw new Error(`${answer.status}`);
  return id ?? request_id ?? "";
}

const bills = async ({ http }: Fixture) => (await (await http("/control/bills")).json()) as BillLine[];

/** Waits for the end of all jobs. */
async function ended(simulator: Fixture): Promise<BillLine[]> {
  for (;;) {
    const { jobs } = await simulator.stats();
    if (jobs.queued + jobs.running === 0) return bills(simulator);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

interface Row {
  provider: keyof typeof PROVIDERS;
  endpoint: string;
  body: object;
  units: number;
  cost_micro: number;
}

const runwayVideo = { promptText: "a bird", ratio: "1280:720" };

test.each<Row>([
  { provider: "fal", endpoint: VEO, body: SHORT, units: 4, cost_micro: 1_600_000 },
  { provider: "fal", endpoint: VEO, body: { ...SHORT, generate_audio: false }, units: 4, cost_micro: 800_000 },
  { provider: "fal", endpoint: KLING, body: { prompt: "a bird" }, units: 5, cost_micro: 350_000 },
  {
    ...{ provider: "fal", endpoint: FLUX, units: 4, cost_micro: 12_000 },
    body: { prompt: "a bird", num_images: 2, image_size: { width: 1024, height: 1025 } },
  },
  {
    ...{ provider: "replicate", endpoint: "google/veo-3-fast", units: 4, cost_micro: 400_000 },
    body: { input: { prompt: "a bird", duration: 4, generate_audio: false } },
  },
  {
    ...{ provider: "replicate", endpoint: "black-forest-labs/flux-schnell", units: 3, cost_micro: 9000 },
    body: { input: { prompt: "a bird", num_outputs: 3 } },
  },
  {
    ...{ provider: "runway", endpoint: "text_to_video", units: 24, cost_micro: 240_000 },
    body: { ...runwayVideo, model: "gen4.5", duration: 2 },
  },
  {
    ...{ provider: "runway", endpoint: "text_to_video", units: 160, cost_micro: 1_600_000 },
    body: { ...runwayVideo, model: "veo3.1", duration: 4 },
  },
  {
    ...{ provider: "runway", endpoint: "text_to_image", units: 8, cost_micro: 80_000 },
    body: { promptText: "a bird", model: "gen4_image", ratio: "1920:1080" },
  },
])("$provider $endpoint with $body: $units units for $cost_micro micro-USD", async (row) => {
  const simulator = await start();
  const id = await submit(simulator, row.provider, row.endpoint, row.body);
  expect(await ended(simulator)).toMatchObject([{ id, units: row.units, cost_micro: row.cost_micro }]);
});

test("bills: a job gets a line when it ends, and a reset removes it", async () => {
  const simulator = await start();
  await simulator.disasters({ name: "never_start" });
  const waiting = await submit(simulator, "fal", VEO, SHORT);
  expect(await bills(simulator)).toEqual([]);
  await simulator.fal.queue.cancel(VEO, { requestId: waiting });
  expect(await bills(simulator)).toMatchObject([{ id: waiting, units: 0, cost_micro: 0 }]);
  await simulator.http("/control/reset", { method: "POST" });
  expect(await bills(simulator)).toEqual([]);
});

test.each([
  { disaster: { name: "fail" }, fal: 0, runway: 0 },
  { disaster: { name: "fail", units: 2.5 }, fal: 1_000_000, runway: 25_000 },
  { disaster: { name: "fail", type: "SAFETY.INPUT.TEXT" }, fal: 0, runway: 240_000 },
  { disaster: { name: "late_moderation" }, fal: 1_600_000, runway: 0 },
  { disaster: { name: "output_missing" }, fal: 1_600_000, runway: 240_000 },
] as const)("$disaster: fal bills $fal, and Runway $runway micro-USD", async ({ disaster, fal, runway }) => {
  const simulator = await start();
  await simulator.disasters(disaster);
  await submit(simulator, "fal", VEO, SHORT);
  await submit(simulator, "runway", "text_to_video", { ...runwayVideo, model: "gen4.5", duration: 2 });
  expect((await ended(simulator)).map(({ cost_micro }) => cost_micro)).toEqual([fal, runway]);
});

test.each([
  { more: [], fal: 1_600_000, runway: 0 },
  { more: [{ name: "cancel_billed" as const }], fal: 1_600_000, runway: 240_000 },
  { more: [{ name: "cancel_billed" as const, units: 0.5 }], fal: 200_000, runway: 5000 },
])("a job cancelled while it renders, with $more: fal bills $fal, and Runway $runway micro-USD", async (row) => {
  const simulator = await start({ queueSeconds: 0 });
  await simulator.disasters({ name: "never_finish" }, ...row.more);
  const atFal = await submit(simulator, "fal", VEO, SHORT);
  const body = { ...runwayVideo, model: "gen4.5", duration: 2 };
  const atRunway = await submit(simulator, "runway", "text_to_video", body);
  // A job that is cancelled in the millisecond in which it begins has not begun.
  await new Promise((resolve) => setTimeout(resolve, 20));
  await simulator.fal.queue.cancel(VEO, { requestId: atFal });
  const { headers } = PROVIDERS.runway;
  await simulator.http(`/runway/v1/tasks/${atRunway}`, { method: "DELETE", headers });
  expect((await ended(simulator)).map(({ cost_micro }) => cost_micro)).toEqual([row.fal, row.runway]);
  const task = await (await simulator.http(`/runway/v1/tasks/${atRunway}`, { headers })).json();
  expect(task).toMatchObject({ status: "CANCELLED", cost: { credits: row.runway / 10_000 } });
});
