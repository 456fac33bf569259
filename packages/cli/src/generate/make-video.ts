/** The generation itself: submitted, then waited for, with its progress shown. */
import type { Client, GenerationRequest, RequestStatus, VideoOptions, VideoResult } from "@visgate_ai/client";
import { given } from "./given.js";
import type { Progress } from "./progress.js";

export interface Wish {
  model: string;
  prompt: string;
  fields: VideoOptions;
}

export interface Patience {
  /** Ctrl-C. */
  signal: AbortSignal;
  /** For the whole of it; undefined: until the gateway ends the request. */
  timeoutMs: number | undefined;
  now: () => number;
}

/** How long a submit under way may still take when it is given up. */
const GRACE_MS = 5000;

export type Accepted = GenerationRequest<VideoResult>;

export interface Made {
  result: VideoResult;
  isSimulated: boolean;
}

export interface Making {
  submit(wish: Wish): Promise<Accepted>;
  wait(accepted: Accepted, progress: Progress): Promise<Made>;
}

export function startMaking(client: Client, { signal, timeoutMs, now }: Patience): Making {
  const beganMs = now();
  const timeLeft = () => (timeoutMs === undefined ? undefined : Math.max(0, timeoutMs - (now() - beganMs)));
  return {
    submit({ model, prompt, fields }) {
      // A submit under way is let finish, so that what it began is known: to be cancelled, or to go on.
      const left = timeLeft();
      const timeout = left === undefined ? undefined : left + GRACE_MS;
      const options = { ...fields, ...given<VideoOptions>({ timeout }), signal: later(signal, GRACE_MS) };
      return client.videos.generate(model, prompt, { ...options, preferAsync: true });
    },
    async wait(accepted, progress) {
      let isSimulated = false;
      const onProgress = (status: RequestStatus) => {
        isSimulated = status.simulated;
        progress.show(status);
      };
      const options = given<VideoOptions>({ timeout: timeLeft(), signal, onProgress });
      return { result: await accepted.wait(options), isSimulated };
    },
  };
}

/** Aborted `ms` after `signal` is. */
function later(signal: AbortSignal, ms: number): AbortSignal {
  const controller = new AbortController();
  const begin = () => void setTimeout(() => controller.abort(), ms).unref();
  if (signal.aborted) begin();
  else signal.addEventListener("abort", begin, { once: true });
  return controller.signal;
}
