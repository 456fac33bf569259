/**
 * Whether a node of a cluster serves the slot of a key, without asking each time: with a subscription to a channel in
 * the slot (nothing is sent there). Redis refuses it when it does not serve the slot, and ends it as soon as the slot
 * has left the node, also in a failover. docs/adr/0018 says why changes of keys alone do not show that.
 */
import type { Redis } from "ioredis";
import { slotOf } from "./slot.js";

/** `watcher`: a connection to the node. Returns false until the subscription to the slot has begun. */
export function watchSlots(watcher: Redis): (key: string) => boolean {
  /** By slot: whether the subscription has begun. */
  let slots = new Map<number, boolean>();
  watcher.on("close", () => {
    slots = new Map();
  });

  function subscribe(slot: number, key: string): void {
    const current = slots;
    current.set(slot, false);
    watcher.ssubscribe(key).then(
      () => current.set(slot, true),
      // A user without the right would be refused at each read: it is asked again after the next connection.
      (error: Error) => error.message.startsWith("NOPERM") || current.delete(slot),
    );
  }

  return (key) => {
    const slot = slotOf(key);
    const serves = slots.get(slot);
    if (serves === undefined) subscribe(slot, key);
    return serves ?? false;
  };
}
