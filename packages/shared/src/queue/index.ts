/** BullMQ: the names of the queues, what a job carries, and who puts jobs in. */
export * from "./messages.js";
export * from "./names.js";
export * from "./producer.js";
export * from "./schedules.js";
export * from "./take-over.js";
