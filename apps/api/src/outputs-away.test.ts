/** The API while its output folder is away, full or read-only: what needs no disk works, the rest is a 503. */
import { existsSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createDiskStore, type OutputsWatch, watchOutputs } from "@visgate/shared/outputs";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { ASYNC, startTestApi, type TestApi, useTestApi, VEO } from "../../../tests/support/api.js";
import { photo } from "../../../tests/support/photo.js";
import { until } from "../../../tests/support/until.js";

const CACHED = { ...VEO, prompt: "a film in the cache", cache: "use" } as const;
const LARGE = await photo(64 * 1024);
const { server } = useTestApi();
let api: TestApi;
let watch: OutputsWatch;
let files: string;
let finished: { id: string; url: string };
beforeAll(async () => {
  api = await startTestApi(server.url);
  files = join(api.dataDir, "files");
  watch = watchOutputs(createDiskStore(files), { everyWhileFaultyMs: 20, onChange: () => {} });
  Object.assign(api.deps, { outputs: watch.store, outputsHealth: watch });
  const id = await api.submit(CACHED);
  await api.complete(id);
  await api.generate(CACHED); // now this process knows the entry
  finished = { id, url: (await api.call("GET", `/requests/${id}`)).body.output_url };
});
/** A file is in the place of the folder: also root cannot write there. */
beforeEach(async () => {
  renameSync(files, `${files}.away`);
  writeFileSync(files, "");
  await watch.check();
});
const bringBack = () => {
  if (!existsSync(`${files}.away`)) return;
  rmSync(files);
  renameSync(`${files}.away`, files);
};
afterEach(async () => {
  bringBack();
  await until("the end of the fault", () => watch.fault() === null);
});
afterAll(async () => {
  watch.close();
  await api.close();
});

const refused = { status: 503, body: { error: "UNAVAILABLE" } };

describe("while files cannot be stored", () => {
  test("a generation whose output is copied is a 503 with Retry-After, before anything is written", async () => {
    const before = await api.traces();
    const answer = await api.generate(VEO, ASYNC);
    expect(answer).toMatchObject(refused);
    expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(answer.body.message).toContain("Nothing was accepted");
    expect(await api.generate({ ...VEO, image_url: LARGE }, ASYNC)).toMatchObject(refused);
    expect(await api.traces()).toEqual(before);
    expect((await api.call("GET", "/diagnostics")).body.accepting).toBe(false);
  });

  test("a generation that needs no disk is accepted, but not with a large image, which is stored", async () => {
    const remote = { ...VEO, skip_gcs_upload: true };
    expect((await api.generate(remote, ASYNC)).status).toBe(202);
    expect(await api.generate({ ...remote, image_url: LARGE }, ASYNC)).toMatchObject(refused);
  });

  test("a result from the cache and a finished request are answered", async () => {
    expect((await api.generate(CACHED)).body).toMatchObject({ cache_hit: true });
    const { status, body } = await api.call("GET", `/requests/${finished.id}`);
    expect([status, body.status]).toEqual([200, "completed"]);
  });

  test("a file that cannot be read now is a 503, not a 404", async () => {
    expect(await api.call("GET", finished.url, { key: null })).toMatchObject(refused);
    bringBack();
    await until("the end of the fault", () => watch.fault() === null);
    expect((await api.call("GET", finished.url, { key: null })).status).toBe(200);
  });

  test("everything works again when the folder is back", async () => {
    bringBack();
    await until("an accepted generation", async () => (await api.generate(VEO, ASYNC)).status === 202);
    expect((await api.generate({ ...VEO, image_url: LARGE }, ASYNC)).status).toBe(202);
  });
});

test("an image that cannot be stored is a 503 also before the fault is known", async () => {
  bringBack();
  const put = () => Promise.reject(Object.assign(new Error("no space"), { code: "ENOSPC" }));
  const { outputs } = api.deps;
  Object.assign(api.deps, { outputs: { ...outputs, put } });
  await until("the end of the fault", () => watch.fault() === null);
  expect(await api.generate({ ...VEO, image_url: LARGE }, ASYNC)).toMatchObject(refused);
  Object.assign(api.deps, { outputs });
});
