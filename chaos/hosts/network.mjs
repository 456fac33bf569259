/**
 * Hosts as network namespaces of Linux, with an address each, on a bridge that leads nowhere else. They belong to this
 * process's own network and mounts (main.mjs), so that nothing of them is left when it ends, however it ends.
 */
import { execFileSync } from "node:child_process";

const BRIDGE = "hosts";
const NAMESPACES = "/run/netns";
const OUTSIDE = 1;
const addressOf = (/** @type {number} */ n) => `10.88.0.${n}`;
const hardwareOf = (/** @type {number} */ n) => `02:00:00:00:00:${n.toString(16).padStart(2, "0")}`;

/** The address of this process, which runs on no host. */
export const OUTSIDE_ADDRESS = addressOf(OUTSIDE);

/**
 * @typedef {import("../../scripts/lib/processes/processes.mjs").Host & {
 *   name: string, cutOff: () => void, heal: () => void,
 * }} NetworkHost
 */

/** @param {string} line */
function ip(line) {
  execFileSync("ip", line.split(" "), { stdio: ["ignore", "ignore", "pipe"] });
}

/** @param {readonly string[]} names @returns {NetworkHost[]} */
export function openNetwork(names) {
  execFileSync("mount", ["-t", "tmpfs", "tmpfs", NAMESPACES]);
  ip("link set lo up");
  ip(`link add ${BRIDGE} address ${hardwareOf(OUTSIDE)} type bridge`);
  ip(`addr add ${OUTSIDE_ADDRESS}/24 dev ${BRIDGE}`);
  ip(`link set ${BRIDGE} up`);
  const hosts = names.map((name, index) => ({ name, number: OUTSIDE + 1 + index }));
  for (const host of hosts) addHost(host);
  for (const { name, number } of hosts) {
    introduce("", BRIDGE, number);
    for (const other of [OUTSIDE, ...hosts.map((host) => host.number)]) {
      if (other !== number) introduce(`-n ${name} `, "eth0", other);
    }
  }
  return hosts.map(({ name, number }) => ({
    name,
    address: addressOf(number),
    inside: ["nsenter", `--net=${NAMESPACES}/${name}`],
    /** From now on, packets to and from the host vanish: no connection is reset, and no router answers. */
    cutOff: () => ip(`link set ${cableOf(name)} down`),
    heal: () => ip(`link set ${cableOf(name)} up`),
  }));
}

/** The bridge's end of the host's cable. @param {string} name */
const cableOf = (name) => `to-${name}`;

/** @param {{ name: string, number: number }} host */
function addHost({ name, number }) {
  ip(`netns add ${name}`);
  ip(`link add ${cableOf(name)} type veth peer name eth0 address ${hardwareOf(number)} netns ${name}`);
  ip(`link set ${cableOf(name)} master ${BRIDGE} up`);
  ip(`-n ${name} addr add ${addressOf(number)}/24 dev eth0`);
  for (const device of ["lo", "eth0"]) ip(`-n ${name} link set ${device} up`);
}

/**
 * Who has an address is known from the start. Asked for, a host that is cut off would be "unreachable" after three seconds
 * instead of silent.
 * @param {string} where @param {string} device @param {number} number
 */
function introduce(where, device, number) {
  ip(`${where}neigh replace ${addressOf(number)} lladdr ${hardwareOf(number)} dev ${device} nud permanent`);
}
