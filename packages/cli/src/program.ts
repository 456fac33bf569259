/** The program: its global options, its commands, and how it ends. */
import { Command, CommanderError } from "commander";
import { addAdmin } from "./commands/admin.js";
import { addAgain } from "./commands/again.js";
import { addBudget } from "./commands/budget.js";
import { addCancel } from "./commands/cancel.js";
import { addDoctor } from "./commands/doctor.js";
import { addGenerate } from "./commands/generate.js";
import { addKeys } from "./commands/keys.js";
import { addList } from "./commands/list.js";
import { addMcp } from "./commands/mcp.js";
import { addModels } from "./commands/models.js";
import { addQuote } from "./commands/quote.js";
import { addReceipt } from "./commands/receipt.js";
import { addStatus } from "./commands/status.js";
import { addUsage } from "./commands/usage.js";
import { addWebhook } from "./commands/webhook.js";
import { EXIT, EXIT_HELP, type ExitCode, toFailure } from "./errors/failure.js";
import type { Io } from "./screen/io.js";
import { oneLine } from "./screen/text.js";
import { DEFAULT_BASE_URL, openSession, type Session, type ToAction, VERSION } from "./session.js";

const COMMANDS = [
  ...[addGenerate, addStatus, addList, addCancel, addAgain, addModels, addQuote, addReceipt, addUsage, addBudget],
  ...[addKeys, addWebhook, addMcp, addDoctor, addAdmin],
];
const HELP_WIDTH = 100;

/** Never rejects: every error becomes one line on stderr and an exit code. */
export async function run(io: Io, args: readonly string[]): Promise<ExitCode> {
  let exitCode: ExitCode = EXIT.ok;
  let session: Session | undefined;
  const toAction: ToAction =
    (handler) =>
    async (...values) => {
      // Commander passes the arguments, then the options, then the command.
      const command = values.at(-1) as Command;
      session = openSession(io, command.optsWithGlobals());
      exitCode = await handler(session, ...(values.slice(0, -1) as never));
    };
  try {
    const program = createProgram(io);
    for (const add of COMMANDS) add(program, toAction);
    await program.parseAsync(args, { from: "user" });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    const failure = toFailure(error, session ?? { baseUrl: DEFAULT_BASE_URL });
    io.stderr.write(`${failure.line}\n`);
    return failure.exitCode;
  }
}

function createProgram(io: Io): Command {
  return new Command("visgate")
    .description("AI videos through a Visgate gateway. An accepted request is never lost and never paid for twice.")
    .version(VERSION)
    .option(
      "--api-key <key>",
      "the API key; VISGATE_API_KEY is safer: other users of this machine can see command lines",
    )
    .option("--base-url <url>", `URL of the gateway (VISGATE_BASE_URL; otherwise ${DEFAULT_BASE_URL})`)
    .option("--no-color", "print no colors (or set NO_COLOR); a pipe never gets colors")
    .option("-q, --quiet", "print only results and errors; of a list, only the ids")
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => void io.stdout.write(text),
      writeErr: (text) => void io.stderr.write(text),
      outputError: (text, write) => write(`${oneLine(text.replace(/^error:/, "error USAGE:"))}\n`),
      getOutHelpWidth: () => io.stdout.columns ?? HELP_WIDTH,
      getErrHelpWidth: () => io.stderr.columns ?? HELP_WIDTH,
    })
    .exitOverride()
    .addHelpText("after", `\n${EXIT_HELP}\n\nvisgate <command> --help shows examples.`);
}
