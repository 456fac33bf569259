import sharp from "sharp";
import { describe, expect, test } from "vitest";
import { decodeDataMedia, encodeDataUri } from "./data-uri.js";

const noise = (side: number) =>
  sharp({
    create: {
      ...{ width: side, height: side, channels: 3, background: "teal" },
      noise: { type: "gaussian", mean: 128, sigma: 60 },
    },
  });
const picture = noise(40);
const jpeg = await picture.clone().jpeg().toBuffer();
const png = await picture.clone().png().toBuffer();
const webp = await picture.clone().webp().toBuffer();
const gif = await picture.clone().gif().toBuffer();
const mp4 = Buffer.from("00000018667479706d703432000000006d70343269736f6d", "hex");
const base64 = png.toString("base64");

const NOT_VALID = "is not a valid data: URI; check that its base64 text is whole and unchanged";
const NO_IMAGE = "must hold a JPEG, PNG or WebP image";
const CUT_OFF = "holds an image that is cut off; send all of its bytes";

describe("decodeDataMedia", () => {
  test.each([
    { declared: "image/jpeg", bytes: jpeg, contentType: "image/jpeg" },
    { declared: "image/png", bytes: jpeg, contentType: "image/jpeg" },
    { declared: "image/jpeg", bytes: png, contentType: "image/png" },
    { declared: "text/plain", bytes: webp, contentType: "image/webp" },
    { declared: "", bytes: webp, contentType: "image/webp" },
  ])("detects $contentType, declared as $declared, by its bytes", async ({ declared, bytes, contentType }) => {
    const { file } = await decodeDataMedia(encodeDataUri(declared, bytes), "image");
    expect(file?.contentType).toBe(contentType);
    expect(file?.bytes.equals(bytes)).toBe(true);
  });

  const unpadded = base64.replace(/=+$/, "");
  test.each([
    { what: "a charset", uri: `data:image/png;charset=utf-8;base64,${base64}` },
    { what: "a file name", uri: `data:image/png;name=a.png;base64,${base64}` },
    { what: "a quoted file name", uri: `data:image/png;name="a;b.png";base64,${base64}` },
    { what: "two parameters and a space", uri: `data:image/png;a=1;b=2; base64,${base64}` },
    { what: "capitals", uri: `DATA:IMAGE/PNG;BASE64,${base64}` },
    { what: "no type", uri: `data:;base64,${base64}` },
    { what: "no padding", uri: `data:image/png;base64,${unpadded}` },
    { what: "escaped base64", uri: `data:image/png;base64,${encodeURIComponent(base64)}` },
    { what: "escaped plus signs", uri: `data:image/png;base64,${base64.replaceAll("+", "%2b")}` },
    { what: "lines of 76 letters", uri: `data:image/png;base64,${base64.match(/.{1,76}/g)?.join("\r\n")}` },
    { what: "escaped line ends", uri: `data:image/png;base64,${base64.match(/.{1,76}/g)?.join("%0A")}` },
    { what: "a fragment", uri: `data:image/png;base64,${base64}#part` },
    {
      what: "escaped bytes",
      uri: `data:image/png,${[...png].map((byte) => `%${byte.toString(16).padStart(2, "0")}`).join("")}`,
    },
  ])("takes the whole image of a data: URI with $what, as a browser does", async ({ uri }) => {
    const { file } = await decodeDataMedia(uri, "image");
    expect(file?.bytes.equals(png)).toBe(true);
    expect(Buffer.from(await (await fetch(uri)).arrayBuffer()).equals(png)).toBe(true);
  });

  const middle = (text: string) => `${base64.slice(0, 400)}${text}${base64.slice(400)}`;
  test.each([
    { what: "== in the middle", uri: `data:image/png;base64,${middle("==")}` },
    { what: "one = in the middle", uri: `data:image/png;base64,${middle("=")}` },
    { what: "junk in the middle", uri: `data:image/png;base64,${middle("!?*")}` },
    { what: "an encoded quote in the middle", uri: `data:image/png;base64,${middle("%22")}` },
    { what: "a broken escape in the middle", uri: `data:image/png;base64,${middle("%G")}` },
    { what: "letters above ASCII", uri: `data:image/png;base64,${middle("äö")}` },
    { what: "two images in a row", uri: `data:image/png;base64,${unpadded}==${base64}` },
    { what: "too much padding", uri: `data:image/png;base64,${unpadded}===` },
    { what: "padding of a whole group", uri: `data:image/png;base64,${base64.slice(0, 400)}==` },
    { what: "a single letter at the end", uri: `data:image/png;base64,${base64.slice(0, 401)}` },
    { what: "base64url", uri: `data:image/png;base64,-_${base64.slice(2)}` },
    { what: "no comma", uri: `data:image/png;base64;${base64}` },
    { what: "an https URL", uri: `https://example.com/${base64}` },
    { what: "a space in front", uri: ` data:image/png;base64,${base64}` },
  ])("refuses $what as no valid data: URI", async ({ uri }) => {
    expect(await decodeDataMedia(uri, "image")).toEqual({ file: null, fault: NOT_VALID });
  });

  test.each([
    { what: "text, declared as a JPEG", uri: encodeDataUri("image/jpeg", Buffer.from("hello world")) },
    { what: "a GIF", uri: encodeDataUri("image/gif", gif) },
    { what: "a video", uri: encodeDataUri("image/jpeg", mp4) },
    { what: "an SVG", uri: encodeDataUri("image/svg+xml", Buffer.from("<svg xmlns='http://www.w3.org/2000/svg'/>")) },
    { what: "empty data", uri: "data:image/jpeg;base64," },
    { what: "base64 that is not declared as base64", uri: `data:image/png,${base64}` },
    { what: "base64 in the wrong place", uri: `data:image/png;base64;charset=utf-8,${base64}` },
  ])("refuses $what as no image", async ({ uri }) => {
    expect(await decodeDataMedia(uri, "image")).toEqual({ file: null, fault: NO_IMAGE });
  });

  test.each([
    { type: "png", bytes: png },
    { type: "jpeg", bytes: jpeg },
    { type: "webp", bytes: webp },
  ])("refuses a $type that is cut off anywhere, and takes one with bytes after its end", async ({ bytes }) => {
    const ends = [1, 2, 3, 8, 50, bytes.length >> 1, bytes.length - 100].map((cut) => bytes.length - cut);
    for (const end of ends) {
      const cut = await decodeDataMedia(encodeDataUri("image/png", bytes.subarray(0, end)), "image");
      expect([CUT_OFF, NO_IMAGE]).toContain(cut.fault);
    }
    const longer = Buffer.concat([bytes, Buffer.from("trailer\xff\xd8")]);
    expect((await decodeDataMedia(encodeDataUri("image/png", longer), "image")).file?.bytes.equals(longer)).toBe(true);
  });

  test("refuses a cut-off JPEG whose thumbnail is whole", async () => {
    const thumbnail = Buffer.concat([Buffer.from("Exif\0\0"), jpeg]);
    const segment = Buffer.from([0xff, 0xe1, (thumbnail.length + 2) >> 8, (thumbnail.length + 2) & 0xff]);
    const whole = Buffer.concat([jpeg.subarray(0, 2), segment, thumbnail, jpeg.subarray(2)]);
    expect((await decodeDataMedia(encodeDataUri("image/jpeg", whole), "image")).fault).toBeNull();
    const cut = whole.subarray(0, whole.length - 10);
    expect(await decodeDataMedia(encodeDataUri("image/jpeg", cut), "image")).toEqual({ file: null, fault: CUT_OFF });
  });

  test.each([
    { type: "a progressive JPEG", encoded: noise(200).jpeg({ progressive: true }) },
    { type: "an interlaced PNG", encoded: noise(200).png({ progressive: true }) },
    { type: "a lossless WebP", encoded: noise(201).webp({ lossless: true }) },
  ])("takes $type", async ({ encoded }) => {
    const bytes = await encoded.toBuffer();
    expect((await decodeDataMedia(encodeDataUri("image/png", bytes), "image")).fault).toBeNull();
  });

  test("ends on damaged images of every length", async () => {
    for (let at = 4; at < jpeg.length; at += 7) {
      for (const bytes of [jpeg, png, webp]) {
        const damaged = Buffer.from(bytes.subarray(0, Math.min(bytes.length, at + 200)));
        damaged.fill(0xff, at, Math.min(at + 20, damaged.length));
        await decodeDataMedia(encodeDataUri("image/png", damaged), "image");
      }
    }
  });
});
