/** Secrets that a test recognizes wherever they turn up, and the places in which it looks for them. */
import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Redis } from "@visgate/shared/store";
import { contentsOf } from "./redis-contents.js";

export interface FakeSecret {
  name: string;
  text: string;
}

/** Random in the middle, by which it is recognized: its beginning and its end may be shown. */
export const fakeSecret = (name: string, prefix = "key-"): FakeSecret => ({
  name,
  text: `${prefix}${randomBytes(16).toString("hex")}-end!`,
});

const HIDDEN_LENGTH = 20;
/** Even a part of a secret is a find. */
const hiddenPart = ({ text }: FakeSecret) => text.slice(-HIDDEN_LENGTH - 5, -5);

export interface Place {
  place: string;
  content: string | Buffer;
}

/** The names of the secrets in each place; empty when there are none. */
export function findSecrets(secrets: readonly FakeSecret[], places: readonly Place[]): string[] {
  return places.flatMap(({ place, content }) =>
    secrets.filter((secret) => content.includes(hiddenPart(secret))).map(({ name }) => `${name} in ${place}`),
  );
}

export async function contentsOfRedis(redis: Redis): Promise<Place[]> {
  return [...(await contentsOf(redis))].map(([name, content]) => ({ place: `Redis ${name}`, content: name + content }));
}

/** Every file below the folder: logs, the append-only file of Redis, what the simulator keeps. */
export function contentsOfFolder(folder: string, isExcepted: (name: string) => boolean): Place[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((name) => !isExcepted(name) && statSync(join(folder, name)).isFile())
      .map((name) => ({ place: name, content: readFileSync(join(folder, name)) }));
  } catch (error) {
    // A file got its final name in the meantime, under which it must be read.
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return contentsOfFolder(folder, isExcepted);
    throw error;
  }
}
