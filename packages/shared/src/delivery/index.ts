/** Deliveries of events to webhooks, and the endpoints that they go to. */
export * from "./delivery.js";
export * from "./endpoint.js";
export * from "./schedule.js";
