import { defineConfig } from "vitest/config";

/**
 * Unit, store, adapter and API tests first; then those of the clients; then those of whole stacks. All go two at a
 * time: they mostly wait, and none measures more than a generous limit.
 */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: ["apps/**/src/**/*.test.ts", "packages/**/src/**/*.test.ts"],
          testTimeout: 30_000,
          hookTimeout: 60_000,
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: "clients",
          include: ["tests/clients/**/*.test.ts"],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: "e2e",
          include: ["tests/{e2e,crash}/**/*.test.ts"],
          // Tests of one file that run at once mostly wait for the simulator.
          maxConcurrency: 24,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          maxWorkers: 2,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
