/** One secret of VISGATE_SECRET. What is used is derived from it for one purpose each. */
import { hkdfSync } from "node:crypto";

export interface MasterSecret {
  /** Tells it from the others, and reveals nothing of it. */
  id: string;
  derive(purpose: string, bytes: number): Buffer;
}

const ID_BYTES = 6;

export function masterSecret(text: string): MasterSecret {
  const derive = (purpose: string, bytes: number) => Buffer.from(hkdfSync("sha256", text, "visgate", purpose, bytes));
  return { id: derive("secret-id", ID_BYTES).toString("base64url"), derive };
}
