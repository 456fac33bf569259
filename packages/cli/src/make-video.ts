/** The generation itself: submitted, then waited for, with its progress shown. */
import {
  AbortError,
  type Client,
  type GenerationRequest,
  type RequestStatus,
  TimeoutError,
  type VideoOptions,
  type VideoResult,
} from "@visgate_ai/client";
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
      // A submit under way is let finish, so that what it began is known and can be cancelled.
      const options = { ...fields, ...given<VideoOptions>({ timeout: timeLeft() }), signal, cancelOnAbort: true };
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

/** Is the request no longer wanted? When the time for waiting is over it is; not so before it was even accepted. */
export function isGivenUp(error: unknown, accepted: Accepted | null): error is AbortError | TimeoutError {
  if (error instanceof AbortError) return true;
  return error instanceof TimeoutError && accepted === null && error.requestId !== null;
}
