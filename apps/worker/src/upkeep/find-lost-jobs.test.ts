import { createLogger } from "@visgate/shared/runtime";
import { expect, test } from "vitest";
import { createWakeSignal } from "../../../../tests/support/signals.js";
import { createLostJobsFinder } from "./find-lost-jobs.js";

const log = createLogger({ level: "silent", service: "worker", secretNames: [], destination: { write: () => {} } });

test("after a reconnect, each queue is searched for jobs of ours that no process runs; a failing queue does not stop the others", async () => {
  const asked: [string, string[]][] = [];
  const all = createWakeSignal();
  const find = createLostJobsFinder({
    running: new Map([
      ["fal", new Set(["lease:1"])],
      ["webhooks", new Set()],
    ]),
    async free(queue, tokens) {
      asked.push([queue, [...tokens]]);
      all.ring();
      if (queue === "fal") throw new Error("away again");
      return { count: 1, refs: [] };
    },
    log,
    afterMs: 1,
  });
  find();
  await all.rung(2, 5000);
  expect(asked).toEqual([
    ["fal", ["lease:1"]],
    ["webhooks", []],
  ]);
});
