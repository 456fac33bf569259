/** Makes a HEIC photo: no library at hand writes one. ffmpeg encodes one HEVC picture, which gets the boxes of HEIF around it. */
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import ffmpeg from "@ffmpeg-installer/ffmpeg";

const run = promisify(execFile);

const u16 = (value: number) => Buffer.from([value >> 8, value & 255]);
const u32 = (value: number) => Buffer.concat([u16(value >>> 16), u16(value & 0xffff)]);
const box = (type: string, ...parts: Buffer[]) => {
  const body = Buffer.concat(parts);
  return Buffer.concat([u32(body.length + 8), Buffer.from(type), body]);
};
/** Version and flags come first. */
const full = (type: string, ...parts: Buffer[]) => box(type, u32(0), ...parts);
const text = (value: string) => Buffer.from(value, "latin1");

/** A red picture of this size. */
export async function heicOf(width: number, height: number): Promise<Buffer> {
  const { config, picture } = await hevcOf(width, height);
  const ftyp = box("ftyp", text("heic"), u32(0), text("mif1heic"));
  const meta = (offset: number) =>
    full(
      "meta",
      full("hdlr", u32(0), text("pict"), u32(0), u32(0), u32(0), text("\0")),
      full("pitm", u16(1)),
      // One item with one extent, at an absolute place of the file.
      full("iloc", u16(0x4400), u16(1), u16(1), u16(0), u16(1), u32(offset), u32(picture.length)),
      full("iinf", u16(1), box("infe", u32(0x02000000), u16(1), u16(0), text("hvc1"), text("\0"))),
      box(
        "iprp",
        box("ipco", box("hvcC", config), full("ispe", u32(width), u32(height))),
        full("ipma", u32(1), u16(1), Buffer.from([2, 0x81, 0x02])),
      ),
    );
  const offset = ftyp.length + meta(0).length + 8;
  return Buffer.concat([ftyp, meta(offset), box("mdat", picture)]);
}

/** The decoder's configuration and the picture, out of an MP4 with one frame. */
async function hevcOf(width: number, height: number): Promise<{ config: Buffer; picture: Buffer }> {
  const dir = mkdtempSync(join(tmpdir(), "visgate-heic-"));
  try {
    const file = join(dir, "one.mp4");
    const source = `color=c=0xc8281e:s=${width}x${height}`;
    const codec = ["-c:v", "libx265", "-x265-params", "log-level=none", "-tag:v", "hvc1", "-pix_fmt", "yuv420p"];
    await run(ffmpeg.path, ["-f", "lavfi", "-i", source, "-frames:v", "1", ...codec, file]);
    const mp4 = readFileSync(file);
    return { config: bodyOf(mp4, "hvcC"), picture: bodyOf(mp4, "mdat") };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

function bodyOf(mp4: Buffer, type: string): Buffer {
  const at = mp4.indexOf(type, 0, "latin1");
  return mp4.subarray(at + 4, at - 4 + mp4.readUInt32BE(at - 4));
}
