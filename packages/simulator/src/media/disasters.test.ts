import { expect, test } from "vitest";
import { FLUX, start } from "../../test-support/harness.js";
import { INPUT, VEO as REPLICATE_VEO, SCHNELL, startReplicate } from "../../test-support/replicate.js";
import { startRunway, type TaskWith, TEXT } from "../../test-support/runway.js";

const TWO = { prompt: "two birds", num_images: 2 };

async function pictures(...disasters: Parameters<Awaited<ReturnType<typeof start>>["disasters"]>) {
  const fixture = await start();
  await fixture.disasters(...disasters);
  return (await fixture.fal.subscribe(FLUX, { input: TWO, pollInterval: 20 })).data;
}

test.each([
  ["output_odd_url", /^ftp:\/\/127\.0\.0\.1\//],
  ["output_private", /^https:\/\/127\.0\.0\.1:1\//],
] as const)("%s: every provider answers an address that cannot be fetched", async (name, address) => {
  const fal = await pictures({ name });
  expect(fal.images.map(({ url }) => url)).toEqual([expect.stringMatching(address), expect.stringMatching(address)]);
  const replicate = await startReplicate();
  await replicate.disasters({ name });
  const { id } = await replicate.replicate.predictions.create({ model: REPLICATE_VEO, input: INPUT });
  expect((await replicate.ended(id)).output).toMatch(address);
  const runway = await startRunway();
  await runway.disasters({ name });
  const task = await runway.runway.textToVideo.create(TEXT);
  expect(((await runway.ended(task.id)) as TaskWith<"SUCCEEDED">).output).toEqual([expect.stringMatching(address)]);
});

test.each([
  ["output_empty", 200],
  ["output_204", 204],
] as const)("%s: the media address answers an empty body", async (name, status) => {
  const { images } = await pictures({ name });
  const response = await fetch(images[0]?.url ?? "");
  expect([response.status, (await response.arrayBuffer()).byteLength]).toEqual([status, 0]);
});

test("output_one_missing: spoils only the second file; other files use up none of its times", async () => {
  const { replicate, disasters, ended } = await startReplicate();
  await disasters({ name: "output_one_missing", times: 1 });
  const input = { prompt: "three birds", num_outputs: 3 };
  const { id } = await replicate.predictions.create({ model: SCHNELL, input });
  const addresses = (await ended(id)).output as string[];
  const statuses = [];
  for (const address of addresses) statuses.push((await fetch(address)).status);
  expect(statuses).toEqual([200, 404, 200]);
  expect((await fetch(addresses[1] ?? "")).status).toBe(200);
});
