export interface Size {
  width: number;
  height: number;
}

/** The size of each aspect ratio: far smaller than a real model's, so that a render is quick, and still clear. */
export const SHAPES = {
  "16:9": { width: 640, height: 360 },
  "9:16": { width: 360, height: 640 },
  "1:1": { width: 480, height: 480 },
  "4:3": { width: 552, height: 416 },
  "3:4": { width: 416, height: 552 },
  "3:2": { width: 588, height: 392 },
  "2:3": { width: 392, height: 588 },
  "21:9": { width: 792, height: 336 },
} as const satisfies Record<string, Size>;

export type Shape = keyof typeof SHAPES;

const ratioGap = (shape: Shape, picture: Size): number =>
  Math.abs(Math.log(SHAPES[shape].width / SHAPES[shape].height) - Math.log(picture.width / picture.height));

/** The allowed shape nearest to that of the picture; the first one without a picture. */
export function nearestShape(allowed: readonly Shape[], picture: Size | null): Shape {
  const ordered = picture ? [...allowed].sort((a, b) => ratioGap(a, picture) - ratioGap(b, picture)) : allowed;
  return ordered[0] ?? "16:9";
}
