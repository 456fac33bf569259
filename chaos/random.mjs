/** Random numbers from a seed: the same seed makes the same plan. */

/** @typedef {ReturnType<typeof createRandom>} Random */

/** The generator is mulberry32. @param {number} seed */
export function createRandom(seed) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    /** In [0, 1). */
    next,
    /** @param {number} min @param {number} max */
    between: (min, max) => min + next() * (max - min),
    /** @param {number} share 0..1 */
    chance: (share) => next() < share,
    /** @template T @param {readonly T[]} items @returns {T} */
    pick: (items) => /** @type {T} */ (items[Math.floor(next() * items.length)]),
    /** Picks an item by its weight. @template {{ weight: number }} T @param {readonly T[]} items @returns {T} */
    pickWeighted(items) {
      let left = next() * items.reduce((sum, { weight }) => sum + weight, 0);
      for (const item of items) {
        left -= item.weight;
        if (left < 0) return item;
      }
      return /** @type {T} */ (items.at(-1));
    },
  };
}
