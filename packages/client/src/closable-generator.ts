/** Generators that can be closed at any time. `return()` of a plain one waits until its pending `await` settles. */

/** @param create its signal is aborted when the generator is closed */
export function closableGenerator<T>(
  create: (closed: AbortSignal) => AsyncGenerator<T, void, undefined>,
): AsyncGenerator<T, void, undefined> {
  const closed = new AbortController();
  const generator = create(closed.signal);
  const next = generator.next.bind(generator);
  const end = generator.return.bind(generator);
  const close = () => {
    closed.abort();
    return end(undefined);
  };
  return Object.assign(generator, {
    next: () => next().catch((thrown) => (closed.signal.aborted ? end(undefined) : Promise.reject(thrown))),
    return: close,
    // A plain generator would throw at its `yield`, where the error would be retried like a broken connection.
    throw: (thrown: unknown) => close().then(() => Promise.reject(thrown)),
  });
}
