/** Sends what is asked for in one turn of the event loop together: most of what a command costs is not what it does. */

interface Waiting<Item, Result> {
  item: Item;
  resolve(result: Result): void;
  reject(error: unknown): void;
}

/**
 * Returns the function that adds an item and resolves with its result. Items of one key go together, at most `max` of
 * them. `send` returns their results in the same order.
 */
export function createTurnBatches<Item, Result>(
  max: number,
  send: (key: string, items: Item[]) => Promise<readonly Result[]>,
): (key: string, item: Item) => Promise<Result> {
  const open = new Map<string, Waiting<Item, Result>[]>();

  function sendAll(): void {
    for (const [key, all] of open) {
      for (let at = 0; at < all.length; at += max) void sendBatch(key, all.slice(at, at + max));
    }
    open.clear();
  }

  async function sendBatch(key: string, batch: Waiting<Item, Result>[]): Promise<void> {
    try {
      const items = batch.map(({ item }) => item);
      const results = await send(key, items);
      for (const [at, { resolve }] of batch.entries()) resolve(results[at] as Result);
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }

  return (key, item) =>
    new Promise((resolve, reject) => {
      const waiting = { item, resolve, reject };
      if (open.size === 0) setImmediate(sendAll);
      const batch = open.get(key);
      if (batch === undefined) open.set(key, [waiting]);
      else batch.push(waiting);
    });
}
