/** Whether a file is whole: it begins as its format does, and ends where its format says. */

/** @param {Buffer} bytes */
export function isWhole(bytes) {
  if (bytes.subarray(4, 8).toString("latin1") === "ftyp") return isWholeMp4(bytes);
  if (bytes.subarray(0, 4).toString("latin1") === "\x89PNG")
    return bytes.subarray(-8, -4).toString("latin1") === "IEND";
  if (bytes.readUInt16BE(0) === 0xffd8) return bytes.readUInt16BE(bytes.length - 2) === 0xffd9;
  return bytes.subarray(0, 4).toString("latin1") === "RIFF" && bytes.readUInt32LE(4) + 8 === bytes.length;
}

/** The boxes of an MP4 fill it exactly. @param {Buffer} bytes */
function isWholeMp4(bytes) {
  let at = 0;
  while (at + 8 <= bytes.length) {
    const size = bytes.readUInt32BE(at);
    if (size < 8) return false;
    at += size;
  }
  return at === bytes.length;
}
