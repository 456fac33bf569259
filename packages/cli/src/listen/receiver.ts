/**
 * Decides where events may be forwarded to. Loopback and private networks (a container, a phone on the same network)
 * are what this command is for. A public address is almost always a mistake, and events contain output URLs that open
 * without a key. It does not stop an attacker who controls DNS: each POST resolves the host name again.
 */
import { BlockList, isIP } from "node:net";
import { UsageError } from "../errors/failure.js";

const LOCAL = new BlockList();
for (const [network, bits] of [
  ["127.0.0.0", 8],
  ["10.0.0.0", 8],
  ["172.16.0.0", 12],
  ["192.168.0.0", 16],
  ["100.64.0.0", 10],
] as const)
  LOCAL.addSubnet(network, bits, "ipv4");
LOCAL.addAddress("::1", "ipv6");
LOCAL.addSubnet("fc00::", 7, "ipv6");

export interface ReceiverOptions {
  allowRemote: boolean;
  lookup: (hostname: string, options: { all: true }) => Promise<{ address: string }[]>;
}

function parse(text: string): URL | null {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}

/** The URL of --forward, normalized. @throws UsageError it is not a URL, or not a local one */
export async function checkReceiver(text: string, { allowRemote, lookup }: ReceiverOptions): Promise<string> {
  const url = parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) throw new UsageError("--forward takes an http or https URL.");
  if (url.username !== "" || url.password !== "")
    throw new UsageError("--forward takes a URL without user name and password.");
  if (allowRemote) return url.href;
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const found = await lookup(host, { all: true }).catch(() => {
    throw new UsageError(`--forward: the host name ${host} is not known.`);
  });
  if (found.every(({ address }) => isLocal(address))) return url.href;
  throw new UsageError(
    `--forward: ${host} is not on this machine or in a private network. To forward there, add --allow-remote.`,
  );
}

export function isLocal(address: string): boolean {
  return LOCAL.check(address, isIP(address) === 6 ? "ipv6" : "ipv4");
}
