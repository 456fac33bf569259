/** The URL of an output: it is known when the request is accepted, and it does not change. */
import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { freePort } from "../../scripts/lib/processes/ports.mjs";
import { createCaller, VEO } from "../support/caller.js";
import { startTestStack, type TestStack } from "../support/stack.js";
import { until } from "../support/until.js";
import { probe } from "../support/video.js";

let test: TestStack;
beforeAll(async () => {
  test = await startTestStack();
});
afterAll(() => test.stop());
beforeEach(() => test.simulator.reset());

const ASYNC = { prefer: "respond-async" };
const filesOf = async (id: string) =>
  (await readdir(join(test.dataDir, "files"), { recursive: true })).filter((file) => file.includes(id));

it("API: its connections may rest longer than those of load balancers, as those of the simulator", async () => {
  const origin = test.stack.baseUrls[0] ?? "";
  for (const url of [`${origin}/api/v1/health`, test.stack.simulatorUrl ?? ""]) {
    const answer = await fetch(url);
    await answer.body?.cancel();
    expect(answer.headers.get("keep-alive")).toBe("timeout=95");
  }
});

it("API: finds llms.txt and its documents when it runs from its build", async () => {
  const origin = test.stack.baseUrls[0] ?? "";
  for (const path of ["/llms.txt", "/docs/errors.md"]) expect((await fetch(origin + path)).status).toBe(200);
  expect(await (await fetch(`${origin}/llms.txt`)).text()).toContain(`${origin}/api/v1/openapi.json`);
});

it("output URL: answers 202 with the progress until the request has ended, then the video", async () => {
  await test.simulator.settings({ render_seconds: 2, queue_seconds: 0 });
  const { body } = await test.caller.generate(VEO, ASYNC);
  const url = body.output_url_when_ready;
  const early = await fetch(url);
  expect([early.status, early.headers.get("retry-after"), early.headers.get("cache-control")]).toEqual([
    ...[202, "2", "no-store"],
  ]);
  expect(await early.json()).toMatchObject({
    request_id: body.id,
    status: expect.stringMatching(/pending|processing/),
  });
  await until("some progress", async () => {
    const answer = await fetch(url);
    return answer.status === 200 || JSON.parse(await answer.text()).status === "processing";
  });
  const done = await test.caller.finished(body.id);
  expect(done.output_url).toBe(url);
  const video = await fetch(url);
  expect([video.status, video.headers.get("content-type")]).toEqual([200, "video/mp4"]);
  expect((await probe(new Uint8Array(await video.arrayBuffer()))).codec).toBe("h264");
});

it("output URL of a failed request: answers the error of the request", async () => {
  const { body } = await test.caller.generate({ ...VEO, prompt: "content policy test" }, ASYNC);
  await test.caller.finished(body.id);
  const answer = await fetch(body.output_url_when_ready);
  expect(answer.status).toBe(422);
  expect(await answer.json()).toMatchObject({ error: "CONTENT_POLICY_VIOLATION", details: { request_id: body.id } });
});

it("output URL of a deleted request: answers 404, and record and files are removed", async () => {
  const photo = `data:image/png;base64,${Buffer.concat([PNG, Buffer.alloc(64 * 1024)]).toString("base64")}`;
  const { body } = await test.caller.generate({ ...VEO, image_url: photo }, ASYNC);
  expect((await test.caller.call("DELETE", `/requests/${body.id}`)).status).toBe(409);
  await test.caller.finished(body.id);
  expect(await filesOf(body.id)).not.toEqual([]);
  expect((await test.caller.call("DELETE", `/requests/${body.id}`)).body).toEqual({
    request_id: body.id,
    deleted: true,
  });
  expect(await filesOf(body.id)).toEqual([]);
  expect((await fetch(body.output_url_when_ready)).status).toBe(404);
  expect((await test.caller.call("GET", `/requests/${body.id}`)).status).toBe(404);
});

/** One red pixel. */
const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==",
  "base64",
);

it("output folder that is away while an API and a worker start: both start, refuse what needs it, and heal", async () => {
  const { id } = (await test.caller.generate(VEO)).body;
  const files = join(test.dataDir, "files");
  renameSync(files, `${files}.away`);
  writeFileSync(files, "a file in the place of the folder");
  const port = await freePort();
  await Promise.all([test.stack.addApi(port), test.stack.addWorker()]);
  const late = createCaller(`http://127.0.0.1:${port}`, test.stack.apiKey);
  expect((await late.call("GET", `/requests/${id}`)).body).toMatchObject({ status: "completed" });
  expect(await late.generate(VEO, ASYNC)).toMatchObject({ status: 503, body: { error: "UNAVAILABLE" } });
  rmSync(files);
  renameSync(`${files}.away`, files);
  const accepted = await until("an accepted generation", async () => {
    const answer = await late.generate({ ...VEO, prompt: "after the fault" }, ASYNC);
    return answer.status === 202 && (answer.body.request_id as string);
  });
  expect((await late.finished(accepted)).status).toBe("completed");
  for (const name of ["api-2", "worker-2"]) {
    const log = readFileSync(join(test.stack.logDir, `${name}.log`), "utf8");
    expect([name, log.match(/media cannot be kept now/g)]).toEqual([name, ["media cannot be kept now"]]);
  }
});
