/**
 * Loaded into a worker process before its own code (`--import`). It records every HTTP request of the process, and
 * kills the process with -9 at a request that the test has chosen. So a test can kill a worker in the middle of a step
 * and see what the other workers send next, and the product needs no code for it.
 *
 * Files in the directory KILL_POINTS: `points.json` (the points), `calls.jsonl` (the requests that were sent),
 * `kills.jsonl` (the processes that were killed).
 */
import { appendFileSync, closeSync, openSync, readFileSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import { syncBuiltinESMExports } from "node:module";
import net from "node:net";
import { join } from "node:path";

const dir = process.env["KILL_POINTS"] ?? "";
const isWorker = /apps\/worker\/(bundle|dist)\//.test(process.argv[1] ?? "");

/** @param {string} file @param {object} entry */
const record = (file, entry) =>
  appendFileSync(join(dir, file), `${JSON.stringify({ at: Date.now(), pid: process.pid, ...entry })}\n`);

/** @returns {import("./kill-points.js").KillPoint[]} */
function points() {
  try {
    return JSON.parse(readFileSync(join(dir, "points.json"), "utf8"));
  } catch {
    return [];
  }
}

/**
 * Claims one of the `times` that a point may kill. A file per time makes sure that one process alone gets it.
 * @param {import("./kill-points.js").KillPoint} point
 */
function claim({ name, times = 1 }) {
  for (let time = 0; time < times; time += 1) {
    try {
      closeSync(openSync(join(dir, `${name}.${time}`), "wx"));
      return true;
    } catch {}
  }
  return false;
}

/** @param {string} call @param {"before" | "after"} moment */
function killIfChosen(call, moment) {
  const point = points().find((each) => each.moment === moment && new RegExp(each.match).test(call));
  if (point === undefined || !claim(point)) return;
  record("kills.jsonl", { point: point.name, call });
  process.kill(process.pid, "SIGKILL");
}

/** @param {typeof http} module @param {string} scheme */
function watch(module, scheme) {
  const { request } = module;
  /** @param {any[]} args */
  const watched = (...args) => {
    const outgoing = Reflect.apply(request, module, args);
    const call = `${outgoing.method} ${scheme}//${outgoing.getHeader("host")}${outgoing.path}`;
    record("calls.jsonl", { call });
    killIfChosen(call, "before");
    outgoing.once("response", () => killIfChosen(call, "after"));
    return outgoing;
  };
  module.request = /** @type {any} */ (watched);
}

/** Kills at what the process writes to Redis, shown as `REDIS text`. Only on request: it reads every write. */
function watchRedis() {
  const { write } = net.Socket.prototype;
  /** @this {net.Socket} @param {any[]} args */
  function watched(...args) {
    if (typeof args[0] === "string" || args[0] instanceof Uint8Array) {
      killIfChosen(`REDIS ${Buffer.from(/** @type {any} */ (args[0])).toString("latin1")}`, "before");
    }
    return Reflect.apply(write, this, args);
  }
  net.Socket.prototype.write = /** @type {any} */ (watched);
}

if (isWorker && dir !== "") {
  if (process.env["KILL_AT_REDIS"] !== undefined) watchRedis();
  watch(http, "http:");
  watch(/** @type {any} */ (https), "https:");
  syncBuiltinESMExports();
}
