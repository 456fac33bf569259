import { availableParallelism, cpus, release, totalmem } from "node:os";

/** What the figures were measured on. */
export function describeMachine() {
  const memory = `${Math.round(totalmem() / 1024 ** 3)} GiB`;
  return `Node ${process.versions.node}, ${availableParallelism()} cores (${cpus()[0]?.model.trim()}), ${memory}, ${process.platform} ${release()}`;
}
