/** Opens tracing when the operator has named a collector. Otherwise nothing of OpenTelemetry is loaded. */
import { type Config, VERSION } from "../runtime/config.js";
import type { Logger } from "../runtime/log.js";
import { NO_TRACING, type Tracing } from "./tracing.js";

type TracingConfig = Pick<
  Config,
  "OTEL_EXPORTER_OTLP_ENDPOINT" | "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT" | "OTEL_SDK_DISABLED"
>;

const isOn = (config: TracingConfig): boolean =>
  !config.OTEL_SDK_DISABLED &&
  (config.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? config.OTEL_EXPORTER_OTLP_ENDPOINT) !== undefined;

/** `service`: the name of this program in traces, unless OTEL_SERVICE_NAME says another. */
export async function openTracing(config: TracingConfig, service: string, log: Logger): Promise<Tracing> {
  if (!isOn(config)) return NO_TRACING;
  const { startSdk } = await import("./sdk.js");
  return startSdk({ service, version: VERSION, log });
}
