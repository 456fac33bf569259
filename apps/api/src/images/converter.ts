/** Converts images that no provider takes as they are, each in a process of its own (convert-child.ts). */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { atMost } from "@visgate/shared/at-most";
import { runApart } from "@visgate/shared/runtime/process";

export interface ConvertTask {
  bytes: Uint8Array;
  /** By its bytes. */
  contentType: string;
  maxBytes: number;
  maxPixels: number;
}

/** `kept`: it is taken as it is. `refused`: it is damaged, has too many pixels, or took too long. */
export type ConvertReply =
  | { kind: "kept" }
  | { kind: "converted"; bytes: Uint8Array; contentType: string; extension: string }
  | { kind: "refused" };

export interface ImageConverter {
  convert(task: Pick<ConvertTask, "bytes" | "contentType">): Promise<ConvertReply>;
}

/** An image of 50 megapixels takes 200 MB while it is converted, so few are at the same time. */
const MAX_AT_ONCE = 2;
const LIMITS = { maxPixels: 50_000_000, maxBytes: 16 * 1024 * 1024, timeMs: 20_000 };

/** From the sources, as in unit tests, the built program is used. */
function builtChild(): string {
  const candidates = ["./convert-child.js", "../../dist/images/convert-child.js"];
  const paths = candidates.map((path) => fileURLToPath(new URL(path, import.meta.url)));
  return paths.find((path) => existsSync(path)) ?? (paths[0] as string);
}

/** `entry`: the program. Tests have others, and shorter limits. */
export function createImageConverter({
  entry = builtChild(),
  ...limits
}: { entry?: string } & Partial<typeof LIMITS> = {}): ImageConverter {
  const inTurn = atMost(MAX_AT_ONCE);
  const { timeMs, ...forChild } = { ...LIMITS, ...limits };
  return {
    convert: (task) =>
      inTurn(async () => {
        const reply = await runApart<ConvertReply>({ ...task, ...forChild }, { entry, timeMs });
        return reply ?? { kind: "refused" };
      }),
  };
}
