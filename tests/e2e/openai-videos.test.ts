/** Servers that speak the OpenAI videos API, the operator's own: no price, outputs behind the key, several side by side. */
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
  it("a request ends completed, charged and without a cost that anybody knows", async () => {
    const id = await first.caller.submit(CALL);
    const ended = await first.caller.finished(id);
    expect(ended).toMatchObject({ status: "completed", provider: "openai-videos", cost: 0, charge_state: "charged" });
    const media = await fetch(ended.output_url);
    expect(media.headers.get("content-type")).toBe("video/mp4");
  });

  it("a cancel while it renders stops the job at the server", async () => {
    await first.simulator.settings({ render_seconds: 60 });
    const id = await first.caller.submit({ ...CALL, prompt: "a long one" });
    await until("it to render", async () => (await first.caller.status(id)).status === "processing");
    await first.caller.call("POST", `/requests/${id}/cancel`);
    expect(await first.caller.finished(id)).toMatchObject({ status: "failed", error_code: "CANCELLED" });
    await first.simulator.settings({ render_seconds: 0.5 });
  });

  it("its own URL is not handed out, as callers could not fetch it", async () => {
    const answer = await first.caller.call("POST", "/videos/generate", { body: { ...CALL, skip_gcs_upload: true } });
    expect([answer.status, answer.body.details.field]).toEqual([422, "skip_gcs_upload"]);
  });

  it("a model that the server does not know fails, and costs nothing", async () => {
    const id = await first.caller.submit({ ...CALL, model: "openai-videos/no-such-model" });
    expect(await first.caller.finished(id)).toMatchObject({ status: "failed", charge_state: "released" });
  });
});

describe("openai-videos: several servers", () => {
  it.each(["gpu-a", "gpu-b"])("a model at %s renders there, at a private address", async (server) => {
    const id = await second.caller.submit({ ...CALL, model: `openai-videos/sim-video@${server}` });
    expect(await second.caller.finished(id)).toMatchObject({ status: "completed", simulated: false });
  });

  it("a server that is not in the file is not configured", async () => {
    const id = await second.caller.submit({ ...CALL, model: "openai-videos/sim-video@gpu-c" });
    const ended = await second.caller.finished(id);
    expect(ended).toMatchObject({ status: "failed", error_code: "PROVIDER_NOT_CONFIGURED", charge_state: "released" });
  });
});
