/** The options that say which video: the same for `visgate generate` and `visgate quote`. */
import type { VideoOptions } from "@visgate_ai/client";
import type { Command } from "commander";
import { append, omitUndefined, once, parseParams, positive } from "../arguments.js";
import { UsageError } from "../errors/failure.js";
import { DEFAULT_MODEL } from "../providers.generated.js";
import { imageUrl } from "./inputs.js";

export interface VideoFlags {
  prompt?: string;
  image?: string;
  model: string;
  duration?: number;
  param?: string[];
  paramsUnchecked?: true;
  fallback?: string[];
}

export function addVideoOptions(command: Command): Command {
  return command
    .argument("[prompt]", "1 to 10,000 characters; - reads the prompt from stdin")
    .option("-p, --prompt <text>", "the prompt, instead of the argument", once("--prompt"))
    .option(
      "-i, --image <file|url>",
      "image to video: a JPEG, PNG or WebP of at most 5 MB, or an https URL",
      once("--image"),
    )
    .option("-m, --model <id>", "an id from visgate models", DEFAULT_MODEL)
    .option("-d, --duration <seconds>", "rounded up to a duration that the model makes; 5 unless given", positive)
    .option("-P, --param <key=value>", "an input of this model, as JSON or text; may be repeated", append)
    .option("--params-unchecked", "send inputs that the gateway does not know to the provider as they are")
    .option("-f, --fallback <id>", "a model to try when the one before has failed unpaid; may be repeated", append);
}

/** `command`: its name, for the example in the error. */
export function promptOf(argument: string | undefined, { prompt }: VideoFlags, command: string): string {
  if (argument !== undefined && prompt !== undefined)
    throw new UsageError("The prompt is given twice, as an argument and with --prompt.");
  const given = argument ?? prompt;
  if (given === undefined)
    throw new UsageError(`The prompt is missing: visgate ${command} "a bird flying over the sea".`);
  return given;
}

export async function videoOptions({ image, duration, param, ...rest }: VideoFlags): Promise<VideoOptions> {
  return omitUndefined<VideoOptions>({
    imageUrl: image === undefined ? undefined : await imageUrl(image),
    durationSeconds: duration,
    params: param && parseParams(param),
    paramsUnchecked: rest.paramsUnchecked,
    fallback: rest.fallback,
  });
}
