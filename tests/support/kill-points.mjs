/**
 * Loaded into a worker process before its own code (`--import`): writes down every HTTP request that leaves it, and kills
 * the process with -9 at a request that a test has named. So a test kills in the middle of a step, and sees what other
 * workers do next, without a word about it in the product.
 *
 * In the directory KILL_POINTS: `points.json` has the points, `calls.jsonl` what was sent, `kills.jsonl` who was killed.
 */
import { appendFileSync, closeSync, openSync, readFileSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import { syncBuiltinESMExports } from "node:module";
import { join } from "node:path";

const dir = process.env["KILL_POINTS"] ?? "";
const isWorker = /apps\/worker\/dist\//.test(process.argv[1] ?? "");

/** @param {string} file @param {object} entry */
const note = (file, entry) =>
  appendFileSync(join(dir, file), `${JSON.stringify({ at: Date.now(), pid: process.pid, ...entry })}\n`);

/** @returns {import("./kill-points.js").KillPoint[]} */
function points() {
  try {
    return JSON.parse(readFileSync(join(dir, "points.json"), "utf8"));
  } catch {
    return [];
  }
}

/** One of the times a point may strike, for one process alone. @param {import("./kill-points.js").KillPoint} point */
function take({ name, times = 1 }) {
  for (let time = 0; time < times; time += 1) {
    try {
      closeSync(openSync(join(dir, `${name}.${time}`), "wx"));
      return true;
    } catch {}
  }
  return false;
}

/** @param {string} call @param {"before" | "after"} moment */
function strike(call, moment) {
  const point = points().find((each) => each.moment === moment && new RegExp(each.match).test(call));
  if (point === undefined || !take(point)) return;
  note("kills.jsonl", { point: point.name, call });
  process.kill(process.pid, "SIGKILL");
}

/** @param {typeof http} module @param {string} scheme */
function watch(module, scheme) {
  const { request } = module;
  /** @param {any[]} args */
  const watched = (...args) => {
    const outgoing = Reflect.apply(request, module, args);
    const call = `${outgoing.method} ${scheme}//${outgoing.getHeader("host")}${outgoing.path}`;
    note("calls.jsonl", { call });
    strike(call, "before");
    outgoing.once("response", () => strike(call, "after"));
    return outgoing;
  };
  module.request = /** @type {any} */ (watched);
}

if (isWorker && dir !== "") {
  watch(http, "http:");
  watch(/** @type {any} */ (https), "https:");
  syncBuiltinESMExports();
}
