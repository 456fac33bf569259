import RunwayML from "@runwayml/sdk";
import type { SimulatorOptions } from "../src/index.js";
import { type Fixture, start, until } from "./harness.js";

export type Task = Awaited<ReturnType<RunwayML["tasks"]["retrieve"]>>;
export type TaskWith<S extends Task["status"]> = Extract<Task, { status: S }>;

/** The shortest films, because drawing takes time; only the tests of the media ask for others. */
export const TEXT = {
  model: "gen4.5",
  promptText: "a bird flying over the sea",
  duration: 2,
  ratio: "1280:720",
} as const;
export const VEO_TEXT = { model: "veo3.1", promptText: "a bird over the sea", duration: 4, ratio: "1280:720" } as const;

export const HEADERS = { authorization: "Bearer key_test", "x-runway-version": "2024-11-06" };

/** The unmodified client, without retries, so that a test sees each answer. */
export const runwayAt = (url: string, apiKey = "key_test"): RunwayML =>
  new RunwayML({ apiKey, baseURL: `${url}/runway`, maxRetries: 0 });

export interface RunwayFixture extends Fixture {
  runway: RunwayML;
  /** Polls like a caller until the task has ended. */
  ended(id: string): Promise<Task>;
  /** A bare call below `/runway` with the headers of the client. */
  call(path: string, init?: RequestInit): Promise<Response>;
}

export async function startRunway(options: Partial<SimulatorOptions> = {}): Promise<RunwayFixture> {
  const fixture = await start(options);
  const runway = runwayAt(fixture.url);
  return {
    ...fixture,
    runway,
    ended: (id) =>
      until(async () => {
        const task = await runway.tasks.retrieve(id);
        return "cost" in task && task;
      }),
    call: (path, init = {}) => fixture.http(`/runway${path}`, { ...init, headers: { ...HEADERS, ...init.headers } }),
  };
}
