/** Traces of calls, through queue, worker and provider to the webhook. */
export * from "./calls.js";
export * from "./conventions.js";
export * from "./open.js";
export * from "./traceparent.js";
export * from "./tracing.js";
