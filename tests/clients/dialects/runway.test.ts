/** Runway's own SDKs for Node.js and Python, unmodified, with another base URL. */
import { join } from "node:path";
import RunwayML, { TaskFailedError } from "@runwayml/sdk";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ROOT, run } from "../../support/packages.js";
import { photo } from "../../support/photo.js";
import { startTestStack, type TestStack } from "../../support/stack.js";
import { probe } from "../../support/video.js";
import { CALLS, countDone, expectPaidOnce, paidByPrompt } from "../support/dialects.js";
import { snippetOf } from "../support/doc-snippets.js";
import { findPythonSdk, PROGRAMS } from "../support/programs.js";

let test: TestStack;
let runway: RunwayML;
let python: string;
beforeAll(async () => {
  const finding = findPythonSdk("runway", { of: "Runway", minor: 9 });
  [test, python] = await Promise.all([startTestStack(), finding]);
  runway = clientAt(test.stack.baseUrl);
  const disasters = [
    { name: "fail", match_prompt: "this fails" },
    { name: "never_finish", match_prompt: "a slow one" },
  ];
  await test.simulator.settings({ disasters });
});
afterAll(() => test.stop());

const clientAt = (url: string) => new RunwayML({ apiKey: test.stack.apiKey, baseURL: `${url}/runway` });

async function runPython(baseUrl: string, args: string[], env: Record<string, string> = {}) {
  const { apiKey } = test.stack;
  const settings = { RUNWAYML_API_SECRET: apiKey, RUNWAYML_BASE_URL: `${baseUrl}/runway` };
  return JSON.parse(await run(python, ["-I", join(PROGRAMS, "runway.py"), ...args], { env: { ...settings, ...env } }));
}

const runModule = (text: string, env: Record<string, string>) =>
  run(process.execPath, ["--input-type=module", "--eval", text], { cwd: ROOT, env });

const bytesOf = async (url: string | undefined) => new Uint8Array(await (await fetch(url ?? "")).arrayBuffer());
const text = (promptText: string) => ({ model: "veo3.1_fast", promptText, ratio: "720:1280", duration: 4 }) as const;

const failureOf = (id: string): Promise<TaskFailedError> =>
  runway.tasks
    .retrieve(id)
    .waitForTaskOutput()
    .then(
      () => Promise.reject(new Error("it succeeded")),
      (error) => error,
    );

const image = (promptText: string) =>
  ({ model: "fal-ai/flux/schnell" as "gen4_image", promptText, ratio: "256:256" as "720:720" }) as const;

/** Waits for the end at the gateway's own API: the SDK would poll for the first time after 6 s. */
async function ended(client: RunwayML, { id }: { id: string }) {
  await test.caller.finished(id);
  const task = await client.tasks.retrieve(id);
  if (task.status !== "SUCCEEDED") throw new Error(`task ${id} is ${task.status}`);
  return task;
}

// All that mostly wait, at the same time.
describe.concurrent("unmodified code", () => {
  describe(`answers that are cut, and the SDK's repeats: ${CALLS} calls, each paid once at most`, () => {
    it("Node.js", () =>
      expectPaidOnce(
        test,
        (call) => `Node.js call ${call}`,
        (url, prompts) => {
          const client = clientAt(url);
          return countDone(
            prompts.map(async (prompt) => ended(client, await client.textToImage.create(image(prompt)))),
          );
        },
      ));

    it("Python", () =>
      expectPaidOnce(
        test,
        (call) => `Python call ${call}`,
        async (url) => (await runPython(url, ["often", String(CALLS)])).done,
      ));
  });

  describe("waitForTaskOutput and delete", () => {
    it("Python: makes a video, and its errors are the SDK's own", async () => {
      const told = await runPython(test.stack.baseUrl, ["make"], { IMAGE: await photo() });
      expect((await probe(await bytesOf(told.url))).seconds).toBeCloseTo(2, 0);
      expect(told).toMatchObject({
        ...{ cost: 10, failure: expect.stringContaining("Runway could not render this request") },
        wrong_field: { error: expect.stringContaining("1280:720, 720:1280"), issues: [{ path: ["ratio"] }] },
        unknown_model: { error: expect.stringContaining("Did you mean gen4.5?") },
        wrong_key: { error: expect.any(String) },
      });
    });

    it("text_to_video: makes a video of that shape", async () => {
      const task = await runway.textToVideo
        .create({ ...text("a bird over the sea"), audio: false })
        .waitForTaskOutput();
      expect(task).toMatchObject({ status: "SUCCEEDED", cost: { credits: 40 }, createdAt: expect.any(String) });
      const { width, height } = await probe(await bytesOf(task.output[0]));
      expect(width / height).toBeCloseTo(9 / 16);
    });

    it("image_to_video: of a list with the first frame", async () => {
      const promptImage = [{ uri: await photo(), position: "first" }] as const;
      const body = { model: "gen4_turbo", promptText: "it moves", ratio: "1280:720", duration: 2 } as const;
      const { output } = await runway.imageToVideo
        .create({ ...body, promptImage: [...promptImage] })
        .waitForTaskOutput();
      expect((await probe(await bytesOf(output[0]))).seconds).toBeCloseTo(2, 0);
    });

    it("text_to_image: makes an image of that size", async () => {
      const body = { model: "gen4_image", promptText: "a lighthouse", ratio: "1280:720" } as const;
      const { output } = await ended(runway, await runway.textToImage.create(body));
      expect(await sharp(await bytesOf(output[0])).metadata()).toMatchObject({ width: 1280, height: 720 });
    });

    it("a model of another provider: the ratio becomes its aspect ratio and resolution", async () => {
      const body = { ...text("a boat"), model: "fal-ai/veo3" as "veo3.1_fast", ratio: "1920:1080" } as const;
      const { output } = await ended(runway, await runway.textToVideo.create(body));
      expect((await probe(await bytesOf(output[0]))).seconds).toBeCloseTo(4, 0);
      const sent = (await test.simulator.submits()).map((submit) => submit.body);
      expect(sent).toContainEqual(
        expect.objectContaining({ prompt: "a boat", aspect_ratio: "16:9", resolution: "1080p" }),
      );
    });

    it("a render that fails: its error", async () => {
      const error = await runway.textToVideo
        .create(text("this fails"))
        .waitForTaskOutput()
        .catch((thrown) => thrown);
      expect(error).toBeInstanceOf(TaskFailedError);
      expect(error.taskDetails).toMatchObject({ status: "FAILED", failureCode: "INTERNAL.PROVIDER_ERROR" });
      expect(error.message).toContain("Runway could not render this request");
    });

    it("delete: cancels a task that runs, twice too; deletes one that has ended", async () => {
      const slow = await runway.textToVideo.create(text("a slow one"));
      expect(slow.estimatedCost?.credits).toBeGreaterThan(0);
      await runway.tasks.delete(slow.id);
      await runway.tasks.delete(slow.id);
      const error = await failureOf(slow.id);
      expect(error.taskDetails.status).toBe("CANCELLED");
      const failed = await runway.textToVideo.create(text("this fails too"));
      await runway.tasks
        .retrieve(failed.id)
        .waitForTaskOutput()
        .catch(() => {});
      await runway.tasks.delete(failed.id);
      await expect(runway.tasks.retrieve(failed.id)).rejects.toThrow(RunwayML.NotFoundError);
    });
  });

  it.each(["js", "python"])("the %s of docs/dialects.md makes a video", async (language) => {
    const snippet = snippetOf("Runway", language, test.stack.baseUrl);
    const env = { VISGATE_API_KEY: test.stack.apiKey };
    const url = language === "js" ? await runModule(snippet, env) : await run(python, ["-I", "-c", snippet], { env });
    expect((await probe(await bytesOf(url.trim()))).seconds).toBeCloseTo(4, 0);
  });

  it("equal calls, one after the other, each make an image", async () => {
    for (const _ of [1, 2]) await ended(runway, await runway.textToImage.create(image("the same")));
    expect((await paidByPrompt(test)).get("the same")).toBe(2);
  });
});

describe("errors are the SDK's own", () => {
  const fieldOf = (error: { error: { issues: { path: string[] }[] } }) => error.error.issues[0]?.path;

  it("a wrong field: which, and what it takes", async () => {
    const body = { ...text("x"), ratio: "1000:10" as "720:1280" };
    const error = await runway.textToVideo.create(body).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(RunwayML.UnprocessableEntityError);
    expect([fieldOf(error), error.message]).toEqual([["ratio"], expect.stringContaining("1280:720")]);
  });

  it("an unknown model, and an unknown key", async () => {
    const unknown = { ...text("x"), model: "veo3.2" as "veo3.1" };
    await expect(runway.textToVideo.create(unknown)).rejects.toThrow(RunwayML.NotFoundError);
    const stranger = new RunwayML({ apiKey: "vg-0123456789abcdef0", baseURL: `${test.stack.baseUrl}/runway` });
    await expect(stranger.tasks.retrieve("x")).rejects.toThrow(RunwayML.AuthenticationError);
  });

  it("an upload is the image of a task, and one that is no image is refused", async () => {
    const picture = await sharp({ create: { width: 90, height: 160, channels: 3, background: "#c03020" } })
      .png()
      .toBuffer();
    const file = new File([new Uint8Array(picture)], "a.png", { type: "image/png" });
    const { uri } = await runway.uploads.createEphemeral({ file });
    const { id } = await runway.imageToVideo.create({
      ...{ model: "gen4_turbo", promptImage: uri, promptText: "from an upload", ratio: "720:1280", duration: 2 },
    });
    expect((await runway.tasks.retrieve(id)).status).toMatch(/PENDING|RUNNING/);
    const text = new File(["not much"], "a.png", { type: "image/png" });
    const error = await runway.uploads.createEphemeral({ file: text }).catch((thrown) => thrown);
    expect([error.status, error.message]).toEqual([422, expect.any(String)]);
  });
});
