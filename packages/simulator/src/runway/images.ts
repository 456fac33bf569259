import type { RunwayInput } from "./models.js";

/** A picture that an input names, and where in the body it does. */
export interface NamedImage {
  path: PropertyKey[];
  uri: string;
}

type Listed = { uri: string; position?: "first" | "last" };

const listed = (field: string, images: readonly Listed[]): NamedImage[] =>
  images.map(({ uri }, index) => ({ path: [field, index, "uri"], uri }));

/** All of them, whatever becomes of them. */
export function imagesOf(input: RunwayInput): NamedImage[] {
  if ("referenceImages" in input) return listed("referenceImages", input.referenceImages ?? []);
  if (!("promptImage" in input)) return [];
  const { promptImage } = input;
  return typeof promptImage === "string"
    ? [{ path: ["promptImage"], uri: promptImage }]
    : listed("promptImage", promptImage);
}

/** The one that is drawn; a last frame and the references of a picture are checked and then left alone. */
export function firstFrameOf(input: RunwayInput): string | null {
  if (!("promptImage" in input)) return null;
  const { promptImage } = input;
  if (typeof promptImage === "string") return promptImage;
  const frames: readonly Listed[] = promptImage;
  return frames.find(({ position }) => position === "first")?.uri ?? null;
}
