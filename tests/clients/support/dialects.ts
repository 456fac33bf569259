/** What the tests of all dialects do: call through a proxy that cuts answers, and count what was paid. */
import { expect } from "vitest";
import { createRandom } from "../../../chaos/random.mjs";
import { type FaultProxy, startFaultProxy } from "../../support/fault-proxy.js";
import type { TestStack } from "../../support/stack.js";

/** How many calls of each SDK are made through the proxy. CALLS=100 for the long run. */
export const CALLS = Number(process.env["CALLS"] ?? 10);

/** Of ten submits, about six are cut: before the API gets them, before their answer, or in the middle of it. */
export function startCuttingProxy(target: string, seed: number): Promise<FaultProxy> {
  const { next } = createRandom(seed);
  return startFaultProxy(target, (method) => {
    if (method !== "POST") return undefined;
    const draw = next();
    if (draw < 0.2) return "cut_before";
    if (draw < 0.45) return "cut_answer";
    return draw < 0.6 ? { cutAfterBytes: 20 } : undefined;
  });
}

/**
 * Makes CALLS calls through the proxy, each with the prompt that `promptOf` gives it. `callAll`: returns how many of them
 * succeeded.
 */
export async function expectPaidOnce(
  test: TestStack,
  promptOf: (call: number) => string,
  callAll: (url: string, prompts: string[]) => Promise<number>,
  calls = CALLS,
): Promise<void> {
  const proxy = await startCuttingProxy(test.stack.baseUrl, 1);
  const prompts = Array.from({ length: calls }, (_, call) => promptOf(call));
  const done = await callAll(proxy.url, prompts);
  await proxy.close();
  const paid = await paidByPrompt(test);
  expect(prompts.filter((prompt) => (paid.get(prompt) ?? 0) > 1)).toEqual([]);
  expect(proxy.seen.filter(({ method }) => method === "POST").length).toBeGreaterThan(calls);
  expect(done).toBeGreaterThan(calls / 3);
}

/** How many of these succeed. */
export async function countDone(calls: Promise<unknown>[]): Promise<number> {
  return (await Promise.allSettled(calls)).filter(({ status }) => status === "fulfilled").length;
}

/** How many paid jobs there are of each prompt. */
export async function paidByPrompt({ simulator }: TestStack): Promise<Map<string, number>> {
  const paid = new Map<string, number>();
  for (const { prompt } of await simulator.jobs()) paid.set(prompt, (paid.get(prompt) ?? 0) + 1);
  return paid;
}
