/** A picture in planar YUV 4:2:0 (BT.601, limited range), which is what the encoder takes without conversion. */
export interface Frame {
  readonly width: number;
  readonly height: number;
  /** All three planes in one buffer: luma, then both chroma planes at half size. */
  readonly data: Uint8Array;
  readonly y: Uint8Array;
  readonly u: Uint8Array;
  readonly v: Uint8Array;
}

/** Paints the moment `at` (0: first frame, 1: last frame) into a frame and overwrites every pixel. */
export type Painter = (frame: Frame, at: number) => void;

export function createFrame(width: number, height: number): Frame {
  const luma = width * height;
  const chroma = luma / 4;
  const data = new Uint8Array(luma + 2 * chroma);
  return {
    width,
    height,
    data,
    y: data.subarray(0, luma),
    u: data.subarray(luma, luma + chroma),
    v: data.subarray(luma + chroma),
  };
}

/** `rgb` has three bytes per pixel; width and height must be even. */
export function frameFromRgb(rgb: Uint8Array, width: number, height: number): Frame {
  const frame = createFrame(width, height);
  for (let row = 0, i = 0; row < height; row++) {
    for (let column = 0; column < width; column++, i += 3) {
      const [r, g, b] = [rgb[i] as number, rgb[i + 1] as number, rgb[i + 2] as number];
      frame.y[row * width + column] = ((66 * r + 129 * g + 25 * b + 128) >> 8) + 16;
      if ((row | column) & 1) continue;
      const chroma = ((row * width) >> 2) + (column >> 1);
      frame.u[chroma] = ((-38 * r - 74 * g + 112 * b + 128) >> 8) + 128;
      frame.v[chroma] = ((112 * r - 94 * g - 18 * b + 128) >> 8) + 128;
    }
  }
  return frame;
}

/** The reverse of `frameFromRgb`, for still pictures. */
export function rgbFromFrame({ width, height, y, u, v }: Frame): Uint8ClampedArray {
  const rgb = new Uint8ClampedArray(width * height * 3);
  for (let i = 0, out = 0; i < width * height; i++, out += 3) {
    const chroma = ((((i / width) | 0) >> 1) * width) / 2 + ((i % width) >> 1);
    const luma = 1.164 * ((y[i] as number) - 16);
    const [cb, cr] = [(u[chroma] as number) - 128, (v[chroma] as number) - 128];
    rgb[out] = luma + 1.596 * cr;
    rgb[out + 1] = luma - 0.392 * cb - 0.813 * cr;
    rgb[out + 2] = luma + 2.017 * cb;
  }
  return rgb;
}
