/** How a command hands its work to the program. */
import type { Command } from "commander";
import type { ExitCode } from "./errors/exit-codes.js";
import type { Session } from "./session.js";

/** What a command does; its arguments and its own options come after the session. */
export type Handler<Args extends unknown[]> = (session: Session, ...args: Args) => Promise<ExitCode>;
export type Act = <Args extends unknown[]>(handler: Handler<Args>) => (...given: unknown[]) => Promise<void>;
export type AddCommand = (program: Command, act: Act) => void;
