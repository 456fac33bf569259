/** The operator's own servers with the OpenAI videos API: no price, outputs that need the key, several servers. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestStack, type TestStack } from "../support/stack.js";
import { until } from "../support/until.js";

const CALL = { model: "openai-videos/sim-video", prompt: "a bird flying over the sea", duration_seconds: 4 };
const folder = mkdtempSync(join(tmpdir(), "visgate-servers-"));

let first: TestStack;
let second: TestStack;
beforeAll(async () => {
  first = await startTestStack();
  const base_url = `${first.stack.simulatorUrl}/openai-videos/v1`;
  const file = join(folder, "servers.json");
  const servers = [
    { name: "gpu-a", base_url, key_variable: "GPU_A_KEY" },
    { name: "gpu-b", base_url },
  ];
  writeFileSync(file, JSON.stringify(servers));
  second = await startTestStack({
    env: { OPENAI_VIDEOS_SERVERS: file, GPU_A_KEY: "key-of-gpu-a", ALLOW_PRIVATE_URLS: "false" },
  });
});
afterAll(async () => {
  await Promise.all([first.stop(), second.stop()]);
  rmSync(folder, { recursive: true });
});

describe("openai-videos: the server of OPENAI_VIDEOS_BASE_URL", () => {
  it("request: completes as charged, with cost 0, because the price is not known", async () => {
    const id = await first.caller.submit(CALL);
    const ended = await first.caller.finished(id);
    expect(ended).toMatchObject({ status: "completed", provider: "openai-videos", cost: 0, charge_state: "charged" });
    const media = await fetch(ended.output_url);
    expect(media.headers.get("content-type")).toBe("video/mp4");
  });

  it("cancel while it renders: cancels the job at the server", async () => {
    await first.simulator.settings({ render_seconds: 60 });
    const id = await first.caller.submit({ ...CALL, prompt: "a long render" });
    await until("the render", async () => (await first.caller.status(id)).status === "processing");
    await first.caller.call("POST", `/requests/${id}/cancel`);
    expect(await first.caller.finished(id)).toMatchObject({ status: "failed", error_code: "CANCELLED" });
    await first.simulator.settings({ render_seconds: 0.5 });
  });

  it("skip_gcs_upload: answers 422, because callers could not fetch the server's own URL", async () => {
    const answer = await first.caller.call("POST", "/videos/generate", { body: { ...CALL, skip_gcs_upload: true } });
    expect([answer.status, answer.body.details.field]).toEqual([422, "skip_gcs_upload"]);
  });

  it("model that the server does not know: fails and costs nothing", async () => {
    const id = await first.caller.submit({ ...CALL, model: "openai-videos/no-such-model" });
    expect(await first.caller.finished(id)).toMatchObject({ status: "failed", charge_state: "released" });
  });
});

describe("openai-videos: several servers", () => {
  it.each(["gpu-a", "gpu-b"])("model@%s: renders at that server, although its address is private", async (server) => {
    const id = await second.caller.submit({ ...CALL, model: `openai-videos/sim-video@${server}` });
    expect(await second.caller.finished(id)).toMatchObject({ status: "completed", simulated: false });
  });

  it("model@gpu-c, which is not in the file: fails with PROVIDER_NOT_CONFIGURED", async () => {
    const id = await second.caller.submit({ ...CALL, model: "openai-videos/sim-video@gpu-c" });
    const ended = await second.caller.finished(id);
    expect(ended).toMatchObject({ status: "failed", error_code: "PROVIDER_NOT_CONFIGURED", charge_state: "released" });
  });
});
