/** The quick form of `npm run chaos`: kills, stops, failing links and failing providers, judged by logs outside the system. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { inRoot } from "../../scripts/lib/paths.mjs";
import { describeExit, spawnOwned } from "../../scripts/lib/processes/processes.mjs";

const LIMIT_MS = 240_000;

it(
  "half a minute of faults on one Redis: nothing is lost, doubled or ended twice",
  async () => {
    const dir = mkdtempSync(join(tmpdir(), "visgate-chaos-test-"));
    onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
    const logFile = join(dir, "chaos.log");
    const args = [inRoot("chaos/main.mjs"), "--quick", "--seed", "1", "--act", "single"];
    const env = { PATH: process.env["PATH"] ?? "", REDIS_SERVER: process.env["REDIS_SERVER"] ?? "", TMPDIR: dir };
    const { exited } = spawnOwned(process.execPath, args, { env, logFile });
    const exit = await exited;
    const log = readFileSync(logFile, "utf8");
    console.log(log);
    expect(log).toMatch(/calls acknowledged: [1-9]\d/);
    expect(describeExit(exit)).toBe("exit code 0");
  },
  LIMIT_MS,
);
