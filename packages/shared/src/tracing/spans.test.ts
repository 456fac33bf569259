/** Spans with OpenTelemetry's own tracer, and an exporter in memory. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tracing as otel } from "@opentelemetry/sdk-node";
import { beforeEach, expect, test } from "vitest";
import { createLeanFetch } from "../runtime/net/lean-fetch.js";
import { traceCall, traceFetch } from "./calls.js";
import { createSpans } from "./spans.js";
import { NO_SPAN, NO_TRACING, type Span, type SpanOptions, type Tracing } from "./tracing.js";

const exported = new otel.InMemorySpanExporter();
const provider = new otel.BasicTracerProvider({
  sampler: new otel.ParentBasedSampler({ root: new otel.AlwaysOnSampler() }),
  spanProcessors: [new otel.SimpleSpanProcessor(exported)],
});
const tracing: Tracing = { ...createSpans(provider.getTracer("test")), close: async () => {} };
beforeEach(() => exported.reset());

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT = `00-${TRACE}-00f067aa0ba902b7-01`;
const STEP: SpanOptions = { kind: "consumer", parent: PARENT, isOptional: true };
const DETAIL: SpanOptions = { kind: "client", isDetail: true };
const names = () => exported.getFinishedSpans().map(({ name }) => name);
const none = async () => {};

test("an optional span is dropped with its details", async () => {
  await tracing.span("step", STEP, () => tracing.span("look", DETAIL, none));
  expect(names()).toEqual([]);
});

test("an optional span that is kept has its details, which end before it", async () => {
  await tracing.span("step", STEP, async (step) => {
    await tracing.span("look", DETAIL, none);
    tracing.current().keep();
    expect(tracing.current()).toBe(step);
    await tracing.span("later", DETAIL, none);
  });
  expect(names()).toEqual(["later", "look", "step"]);
  const [, look, step] = exported.getFinishedSpans();
  expect(look?.parentSpanContext?.spanId).toBe(step?.spanContext().spanId);
  expect(look?.endTime.at(0)).toBeLessThanOrEqual(step?.endTime.at(0) ?? 0);
});

test("an optional span is kept by a span in it that is more than a detail", async () => {
  await tracing.span("step", STEP, () => tracing.span("copy", { kind: "internal" }, none));
  expect(names()).toEqual(["copy", "step"]);
});

test("a span that throws is kept with the class or code of the error, without its message", async () => {
  const error = Object.assign(new TypeError("a prompt"), { code: "ECONNRESET" });
  const thrown = tracing.span("step", STEP, () => Promise.reject(error));
  await expect(thrown).rejects.toBe(error);
  const [step] = exported.getFinishedSpans();
  expect(step?.attributes).toEqual({ "error.type": "ECONNRESET" });
  expect(JSON.stringify([step?.status, step?.events])).not.toContain("prompt");
});

test("only a server span begins a trace, and what is in a span that is not recorded makes none", async () => {
  await tracing.span("step", { kind: "consumer" }, async (step) => expect(step).toBe(NO_SPAN));
  const unsampled = { kind: "server", parent: PARENT.replace(/01$/, "00") } as const;
  await tracing.span("call", unsampled, async () => {
    expect(tracing.current()).toBe(NO_SPAN);
    await tracing.span("send", { kind: "producer" }, none);
  });
  expect(names()).toEqual([]);
  await tracing.span("call", { kind: "server", parent: "nonsense" }, none);
  expect(exported.getFinishedSpans()).toMatchObject([{ name: "call", parentSpanContext: undefined }]);
});

test("spans of steps that run at once do not mix", async () => {
  const step = (name: string) =>
    tracing.span(name, { kind: "consumer", parent: PARENT }, async (span) => {
      await new Promise(setImmediate);
      expect(tracing.current()).toBe(span);
      await tracing.span(`${name}'s`, { kind: "internal" }, none);
      return span;
    });
  await Promise.all(["a", "b", "c"].map(step));
  const spans = exported.getFinishedSpans();
  for (const name of ["a", "b", "c"]) {
    const [own, child] = [name, `${name}'s`].map((each) => spans.find((span) => span.name === each));
    expect(child?.parentSpanContext?.spanId).toBe(own?.spanContext().spanId);
  }
});

/** A server that returns the headers that it got. */
async function startEcho() {
  const server = createServer((request, response) => response.end(JSON.stringify(request.headers)));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => server.close() };
}

test.each([false, true])("a call of a provider has a span; it sends its traceparent: %s", async (isSent) => {
  const echo = await startEcho();
  const lean = createLeanFetch({ freshConnections: false });
  const traced = traceFetch(tracing, lean.fetch, isSent);
  const got = await tracing.span("submit", { kind: "consumer", parent: PARENT }, async () => {
    const answer = await traced(`${echo.url}/model?fal_webhook=secret`, { headers: { "x-key": "k" } });
    return (await answer.json()) as Record<string, string>;
  });
  const [call] = exported.getFinishedSpans();
  expect(got["traceparent"]).toBe(isSent ? `00-${TRACE}-${call?.spanContext().spanId}-01` : undefined);
  expect(got["x-key"]).toBe("k");
  expect(call).toMatchObject({
    name: "GET",
    attributes: {
      ...{ "http.request.method": "GET", "server.address": "127.0.0.1", "server.port": Number(new URL(echo.url).port) },
      ...{ "http.response.status_code": 200, "url.full": `${echo.url}/model?[redacted]` },
    },
  });
  await lean.close();
  echo.close();
});

test("a call that is answered 4xx or 5xx is an error, and has no URL", async () => {
  for (const status of [204, 404, 503])
    await tracing.span("step", STEP, () =>
      traceCall(tracing, { method: "POST", url: "https://hooks.example.com/secret?token=1" }, async () => ({ status })),
    );
  const posts = exported.getFinishedSpans().filter(({ name }) => name === "POST");
  expect(posts.map(({ status, attributes }) => [status.code, attributes["error.type"]])).toEqual([
    [0, undefined],
    ...[
      [2, "404"],
      [2, "503"],
    ],
  ]);
  expect(JSON.stringify(posts.map(({ attributes }) => attributes))).not.toContain("secret");
});

test("without tracing, nothing is wrapped and every span is the same one that does nothing", async () => {
  expect(traceFetch(NO_TRACING, globalThis.fetch, true)).toBe(globalThis.fetch);
  const spans: Span[] = [];
  await NO_TRACING.span("step", STEP, async (span) => void spans.push(span, NO_TRACING.current()));
  expect(spans).toEqual([NO_SPAN, NO_SPAN]);
});
