/** An adapter with its simulator, for the conformance suites of adapters. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type Call,
  type PollResult,
  PROVIDERS,
  type ProviderAdapter,
  type ProviderJob,
  type SubmitInput,
} from "@visgate/providers";
import type { ProviderManifest } from "@visgate/shared/catalogue";
import { type Simulator, startSimulator } from "@visgate/simulator";
import { afterAll, beforeAll, beforeEach } from "vitest";
import type { AdapterUnderTest } from "./adapter-conformance.js";
import { createSimulatorControl, type SimulatorControl } from "./caller.js";
import { RENDER_CACHE_DIR } from "./render-cache.js";
import { until } from "./until.js";

const API_KEY = "key-of-this-test:very-secret";
/** The simulators refuse this key. */
export const REVOKED_KEY = "invalid";

export interface Disaster {
  name: string;
  times?: number;
  [setting: string]: unknown;
}

export interface AdapterBench {
  setup: AdapterUnderTest;
  adapter(): ProviderAdapter;
  /** A second adapter for the same simulator, like that of another worker. */
  anotherAdapter(): ProviderAdapter;
  /** What its provider declares in `provider.json`. */
  manifest(): ProviderManifest;
  control(): SimulatorControl;
  call(fields?: Partial<Call>): Call;
  disasters(...list: Disaster[]): Promise<void>;
  /** The names of all disasters that were used so far. */
  tried: Set<string>;
  submitted(input?: SubmitInput): Promise<ProviderJob>;
  ended(job: ProviderJob): Promise<PollResult>;
  /** How many submits the simulator has received since the test began. */
  posts(): Promise<number>;
  /** How many files it has accepted since the test began. */
  uploads(): Promise<number>;
}

export function createAdapterBench(setup: AdapterUnderTest): AdapterBench {
  let simulator: Simulator;
  let control: SimulatorControl;
  let adapter: ProviderAdapter;
  const tried = new Set<string>();
  const dataDir = mkdtempSync(join(tmpdir(), "visgate-adapter-"));
  const anotherAdapter = () => setup.createAdapter(simulator.url + setup.mountPath);
  beforeAll(async () => {
    simulator = await startSimulator({
      ...{ host: "127.0.0.1", port: 0, dataDir, renderSeconds: 0.05 },
      renderCacheDir: RENDER_CACHE_DIR,
      framesPerSecond: 2,
    });
    control = createSimulatorControl(simulator.url);
    adapter = anotherAdapter();
  });
  beforeEach(() => control.reset());
  afterAll(async () => {
    await simulator.close();
    rmSync(dataDir, { recursive: true, force: true });
  });
  const call = (fields: Partial<Call> = {}): Call => {
    return { apiKey: API_KEY, signal: AbortSignal.timeout(10_000), ...fields };
  };
  return {
    setup,
    adapter: () => adapter,
    anotherAdapter,
    manifest: () => manifestOf(adapter.name),
    control: () => control,
    call,
    tried,
    async disasters(...list) {
      for (const { name } of list) tried.add(name);
      await control.settings({ disasters: list });
    },
    async submitted(input = setup.text) {
      const result = await adapter.submit(input, call());
      if (result.kind !== "accepted") throw new Error(`not accepted: ${JSON.stringify(result)}`);
      return { endpoint: input.endpoint, id: result.id };
    },
    ended: (job) =>
      until("the job to end", async () => {
        const result = await adapter.poll(job, call());
        return isEnd(result) && result;
      }),
    posts: async () => (await control.submits()).length,
    uploads: async () => ((await control.stats()) as { uploads?: number }).uploads ?? 0,
  };
}

export const isEnd = ({ kind }: PollResult): boolean => kind !== "queued" && kind !== "running";

function manifestOf(name: string): ProviderManifest {
  const provider = PROVIDERS.find(({ manifest }) => manifest.name === name);
  if (provider === undefined) throw new Error(`${name} is not in the registry`);
  return provider.manifest;
}
