/** For tests of cancels and deadlines: a stack with two APIs, a webhook receiver, and a new prompt per request. */
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
  /** Submits through the n-th API, without the cache and with a webhook. `fields` overrides fields of the body. */
  submit(fields?: object, n?: number): Promise<string>;
  /** A synchronous call. */
  generate(fields?: object): Promise<Answer>;
  cancel(id: string, n?: number): Promise<Answer>;
  /** Resolves when the provider has the job of the request. */
  processing(id: string): Promise<unknown>;
  /** Status and error code in each webhook that was received for the request. */
  webhooksOf(id: string): string[];
  /** The record after the end of the request. Checks that one webhook came and that the record no longer changes. */
  endOf(id: string): Promise<Answer["body"]>;
  stop(): Promise<void>;
}

export async function startCancelBench(options: TestStackOptions = {}): Promise<CancelBench> {
  const test = await startTestStack({ apis: 2, workers: 2, ...options });
  const receiver = await startReceiver();
  const { caller, simulator } = test;
  let prompts = 0;
  const bodyWith = (fields: object) => ({
    ...{ model: "fal-ai/veo3", prompt: `a video to cancel, ${++prompts}`, duration_seconds: 4, cache: "off" },
    ...{ webhook_url: receiver.url, ...fields },
  });
  const api = (n: number) => test.callers[n % test.callers.length] ?? caller;
  const webhooksOf = (id: string) =>
    receiver.received
      .map(({ body }) => JSON.parse(body))
      .filter(({ data }) => data.id === id)
      .map(({ data }) => `${data.status} ${data.error_code}`);
  return {
    ...{ caller, simulator, webhooksOf },
    addWorker: () => test.stack.addWorker(),
    submit: (fields = {}, n = 0) => api(n).submit(bodyWith(fields)),
    generate: (fields = {}) => caller.generate(bodyWith(fields)),
    cancel: (id, n = 1) => api(n).call("POST", `/requests/${id}/cancel`),
    processing: (id) =>
      until("the provider to have the job", async () => (await caller.status(id)).status !== "pending"),
    async endOf(id) {
      const record = await caller.finished(id);
      await until("its webhook", () => webhooksOf(id).length > 0);
      expect(webhooksOf(id)).toEqual([`${record.status} ${record.error_code}`]);
      expect(await caller.status(id)).toEqual(record);
      return record;
    },
    async stop() {
      await test.stop();
      await receiver.close();
    },
  };
}
