/** The names of shards, and where their keys are in a cluster. */
import { SLOTS, slotOf } from "../store/connection/slot.js";

/** The first shard has the name of its queue: a queue with one shard is the queue itself. */
export const shardName = (queue: string, index: number): string => (index === 0 ? queue : `${queue}.${index}`);

const SHARD = /^(.+)\.(\d+)$/;

/** The queue of a shard. */
export const baseOf = (shard: string): string => SHARD.exec(shard)?.[1] ?? shard;

/** A shard is at most this many slots after its place. */
const NEAR = SLOTS / 64;

/**
 * Where the shards of a queue are, as parts of all slots: 0, 1/3, 2/3, 1/9, 4/9, 7/9, 2/9 and so on. So however many there
 * are, each of three nodes has as many as the others, or one more.
 */
function placeOf(index: number): number {
  let place = 0;
  for (let rest = index, part = 1 / 3; rest > 0; rest = Math.floor(rest / 3), part /= 3) place += (rest % 3) * part;
  return place;
}

const tags = new Map<string, string>();

/** The hash tag of a queue or shard. A number is added to that of a shard, such that it is near its place. */
export function tagOf(name: string, prefix: string): string {
  const plain = `${prefix}-${name}`;
  const [, queue, index] = SHARD.exec(name) ?? [];
  if (queue === undefined) return plain;
  const known = tags.get(plain);
  if (known !== undefined) return known;
  const wanted = slotOf(`${prefix}-${queue}`) + placeOf(Number(index)) * SLOTS;
  const isNear = (tag: string) => (slotOf(tag) - wanted + 2 * SLOTS) % SLOTS < NEAR;
  let number = 0;
  while (!isNear(`${plain}.${number}`)) number += 1;
  const tag = `${plain}.${number}`;
  tags.set(plain, tag);
  return tag;
}
