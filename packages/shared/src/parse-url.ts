/**
 * The parsed URL; null when `text` is none. `base` as in `new URL`.
 *
 * `URL.canParse` must not be used: in Node 20, once it is called often, it says false for a valid URL that has a letter
 * such as ü.
 */
export function parseUrl(text: string, base?: string): URL | null {
  try {
    return new URL(text, base);
  } catch {
    return null;
  }
}
