import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Imports of our own packages lead to their sources, so that no test runs an old build. */
const conditions = ["@visgate/source", "node", "development|production"];

const UNIT = ["apps/**/src/**/*.test.ts", "packages/**/src/**/*.test.ts", "tests/*.test.ts"];
/** Tests that replace modules: no other test may get those. */
const OWN_MODULES = ["**/*.isolated.test.ts"];

const project = (name: string, groupOrder: number, include: string[], limits: object) => ({
  extends: true as const,
  test: { name, include, sequence: { groupOrder }, ...limits },
});

/** They take a minute or more. When one of them began last, it would run alone at the end. */
const LONG = [
  ...["chaos", "cluster", "take-over", "worker", "steps", "blind-callers", "lost-answers", "disasters"],
  ...["redis-rights", "ends", "outages", "installs", "docs-page", "console-faults", "s3-playback", "nextjs", "openapi"],
];

/** Long files first, and those of the projects by turns, so that what needs the processor runs beside what waits. */
class ByTurns extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isLong = ({ moduleId }: TestSpecification) => LONG.some((name) => moduleId.endsWith(`/${name}.test.ts`));
    const ordered = [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
    const places = new Map<TestSpecification, number>();
    for (const project of new Set(ordered.map((file) => file.project))) {
      const own = ordered.filter((file) => file.project === project);
      own.forEach((file, index) => void places.set(file, index / own.length));
    }
    return ordered.sort((one, other) => (places.get(one) ?? 0) - (places.get(other) ?? 0));
  }
}

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
    sequence: { sequencer: ByTurns },
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
