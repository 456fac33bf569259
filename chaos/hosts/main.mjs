#!/usr/bin/env node
/**
 * `npm run chaos:hosts`: nine hosts on this machine, each a network namespace. Each is cut off in turn (`--seconds 30`) while
 * callers submit, and the logs outside the system prove that no accepted request was lost and none was paid twice. Linux,
 * as root. `--only api-1,worker-2`: only these are cut off. `--seed` decides the calls. The logs stay in `--dir`, an
 * empty folder (default: removed after a good run).
 *
 * The run has a network, mounts and process ids of its own. Linux removes them with their first process, so nothing is
 * left of a run that was interrupted.
 */
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { describeMachine } from "../../bench/measurements.mjs";
import { inRoot } from "../../scripts/lib/paths.mjs";
import { onPath } from "../../scripts/lib/programs/package-managers.mjs";
import { findS3Server } from "../../scripts/lib/programs/s3-server.mjs";
import { createReport } from "../../scripts/lib/progress.mjs";
import { prepare } from "../../scripts/lib/stack/prepare.mjs";

/** With its heal and the time until all has caught up. */
const LIMIT_OF_HOST_MS = 300_000;
const LIMIT_OF_REST_MS = 600_000;
const HOSTS = 9;
const OWN_WORLD = ["--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"];
const TOOLS = ["ip", "unshare", "nsenter", "mount"];

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "30" },
    seed: { type: "string", default: "1" },
    only: { type: "string", default: "" },
    dir: { type: "string" },
  },
});
const missing = TOOLS.filter((tool) => onPath([tool], process.env) === undefined);
if (process.platform !== "linux" || process.getuid?.() !== 0 || missing.length > 0) {
  console.error(
    "npm run chaos:hosts needs root and Linux, with ip (iproute2), unshare, nsenter and mount (util-linux).",
  );
  process.exit(2);
}
const report = createReport();
const dir = values.dir ?? mkdtempSync(join(tmpdir(), "visgate-hosts-"));
const seconds = Number(values.seconds);
const { redisServer } = await prepare({ dataDir: dir, env: { ...process.env, REDIS_URL: "" }, report });
const s3Program = process.env["S3_SERVER"] ?? (await findS3Server({ report }));
mkdirSync("/run/netns", { recursive: true });
report.line(`\n${describeMachine()}`);

const options = {
  ...{ dir, seconds, binary: redisServer, s3Program, seed: Number(values.seed), locateSeconds: 60 },
  only: values.only.split(",").filter(Boolean),
};
const args = [...OWN_WORLD, process.execPath, inRoot("chaos/hosts/inside.mjs"), JSON.stringify(options)];
const run = spawn("unshare", args, { stdio: ["ignore", "inherit", "inherit", "ipc"], detached: true });
// Its process ids end with it, and with them all its programs.
const stop = () => run.kill("SIGKILL");
for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"])) process.once(signal, stop);
const limit = setTimeout(stop, HOSTS * (LIMIT_OF_HOST_MS + seconds * 1000) + LIMIT_OF_REST_MS);
const code = await new Promise((resolve) => run.once("exit", resolve));
clearTimeout(limit);
if (code === 0 && values.dir === undefined) rmSync(dir, { recursive: true, force: true });
else report.line(`The logs are in ${dir}.`);
process.exit(code ?? 130);
