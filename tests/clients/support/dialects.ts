/** What the tests of all dialects do: call through a proxy that cuts answers, and count what was paid. */
import { createRandom } from "../../../chaos/random.mjs";
import { type FaultProxy, startFaultProxy } from "../../support/fault-proxy.js";
import type { TestStack } from "../../support/stack.js";

/** How many calls of each SDK are made through the proxy. CALLS=100 for the long run. */
export const CALLS = Number(process.env["CALLS"] ?? 20);

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

/** How many paid jobs there are of each prompt. */
export async function paidByPrompt({ simulator }: TestStack): Promise<Map<string, number>> {
  const paid = new Map<string, number>();
  for (const { prompt } of await simulator.jobs()) paid.set(prompt, (paid.get(prompt) ?? 0) + 1);
  return paid;
}
