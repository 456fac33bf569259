/**
 * What every provider adapter must do, run against its simulator: one submit is one POST whatever happens, what cannot
 * be understood is never a failure, and failures are mapped to our codes.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Call, PollResult, ProviderAdapter, SubmitInput } from "@visgate/providers";
import type { Failure } from "@visgate/shared/domain/errors";
import { type Simulator, startSimulator } from "@visgate/simulator";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createSimulatorControl, type SimulatorControl } from "./caller.js";
import { deadUrl } from "./listeners.js";
import { until } from "./until.js";

const API_KEY = "key-of-this-test:very-secret";
/** The simulators refuse this one. */
const REVOKED_KEY = "invalid";

interface Disaster {
  name: string;
  times?: number;
  [setting: string]: unknown;
}

export interface AdapterUnderTest {
  createAdapter(baseUrl: string): ProviderAdapter;
  /** Where the simulator serves this provider. */
  mountPath: string;
  text: SubmitInput;
  image: SubmitInput;
  /** What `text` is billed as, in price units. */
  textUnits: number;
  unknownEndpoint: SubmitInput;
  /** How each way to fail must reach our caller. */
  failures: { title: string; input?: SubmitInput; disaster?: Disaster; failure: Partial<Failure> }[];
}

export function adapterConformance(setup: AdapterUnderTest): void {
  let simulator: Simulator;
  let control: SimulatorControl;
  let adapter: ProviderAdapter;
  const dataDir = mkdtempSync(join(tmpdir(), "visgate-adapter-"));
  beforeAll(async () => {
    simulator = await startSimulator({ host: "127.0.0.1", port: 0, dataDir, renderSeconds: 0.05 });
    control = createSimulatorControl(simulator.url);
    adapter = setup.createAdapter(simulator.url + setup.mountPath);
  });
  beforeEach(() => control.reset());
  afterAll(async () => {
    await simulator.close();
    rmSync(dataDir, { recursive: true, force: true });
  });

  const call = (fields: Partial<Call> = {}): Call => {
    return { apiKey: API_KEY, signal: AbortSignal.timeout(10_000), ...fields };
  };
  const disasters = (...list: Disaster[]) => control.settings({ disasters: list });
  const submitted = async (input = setup.text) => {
    const result = await adapter.submit(input, call());
    if (result.kind !== "accepted") throw new Error(`not accepted: ${JSON.stringify(result)}`);
    return { endpoint: input.endpoint, id: result.id };
  };
  const ended = (job: { endpoint: string; id: string }): Promise<PollResult> =>
    until("the job to end", async () => {
      const result = await adapter.poll(job, call());
      return result.kind !== "queued" && result.kind !== "running" && result;
    });
  const posts = async () => (await control.submits()).length;

  describe("a render", () => {
    test("is submitted, seen in the queue and running, and succeeds with its output and bill", async () => {
      await control.settings({ queue_seconds: 0.3, render_seconds: 0.3 });
      const job = await submitted();
      const seen = new Set<string>();
      const result = await until("the job to end", async () => {
        const look = await adapter.poll(job, call());
        seen.add(look.kind);
        if (look.kind === "queued") expect(look.position).toBeGreaterThanOrEqual(0);
        return look.kind !== "queued" && look.kind !== "running" && look;
      });
      expect([...seen]).toEqual(["queued", "running", "succeeded"]);
      if (result.kind !== "succeeded") throw new Error(result.kind);
      expect(result.billedUnits).toBe(setup.textUnits);
      expect(result.outputs).toHaveLength(1);
      const media = Buffer.from(await (await fetch(result.outputs[0]?.url ?? "")).arrayBuffer());
      expect(media.subarray(4, 8).toString()).toBe("ftyp");
    });

    test("reaches the provider as it was given, once", async () => {
      const job = await submitted();
      const submits = await control.submits();
      expect(submits).toHaveLength(1);
      expect(submits[0]).toMatchObject({
        endpoint: setup.text.endpoint,
        body: setup.text.body,
        provider_request_id: job.id,
        outcome: "accepted",
      });
    });

    test("from an image succeeds", async () => {
      const job = await submitted(setup.image);
      expect(await ended(job)).toMatchObject({ kind: "succeeded" });
      expect(await posts()).toBe(1);
    });

    test("can be looked at and cancelled by an adapter that did not submit it", async () => {
      const job = await submitted();
      const other = setup.createAdapter(simulator.url + setup.mountPath);
      await ended(job);
      expect(await other.poll(job, call())).toMatchObject({ kind: "succeeded" });
      expect(await other.cancel(job, call())).toBe("too_late");
    });
  });

  describe("submit: one POST, whatever comes back", () => {
    test.each([
      "submit_503_before_accept",
      "submit_500_html",
      "submit_503_after_accept",
      "submit_drop_after_accept",
      "submit_no_id",
    ])("%s is unknown", async (name) => {
      await disasters({ name });
      expect(await adapter.submit(setup.text, call())).toMatchObject({ kind: "unknown" });
      expect(await posts()).toBe(1);
    });

    test("an answer that never comes is unknown when the time is up", async () => {
      await disasters({ name: "submit_hang" });
      const result = await adapter.submit(setup.text, call({ signal: AbortSignal.timeout(300) }));
      expect(result).toMatchObject({ kind: "unknown" });
      expect(await posts()).toBe(1);
    });

    test.each([
      { asked: 2, waits: 2000 },
      { asked: undefined, waits: null },
    ])("429 is rejected, to be tried again after $waits ms", async ({ asked, waits }) => {
      await disasters({ name: "submit_429", ...(asked === undefined ? {} : { retry_after: asked }) });
      expect(await adapter.submit(setup.text, call())).toMatchObject({
        kind: "rejected",
        retryAfterMs: waits,
        failure: { code: "RATE_LIMIT_ERROR", retryable: true, charged: false },
      });
      expect(await posts()).toBe(1);
    });

    test("a provider nobody listens for is rejected: nothing was sent", async () => {
      const nowhere = setup.createAdapter(await deadUrl());
      expect(await nowhere.submit(setup.text, call())).toMatchObject({
        kind: "rejected",
        failure: { code: "PROVIDER_ERROR", retryable: true, charged: false },
      });
    });

    test("a wrong key is rejected for good, and not told", async () => {
      const result = await adapter.submit(setup.text, call({ apiKey: REVOKED_KEY }));
      expect(result).toMatchObject({ kind: "rejected", failure: { retryable: false, charged: false } });
      expect(await posts()).toBe(1);
    });

    test("an endpoint the provider does not know is rejected for good", async () => {
      const result = await adapter.submit(setup.unknownEndpoint, call());
      expect(result).toMatchObject({ kind: "rejected", failure: { retryable: false, charged: false } });
      expect(await posts()).toBe(1);
    });

    test("no result or failure holds the key", async () => {
      const results: unknown[] = [];
      for (const name of ["submit_503_before_accept", "submit_429", "submit_drop_after_accept"]) {
        await disasters({ name });
        results.push(await adapter.submit(setup.text, call()));
      }
      results.push(await setup.createAdapter(await deadUrl()).submit(setup.text, call()));
      expect(JSON.stringify(results)).not.toContain("secret");
    });
  });

  describe("poll: what cannot be understood is not a failure", () => {
    test.each(["poll_500", "poll_html", "poll_unknown_status"])(
      "%s is unavailable, asked once, and passes",
      async (name) => {
        const job = await submitted();
        await ended(job);
        const before = (await control.stats()).polls;
        await disasters({ name, times: 1 });
        expect(await adapter.poll(job, call())).toMatchObject({ kind: "unavailable" });
        expect((await control.stats()).polls).toBe(before + 1);
        expect(await adapter.poll(job, call())).toMatchObject({ kind: "succeeded" });
      },
    );

    test("an answer that never comes is unavailable when the time is up", async () => {
      const job = await submitted();
      await disasters({ name: "poll_hang", times: 1 });
      const result = await adapter.poll(job, call({ signal: AbortSignal.timeout(300) }));
      expect(result).toMatchObject({ kind: "unavailable" });
      expect(await ended(job)).toMatchObject({ kind: "succeeded" });
    });

    test("a provider that is down is unavailable", async () => {
      const job = await submitted();
      const nowhere = setup.createAdapter(await deadUrl());
      expect(await nowhere.poll(job, call())).toMatchObject({ kind: "unavailable" });
    });

    test("a key that was revoked meanwhile is unavailable: the render may be done", async () => {
      const job = await submitted();
      await ended(job);
      expect(await adapter.poll(job, call({ apiKey: REVOKED_KEY }))).toMatchObject({ kind: "unavailable" });
    });

    test("a job the provider does not know is missing", async () => {
      const job = { endpoint: setup.text.endpoint, id: "00000000-0000-4000-8000-000000000000" };
      expect(await adapter.poll(job, call())).toEqual({ kind: "missing" });
    });
  });

  describe("failures", () => {
    test.each(setup.failures)("$title", async ({ input, disaster, failure }) => {
      if (disaster !== undefined) await disasters(disaster);
      const result = await ended(await submitted(input));
      expect(result).toMatchObject({ kind: "failed", failure });
      expect(await posts()).toBe(1);
    });

    test("their messages repeat nothing of what the provider said", async () => {
      await disasters({ name: "fail", message: "upstream-internals at 10.0.0.7" });
      expect(JSON.stringify(await ended(await submitted()))).not.toContain("internals");
    });
  });

  describe("cancel", () => {
    test("in the queue: it never runs", async () => {
      await control.settings({ queue_seconds: 60 });
      const job = await submitted();
      expect(await adapter.cancel(job, call())).toBe("cancelled");
      expect(await ended(job)).toMatchObject({ kind: "failed", failure: { code: "CANCELLED", retryable: false } });
    });

    test("while it runs: it is asked to stop", async () => {
      await control.settings({ queue_seconds: 0, render_seconds: 60 });
      const job = await submitted();
      await until("the job to run", async () => (await adapter.poll(job, call())).kind === "running");
      expect(await adapter.cancel(job, call())).toBe("requested");
    });

    test("after its end: too late, and the result stays", async () => {
      const job = await submitted();
      await ended(job);
      expect(await adapter.cancel(job, call())).toBe("too_late");
      expect(await adapter.poll(job, call())).toMatchObject({ kind: "succeeded" });
    });

    test("throws when the provider could not be asked", async () => {
      const job = await submitted();
      await expect(adapter.cancel(job, call({ apiKey: REVOKED_KEY }))).rejects.toThrow();
      const nowhere = setup.createAdapter(await deadUrl());
      await expect(nowhere.cancel(job, call())).rejects.toThrow();
    });
  });
}
