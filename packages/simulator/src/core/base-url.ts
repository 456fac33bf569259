import { parseUrl } from "./parse-url.js";
import { LOOPBACK_HOST } from "./server.js";
import type { Simulation } from "./simulation.js";

/**
 * The address under which a caller reached this process: SDKs refuse to follow a URL of another origin than their own
 * base URL. Only loopback names and the public URL are repeated, because any other `Host` is a caller's invention.
 */
export function baseUrl(host: string | undefined, { url, publicUrl }: Pick<Simulation, "url" | "publicUrl">): string {
  const sent = host?.toLowerCase() ?? "";
  if (publicUrl !== undefined && sent === new URL(publicUrl).host) return publicUrl.replace(/\/+$/, "");
  const name = /^(?:\[([^\]]*:[^\]]*)\]|([^:[]*))(?::\d+)?$/.exec(sent);
  const isLoopback = name !== null && LOOPBACK_HOST.test(name[1] ?? name[2] ?? "");
  return isLoopback && parseUrl(`http://${sent}`) !== null ? `http://${sent}` : url;
}

/** The simulation as one caller sees it: its answers contain the address that the caller used. */
export function seenBy(host: string | undefined, simulation: Simulation): Simulation {
  const url = baseUrl(host, simulation);
  return url === simulation.url ? simulation : { ...simulation, url, reachedAt: url };
}
