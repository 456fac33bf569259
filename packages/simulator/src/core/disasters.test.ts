import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { SHORT, start, VEO } from "../../test-support/harness.js";
import { DISASTERS } from "./disasters.js";

test("docs/simulator.md: has one line for each disaster, with the kind of event that it spoils", async () => {
  const page = await readFile(new URL("../../../../docs/simulator.md", import.meta.url), "utf8");
  const rows = [...page.matchAll(/^\| `([a-z\d_]+)` +\| (\w+) /gm)].map(([, name, strikesAt]) => [name, strikesAt]);
  expect(Object.fromEntries(rows)).toEqual(DISASTERS);
  expect(rows).toHaveLength(Object.keys(DISASTERS).length);
});

test("disasters: `times` is used up exactly, however many submits arrive at once", async () => {
  const { http, disasters } = await start();
  await disasters({ name: "submit_429", times: 5, match_prompt: "BIRD" });
  const submit = async () => (await http(`/fal/${VEO}`, { method: "POST", body: JSON.stringify(SHORT) })).status;
  const statuses = await Promise.all(Array.from({ length: 20 }, submit));
  expect(statuses.filter((status) => status === 429)).toHaveLength(5);
});
