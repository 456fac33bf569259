/**
 * Spans: what a process does for a call, and how long it takes. This port knows nothing of OpenTelemetry, which is loaded
 * only when tracing is on (open.ts). Attributes never hold prompts, keys, or URLs with their query.
 */
export type Attributes = Record<string, string | number | boolean>;

export interface Span {
  /** The W3C trace context for others to continue this trace; undefined when the span is not recorded. */
  readonly traceparent: string | undefined;
  /** For log lines. */
  readonly traceId: string | undefined;
  set(attributes: Attributes): void;
  /** `type`: a name of the fault out of few, never a message, which may hold what the caller sent. */
  fail(type: string): void;
  /** Keeps an optional span. */
  keep(): void;
}

/** As OpenTelemetry names them. Only a server span begins a trace. */
export type SpanKind = "server" | "producer" | "consumer" | "client" | "internal";

export interface SpanOptions {
  kind: SpanKind;
  /** A `traceparent`. Default: the span around it. */
  parent?: string | undefined;
  attributes?: Attributes;
  /** It is dropped, with its details, unless `keep` is called or a span in it is more than a detail. */
  isOptional?: boolean;
  /** It is kept only with the span around it. */
  isDetail?: boolean;
}

export interface Tracing {
  readonly isOn: boolean;
  /** Runs `run` in a new span. Without a parent that is recorded, no span is made. */
  span<T>(name: string, options: SpanOptions, run: (span: Span) => Promise<T>): Promise<T>;
  /** The span around the caller. */
  current(): Span;
  /** Exports what is left. Takes a second at most. */
  close(): Promise<void>;
}

export const NO_SPAN: Span = { traceparent: undefined, traceId: undefined, set() {}, fail() {}, keep() {} };

export const NO_TRACING: Tracing = {
  isOn: false,
  span: (_name, _options, run) => run(NO_SPAN),
  current: () => NO_SPAN,
  close: async () => {},
};
