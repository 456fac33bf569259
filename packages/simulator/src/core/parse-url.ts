/** Null when `text` is no URL. Not `URL.canParse`, which in Node 20 may say false for a valid one. */
export function parseUrl(text: string, base?: string): URL | null {
  try {
    return new URL(text, base);
  } catch {
    return null;
  }
}
