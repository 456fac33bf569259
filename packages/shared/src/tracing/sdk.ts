/** OpenTelemetry's SDK, which reads the standard variables (OTEL_…). Loaded only when tracing is on. */
import { randomUUID } from "node:crypto";
import { trace } from "@opentelemetry/api";
import { core, NodeSDK, resources } from "@opentelemetry/sdk-node";
import type { Logger } from "../runtime/log.js";
import { createSpans } from "./spans.js";
import type { Tracing } from "./tracing.js";

/** Spans that are not exported within this time after the end of the process are lost: a shutdown must not wait. */
const CLOSE_MS = 1000;
/** A collector that is away is logged so often at most. */
const REPORT_EVERY_MS = 60_000;

/** `service`: its name, unless OTEL_SERVICE_NAME says another. */
export interface SdkOptions {
  service: string;
  version: string;
  log: Logger;
}

export function startSdk({ service, version, log }: SdkOptions): Tracing {
  core.setGlobalErrorHandler(createErrorReport(log));
  const own = resources.resourceFromAttributes({
    ...{ "service.name": service, "service.version": version, "service.instance.id": randomUUID() },
  });
  const sdk = new NodeSDK({
    resource: resources.defaultResource().merge(own),
    // The detector of processes would send command lines, paths and the user's name.
    resourceDetectors: [resources.envDetector],
    textMapPropagator: null,
    metricReaders: [],
    logRecordProcessors: [],
    instrumentations: [],
  });
  sdk.start();
  return {
    ...createSpans(trace.getTracer("visgate", version)),
    close: () => Promise.race([sdk.shutdown().catch(() => {}), after(CLOSE_MS)]),
  };
}

const after = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms).unref());

function createErrorReport(log: Logger): (error: unknown) => void {
  let reportedAt = Number.NEGATIVE_INFINITY;
  return (error) => {
    if (performance.now() - reportedAt < REPORT_EVERY_MS) return;
    reportedAt = performance.now();
    const reason = error instanceof Error ? error.message : String(error);
    log.warn({ collector: reason }, "spans cannot be exported and are lost; everything else works on");
  };
}
