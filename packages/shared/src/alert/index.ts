/** Alerts: what is wrong for an organization (pure). */
export * from "./alert.js";
export * from "./alert-view.js";
