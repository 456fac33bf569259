/** What tracing must not cost: nothing when it is off, and only spans when the collector fails. */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { connectPatient } from "@visgate/shared/store";
import { expect, test } from "vitest";
import { ENTRIES } from "../../scripts/lib/paths.mjs";
import { VEO } from "../support/caller.js";
import { startCollector } from "../support/collector.js";
import { startReceiver } from "../support/receiver.js";
import { startTestStack } from "../support/stack.js";
import { until } from "../support/until.js";

const SUBMITS = 20;
/** A drain without tracing takes less than a second, and tracing may add one. */
const DRAIN_MS = 2500;
/** Nothing listens there. */
const NOWHERE = "http://127.0.0.1:9";

test.each<{ what: string; status: number | null | "down" }>([
  { what: "is down", status: "down" },
  { what: "never answers", status: null },
  { what: "answers 500", status: 500 },
  { what: "answers 503, so that exports are repeated", status: 503 },
])("a collector that $what costs no call, no completion and no second of a shutdown", async ({ status }) => {
  const collector = status === "down" ? null : await startCollector(status);
  const stack = await startTestStack({
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector?.url ?? NOWHERE,
      // Less than one generation makes: the rest has to be dropped.
      ...{ OTEL_BSP_MAX_QUEUE_SIZE: "16", OTEL_BSP_MAX_EXPORT_BATCH_SIZE: "8", OTEL_BSP_SCHEDULE_DELAY: "50" },
    },
  });
  try {
    const ids = await Promise.all(Array.from({ length: SUBMITS }, () => stack.caller.submit(VEO)));
    const ended = await Promise.all(ids.map((id) => stack.caller.finished(id)));
    expect(ended.map((request) => request.status)).toEqual(ids.map(() => "completed"));
    if (collector !== null) expect(collector.bodies.length).toBeGreaterThan(0);
    if (status === "down" || status === 500) {
      const log = () => readFileSync(join(stack.stack.logDir, "worker-1.log"), "utf8");
      await until("a line in the log", () => log().includes("spans cannot be exported"));
    }
    for (const service of [...stack.stack.workers, ...stack.stack.apis]) {
      const began = performance.now();
      await service.stop();
      expect(performance.now() - began).toBeLessThan(DRAIN_MS);
    }
  } finally {
    await stack.stop();
    await collector?.close();
  }
});

test("a collector gets protobuf unless another protocol is set, and what is left at a shutdown", async () => {
  const collector = await startCollector();
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_SERVICE_NAME: "my-gateway" };
  const stack = await startTestStack({ env: { ...env, OTEL_BSP_SCHEDULE_DELAY: "600000" } });
  await stack.caller.finished(await stack.caller.submit(VEO));
  expect(collector.bodies).toEqual([]);
  await stack.stop();
  const text = Buffer.concat(collector.bodies).toString("latin1");
  for (const name of ["send fal", "finalize fal", "my-gateway"]) expect(text).toContain(name);
  await collector.close();
});

test.each([
  { what: "no variable", env: {} },
  { what: "no endpoint", env: { OTEL_TRACES_SAMPLER: "always_on", OTEL_SERVICE_NAME: "x" } },
  { what: "OTEL_SDK_DISABLED", env: { OTEL_EXPORTER_OTLP_ENDPOINT: NOWHERE, OTEL_SDK_DISABLED: "true" } },
])("tracing is off with $what: no record and no webhook has a trace, and no log line a trace_id", async ({ env }) => {
  const stack = await startTestStack({ env });
  const receiver = await startReceiver();
  const headers = { traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01" };
  const id = await stack.caller.submit({ ...VEO, webhook_url: receiver.url }, headers);
  await stack.caller.finished(id);
  const [webhook] = await receiver.atLeast(1);
  expect(webhook?.headers).not.toHaveProperty("traceparent");
  const redis = connectPatient(stack.stack.redisUrl);
  expect(await redis.hget(`vg:{default}:req:${id}`, "doc")).not.toContain("traceparent");
  redis.disconnect();
  const logs = ["api", "worker-1"].map((name) => readFileSync(join(stack.stack.logDir, `${name}.log`), "utf8"));
  expect(logs.join("")).toContain('"step"');
  expect(logs.join("")).not.toMatch(/trace_id|4bf92f35/);
  await stack.stop();
  await receiver.close();
});

/** The file and all that it imports at once. */
function loadedAtStart(file: string, known = new Set<string>()): Set<string> {
  if (known.has(file)) return known;
  known.add(file);
  const code = readFileSync(file, "utf8");
  for (const [, path = ""] of code.matchAll(/^(?:import|export)\b[^;]*?"(\.\.?\/[^"]+)"/gm))
    loadedAtStart(join(dirname(file), path), known);
  return known;
}

test.each(["api", "worker"] as const)("%s: loads OpenTelemetry only when tracing is on", (program) => {
  const { [program]: entry } = ENTRIES;
  const files = [...loadedAtStart(entry)];
  const code = files.map((file) => readFileSync(file, "utf8")).join("");
  expect(code).toContain("OTEL_EXPORTER_OTLP_ENDPOINT");
  expect(code).not.toMatch(/NodeSDK|BatchSpanProcessor|from "@opentelemetry/);
});
