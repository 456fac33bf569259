/** Finds the name that was probably meant. */
import { closestMatch } from "leven";

/** One typo is allowed per this many letters. */
const LETTERS_PER_TYPO = 4;
const MAX_TYPOS = 3;

/** The first parts of a name may be missing or wrong: `c` and `x/c` mean `a/b/c`. Null when no name is near. */
export function nearest(typed: string, names: Iterable<string>): string | null {
  const nameOf = new Map<string, string>();
  for (const name of names) {
    for (const tail of tailsOf(name.toLowerCase())) if (!nameOf.has(tail)) nameOf.set(tail, name);
  }
  const wanted = typed.toLowerCase();
  const maxDistance = Math.min(MAX_TYPOS, Math.floor(wanted.length / LETTERS_PER_TYPO));
  const tail =
    closestMatch(wanted, [...nameOf.keys()], { maxDistance }) ?? tailsOf(wanted).find((one) => nameOf.has(one));
  return tail === undefined ? null : (nameOf.get(tail) ?? null);
}

/** For a/b/c: a/b/c, b/c, c. */
function tailsOf(name: string): string[] {
  const parts = name.split("/");
  return parts.map((_, at) => parts.slice(at).join("/"));
}
