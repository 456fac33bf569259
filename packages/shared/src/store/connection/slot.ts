import { Command } from "ioredis";

/** How many slots a Redis Cluster has. */
export const SLOTS = 16_384;

/** The slot of a key in a Redis Cluster, from 0. */
export const slotOf = (key: string): number => new Command("get", [key]).getSlot() ?? 0;
