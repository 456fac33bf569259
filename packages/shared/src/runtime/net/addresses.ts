/** Which addresses no caller may make us talk to: private, loopback, link-local, metadata, reserved. */
import ipaddr from "ipaddr.js";

/** Ranges that ipaddr.js calls unicast but that lead inside (Azure and Oracle metadata) or nowhere. */
const EXTRA_BLOCKED = [
  "168.63.129.16/32",
  "192.0.0.0/24",
  "192.88.99.0/24",
  "::/96",
  "64:ff9b:1::/48",
  "3fff::/20",
  "5f00::/16",
].map((range) => ipaddr.parseCIDR(range));

/** True unless `address` is a public unicast address. */
export function isBlockedAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return true;
  const parsed = ipaddr.process(address);
  if (parsed.range() !== "unicast") return true;
  return EXTRA_BLOCKED.some(([network, bits]) => network.kind() === parsed.kind() && parsed.match(network, bits));
}
