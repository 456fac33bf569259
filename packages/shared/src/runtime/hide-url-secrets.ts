/** URLs in texts that are logged: without user name, password, query and fragment, which may hold secrets. */
import { parseUrl } from "../parse-url.js";

export const CENSOR = "[redacted]";

/** Up to the last @ before the path is the user name and password, whatever characters they have. */
const URL_IN_TEXT = /\b(?:[a-z][a-z0-9+.-]*:\/\/|https?:[\\/]+)(?:[^\s/?#\\]*@)?[^\s"'`<>]*/gi;

export function hideUrlSecrets(text: string): string {
  return text.includes(":/") || text.includes(":\\") ? text.replace(URL_IN_TEXT, shown) : text;
}

/** Nobody knows where the password of an invalid URL ends. */
function shown(text: string): string {
  const url = parseUrl(text);
  if (url === null) return CENSOR;
  const { protocol, username, password, host, pathname, search, hash } = url;
  const user = username === "" && password === "" ? "" : `${CENSOR}@`;
  const rest = search === "" && hash === "" ? "" : `?${CENSOR}`;
  return `${protocol}//${user}${host}${pathname}${rest}`;
}
