/** The NetworkPolicies of the chart let out what the address guard lets out, and nothing else. */
import { isBlockedAddress } from "@visgate/shared/runtime/net";
import ipaddr from "ipaddr.js";
import { describe, expect, test } from "vitest";
import { EXTRA_BLOCKED_RANGES } from "../packages/shared/src/runtime/net/urls.js";
import { HARMLESS_HOSTS, INTERNAL_HOSTS } from "./support/addresses.js";
import { HELM, type Manifest, MINIMAL, render, VALUE_SETS } from "./support/chart.js";

type Address = ipaddr.IPv4 | ipaddr.IPv6;
type Range = [network: Address, bits: number];

const parse = (cidr: string): Range => ipaddr.parseCIDR(cidr);
const isIn = (address: Address, [network, bits]: Range) =>
  address.kind() === network.kind() && (address as ipaddr.IPv4).match(network as ipaddr.IPv4, bits);
const isWithin = ([network, bits]: Range, outer: Range) => isIn(network, outer) && bits >= outer[1];
const textOf = ([network, bits]: Range) => `${network.toString()}/${bits}`;

/** What ipaddr.js itself calls special. Its types do not have it. */
function specialRanges(family: typeof ipaddr.IPv4 | typeof ipaddr.IPv6): Range[] {
  const { SpecialRanges } = family.prototype as unknown as { SpecialRanges: Record<string, Range | Range[]> };
  return Object.values(SpecialRanges).flatMap((one) => (Array.isArray(one[0]) ? (one as Range[]) : [one as Range]));
}

const GUARDED = [...[ipaddr.IPv4, ipaddr.IPv6].flatMap(specialRanges), ...EXTRA_BLOCKED_RANGES.map(parse)];

/** The ranges in `block` that the guard refuses, without those that are in another. */
function guardedIn(block: Range): string[] {
  const inside = GUARDED.filter((range) => isWithin(range, block));
  const texts = inside.filter((one) => !inside.some((other) => isWithin(one, other) && one[1] > other[1])).map(textOf);
  return [...new Set(texts)].sort();
}

/** The addresses on both sides of both ends of a range. */
function boundaries([network, bits]: Range): Address[] {
  const bytes = network.toByteArray();
  const size = BigInt(bytes.length * 8);
  const all = (1n << size) - 1n;
  const first = bytes.reduce((number, byte) => (number << 8n) | BigInt(byte), 0n);
  const last = first | (all >> BigInt(bits));
  return [first - 1n, first, last, last + 1n].flatMap((number) => {
    if (number < 0n || number > all) return [];
    const hex = number.toString(16).padStart(bytes.length * 2, "0");
    return ipaddr.fromByteArray([...Buffer.from(hex, "hex")]);
  });
}

const policiesOf = (values: object) => render(values).filter(({ kind }: Manifest) => kind === "NetworkPolicy");
/** The blocks of the rule for public addresses. */
const publicBlocks = ({ spec }: Manifest): { cidr: string; except: string[] }[] => {
  const isPublic = (rule: Manifest) => rule.to?.some(({ ipBlock }: Manifest) => ipBlock?.cidr === "0.0.0.0/0");
  return spec.egress.filter(isPublic).flatMap(({ to }: Manifest) => to.map(({ ipBlock }: Manifest) => ipBlock));
};

describe.skipIf(HELM === undefined)("network policies", () => {
  const policies = HELM === undefined ? [] : policiesOf(MINIMAL);

  test("list the ranges that the address guard refuses", () => {
    expect(policies.map(({ metadata }) => metadata.name)).toEqual(["visgate-api", "visgate-worker"]);
    for (const policy of policies) {
      const blocks = publicBlocks(policy);
      expect(blocks.map(({ cidr }) => cidr)).toEqual(["0.0.0.0/0", "2000::/3"]);
      for (const { cidr, except } of blocks) {
        expect(except.map((range) => textOf(parse(range))).sort()).toEqual(guardedIn(parse(cidr)));
      }
    }
  });

  test("let out exactly the addresses that the guard allows", () => {
    const literal = [...HARMLESS_HOSTS, ...INTERNAL_HOSTS].map((host) => host.replace(/^\[|\]$/g, ""));
    const addresses = [
      ...[...GUARDED, parse("2000::/3"), parse("8.8.8.8/32"), parse("2606:4700::/32")].flatMap(boundaries),
      ...literal
        .filter((host) => ipaddr.IPv4.isValidFourPartDecimal(host) || ipaddr.IPv6.isValid(host))
        .map((host) => ipaddr.process(host)),
    ];
    expect(addresses.length).toBeGreaterThan(150);
    for (const policy of policies) {
      const blocks = publicBlocks(policy).map(({ cidr, except }) => ({ cidr: parse(cidr), except: except.map(parse) }));
      const isLetOut = (address: Address) =>
        blocks.some(({ cidr, except }) => isIn(address, cidr) && !except.some((range) => isIn(address, range)));
      // An IPv4 address in the form of IPv6 is sent as IPv4.
      const sent = addresses.map((address) => ipaddr.process(address.toString()));
      expect(sent.filter((one) => isLetOut(one) === isBlockedAddress(one.toString())).map(String)).toEqual([]);
    }
  });

  test.each(["minimal", "all on"])(
    "%s: egress leads to DNS, Redis, S3 and public addresses, each on its ports",
    (set) => {
      const values = VALUE_SETS[set];
      const { s3, extraEgress = [] } = values.networkPolicy;
      const ports = (...list: [protocol: string, port: number][]) =>
        list.map(([protocol, port]) => ({ protocol, port }));
      for (const policy of policiesOf(values)) {
        const [dns, redis, ...others] = policy.spec.egress;
        expect(dns.to).toEqual([
          { namespaceSelector: expect.any(Object), podSelector: { matchLabels: { "k8s-app": "kube-dns" } } },
        ]);
        expect(dns.ports).toEqual(ports(["TCP", 53], ["UDP", 53]));
        expect(redis).toEqual({ to: values.networkPolicy.redis.to, ports: ports(["TCP", 6379]) });
        const toS3 = s3 === undefined ? [] : [{ to: s3.to, ports: ports(["TCP", 9000]) }];
        const toPublic = { to: [expect.any(Object), expect.any(Object)], ports: ports(["TCP", 443]) };
        expect(others).toEqual([...toS3, toPublic, ...extraEgress]);
      }
    },
  );

  test("take further ranges, each in the block of its family", () => {
    for (const policy of policiesOf(VALUE_SETS["all on"])) {
      const [v4, v6] = publicBlocks(policy);
      expect([v4?.except, v6?.except]).toEqual([
        expect.arrayContaining(["10.0.0.0/8", "52.1.2.0/24"]),
        expect.arrayContaining(["2001::/23", "2a01:4f8::/32"]),
      ]);
      // Kubernetes refuses an exception that is not within its block.
      for (const { cidr, except } of publicBlocks(policy))
        for (const range of except) expect(isWithin(parse(range), parse(cidr)) && range !== cidr).toBe(true);
    }
  });

  test("let in calls of the API, and scrapes from where they are allowed", () => {
    const http = { protocol: "TCP", port: "http" };
    const metrics = { protocol: "TCP", port: "metrics" };
    const ingressOf = (values: object) => policiesOf(values).map(({ spec }) => spec.ingress ?? []);
    expect(ingressOf(MINIMAL)).toEqual([[{ ports: [http] }], []]);
    const { apiFrom, metricsFrom } = VALUE_SETS["all on"].networkPolicy;
    const scrapes = { ports: [metrics], from: metricsFrom };
    expect(ingressOf(VALUE_SETS["all on"])).toEqual([[{ ports: [http], from: apiFrom }, scrapes], [scrapes]]);
    for (const { spec } of policies) expect(spec.policyTypes).toEqual(["Ingress", "Egress"]);
  });
});
