import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { Readable } from "node:stream";
import { expect, onTestFinished, test } from "vitest";
import { createDiskStore } from "./disk.js";
import type { OutputStore } from "./store.js";
import { watchOutputs } from "./watch.js";

const MEGABYTE = 1024 ** 2;
const film = () => Readable.from([Buffer.from("film")]);

/** A watched store on a folder that can be taken away: a file is in its place, as root may write everywhere else. */
function start(change: (store: OutputStore) => Partial<OutputStore> = () => ({})) {
  const outer = mkdtempSync(path.join(tmpdir(), "visgate-watch-"));
  const root = path.join(outer, "files");
  const changes: (string | null)[] = [];
  const waiting: (() => void)[] = [];
  const disk = createDiskStore(root);
  const watch = watchOutputs(
    { ...disk, ...change(disk) },
    {
      everyWhileFaultyMs: 20,
      onChange(fault) {
        changes.push(fault);
        waiting.shift()?.();
      },
    },
  );
  onTestFinished(() => {
    watch.close();
    rmSync(outer, { recursive: true, force: true });
  });
  return {
    watch,
    changes,
    changed: () => new Promise<void>((resolve) => waiting.push(resolve)),
    takeAway() {
      rmSync(root, { recursive: true, force: true });
      writeFileSync(root, "");
    },
    bringBack() {
      rmSync(root);
      mkdirSync(root);
    },
  };
}

test("a folder that is away at start: is one fault, and heals by itself", async () => {
  const { watch, changes, changed, takeAway, bringBack } = start();
  takeAway();
  expect(await watch.probe()).toEqual({ name: expect.stringMatching(/^E(EXIST|NOTDIR)$/), lasting: false });
  expect(watch.fault()).not.toBeNull();
  await watch.check();
  await watch.check();
  expect(changes).toHaveLength(1);
  const healed = changed();
  bringBack();
  await healed;
  expect([watch.fault(), changes.at(-1)]).toEqual([null, null]);
  await watch.store.put("a/b", film());
});

test("a put that fails: makes the watch find the fault at once", async () => {
  const { watch, changed, takeAway } = start();
  expect(await watch.check()).toBeNull();
  takeAway();
  const found = changed();
  await expect(watch.store.put("a/b", film())).rejects.toThrow();
  await found;
  expect(watch.fault()).not.toBeNull();
});

test("a put whose source fails: is no fault of the store", async () => {
  const { watch, changes } = start();
  const broken = Readable.from(
    (async function* () {
      yield Buffer.from("half");
      throw new Error("the source broke");
    })(),
  );
  await expect(watch.store.put("a/b", broken)).rejects.toThrow("the source broke");
  expect(await watch.check()).toBeNull();
  expect(changes).toEqual([]);
});

test("a disk that is nearly full: is a fault, because a small file still fits but a video does not", async () => {
  let free = 10 * MEGABYTE;
  const { watch, changed } = start(() => ({ freeBytes: async () => free }));
  expect(await watch.check()).toBe("ENOSPC");
  const healed = changed();
  free = 1000 * MEGABYTE;
  await healed;
  expect(watch.fault()).toBeNull();
});

test.each(["EROFS", "EACCES", "ENOSPC", "EIO", "EDQUOT"])(
  "%s while writing: is a fault, and not a lasting one",
  async (code) => {
    const { watch } = start(() => ({ put: () => Promise.reject(Object.assign(new Error(code), { code })) }));
    expect(await watch.probe()).toEqual({ name: code, lasting: false });
  },
);
