/** visgate generate: makes a video from a prompt, or from an image and a prompt. */
import { AbortError, type VideoOptions } from "@visgate_ai/client";
import { Option } from "commander";
import { omitUndefined, once, positive } from "../arguments.js";
import { EXIT, type ExitCode, toFailure, UsageError } from "../errors/failure.js";
import { type Destination, resolveDestination } from "../generate/destination.js";
import { readPrompt } from "../generate/inputs.js";
import { printAccepted, saveAndPrint } from "../generate/result.js";
import { addVideoOptions, promptOf, type VideoFlags, videoOptions } from "../generate/video-options.js";
import {
  type AcceptedRequest,
  cancelAndReport,
  createGeneration,
  type FinishedVideo,
  type VideoRequest,
} from "../generate/video-request.js";
import { createProgress } from "../screen/progress.js";
import type { AddCommand, Session } from "../session.js";

interface Flags extends VideoFlags {
  priority?: "normal" | "low";
  cache: boolean;
  timeout?: number;
  output?: string;
  async?: boolean;
  idempotencyKey?: string;
}

const MORE_HELP = `
Ctrl-C cancels the request at the gateway and says whether it is charged; a second Ctrl-C quits at once.
After --timeout, a request whose id was printed continues: visgate status ID --wait waits for it.
-o replaces an existing file without asking, once the whole video is there.

Examples:
  visgate generate "a bird flying over the sea" -o bird.mp4
  visgate generate -m runway/gen4_turbo -p "the camera pulls back" --image photo.jpg
  visgate generate "rain" --duration 8 --param seed=42 --param 'negative_prompt=blurry, dark'
  visgate generate "a harbor" --json | jq -r .video_url
  visgate generate "a harbor" -o - | ffplay -
  visgate generate - --duration 8 < prompt.txt
  id=$(visgate generate "a harbor" --async)`;

export const addGenerate: AddCommand = (program, toAction) => {
  const command = program
    .command("generate")
    .aliases(["gen", "create", "run"])
    .description("generate a video, wait for it, and print its URL or file and its cost");
  addVideoOptions(command)
    .addOption(
      new Option(
        "--priority <level>",
        "low: while requests wait for a slot at the provider, your normal ones go first",
      ).choices(["normal", "low"]),
    )
    .option("--no-cache", "make a new video even if the cache has one for the same input")
    .option("-t, --timeout <seconds>", "stop waiting after this time, with exit code 124", positive)
    .option("-o, --output <file>", "save the video, replacing an existing file; - is stdout", once("-o"))
    .option("-a, --async", "print the request id and do not wait")
    .option("--idempotency-key <key>", "for 24 hours the same key means the same request, never a second one")
    .option("-j, --json", "print the result as one JSON object")
    .addHelpText("after", MORE_HELP)
    .action(toAction(generate));
};

async function generate(session: Session, argument: string | undefined, flags: Flags): Promise<ExitCode> {
  const promptArgument = promptOf(argument, flags, "generate");
  // Stdin is read last, so that a wrong option is refused without waiting for it.
  const destination = await destinationOf(session, flags);
  const options = await optionsOf(flags);
  const prompt = promptArgument === "-" ? await readPrompt(session.io) : promptArgument;
  const signal = session.io.catchInterrupt();
  const ended = await submitAndWait(session, { model: flags.model, prompt, options }, flags, signal);
  if (typeof ended === "number") return ended;
  try {
    await saveAndPrint(session, ended, { destination, fileName: flags.output ?? null, signal });
    return EXIT.ok;
  } catch (error) {
    if (!signal.aborted) throw error;
    session.out.say(toFailure(error, session).line);
    return EXIT.interrupted;
  }
}

async function destinationOf({ json }: Session, { output, async: isAsync }: Flags): Promise<Destination | null> {
  if (output === undefined) return null;
  if (isAsync)
    throw new UsageError("--async does not wait for the video, so -o cannot save it: leave one of them out.");
  if (json && output === "-") throw new UsageError("--json and -o - both write to stdout: leave one of them out.");
  return resolveDestination(output);
}

async function optionsOf(flags: Flags): Promise<VideoOptions> {
  const { priority, idempotencyKey } = flags;
  const own = omitUndefined<VideoOptions>({ priority, cache: flags.cache ? undefined : "off", idempotencyKey });
  return { ...(await videoOptions(flags)), ...own };
}

/** The finished video; or the exit code, after --async or Ctrl-C. */
async function submitAndWait(
  session: Session,
  request: VideoRequest,
  flags: Flags,
  signal: AbortSignal,
): Promise<FinishedVideo | ExitCode> {
  const { io, out } = session;
  const client = session.createClient();
  const timeoutMs = flags.timeout === undefined ? undefined : flags.timeout * 1000;
  const generation = createGeneration(client, { signal, timeoutMs, now: io.now });
  const progress = createProgress(io, session);
  let accepted: AcceptedRequest | null = null;
  const onInterrupt = () => {
    progress.stop();
    out.say(`Cancelling${accepted === null ? "" : ` ${accepted.requestId}`}. Ctrl-C again quits at once.`);
  };
  signal.addEventListener("abort", onInterrupt);
  try {
    accepted = await generation.submit(request);
    if (flags.async && !signal.aborted) {
      printAccepted(session, accepted);
      return EXIT.ok;
    }
    if (!progress.isShown) out.note(`Request ${accepted.requestId}`);
    return await generation.wait(accepted, progress);
  } catch (error) {
    progress.stop();
    if (!(error instanceof AbortError)) throw error;
    await cancelAndReport(client, session, error);
    return toFailure(error, session).exitCode;
  } finally {
    progress.stop();
    signal.removeEventListener("abort", onInterrupt);
  }
}
