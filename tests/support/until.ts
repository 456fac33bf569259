/** Repeats `ask` until it returns a value. For states that no event announces. */
export async function until<T>(
  what: string,
  ask: () => T | null | undefined | false | Promise<T | null | undefined | false>,
  timeoutMs = 30_000,
): Promise<T> {
  for (const deadline = Date.now() + timeoutMs; Date.now() < deadline; await pause()) {
    const answer = await ask();
    if (answer !== null && answer !== undefined && answer !== false) return answer;
  }
  throw new Error(`waited ${timeoutMs} ms for ${what}`);
}

const pause = () => new Promise((resolve) => setTimeout(resolve, 25));
