import type { WorkerFigures } from "@visgate/shared/store";
import { expect, test } from "vitest";
import { tellFigures } from "./tell.js";

const figures = { host: "a-host", version: "1.2.3", startedAt: 7 };

function notebook() {
  const said: [string, WorkerFigures | null][] = [];
  const waiting: (() => void)[] = [];
  return {
    said,
    tell: async (id: string, told: WorkerFigures) => {
      said.push([id, told]);
      for (const wake of waiting.splice(0)) wake();
    },
    forget: async (id: string) => void said.push([id, null]),
    next: () => new Promise<void>((resolve) => void waiting.push(resolve)),
  };
}

test("tellFigures: says at once, and again, what runs now; at its end it takes it back", async () => {
  const workers = notebook();
  const running = new Map([["fal", new Set(["one"])]]);
  const telling = tellFigures({
    ...{ workers, id: "lease-1", figures, shards: () => ["fal", "webhooks"], running, everyMs: 5 },
  });
  expect(workers.said).toEqual([["lease-1", { ...figures, queues: ["fal", "webhooks"], inFlight: 1 }]]);
  running.set("webhooks", new Set(["two", "three"]));
  await workers.next();
  expect(workers.said.at(-1)).toEqual(["lease-1", { ...figures, queues: ["fal", "webhooks"], inFlight: 3 }]);
  await telling.end();
  expect(workers.said.at(-1)).toEqual(["lease-1", null]);
});

test("tellFigures: names the shards when a queue has several", async () => {
  const workers = notebook();
  const shards = ["fal", "fal.1", "maintenance"];
  await tellFigures({ workers, id: "lease-1", figures, shards: () => shards, running: new Map() }).end();
  expect(workers.said[0]?.[1]).toEqual({ ...figures, queues: ["fal", "maintenance"], shards, inFlight: 0 });
});

test("tellFigures: a write that fails does no harm", async () => {
  const workers = {
    tell: () => Promise.reject(new Error("Redis is away")),
    forget: () => Promise.reject(new Error("")),
  };
  await tellFigures({ workers, id: "lease-1", figures, shards: () => [], running: new Map() }).end();
});
