import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import type { RenderReply, RenderTask } from "./render-worker.js";
import { MediaError } from "./spec.js";

const IDLE_MS = 5_000;

/** Renders outside the event loop, one task after the other. */
export interface Renderer {
  render(task: RenderTask): Promise<void>;
  close(): Promise<void>;
}

interface Waiting {
  task: RenderTask;
  settle(reply: RenderReply): void;
}

/** A thread runs compiled code only. Under a test runner this module is a .ts source, and its build is in dist/. */
function workerFile(): string {
  const candidates = ["./render-worker.js", "../../dist/media/render-worker.js"];
  const found = candidates.map((path) => fileURLToPath(new URL(path, import.meta.url))).find(existsSync);
  if (!found) throw new Error("The render worker is not built: run `npm run build -w packages/simulator` first.");
  return found;
}

export function createRenderer(): Renderer {
  const file = workerFile();
  const waiting: Waiting[] = [];
  let worker: Worker | null = null;
  let current: Waiting | null = null;
  let idle: NodeJS.Timeout | undefined;
  let closed = false;

  /** An idle simulator stops its thread, because the thread's WASM heap is most of its memory. */
  function stopThread(): Promise<unknown> {
    const leaving = worker;
    worker = null;
    return Promise.resolve(leaving?.terminate());
  }

  function startThread(): Worker {
    const thread = new Worker(file);
    thread.unref();
    thread.on("message", finish);
    thread.on("error", (error) => {
      if (worker === thread) worker = null;
      finish({ ok: false, reason: "render", message: String(error) });
    });
    return thread;
  }

  function finish(reply: RenderReply): void {
    current?.settle(reply);
    current = null;
    next();
  }

  function next(): void {
    if (current || closed) return;
    current = waiting.shift() ?? null;
    clearTimeout(idle);
    if (!current) {
      idle = setTimeout(() => void stopThread(), IDLE_MS).unref();
      return;
    }
    worker ??= startThread();
    worker.postMessage(current.task);
  }

  return {
    render: (task) =>
      new Promise((resolve, reject) => {
        const settle = (reply: RenderReply): void =>
          reply.ok ? resolve() : reject(new MediaError(reply.reason, reply.message));
        waiting.push({ task, settle });
        next();
      }),
    async close() {
      closed = true;
      clearTimeout(idle);
      await stopThread();
    },
  };
}
