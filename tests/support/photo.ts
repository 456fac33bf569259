/** A real JPEG as a data: URI. */
import sharp from "sharp";

/** `padding`: the number of zero bytes after the image, to make it large. */
export async function photo(padding = 0): Promise<string> {
  const picture = await sharp({ create: { width: 1280, height: 720, channels: 3, background: "#e02020" } })
    .jpeg()
    .toBuffer();
  return `data:image/jpeg;base64,${Buffer.concat([picture, Buffer.alloc(padding)]).toString("base64")}`;
}
