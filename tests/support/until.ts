/** Asks again until the answer is there; for states that no event tells of. */
export async function until<T>(
  what: string,
  ask: () => T | null | undefined | false | Promise<T | null | undefined | false>,
  timeoutMs = 30_000,
): Promise<T> {
  for (const deadline = Date.now() + timeoutMs; Date.now() < deadline; await pause()) {
    const answer = await ask();
    if (answer !== null && answer !== undefined && answer !== false) return answer;
  }
  throw new Error(`waited ${timeoutMs} ms in vain for ${what}`);
}

const pause = () => new Promise((resolve) => setTimeout(resolve, 25));
