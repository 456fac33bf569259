/** The port with OpenTelemetry's spans. Loaded only when tracing is on. */
import { AsyncLocalStorage } from "node:async_hooks";
import {
  type Context,
  SpanKind as OtelKind,
  type Span as OtelSpan,
  ROOT_CONTEXT,
  SpanStatusCode,
  TraceFlags,
  type Tracer,
  trace,
} from "@opentelemetry/api";
import { formatTraceparent, parseTraceparent } from "./traceparent.js";
import { NO_SPAN, type Span, type SpanKind, type SpanOptions, type Tracing } from "./tracing.js";

const KINDS: Record<SpanKind, OtelKind> = {
  server: OtelKind.SERVER,
  producer: OtelKind.PRODUCER,
  consumer: OtelKind.CONSUMER,
  client: OtelKind.CLIENT,
  internal: OtelKind.INTERNAL,
};

/** A span that is not ended is never exported, so that is how one is dropped. */
interface OpenSpan extends Span {
  otel: OtelSpan;
  mayBeDropped(): boolean;
  /** Ends a detail when this span is kept. */
  hold(end: () => void): void;
  end(): void;
}

export function createSpans(tracer: Tracer): Omit<Tracing, "close"> {
  const around = new AsyncLocalStorage<OpenSpan | null>();

  /** Null when it has no parent that is recorded, or when the sampler does not take it. */
  function begin(name: string, options: SpanOptions): OpenSpan | null {
    const parent = options.parent === undefined ? (around.getStore() ?? null) : null;
    const context = contextOf(options, parent);
    if (context === null) return null;
    const { kind, attributes = {} } = options;
    const otel = tracer.startSpan(name, { kind: KINDS[kind], attributes }, context);
    return otel.isRecording() ? openSpan(otel, parent, options) : null;
  }

  return {
    isOn: true,
    current: () => around.getStore() ?? NO_SPAN,
    span(name, options, run) {
      const open = begin(name, options);
      return around.run(open, async () => {
        if (open === null) return run(NO_SPAN);
        try {
          return await run(open);
        } catch (error) {
          open.fail(errorType(error));
          open.keep();
          throw error;
        } finally {
          open.end();
        }
      });
    },
  };
}

function contextOf({ kind, parent: given }: SpanOptions, parent: OpenSpan | null): Context | null {
  if (parent !== null) return trace.setSpan(ROOT_CONTEXT, parent.otel);
  const remote = given === undefined ? null : parseTraceparent(given);
  if (remote === null) return kind === "server" ? ROOT_CONTEXT : null;
  const { traceId, spanId, isSampled } = remote;
  const traceFlags = isSampled ? TraceFlags.SAMPLED : TraceFlags.NONE;
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags, isRemote: true });
}

function openSpan(otel: OtelSpan, parent: OpenSpan | null, { isOptional = false, isDetail = false }: SpanOptions) {
  const held: (() => void)[] = [];
  let isKept = !isOptional;
  const { traceId, spanId } = otel.spanContext();
  const open: OpenSpan = {
    otel,
    traceId,
    traceparent: formatTraceparent({ traceId, spanId }),
    set: (attributes) => void otel.setAttributes(attributes),
    fail(type) {
      otel.setAttribute("error.type", type);
      otel.setStatus({ code: SpanStatusCode.ERROR });
    },
    keep() {
      isKept = true;
    },
    mayBeDropped: () => !isKept,
    hold: (end) => void held.push(end),
    end() {
      if (!isKept) return;
      for (const end of held) end();
      const endedAt = performance.now();
      if (isDetail && parent?.mayBeDropped()) return parent.hold(() => otel.end(endedAt));
      if (!isDetail) parent?.keep();
      otel.end(endedAt);
    },
  };
  return open;
}

/** The code or the class of an error: its message may hold what a caller sent. */
function errorType(error: unknown): string {
  if (!(error instanceof Error)) return "_OTHER";
  return "code" in error && typeof error.code === "string" ? error.code : error.name;
}
