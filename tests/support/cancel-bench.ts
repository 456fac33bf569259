/** What tests of cancels and deadlines share: a stack of two APIs, a webhook receiver, and requests that are told apart. */
import { expect } from "vitest";
import type { Answer, Caller, SimulatorControl } from "./caller.js";
import { startReceiver } from "./receiver.js";
import { startTestStack, type TestStackOptions } from "./stack.js";
import { until } from "./until.js";

export const MODELS = ["fal-ai/veo3", "replicate/google/veo-3", "runway/gen4.5"];
export const CANCELLED = { status: "failed", error_code: "CANCELLED", retryable: false, output_url: null };

export interface CancelBench {
  caller: Caller;
  simulator: SimulatorControl;
  addWorker(): Promise<unknown>;
  /** Submits through the n-th API; not cached, and one webhook event at its end. */
  submit(more?: object, n?: number): Promise<string>;
  /** A sync call. */
  generate(more?: object): Promise<Answer>;
  cancel(id: string, n?: number): Promise<Answer>;
  /** Resolves when the provider has it. */
  processing(id: string): Promise<unknown>;
  /** The statuses that its webhook events told. */
  told(id: string): string[];
  /** How it ended; checked to be told once, and to stay so. */
  endOf(id: string): Promise<Answer["body"]>;
  stop(): Promise<void>;
}

export async function startCancelBench(options: TestStackOptions = {}): Promise<CancelBench> {
  const test = await startTestStack({ apis: 2, workers: 2, ...options });
  const receiver = await startReceiver();
  const { caller, simulator } = test;
  let made = 0;
  const wish = (more: object) => ({
    ...{ model: "fal-ai/veo3", prompt: `a film that is not needed, ${++made}`, duration_seconds: 4, cache: "off" },
    ...{ webhook_url: receiver.url, ...more },
  });
  const api = (n: number) => test.callers[n % test.callers.length] ?? caller;
  const told = (id: string) =>
    receiver.received
      .map(({ body }) => JSON.parse(body))
      .filter(({ data }) => data.id === id)
      .map(({ data }) => `${data.status} ${data.error_code}`);
  return {
    ...{ caller, simulator, told },
    addWorker: () => test.stack.addWorker(),
    submit: (more = {}, n = 0) => api(n).submit(wish(more)),
    generate: (more = {}) => caller.generate(wish(more)),
    cancel: (id, n = 1) => api(n).call("POST", `/requests/${id}/cancel`),
    processing: (id) => until("the provider to have it", async () => (await caller.status(id)).status !== "pending"),
    async endOf(id) {
      const record = await caller.finished(id);
      await until("its event", () => told(id).length > 0);
      expect(told(id)).toEqual([`${record.status} ${record.error_code}`]);
      expect(await caller.status(id)).toEqual(record);
      return record;
    },
    async stop() {
      await test.stop();
      await receiver.close();
    },
  };
}
