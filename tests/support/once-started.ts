/** A proxy of an object that is created in beforeAll. */
export function onceStarted<T extends object>(current: () => T | undefined): T {
  return new Proxy({} as T, {
    get(_, name) {
      const started = current();
      if (started === undefined) throw new Error(`${String(name)} was used before the tests began`);
      return Reflect.get(started, name);
    },
  });
}
