/** Genuine and false reports of the simulators. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLeanFetch } from "@visgate/shared/runtime/net";
import { type Simulator, startSimulator } from "@visgate/simulator";
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { createSimulatorControl } from "../../../../tests/support/caller.js";
import { type Received, startReceiver } from "../../../../tests/support/receiver.js";
import { RENDER_CACHE_DIR } from "../../../../tests/support/render-cache.js";
import { providerOf } from "../index.js";
import type { ReportVerifier } from "./verifier.js";

const kept = createLeanFetch({ freshConnections: false });
const fresh = createLeanFetch({ freshConnections: true });

const API_KEY = "key-of-this-test";
const now = Date.now;

describe.each([
  { provider: "fal", mountPath: "/fal", endpoint: "fal-ai/veo3", duration: "4s" },
  { provider: "replicate", mountPath: "/replicate/v1", endpoint: "google/veo-3", duration: 4 },
])("simulated reports of $provider", ({ provider, mountPath, endpoint, duration }) => {
  let simulator: Simulator;
  const dataDir = mkdtempSync(join(tmpdir(), "visgate-webhooks-"));
  beforeAll(async () => {
    simulator = await startSimulator({
      ...{ host: "127.0.0.1", port: 0, dataDir, renderSeconds: 0.05 },
      renderCacheDir: RENDER_CACHE_DIR,
      framesPerSecond: 2,
    });
  });
  beforeEach(() => createSimulatorControl(simulator.url).reset());
  afterAll(async () => {
    await simulator.close();
    rmSync(dataDir, { recursive: true, force: true });
  });

  /** Submits a job and waits for `count` reports. Returns their verdicts, and the verdict of a genuine one. */
  async function verdictsOf(count: number, disaster?: string) {
    const disasters = disaster === undefined ? [] : [{ name: disaster }];
    await createSimulatorControl(simulator.url).settings({ disasters });
    const receiver = await startReceiver();
    onTestFinished(receiver.close);
    const baseUrl = simulator.url + mountPath;
    const adapter = await providerOf(provider).createAdapter({
      baseUrl,
      urls: {},
      settings: null,
      fetch: kept.fetch,
      freshFetch: fresh.fetch,
      now,
    });
    const input = { endpoint, body: { prompt: "a bird", duration }, reportUrl: receiver.url };
    const submitted = await adapter.submit(input, { apiKey: API_KEY, signal: AbortSignal.timeout(5000) });
    const received = await receiver.atLeast(count);
    const urls = { reportKeys: `${simulator.url}/fal/.well-known/jwks.json` };
    const verifier = providerOf(provider).createReportVerifier?.({ apiKey: API_KEY, baseUrl, urls, fetch, now });
    const verdicts = [];
    for (const one of received) verdicts.push(await verdictOn(one, verifier as ReportVerifier));
    return { verdicts, genuine: { kind: "genuine", providerRequestId: submitted.kind === "accepted" && submitted.id } };
  }
  const verdictOn = ({ headers, body }: Received, verifier: ReportVerifier) =>
    verifier.verify({ headers: new Headers(headers), body });

  test("job that ends: sends one genuine report", async () => {
    const { verdicts, genuine } = await verdictsOf(1);
    expect(verdicts).toEqual([genuine]);
  });

  test.each(["webhook_forged", "webhook_stale"])(
    "%s: the false report is refused, and the next one is genuine",
    async (disaster) => {
      const { verdicts, genuine } = await verdictsOf(2, disaster);
      expect(verdicts).toEqual([{ kind: "refused" }, genuine]);
    },
  );
});
