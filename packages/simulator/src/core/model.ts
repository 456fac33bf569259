import type { ImageSource } from "../media/spec.js";
import type { Plan } from "./job.js";

/** A submit's input after validation, with its picture (if it has one) already kept. */
export interface AcceptedInput<T> {
  input: T;
  image: ImageSource | null;
  seed: number;
}

/** What a model makes of an input. */
export type MediaPlan = Omit<Extract<Plan, { kind: "media" }>, "kind" | "seed">;
