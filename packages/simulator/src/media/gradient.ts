import type { Frame, Painter } from "./frame.js";

const TURN = 2 * Math.PI;

interface Wave {
  base: number;
  height: number;
  /** Periods over the width and over the height of the picture. */
  across: number;
  down: number;
  /** Periods passed between the first and the last frame. */
  speed: number;
  phase: number;
}

/** A small deterministic generator (mulberry32), so that the same prompt always gives the same film. */
function numbersFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const wave = (next: () => number, base: number, height: number): Wave => ({
  base,
  height,
  across: 0.4 + next() * 0.9,
  down: 0.3 + next() * 0.7,
  speed: (next() < 0.5 ? -1 : 1) * (0.4 + next() * 0.5),
  phase: next(),
});

function terms(length: number, from: number, periods: number, height: number): Float32Array {
  return Float32Array.from({ length }, (_, i) => Math.sin(TURN * (from + (periods * i) / length)) * height);
}

function paintPlane(plane: Uint8Array, width: number, shape: Wave, at: number): void {
  const rows = plane.length / width;
  const across = terms(width, shape.phase + shape.speed * at, shape.across, shape.height);
  const down = terms(rows, shape.phase - shape.speed * at, shape.down, shape.height);
  for (let row = 0, i = 0; row < rows; row++) {
    const level = shape.base + (down[row] as number);
    for (let column = 0; column < width; column++) plane[i++] = level + (across[column] as number);
  }
}

/** A pale disc that moves along an arc, so that a viewer sees the motion at once. */
function paintSun({ width, height, y, u, v }: Frame, at: number): void {
  const radius = Math.min(width, height) * 0.11;
  const centreX = width * (0.15 + 0.7 * at);
  const centreY = height * (0.45 - 0.22 * Math.sin(Math.PI * at));
  for (let row = Math.ceil(centreY - radius); row < centreY + radius; row++) {
    const half = Math.sqrt(Math.max(0, radius ** 2 - (row - centreY) ** 2));
    const [from, to] = [Math.round(centreX - half), Math.round(centreX + half)];
    y.fill(212, row * width + from, row * width + to);
    if (row & 1) continue;
    u.fill(104, (row * width) / 4 + (from >> 1), (row * width) / 4 + (to >> 1));
    v.fill(140, (row * width) / 4 + (from >> 1), (row * width) / 4 + (to >> 1));
  }
}

/** Drifting colours that depend on the seed alone. */
export function createGradient(seed: number): Painter {
  const next = numbersFrom(seed);
  const luma = wave(next, 112, 26);
  const blue = wave(next, 104 + next() * 48, 24);
  const red = wave(next, 104 + next() * 48, 24);
  return (frame, at) => {
    paintPlane(frame.y, frame.width, luma, at);
    paintPlane(frame.u, frame.width / 2, blue, at);
    paintPlane(frame.v, frame.width / 2, red, at);
    paintSun(frame, at);
  };
}
