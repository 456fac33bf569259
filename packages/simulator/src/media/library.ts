import { mkdir, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Inputs, SingleFlight } from "./inputs.js";
import type { Renderer } from "./renderer.js";
import { cacheName, contentTypeOf, type MediaSpec } from "./spec.js";

const MAX_FILES = 200;

export interface MediaFile {
  name: string;
  path: string;
  bytes: number;
  contentType: string;
}

/** Finished files on disk. An evicted file is drawn again from its spec, which determines every byte. */
export interface Library {
  /** Finds a file by its name, without loading the picture that its spec may need; null when it was evicted. */
  find(name: string): MediaFile | null;
  ensure(spec: MediaSpec): Promise<MediaFile>;
}

export interface LibraryParts {
  dir: string;
  inputs: Inputs;
  renderer: Renderer;
  singleFlight: SingleFlight;
  framesPerSecond: number;
  maxFiles?: number;
}

/** The files on disk with their sizes, least recently used first. Removes what a killed render left. */
async function existingFiles(dir: string): Promise<Map<string, number>> {
  await mkdir(dir, { recursive: true });
  const names = await readdir(dir);
  await Promise.all(names.filter((name) => name.endsWith(".part")).map((name) => rm(join(dir, name), { force: true })));
  const whole = names.filter((name) => !name.endsWith(".part"));
  const files = await Promise.all(whole.map(async (name) => ({ name, stats: await stat(join(dir, name)) })));
  files.sort((a, b) => a.stats.mtimeMs - b.stats.mtimeMs);
  return new Map(files.map(({ name, stats }) => [name, stats.size]));
}

export async function openLibrary({
  dir,
  inputs,
  renderer,
  singleFlight,
  framesPerSecond,
  maxFiles = MAX_FILES,
}: LibraryParts): Promise<Library> {
  /** Insertion order: the least recently used file is first. */
  const sizes = await existingFiles(dir);

  function remember(name: string, bytes: number): void {
    sizes.delete(name);
    sizes.set(name, bytes);
  }

  async function evict(): Promise<void> {
    const surplus = [...sizes.keys()].slice(0, Math.max(0, sizes.size - maxFiles));
    for (const name of surplus) sizes.delete(name);
    await Promise.all(surplus.map((name) => rm(join(dir, name), { force: true })));
  }

  async function draw(name: string, spec: MediaSpec, imagePath: string | null): Promise<number> {
    const outputPath = join(dir, name);
    await renderer.render({ spec, imagePath, outputPath, framesPerSecond });
    const { size } = await stat(outputPath);
    remember(name, size);
    await evict();
    return size;
  }

  function describe(name: string, bytes: number): MediaFile {
    return { name, path: join(dir, name), bytes, contentType: contentTypeOf(name) };
  }

  return {
    find(name) {
      const bytes = sizes.get(name);
      if (bytes === undefined) return null;
      remember(name, bytes);
      return describe(name, bytes);
    },
    async ensure(spec) {
      const image = spec.kind === "video" && spec.image ? await inputs.load(spec.image) : null;
      const name = cacheName(spec, image?.sha256 ?? null, framesPerSecond);
      const known = sizes.get(name);
      if (known !== undefined) remember(name, known);
      const bytes = known ?? (await singleFlight(`render ${name}`, () => draw(name, spec, image?.path ?? null)));
      return describe(name, bytes);
    },
  };
}
