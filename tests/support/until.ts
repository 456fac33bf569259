type Nothing = null | undefined | false | 0;

/** Repeats `ask` until it returns a value other than 0. For states that no event announces. */
export async function until<T>(
  what: string,
  ask: () => T | Nothing | Promise<T | Nothing>,
  timeoutMs = 30_000,
): Promise<T> {
  for (const deadline = Date.now() + timeoutMs; Date.now() < deadline; await pause()) {
    const answer = await ask();
    if (answer !== null && answer !== undefined && answer !== false && answer !== 0) return answer;
  }
  throw new Error(`waited ${timeoutMs} ms for ${what}`);
}

const pause = () => new Promise((resolve) => setTimeout(resolve, 25));
