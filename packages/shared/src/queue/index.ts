/** BullMQ: the queues, what a job carries, and what puts jobs in. */
export * from "./bullmq-time.js";
export * from "./messages.js";
export * from "./producer.js";
export { baseOf } from "./shard-name.js";
export * from "./shards.js";
export * from "./take-over.js";
