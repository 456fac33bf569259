import { createRequire } from "node:module";
import type { H264MP4Encoder } from "h264-mp4-encoder";
import { createFrame, type Painter } from "./frame.js";
import type { Size } from "./shapes.js";

/** The package is a webpack bundle: Node sees no named exports in it, although its types declare some. */
const { createH264MP4Encoder } = createRequire(import.meta.url)("h264-mp4-encoder") as {
  createH264MP4Encoder(): Promise<H264MP4Encoder>;
};

export interface Film {
  seconds: number;
  framesPerSecond: number;
}

/** Paints and encodes a film. It blocks its thread for about a second, so only the render worker may call it. */
export async function encodeMp4(size: Size, { seconds, framesPerSecond }: Film, paint: Painter): Promise<Uint8Array> {
  const encoder = await createH264MP4Encoder();
  try {
    Object.assign(encoder, { ...size, frameRate: framesPerSecond, speed: 10, quantizationParameter: 28 });
    encoder.groupOfPictures = framesPerSecond;
    encoder.initialize();
    const frame = createFrame(size.width, size.height);
    const count = Math.max(1, Math.round(seconds * framesPerSecond));
    for (let i = 0; i < count; i++) {
      paint(frame, count === 1 ? 0 : i / (count - 1));
      encoder.addFrameYuv(frame.data);
    }
    encoder.finalize();
    const mp4 = encoder.FS.readFile(encoder.outputFilename, { encoding: "binary" }) as Uint8Array;
    // All encoders share one file system: without this every film would stay in memory.
    encoder.FS.unlink(encoder.outputFilename);
    return mp4;
  } finally {
    encoder.delete();
  }
}
