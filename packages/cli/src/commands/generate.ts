/** visgate generate: from a prompt, or an image and a prompt, to a video. */
import { AbortError, type VideoOptions } from "@visgate_ai/client";
import type { AddCommand } from "../act.js";
import { append, once, parseParams, positive } from "../arguments.js";
import { suggestModel } from "../errors/did-you-mean.js";
import { EXIT, type ExitCode } from "../errors/exit-codes.js";
import { describe, UsageError } from "../errors/failure.js";
import { download } from "../generate/download.js";
import { giveUp } from "../generate/give-up.js";
import { given } from "../generate/given.js";
import { imageUrl } from "../generate/image.js";
import { type Accepted, type Made, startMaking, type Wish } from "../generate/make-video.js";
import { createProgress } from "../generate/progress.js";
import { readPrompt } from "../generate/prompt.js";
import { costText, showAccepted, showResult } from "../generate/result.js";
import { findTarget, type Target } from "../generate/target.js";
import { DEFAULT_MODEL } from "../providers.generated.js";
import type { Session } from "../session.js";

interface Flags {
  image?: string;
  model: string;
  duration?: number;
  param?: string[];
  cache: boolean;
  timeout?: number;
  output?: string;
  async?: boolean;
  idempotencyKey?: string;
}

const MORE_HELP = `
Ctrl-C cancels the request at the gateway and says what happens to the money; a second one quits at once.
When --timeout is over, a request whose id was printed goes on: visgate status ID --wait waits for it.
-o replaces a file of that name without asking, once the video is whole.

Examples:
  visgate generate "a bird flying over the sea" -o bird.mp4
  visgate generate "the camera pulls back" --image photo.jpg --model runway/gen4_turbo
  visgate generate "rain" --duration 8 --param seed=42 --param 'negative_prompt=blurry, dark'
  visgate generate "a harbour" --json | jq -r .video_url
  visgate generate "a harbour" -o - | ffplay -
  visgate generate - --duration 8 < prompt.txt
  id=$(visgate generate "a harbour" --async)`;

export const addGenerate: AddCommand = (program, act) => {
  program
    .command("generate")
    .description("generate a video and wait for it; prints its URL or file, and the cost")
    .argument("<prompt>", "1 to 10,000 characters; - reads them from stdin")
    .option("--image <file|url>", "JPEG, PNG or WebP of at most 5 MB, or an https URL: image to video", once("--image"))
    .option("--model <id>", "one of visgate models", DEFAULT_MODEL)
    .option("--duration <seconds>", "mapped up to one that the model makes; 5 unless given", positive)
    .option("--param <key=value>", "input particular to the model, as JSON or text; may be repeated", append)
    .option("--no-cache", "make it anew even if an equal one is kept")
    .option("--timeout <seconds>", "how long to wait (exit code 124)", positive)
    .option("-o, --output <file>", "save the video there, in place of what is there; - is stdout", once("-o"))
    .option("--async", "print the request id and do not wait")
    .option("--idempotency-key <key>", "the same key within 24 hours is the same request, never a second one")
    .option("--json", "print the result as one JSON object")
    .addHelpText("after", MORE_HELP)
    .action(act(generate));
};

async function generate(session: Session, given: string, flags: Flags): Promise<ExitCode> {
  const target = await targetOf(session, flags);
  const fields = await fieldsOf(flags);
  const prompt = given === "-" ? await readPrompt(session.io) : given;
  const wish = { model: flags.model, prompt, fields };
  const signal = session.io.catchInterrupt();
  const made = await make(session, wish, flags, signal);
  if (typeof made === "number") return made;
  try {
    await deliver(session, made, { target, name: flags.output ?? null, signal });
    return EXIT.ok;
  } catch (error) {
    if (!signal.aborted) throw error;
    session.out.say(describe(error, session).line);
    return EXIT.interrupted;
  }
}

async function targetOf({ json }: Session, { output, async: isAsync }: Flags): Promise<Target | null> {
  if (output === undefined) return null;
  if (isAsync) throw new UsageError("--async waits for no video that -o could save.");
  if (json && output === "-") throw new UsageError("--json and -o - both want stdout.");
  return findTarget(output);
}

async function fieldsOf(flags: Flags): Promise<VideoOptions> {
  return given<VideoOptions>({
    imageUrl: flags.image === undefined ? undefined : await imageUrl(flags.image),
    durationSeconds: flags.duration,
    params: flags.param && parseParams(flags.param),
    cache: flags.cache ? undefined : "off",
    idempotencyKey: flags.idempotencyKey,
  });
}

/** The video, or the exit code where there is none to deliver. */
async function make(session: Session, wish: Wish, flags: Flags, signal: AbortSignal): Promise<Made | ExitCode> {
  const { io, out } = session;
  const client = session.connect();
  const timeoutMs = flags.timeout === undefined ? undefined : flags.timeout * 1000;
  const making = startMaking(client, { signal, timeoutMs, now: io.now });
  const progress = createProgress(io, session);
  let accepted: Accepted | null = null;
  const onAbort = () => {
    progress.stop();
    out.say(`Cancelling${accepted === null ? "" : ` ${accepted.requestId}`}. Ctrl-C again quits at once.`);
  };
  signal.addEventListener("abort", onAbort);
  try {
    accepted = await making.submit(wish);
    if (flags.async && !signal.aborted) {
      showAccepted(session, accepted);
      return EXIT.ok;
    }
    if (!progress.isShown) out.note(`Request ${accepted.requestId}`);
    return await making.wait(accepted, progress);
  } catch (error) {
    progress.stop();
    if (!(error instanceof AbortError)) throw await suggestModel(error, session, wish.model);
    await giveUp(client, session, error);
    return describe(error).exitCode;
  } finally {
    progress.stop();
    signal.removeEventListener("abort", onAbort);
  }
}

interface Place {
  target: Target | null;
  name: string | null;
  signal: AbortSignal;
}

async function deliver(session: Session, made: Made, { target, name, signal }: Place): Promise<void> {
  const toStdout = target?.kind === "stdout";
  if (toStdout) session.out.note(`${made.result.videoUrl} ${costText(made)}`);
  if (target !== null) await download(session.io, made.result.videoUrl, target, signal);
  if (!toStdout) showResult(session, made, name);
}
