import { signalAll } from "./processes.mjs";

/**
 * Under npm one Ctrl-C arrives twice, from the terminal and from npm. Only a signal after this time is a second one.
 */
const SAME_SIGNAL_MS = 1000;

/**
 * Aborts at the first SIGINT, SIGTERM or SIGHUP. A second signal kills every child and ends this process at once.
 * @returns {AbortSignal}
 */
export function stopSignal() {
  const stopping = new AbortController();
  let firstAtMs = 0;
  const onSignal = () => {
    if (!stopping.signal.aborted) {
      firstAtMs = Date.now();
      stopping.abort();
    } else if (Date.now() - firstAtMs > SAME_SIGNAL_MS) {
      signalAll("SIGKILL");
      process.exit(1);
    }
  };
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(name, onSignal);
  whenNpmEnds(() => stopping.abort());
  return stopping.signal;
}

/**
 * npm passes a SIGTERM only to its shell. When the shell ends, this process gets another parent.
 * @param {() => void} stop
 */
function whenNpmEnds(stop) {
  const { env, ppid } = process;
  if (env["npm_lifecycle_event"] !== "start") return;
  const timer = setInterval(() => {
    if (process.ppid === ppid) return;
    clearInterval(timer);
    stop();
  }, 250);
  timer.unref();
}

/** Resolves when the signal is aborted. @param {AbortSignal} signal @returns {Promise<void>} */
export function untilAborted(signal) {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
