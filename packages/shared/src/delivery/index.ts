/** Deliveries of events to webhooks, and the endpoints that they go to. */
export * from "./alert-event.js";
export * from "./delivery.js";
export * from "./endpoint.js";
export * from "./schedule.js";
