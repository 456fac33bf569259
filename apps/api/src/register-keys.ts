/**
 * Registers the operator's key in Redis: at the start, after each new connection, which may be another Redis, and
 * regularly, because a Redis may be emptied or restored while the connection stays.
 */
import type { Logger } from "@visgate/shared/runtime";
import type { Gate } from "@visgate/shared/store";

const AGAIN_MS = 5000;

export interface KeyRegistration {
  /** False: an unknown key may be the operator's, so it must not be called unknown. */
  isDone(): boolean;
  /** Call it at each new connection. */
  begin(): void;
  /** Resolves when the key is registered for the first time. */
  done: Promise<void>;
  close(): void;
}

export interface RegistrationOptions {
  gate: Pick<Gate, "onWritable" | "report">;
  register(): Promise<void>;
  log: Logger;
}

export function registerKeys({ gate, register, log }: RegistrationOptions): KeyRegistration {
  let isDone = false;
  let tellDone = () => {};
  const done = new Promise<void>((resolve) => {
    tellDone = resolve;
  });
  async function run(): Promise<void> {
    try {
      await register();
      isDone = true;
      tellDone();
    } catch (error) {
      // After a fault of Redis, the gate calls again.
      if (gate.report(error) === null) log.error({ err: error }, "the operator's key was not registered");
    }
  }
  gate.onWritable(run);
  const timer = setInterval(() => isDone && void run(), AGAIN_MS).unref();
  return {
    isDone: () => isDone,
    begin() {
      isDone = false;
    },
    done,
    close: () => clearInterval(timer),
  };
}
