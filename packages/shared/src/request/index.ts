/** A request: its record, its states and transitions, and its public views. */
export * from "./account.js";
export * from "./change.js";
export * from "./failure-status.js";
export * from "./fallback.js";
export * from "./input-view.js";
export * from "./public-event.js";
export * from "./record.js";
export * from "./state.js";
export * from "./timeline-view.js";
export * from "./transition.js";
export * from "./view.js";
