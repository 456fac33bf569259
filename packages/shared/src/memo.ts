/** Above this number all values are forgotten, which costs only the time to make them again. */
const MAX_KEPT = 1000;

/** Keeps values by name: returns the kept one, or keeps what `make` returns. `make` must depend on the name alone. */
export type Memo<T> = (name: string, make: () => T) => T;

export function createMemo<T>(): Memo<T> {
  const kept = new Map<string, T>();
  return (name, make) => {
    const known = kept.get(name);
    if (known !== undefined) return known;
    if (kept.size >= MAX_KEPT) kept.clear();
    const made = make();
    kept.set(name, made);
    return made;
  };
}
