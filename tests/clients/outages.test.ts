/** Both SDKs while answers are lost and the API is killed: one video, one submit at the provider. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type FaultProxy, startFaultProxy } from "../support/fault-proxy.js";
import { type Generate, python, typescript } from "../support/sdks.js";
import { startTestStack, type TestStack } from "../support/stack.js";
import { until } from "../support/until.js";

let test: TestStack;
let proxy: FaultProxy;
beforeAll(async () => {
  test = await startTestStack({ restart: true, env: { SIMULATOR_RENDER_SECONDS: "2" } });
  proxy = await startFaultProxy(test.stack.baseUrl);
});
afterEach(() => test.simulator.reset());
afterAll(async () => {
  await proxy.close();
  await test.stop();
});

const api = () => test.stack.apis[0] ?? expect.fail("a stack has an API");
const submits = async () => (await test.simulator.stats()).submits;

async function killApi(): Promise<void> {
  const { pid } = api();
  api().kill();
  await until("the API to be up again", () => api().pid !== pid && api().restarts > 0);
}

/** The SDK's result belongs to a completed request whose video can be fetched, and the provider received one submit. */
async function expectOneVideo(result: Awaited<ReturnType<Generate>>): Promise<void> {
  const { body: status } = await test.caller.call("GET", `/requests/${result.id}`);
  expect(status).toMatchObject({ status: "completed", output_url: result.videoUrl });
  expect((await fetch(result.videoUrl)).headers.get("content-type")).toBe("video/mp4");
  expect(await submits()).toBe(1);
}

describe.each<[string, Generate]>([
  ["TypeScript", typescript],
  ["Python", python],
])("%s", (language, generate) => {
  const call = (prompt: string, more: { progress?: boolean } = {}) =>
    generate({ baseUrl: proxy.url, apiKey: test.stack.apiKey, prompt: `${language}: ${prompt}`, ...more });

  it("a lost answer to the submit: the retry returns the same request", async () => {
    proxy.inject({ method: "POST", path: "/videos", kind: "cut_answer" });
    const before = proxy.seen.length;
    await expectOneVideo(await call("a lost answer"));
    const posts = proxy.seen.slice(before).filter(({ method }) => method === "POST");
    expect(posts).toHaveLength(2);
    expect(new Set(posts.map(({ headers }) => headers["idempotency-key"])).size).toBe(1);
  });

  it("two answers that are cut within their bodies", async () => {
    proxy.inject({ method: "POST", path: "/videos", kind: { cutAfterBytes: 20 }, times: 2 });
    await expectOneVideo(await call("half an answer"));
  });

  it("failing polls: a cut connection, a 503, a proxy's error page", async () => {
    const poll = { method: "GET", path: "/requests/" };
    proxy.inject(
      { ...poll, kind: "cut_before" },
      { ...poll, kind: { answer: 503, headers: { "retry-after": "0" } } },
      { ...poll, kind: { answer: 502, body: "<h1>Bad gateway</h1>" } },
    );
    await expectOneVideo(await call("polls that fail"));
  });

  it("SIGKILL of the API during a wait", async () => {
    const result = call("a dying API");
    await until("the submit at the provider", async () => (await submits()) === 1);
    await killApi();
    await expectOneVideo(await result);
  });

  it("SIGKILL of the API during a progress stream", async () => {
    const result = call("a dying stream", { progress: true });
    await until("the submit at the provider", async () => (await submits()) === 1);
    await killApi();
    await expectOneVideo(await result);
  });

  it("SIGKILL of the API during the submit, and a slow restart", async () => {
    proxy.inject({ method: "POST", path: "/videos", kind: "cut_answer" });
    proxy.inject({ method: "POST", path: "/videos", kind: "cut_before", times: 2 });
    const before = proxy.seen.length;
    const result = call("a dead API");
    await until("the POST", () => proxy.seen.length > before);
    await killApi();
    await expectOneVideo(await result);
  });
});
