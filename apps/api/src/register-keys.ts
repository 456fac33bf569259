/** Registers the operator's key in Redis: at the start, and after each new connection, which may be another Redis. */
import type { Logger } from "@visgate/shared/runtime";
import type { Gate } from "@visgate/shared/store";

export interface KeyRegistration {
  /** False: an unknown key may be the operator's, so it must not be called unknown. */
  isDone(): boolean;
  /** Call it at each new connection. */
  begin(): void;
  /** Resolves when the key is registered for the first time. */
  done: Promise<void>;
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
  gate.onWritable(async () => {
    try {
      await register();
      isDone = true;
      tellDone();
    } catch (error) {
      // After a fault of Redis, the gate calls again.
      if (gate.report(error) === null) log.error({ err: error }, "the operator's key was not registered");
    }
  });
  return {
    isDone: () => isDone,
    begin() {
      isDone = false;
    },
    done,
  };
}
