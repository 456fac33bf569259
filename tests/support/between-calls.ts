/** A Redis connection that runs a function of the test between two commands of the code under test. */
import type { Redis } from "ioredis";

/** `act` runs after the answer to the first command, and before the code under test gets that answer. */
export function betweenCalls(redis: Redis, act: () => Promise<unknown>): Redis {
  let calls = 0;
  const actOnce = async (answer: unknown) => {
    calls += 1;
    if (calls === 1) await act();
    return answer;
  };
  return new Proxy(redis, {
    get(target, name) {
      const member = Reflect.get(target, name);
      if (typeof member !== "function") return member;
      return (...args: unknown[]) => {
        const answer = member.apply(target, args);
        return answer instanceof Promise ? answer.then(actOnce) : answer;
      };
    },
  });
}
