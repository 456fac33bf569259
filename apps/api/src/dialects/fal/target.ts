/**
 * What a call asks for. fal has several hosts, and a call names its host in one of three ways: by the header of fal's own
 * proxies, which has the whole URL; by the first part of the path, as `/fal/fal.run/…`; or not at all, which means the
 * queue. A URL is only read for what it asks. Nothing is ever fetched from it.
 */
import { invalid } from "@visgate/shared/errors";
import { parseUrl } from "@visgate/shared/parse-url";
import type { Ctx } from "../../http/route.js";
import { PREFIX } from "./names.js";

/** `direct` answers with the result, `queue` at once. */
type Service = "queue" | "direct" | "rest";

export interface Target {
  service: Service;
  /** Without slashes at its ends. */
  path: string;
  query: URLSearchParams;
}

const TARGET_HEADER = "x-fal-target-url";
const HOSTS: ReadonlyMap<string, Service> = new Map([
  ["queue.fal.run", "queue"],
  ["fal.run", "direct"],
  ["rest.fal.ai", "rest"],
  ["rest.alpha.fal.ai", "rest"],
]);

/** @throws VisgateError VALIDATION_ERROR for a URL of another host */
export function targetOf(c: Ctx): Target {
  const given = c.req.header(TARGET_HEADER);
  return given === undefined ? fromPath(new URL(c.req.url)) : fromHeader(given);
}

function fromHeader(given: string): Target {
  const url = parseUrl(given);
  const service = url?.protocol === "https:" ? HOSTS.get(url.host) : undefined;
  if (url !== null && service !== undefined) return { service, path: trimmed(url.pathname), query: url.searchParams };
  const hosts = [...HOSTS.keys()];
  throw invalid(TARGET_HEADER, `${TARGET_HEADER} must be an https URL of ${hosts.join(", ")}.`, hosts);
}

function fromPath({ pathname, searchParams: query }: URL): Target {
  const path = trimmed(pathname.slice(PREFIX.length));
  const [host = "", ...rest] = path.split("/");
  const service = HOSTS.get(host);
  return service === undefined ? { service: "queue", path, query } : { service, path: rest.join("/"), query };
}

const trimmed = (path: string) => path.replace(/^\/+|\/+$/g, "");
