import Replicate, { type Prediction } from "replicate";
import type { SimulatorOptions } from "../src/index.js";
import { type Fixture, SHORT, start, until } from "./harness.js";

export const VEO = "google/veo-3";
export const KLING = "kwaivgi/kling-v2.5-turbo-pro";
export const SCHNELL = "black-forest-labs/flux-schnell";

/** The shortest film, because drawing takes time; only the tests of the media ask for others. */
export const INPUT = { prompt: SHORT.prompt, duration: 4 } as const;

export const HEADERS = { authorization: "Bearer r8_test", "content-type": "application/json" };

/** The unmodified client. */
export const replicateAt = (url: string, auth = "r8_test"): Replicate =>
  new Replicate({ auth, baseUrl: `${url}/replicate/v1` });

export interface ReplicateFixture extends Fixture {
  replicate: Replicate;
  /** Polls like a caller until the prediction has ended. */
  ended(id: string): Promise<Prediction>;
  /** A bare call below `/replicate/v1`: the client's own retries would hide the answer. */
  call(path: string, init?: RequestInit): Promise<Response>;
  /** A bare submit of a film. */
  submit(input?: object, init?: RequestInit): Promise<Response>;
}

export async function startReplicate(options: Partial<SimulatorOptions> = {}): Promise<ReplicateFixture> {
  const fixture = await start(options);
  const replicate = replicateAt(fixture.url);
  const call = (path: string, init: RequestInit = {}): Promise<Response> =>
    fixture.http(`/replicate/v1${path}`, { ...init, headers: { ...HEADERS, ...init.headers } });
  return {
    ...fixture,
    replicate,
    call,
    ended: (id) =>
      until(async () => {
        const prediction = await replicate.predictions.get(id);
        return prediction.completed_at ? prediction : null;
      }),
    submit: (input = INPUT, init = {}) =>
      call(`/models/${VEO}/predictions`, { method: "POST", body: JSON.stringify({ input }), ...init }),
  };
}
