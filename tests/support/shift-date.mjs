// Loaded into a process with `node --import`: shifts Date.now() by the seconds in the file CLOCK_FILE, as "+3600".
import { readFileSync } from "node:fs";

const file = process.env["CLOCK_FILE"] ?? "";
const real = Date.now;
const read = () => Number(readFileSync(file, "utf8")) * 1000;
let aheadMs = read();
setInterval(() => {
  aheadMs = read();
}, 200).unref();
Date.now = () => real() + aheadMs;
