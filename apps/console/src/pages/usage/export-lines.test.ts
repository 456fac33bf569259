import { expect, test } from "vitest";
import { readCsv, readUsage, sumBy } from "./export-lines.js";

test("a quoted cell may hold commas, quotes and line ends", () => {
  expect(readCsv('a,b\r\n"x, ""y""\r\nz",\r\n,2\r\n')).toEqual([
    ["a", "b"],
    ['x, "y"\r\nz', ""],
    ["", "2"],
  ]);
  expect(readCsv("")).toEqual([]);
});

const HEAD = "day,mode,provider,model,api_key_id,tag,requests,completed,cached,failed,cost_usd,billed_usd,saved_usd";

test("sums are exact, and the dearest comes first", () => {
  const rows = Array.from(
    { length: 10 },
    (_, day) => `2026-03-0${day},managed,fal,cheap,k,t,1,1,0,0,0.100000,0,0.000001`,
  );
  const lines = readUsage([HEAD, ...rows, "2026-03-01,managed,fal,dear,k,,2,1,0,1,1.000001,0,0", ""].join("\r\n"));
  const [first, second] = sumBy(lines, ({ model }) => model);
  expect(first).toMatchObject(["dear", { requests: 2, failed: 1, costMicro: 1_000_001 }]);
  expect(second).toMatchObject(["cheap", { requests: 10, costMicro: 1_000_000, savedMicro: 10 }]);
});
