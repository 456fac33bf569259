/** Where the user is: the part of the address after #, as /requests?status=failed. */
import { signal } from "@preact/signals";

export interface Place {
  page: string;
  /** What comes after the page's name, as the id of a request. */
  rest: string;
  query: URLSearchParams;
}

function readPlace(): Place {
  const [path = "", query = ""] = location.hash.replace(/^#\/?/, "").split("?");
  const [page = "", ...rest] = path.split("/");
  return { page: page || "requests", rest: decode(rest.join("/")), query: new URLSearchParams(query) };
}

/** An address that was cut or typed may not be encoded well. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

export const place = signal(readPlace());
addEventListener("hashchange", () => {
  place.value = readPlace();
});

export type Query = Record<string, string | undefined>;

export function linkTo(page: string, { rest = "", query = {} }: { rest?: string; query?: Query } = {}): string {
  const given = Object.entries(query).filter((entry): entry is [string, string] => (entry[1] ?? "") !== "");
  const text = given.length === 0 ? "" : `?${new URLSearchParams(given)}`;
  return `#/${page}${rest === "" ? "" : `/${encodeURIComponent(rest)}`}${text}`;
}

export function goTo(link: string, { replace = false } = {}): void {
  if (replace) history.replaceState(null, "", link);
  else history.pushState(null, "", link);
  place.value = readPlace();
}
