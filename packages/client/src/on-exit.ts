/** Generators that can be left at any time: `return()` and `throw()` of a plain one wait for what it waits for. */

/** @param create is told by the signal that the generator was left */
export function leavable<T>(
  create: (left: AbortSignal) => AsyncGenerator<T, void, undefined>,
): AsyncGenerator<T, void, undefined> {
  const left = new AbortController();
  const generator = create(left.signal);
  const next = generator.next.bind(generator);
  const end = generator.return.bind(generator);
  const leave = () => {
    left.abort();
    return end(undefined);
  };
  return Object.assign(generator, {
    next: () => next().catch((thrown) => (left.signal.aborted ? end(undefined) : Promise.reject(thrown))),
    return: leave,
    // A plain one would throw it where it stands: in the midst of what mends broken connections.
    throw: (thrown: unknown) => leave().then(() => Promise.reject(thrown)),
  });
}
