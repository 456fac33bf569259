/**
 * stack.json: which launcher uses a data directory, and where its stack answers. Only one launcher may use a directory:
 * two would run two Redis servers on one append-only file.
 */
import { closeSync, openSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { StartError } from "../failure.mjs";
import { ensurePrivateDir, readJson, writePrivateJson } from "../files.mjs";
import { commandLineOf } from "../processes/processes.mjs";

/**
 * `commandLine` distinguishes the launcher from a later process with the same pid.
 * @typedef {{
 *   pid: number, commandLine: string, startedAt: string, children: number[],
 *   baseUrl?: string, apiKey?: string, simulatorUrl?: string | undefined, simulated?: string[], logDir?: string,
 *   receiverOrigin?: string | undefined,
 * }} StackRecord
 */

/** @param {string} dataDir */
const fileOf = (dataDir) => join(dataDir, "stack.json");

/** @param {string} dataDir @returns {StackRecord | undefined} */
const readRecord = (dataDir) => /** @type {StackRecord | undefined} */ (readJson(fileOf(dataDir)));

/** After the restart of a container the old pid may be our own. @param {StackRecord} record */
const isAlive = (record) => record.pid !== process.pid && commandLineOf(record.pid) === record.commandLine;

/** Throws when a stack runs or starts on this directory. @param {string} dataDir */
export function refuseIfInUse(dataDir) {
  const record = readRecord(dataDir);
  if (record && isAlive(record)) throw inUse(record, dataDir);
  return record;
}

/**
 * @param {string} dataDir
 * @returns {{ leftoverPids: number[], update: (patch: Partial<StackRecord>) => void, release: () => void }}
 *   `leftoverPids`: the children of a launcher that was killed
 */
export function lockDataDir(dataDir) {
  ensurePrivateDir(dataDir);
  const before = refuseIfInUse(dataDir);
  if (before) rmSync(fileOf(dataDir), { force: true });
  let record = createRecord(dataDir);
  return {
    leftoverPids: before?.children ?? [],
    update: (patch) => {
      record = { ...record, ...patch };
      writePrivateJson(fileOf(dataDir), record);
    },
    release: () => rmSync(fileOf(dataDir), { force: true }),
  };
}

/**
 * O_EXCL: only one of two launchers that start at the same moment succeeds.
 * @param {string} dataDir @returns {StackRecord}
 */
function createRecord(dataDir) {
  const commandLine = commandLineOf(process.pid) ?? "";
  const record = { pid: process.pid, commandLine, startedAt: new Date().toISOString(), children: [] };
  try {
    const fd = openSync(fileOf(dataDir), "wx", 0o600);
    writeFileSync(fd, JSON.stringify(record));
    closeSync(fd);
    return record;
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== "EEXIST") throw error;
    throw new StartError(`Another stack is starting on ${dataDir}: wait for it, or use another --data-dir.`);
  }
}

/** @param {StackRecord} record @param {string} dataDir */
function inUse({ pid, baseUrl }, dataDir) {
  const state = baseUrl ? `runs at ${baseUrl}` : "is starting";
  return new StartError(
    `Visgate already ${state} (pid ${pid}) on ${dataDir}: ` +
      "use that stack, stop it, or use another --data-dir and --port.",
  );
}

/**
 * The running stack of a data directory, if its launcher is alive and its API answers.
 * @param {string} dataDir absolute path
 * @returns {Promise<StackRecord & { baseUrl: string, apiKey: string } | undefined>}
 */
export async function findRunningStack(dataDir) {
  const record = readRecord(dataDir);
  if (!record?.baseUrl || !record.apiKey || !isAlive(record)) return undefined;
  const signal = AbortSignal.timeout(2000);
  const answers = await fetch(`${record.baseUrl}/api/v1/health`, { signal }).then(
    () => true, // also a 503: the API runs, and its answer says what is missing
    () => false,
  );
  return answers ? { ...record, baseUrl: record.baseUrl, apiKey: record.apiKey } : undefined;
}
