/** Large answers that many callers get: compressed once, and sent compressed to those who take it. */
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { answer } from "./answer.js";
import type { Answer, Ctx } from "./route.js";

type Bytes = Uint8Array<ArrayBuffer>;

export interface Packed {
  plain: Bytes;
  /** Called for the callers who take gzip only. */
  gzipped(): Promise<Bytes> | Bytes;
}

const compress = promisify(gzip);

/** It compresses when the first caller takes gzip. */
export function pack(plain: Bytes): Packed {
  let gzipped: Promise<Bytes> | undefined;
  return {
    plain,
    gzipped() {
      gzipped ??= compress(plain);
      return gzipped;
    },
  };
}

export async function answerPacked(c: Ctx, body: Packed, headers: Answer["headers"]): Promise<Answer> {
  const shown = { ...headers, Vary: "Accept-Encoding" };
  return takesGzip(c)
    ? answer(c, await body.gzipped(), 200, { ...shown, "Content-Encoding": "gzip" })
    : answer(c, body.plain, 200, shown);
}

/** "gzip;q=0" says that the caller does not take it. */
const takesGzip = (c: Ctx): boolean =>
  (c.req.header("accept-encoding") ?? "").split(",").some((one) => {
    const [coding, ...weights] = one.toLowerCase().split(";");
    return coding?.trim() === "gzip" && !weights.some((weight) => /^\s*q=0(\.0*)?\s*$/.test(weight));
  });
