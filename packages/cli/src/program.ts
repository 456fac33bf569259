/** The program: its global options, its commands, and how it ends. */
import { Command, CommanderError } from "commander";
import type { Act } from "./act.js";
import { addCancel } from "./commands/cancel.js";
import { addDoctor } from "./commands/doctor.js";
import { addGenerate } from "./commands/generate.js";
import { addList } from "./commands/list.js";
import { addModels } from "./commands/models.js";
import { addStatus } from "./commands/status.js";
import { addWebhook } from "./commands/webhook.js";
import { EXIT, EXIT_HELP, type ExitCode } from "./errors/exit-codes.js";
import { DEFAULT_BASE_URL, describe } from "./errors/failure.js";
import type { Io } from "./screen/io.js";
import { plain } from "./screen/text.js";
import { openSession, type Session } from "./session.js";
import { VERSION } from "./version.js";

const COMMANDS = [addGenerate, addStatus, addList, addCancel, addModels, addWebhook, addDoctor];
const HELP_WIDTH = 100;

/** Never rejects: whatever goes wrong is one line on stderr and an exit code. */
export async function run(io: Io, args: readonly string[]): Promise<ExitCode> {
  let exitCode: ExitCode = EXIT.ok;
  let session: Session | undefined;
  const act: Act =
    (handler) =>
    async (...given) => {
      // Commander hands over the arguments, the options, and the command itself.
      const command = given.at(-1) as Command;
      session = openSession(io, command.optsWithGlobals());
      exitCode = await handler(session, ...(given.slice(0, -1) as never));
    };
  try {
    const program = createProgram(io);
    for (const add of COMMANDS) add(program, act);
    await program.parseAsync(args, { from: "user" });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    const failure = describe(error, session);
    io.stderr.write(`${failure.line}\n`);
    return failure.exitCode;
  }
}

function createProgram(io: Io): Command {
  return new Command("visgate")
    .description("AI videos through a Visgate gateway: accepted is never lost and never paid twice.")
    .version(VERSION)
    .option("--api-key <key>", "better: VISGATE_API_KEY, as other users of this machine can see command lines")
    .option("--base-url <url>", `where the gateway is (VISGATE_BASE_URL; else ${DEFAULT_BASE_URL})`)
    .option("--no-color", "no colours (NO_COLOR); there are none in a pipe anyway")
    .option("-q, --quiet", "results and errors only; of lists, the ids")
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => void io.stdout.write(text),
      writeErr: (text) => void io.stderr.write(text),
      outputError: (text, write) => write(`${plain(text.replace(/^error:/, "error USAGE:"))}\n`),
      getOutHelpWidth: () => io.stdout.columns ?? HELP_WIDTH,
      getErrHelpWidth: () => io.stderr.columns ?? HELP_WIDTH,
    })
    .exitOverride()
    .addHelpText("after", `\n${EXIT_HELP}\n\nvisgate <command> --help has examples.`);
}
