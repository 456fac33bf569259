import sharp from "sharp";
import { type Frame, frameFromRgb, type Painter } from "./frame.js";
import type { Size } from "./shapes.js";

/** The source is this much larger than the frame, so that the picture stays sharp when zoomed in. */
const OVERSAMPLE = 1.5;
const ZOOM_START = 1;
const ZOOM_END = 1.3;
const FIXED = 8;

interface Window {
  left: number;
  top: number;
  step: number;
}

/** Bilinear sampling in fixed point: a film needs sixty million samples, so the inner loop avoids floats. */
function samplePlane(source: Uint8Array, sourceWidth: number, target: Uint8Array, width: number, window: Window): void {
  const sourceHeight = source.length / sourceWidth;
  const rows = target.length / width;
  const step = Math.round(window.step * (1 << FIXED));
  const [left, top] = [Math.round(window.left * (1 << FIXED)), Math.round(window.top * (1 << FIXED))];
  const mask = (1 << FIXED) - 1;
  for (let row = 0, i = 0, sy = top; row < rows; row++, sy += step) {
    const y0 = Math.min(sy >> FIXED, sourceHeight - 2) * sourceWidth;
    const fy = sy & mask;
    for (let column = 0, sx = left; column < width; column++, sx += step) {
      const at = y0 + Math.min(sx >> FIXED, sourceWidth - 2);
      const fx = sx & mask;
      const upper = ((source[at] as number) << FIXED) + ((source[at + 1] as number) - (source[at] as number)) * fx;
      const below = at + sourceWidth;
      const lower =
        ((source[below] as number) << FIXED) + ((source[below + 1] as number) - (source[below] as number)) * fx;
      target[i++] = ((upper << FIXED) + (lower - upper) * fy) >> (2 * FIXED);
    }
  }
}

/** The part of the picture that the camera shows: it zooms in and drifts from left to right. */
function windowAt(source: Frame, frame: Frame, at: number): Window {
  const zoom = ZOOM_START + (ZOOM_END - ZOOM_START) * at;
  const seenWidth = source.width / zoom;
  const seenHeight = source.height / zoom;
  return {
    left: (source.width - seenWidth) * (0.35 + 0.4 * at),
    top: (source.height - seenHeight) * 0.5,
    step: seenWidth / frame.width,
  };
}

const halved = ({ left, top, step }: Window): Window => ({ left: left / 2, top: top / 2, step });

const even = (value: number): number => Math.round(value / 2) * 2;

/** Pans and zooms over a picture. The caller has already checked the format of `bytes`. */
export async function createPhotoPan(bytes: Uint8Array, size: Size): Promise<Painter> {
  const [width, height] = [even(size.width * OVERSAMPLE), even(size.height * OVERSAMPLE)];
  const rgb = await sharp(bytes)
    .autoOrient()
    .resize(width, height, { fit: "cover" })
    .flatten({ background: "#ffffff" })
    .toColourspace("srgb")
    .removeAlpha()
    .raw()
    .toBuffer();
  const source = frameFromRgb(rgb, width, height);
  return (frame, at) => {
    const window = windowAt(source, frame, at);
    samplePlane(source.y, width, frame.y, frame.width, window);
    samplePlane(source.u, width / 2, frame.u, frame.width / 2, halved(window));
    samplePlane(source.v, width / 2, frame.v, frame.width / 2, halved(window));
  };
}
