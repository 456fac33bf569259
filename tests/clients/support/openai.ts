/** What the tests of all SDKs of OpenAI do: run a program that uses one, and check what it got. */
import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import { run } from "../../support/packages.js";
import { photo } from "../../support/photo.js";
import type { TestStack } from "../../support/stack.js";
import { probe } from "../../support/video.js";
import { CALLS, startCuttingProxy } from "./dialects.js";

export interface Sdk {
  /** The interpreter, and the program that it runs. */
  command: [string, string];
  /** The working directory, for files. */
  dir: string;
}

/** Runs a part of the program against the server at `url`. */
async function runPart({ command: [program, ...args], dir }: Sdk, test: TestStack, part: string[], url?: string) {
  const env = {
    PATH: process.env["PATH"],
    OPENAI_BASE_URL: `${url ?? test.stack.baseUrl}/openai/v1`,
    OPENAI_API_KEY: test.stack.apiKey,
  };
  return JSON.parse(await run(program, [...args, ...part], { cwd: dir, env }));
}

async function expectFilm(file: string, size?: { width: number; height: number }): Promise<void> {
  const film = await probe(readFileSync(file));
  expect(film.seconds).toBeCloseTo(4, 0);
  if (size !== undefined) expect(film).toMatchObject(size);
}

export async function expectVideos(sdk: Sdk, test: TestStack): Promise<void> {
  const image = join(sdk.dir, "image.jpg");
  await writeFile(image, Buffer.from((await photo()).split(",")[1] ?? "", "base64"));
  const got = await runPart(sdk, test, ["videos", image]);
  const whole = { object: "video", status: "completed", progress: 100, seconds: "4", error: null };
  expect(got.text).toMatchObject({ ...whole, model: "fal-ai/veo3.1/fast", size: "720x1280" });
  expect(got.pictured).toMatchObject({ ...whole, size: "auto" });
  expect(got.files).toEqual(["text.mp4", "image.mp4"]);
  for (const file of got.files) await expectFilm(join(sdk.dir, file));
  expect(got.again.id).not.toBe(got.text.id);
  expect(got.listed.slice(0, 3)).toEqual([got.again.id, got.pictured.id, got.text.id]);
  expect(got.deleted).toEqual({ id: got.again.id, object: "video.deleted", deleted: true });
  expect(got.gone).toMatchObject({ name: "NotFoundError", status: 404, code: "request_not_found" });
  const sent = (await test.simulator.submits()).map(({ body }) => body).filter(({ seed }) => seed === 1 || seed === 2);
  expect(sent.at(-2)).toMatchObject({ seed: 2, image_url: expect.stringMatching(/^data:image\/jpeg/) });
}

export async function expectErrors(sdk: Sdk, test: TestStack): Promise<void> {
  await test.simulator.settings({ disasters: [{ name: "fail", match_prompt: "this fails" }] });
  const got = await runPart(sdk, test, ["errors"]);
  await test.simulator.settings({ disasters: [] });
  const wrong = { name: "UnprocessableEntityError", status: 422, code: "invalid_value", type: "invalid_request_error" };
  expect(got.field).toMatchObject({ ...wrong, param: "size", message: expect.stringContaining("1280x720") });
  expect(got.extra).toMatchObject({ ...wrong, param: "quality" });
  expect(got.sheet).toMatchObject({ ...wrong, param: "variant" });
  const unknown = { name: "NotFoundError", status: 404, code: "model_not_found", param: "model" };
  expect(got.model).toMatchObject({ ...unknown, message: expect.stringContaining("Did you mean sora-2?") });
  expect(got.key).toMatchObject({ name: "AuthenticationError", status: 401, code: "invalid_api_key" });
  expect(got.remix).toMatchObject({ name: "BadRequestError", status: 400, code: "bad_request" });
  expect(got.failed).toMatchObject({ status: "failed", error: { code: "provider_error" } });
  expect(got.content).toMatchObject({ type: "server_error", code: "provider_error" });
}

/** A hundred calls that the simulator draws one film for: they differ by their seed. */
export async function expectPaidOnce(sdk: Sdk, test: TestStack, seed: number): Promise<void> {
  const proxy = await startCuttingProxy(test.stack.baseUrl, seed);
  const before = await test.simulator.submits();
  const ends: string[] = await runPart(sdk, test, ["many", String(CALLS)], proxy.url);
  await proxy.close();
  const paid = new Map<unknown, number>();
  for (const { seq, body, provider_request_id: job } of await test.simulator.submits()) {
    if (job !== null && seq > (before.at(-1)?.seq ?? -1)) paid.set(body["seed"], (paid.get(body["seed"]) ?? 0) + 1);
  }
  expect([...paid.values()].filter((jobs) => jobs > 1)).toEqual([]);
  expect(proxy.seen.filter(({ method }) => method === "POST").length).toBeGreaterThan(CALLS);
  expect(ends.filter((end) => end === "completed").length).toBeGreaterThan(CALLS / 3);
}

export async function expectDocumented({ command: [program], dir }: Sdk, test: TestStack, file: string): Promise<void> {
  await run(program, [file], { cwd: dir, env: { PATH: process.env["PATH"], VISGATE_API_KEY: test.stack.apiKey } });
  await expectFilm(join(dir, "bird.mp4"));
}
