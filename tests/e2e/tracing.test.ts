/** One trace from a call through queue, worker and provider to the webhook, as a collector gets it from real processes. */
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { connectPatient } from "@visgate/shared/store";
import { afterAll, beforeAll, expect, test } from "vitest";
import { VEO } from "../support/caller.js";
import { type CollectedSpan, type Collector, startCollector } from "../support/collector.js";
import { fakeSecret, findSecrets } from "../support/fake-secrets.js";
import { type Receiver, startReceiver } from "../support/receiver.js";
import { startTestStack, type TestStack } from "../support/stack.js";
import { until } from "../support/until.js";

const [SERVER, CLIENT, PRODUCER, CONSUMER, INTERNAL] = [2, 3, 4, 5, 1];

let collector: Collector;
let receiver: Receiver;
let stack: TestStack;
beforeAll(async () => {
  collector = await startCollector();
  receiver = await startReceiver();
  stack = await startTestStack({ env: tracingTo(collector.url) });
});
afterAll(async () => {
  await stack.stop();
  await receiver.close();
  await collector.close();
});

const tracingTo = (url: string) => ({
  OTEL_EXPORTER_OTLP_ENDPOINT: url,
  OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
  // Spans that are not exported yet are lost with a killed process.
  OTEL_BSP_SCHEDULE_DELAY: "50",
});

/** A caller's trace. */
function newTrace(flags = "01") {
  const [traceId, spanId] = [randomBytes(16).toString("hex"), randomBytes(8).toString("hex")];
  return { traceId, spanId, traceparent: `00-${traceId}-${spanId}-${flags}` };
}

const submitIn = (traceparent: string, body: object = {}) =>
  stack.caller.submit({ ...VEO, webhook_url: receiver.url, ...body }, { traceparent });

/** The spans of a trace when its webhook was delivered. */
const traceOf = (traceId: string): Promise<CollectedSpan[]> =>
  until(`trace ${traceId} up to its webhook`, () => {
    const spans = collector.spans().filter((span) => span.traceId === traceId);
    return spans.some(({ name }) => name === "deliver webhooks") && spans.some(({ name }) => isLast(name)) && spans;
  });
const isLast = (name: string) => name.startsWith("notify ");

const named = (spans: CollectedSpan[], name: string): CollectedSpan => {
  const found = spans.filter((span) => span.name === name);
  expect(found.map((span) => span.name)).toEqual([name]);
  return found[0] as CollectedSpan;
};
const childrenOf = (spans: CollectedSpan[], { spanId }: CollectedSpan) =>
  spans.filter(({ parentSpanId }) => parentSpanId === spanId);

/** Every span but the first has its parent in the trace. Returns the span of the acceptance. */
function expectWhole(spans: CollectedSpan[], { traceId, spanId }: { traceId: string; spanId: string }): CollectedSpan {
  const ids = new Set([spanId, ...spans.map((span) => span.spanId)]);
  expect(spans.filter(({ parentSpanId }) => !ids.has(parentSpanId))).toEqual([]);
  expect(new Set(spans.map((span) => span.traceId))).toEqual(new Set([traceId]));
  const server = spans.filter(({ kind }) => kind === SERVER);
  expect(server).toMatchObject([{ service: "visgate-api", parentSpanId: spanId }]);
  const send = spans.filter(({ kind }) => kind === PRODUCER);
  expect(send).toMatchObject([{ service: "visgate-api", parentSpanId: server[0]?.spanId }]);
  return send[0] as CollectedSpan;
}

test("a generation is one trace: call, queue, steps, provider calls, copy and webhook", async () => {
  const trace = newTrace();
  const before = (await stack.simulator.stats()).polls;
  await stack.simulator.settings({ render_seconds: 3 });
  const id = await submitIn(trace.traceparent);
  const spans = await traceOf(trace.traceId);
  const send = expectWhole(spans, trace);
  expect(named(spans, "POST /api/v1/videos/generate").attributes).toMatchObject({
    ...{ "http.request.method": "POST", "http.route": "/api/v1/videos/generate", "http.response.status_code": 202 },
    ...{ "url.path": "/api/v1/videos/generate", "visgate.request_id": id },
  });
  expect(send).toMatchObject({
    name: "send fal",
    attributes: {
      ...{ "messaging.system": "bullmq", "messaging.operation.name": "send", "messaging.operation.type": "send" },
      ...{ "messaging.destination.name": "fal", "messaging.message.id": id },
    },
  });
  const steps = ["submit fal", "poll fal", "finalize fal", "notify fal", "deliver webhooks"];
  expect(new Set(childrenOf(spans, send).map(({ name }) => name))).toEqual(new Set(steps));
  for (const step of steps)
    expect(spans.find(({ name }) => name === step)).toMatchObject({
      ...{ service: "visgate-worker", kind: CONSUMER },
      attributes: { "messaging.operation.type": "process", "visgate.request_id": id },
    });
  const submits = childrenOf(spans, named(spans, "submit fal"));
  expect(submits).toMatchObject([{ name: "POST", kind: CLIENT, attributes: { "server.address": "127.0.0.1" } }]);
  const [copy, ...others] = childrenOf(spans, named(spans, "finalize fal"));
  expect([copy, others]).toMatchObject([{ name: "copy output", kind: INTERNAL }, []]);
  expect(childrenOf(spans, copy as CollectedSpan)).toMatchObject([{ name: "GET", kind: CLIENT }]);
  // A render of three seconds is polled several times; only the last poll found something.
  expect((await stack.simulator.stats()).polls - before).toBeGreaterThan(2);
  expect(named(spans, "poll fal").attributes["visgate.provider_answer"]).toBe("succeeded");
  const [posted] = childrenOf(spans, named(spans, "deliver webhooks"));
  expect(posted).toMatchObject({ name: "POST", kind: CLIENT, attributes: { "http.response.status_code": 200 } });
  const received = receiver.received.find(({ body }) => body.includes(id));
  expect(received?.headers["traceparent"]).toBe(`00-${trace.traceId}-${posted?.spanId}-01`);
});

test("the log lines of the call, its steps and its delivery have the trace id", async () => {
  const { traceId, traceparent } = newTrace();
  const id = await submitIn(traceparent);
  await traceOf(traceId);
  const linesOf = (name: string) =>
    readFileSync(join(stack.stack.logDir, `${name}.log`), "utf8")
      .split("\n")
      .filter((line) => line.includes(id))
      .map((line) => JSON.parse(line));
  const hasAll = () => {
    const lines = [...linesOf("api"), ...linesOf("worker-1")].filter(({ trace_id }) => trace_id === traceId);
    const kinds = new Set(lines.map(({ msg, step }) => step ?? msg));
    return ["http", "submit", "finalize", "notify", "delivery"].every((kind) => kinds.has(kind));
  };
  await until("the log lines", hasAll);
});

test("a call without a traceparent, or with one that is not valid, begins a trace", async () => {
  for (const traceparent of [undefined, "00-0-0-01"]) {
    const headers = traceparent === undefined ? {} : { traceparent };
    const id = await stack.caller.submit({ ...VEO, webhook_url: receiver.url }, headers);
    const send = () => collector.spans().find(({ attributes }) => attributes["messaging.message.id"] === id);
    const { traceId } = await until("the span", send);
    const server = (await traceOf(traceId)).find(({ kind }) => kind === SERVER);
    expect(server).toMatchObject({ parentSpanId: "" });
  }
});

test("a call that only reads has a span in a caller's trace, and begins none", async () => {
  const trace = newTrace();
  const before = await stack.caller.call("GET", "/requests?limit=1");
  await stack.caller.call("GET", "/health", { headers: { traceparent: trace.traceparent } });
  // The last one, so that its span is exported after what the others could have left.
  await stack.caller.call("GET", "/requests?limit=2", { headers: { traceparent: trace.traceparent } });
  expect(before.status).toBe(200);
  const spans = await until("the span", () => {
    const found = collector.spans().filter(({ name }) => name.startsWith("GET /api"));
    return found.length > 0 && found;
  });
  expect(spans).toMatchObject([{ name: "GET /api/v1/requests", traceId: trace.traceId, parentSpanId: trace.spanId }]);
});

test("a trace that the caller does not sample leaves nothing: no span, nothing in the record, no header", async () => {
  const trace = newTrace("00");
  const id = await submitIn(trace.traceparent);
  await stack.caller.finished(id);
  const received = await until("the webhook", () => receiver.received.find(({ body }) => body.includes(id)));
  expect(received.headers).not.toHaveProperty("traceparent");
  const redis = connectPatient(stack.stack.redisUrl);
  expect(await redis.hget(`vg:{default}:req:${id}`, "doc")).not.toContain("traceparent");
  redis.disconnect();
  // A later trace is exported after all that this one could have left.
  const later = newTrace();
  await submitIn(later.traceparent);
  await traceOf(later.traceId);
  expect(collector.spans().filter(({ traceId }) => traceId === trace.traceId)).toEqual([]);
});

test.each([
  {
    path: "/openai/v1/videos",
    body: { model: "fal-ai/veo3.1/fast", prompt: "a bird", seconds: "8" },
    route: "/openai/v1/videos",
  },
  {
    path: "/fal/fal-ai/veo3.1/fast",
    body: { prompt: "a bird" },
    route: "/fal/",
  },
  {
    path: "/replicate/v1/models/google/veo-3/predictions",
    body: { input: { prompt: "a bird" } },
    route: "/replicate/v1/models/",
  },
  {
    path: "/runway/v1/text_to_video",
    body: { model: "gen4.5", promptText: "a bird", ratio: "1280:720", duration: 5 },
    route: "/runway/v1/text_to_video",
  },
])("a call of the dialect at $route is one trace", async ({ path, body, route }) => {
  const endpoint = await stack.caller.call("POST", "/webhook-endpoints", { body: { url: receiver.url } });
  const trace = newTrace();
  const answer = await fetch(stack.stack.baseUrl + path, {
    method: "POST",
    headers: {
      ...{ authorization: `Bearer ${stack.stack.apiKey}`, "content-type": "application/json" },
      ...{ traceparent: trace.traceparent, "x-runway-version": "2024-11-06" },
    },
    body: JSON.stringify(body),
  });
  expect(answer.status, await answer.text()).toBeLessThan(300);
  const spans = await traceOf(trace.traceId);
  const send = expectWhole(spans, trace);
  expect(String(spans.find(({ kind }) => kind === SERVER)?.attributes["http.route"])).toContain(route);
  expect(childrenOf(spans, send).some(({ name }) => name.startsWith("submit "))).toBe(true);
  await stack.caller.call("DELETE", `/webhook-endpoints/${endpoint.body.id}`);
});

test("a worker is killed during the render: another one continues the trace", async () => {
  const trace = newTrace();
  await stack.simulator.settings({ render_seconds: 4 });
  const id = await submitIn(trace.traceparent);
  await until("the submit's span", () =>
    collector.spans().some(({ traceId, name }) => traceId === trace.traceId && name === "submit fal"),
  );
  expect((await stack.caller.status(id)).status).toBe("processing");
  const [worker] = stack.stack.workers;
  worker?.kill();
  await worker?.current.exited;
  await stack.stack.addWorker();
  expect((await stack.caller.finished(id)).status).toBe("completed");
  const spans = await traceOf(trace.traceId);
  expectWhole(spans, trace);
  const [first, second] = ["submit fal", "finalize fal"].map((name) => named(spans, name).instance);
  expect(second).not.toBe(first);
  await stack.simulator.settings({ render_seconds: 0.5 });
});

test("no span holds a prompt, a key, or what a URL has in its path or query", async () => {
  const secrets = {
    prompt: fakeSecret("the prompt"),
    key: fakeSecret("the caller's provider key"),
    path: fakeSecret("the path of the receiver"),
    query: fakeSecret("the query of the receiver"),
    image: fakeSecret("the query of the image"),
  };
  const trace = newTrace();
  const id = await stack.caller.submit(
    {
      ...VEO,
      prompt: `a bird ${secrets.prompt.text}`,
      webhook_url: `${receiver.origin}/${secrets.path.text}?token=${secrets.query.text}`,
      image_url: `${receiver.origin}/a.png?signature=${secrets.image.text}`,
      metadata: { note: secrets.prompt.text },
    },
    { traceparent: trace.traceparent, "x-fal-key": secrets.key.text },
  );
  await stack.caller.finished(id);
  await traceOf(trace.traceId);
  const all = [...Object.values(secrets), { name: "the API key", text: stack.stack.apiKey }];
  const places = collector.bodies.map((content) => ({ place: "an export", content }));
  expect(findSecrets(all, places)).toEqual([]);
});
