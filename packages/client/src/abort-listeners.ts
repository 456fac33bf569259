/** One listener per signal, however many calls share it: Node warns of a leak from the eleventh on. */

const followers = new WeakMap<AbortSignal, Set<() => void>>();

function lead(this: AbortSignal): void {
  for (const follow of [...(followers.get(this) ?? [])]) follow();
}

export function join(signal: AbortSignal, follow: () => void): void {
  const all = followers.get(signal) ?? new Set();
  followers.set(signal, all.add(follow));
  signal.addEventListener("abort", lead);
}

export function leave(signal: AbortSignal, follow: () => void): void {
  const all = followers.get(signal);
  all?.delete(follow);
  if (all?.size === 0) signal.removeEventListener("abort", lead);
}
