import { expect, test } from "vitest";
import { createLogger } from "../log.js";
import { createClockReport } from "./own-clock.js";

const REDIS_MS = 1_800_000_000_000;

test("clock report: says once that the clock of the machine is off, and once that it is right again", () => {
  const lines: Record<string, unknown>[] = [];
  const destination = { write: (line: string) => void lines.push(JSON.parse(line)) };
  const log = createLogger({ level: "info", service: "test", secretNames: [], destination });
  let aheadMs = 0;
  const report = createClockReport(log, () => REDIS_MS + aheadMs);
  const at = (ms: number, uncertainMs = 5) => {
    aheadMs = ms;
    report(REDIS_MS, uncertainMs);
  };
  for (const ms of [0, 1900, -1900]) at(ms);
  at(2500, 3000); // a slow answer proves nothing
  expect(lines).toEqual([]);
  for (const ms of [3_600_000, 3_600_000, -120_000, 1500]) at(ms);
  at(0, 3000);
  expect(lines.map(({ level, aheadMs: ahead }) => [level, ahead])).toEqual([[40, 3_600_000]]);
  for (const ms of [900, 0, 1900]) at(ms);
  expect(lines.map(({ level, aheadMs: ahead }) => [level, ahead])).toEqual([
    [40, 3_600_000],
    [30, 900],
  ]);
  at(-120_000);
  expect(lines).toHaveLength(3);
});
