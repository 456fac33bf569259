import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

/** Imports of our own packages lead to their sources, so that no test runs an old build. */
const conditions = ["@visgate/source", "node", "development|production"];

const UNIT = ["apps/**/src/**/*.test.ts", "packages/**/src/**/*.test.ts", "tests/*.test.ts"];
/** Tests that replace modules: no other test may get those. */
const OWN_MODULES = ["**/*.isolated.test.ts"];

const project = (name: string, groupOrder: number, include: string[], limits: object) => ({
  extends: true as const,
  test: { name, include, sequence: { groupOrder }, ...limits },
});

/**
 * Unit, store, adapter and API tests first; then those of the clients and of whole stacks, together: the first need the
 * processor, the second mostly wait. None measures more than a generous limit, so several files run at once.
 */
export default defineConfig({
  resolve: {
    conditions,
    alias: { "@visgate_ai/client": fileURLToPath(new URL("packages/client/src/index.ts", import.meta.url)) },
  },
  ssr: { resolve: { conditions } },
  test: {
    unstubEnvs: true,
    unstubGlobals: true,
    projects: [
      // Files share the modules of their process: to load these again for each file took most of the time.
      project("unit", 0, UNIT, {
        ...{ exclude: ["**/node_modules/**", ...OWN_MODULES], isolate: false },
        ...{ testTimeout: 30_000, hookTimeout: 60_000, maxWorkers: 3 },
      }),
      project("unit-isolated", 0, OWN_MODULES, { testTimeout: 30_000, maxWorkers: 3 }),
      project("clients", 1, ["tests/clients/**/*.test.ts"], {
        ...{ testTimeout: 120_000, hookTimeout: 120_000, maxWorkers: 4 },
      }),
      project("e2e", 1, ["tests/{e2e,crash}/**/*.test.ts"], {
        // Tests of one file that run at once mostly wait for the simulator.
        maxConcurrency: 24,
        ...{ testTimeout: 120_000, hookTimeout: 120_000, maxWorkers: 4 },
      }),
    ],
  },
});
