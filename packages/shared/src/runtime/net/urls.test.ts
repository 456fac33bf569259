import { describe, expect, test } from "vitest";
import { checkUrl, isBlockedAddress, type UrlPolicy } from "./urls.js";

/** The first and the last address of each range that must stay closed. */
const BLOCKED_V4 = [
  ["0.0.0.0", "0.255.255.255"],
  ["10.0.0.0", "10.255.255.255"],
  ["100.64.0.0", "100.127.255.255"],
  ["127.0.0.0", "127.255.255.255"],
  ["169.254.0.0", "169.254.255.255"],
  ["172.16.0.0", "172.31.255.255"],
  ["192.0.0.0", "192.0.0.255"],
  ["192.0.2.0", "192.0.2.255"],
  ["192.88.99.0", "192.88.99.255"],
  ["192.168.0.0", "192.168.255.255"],
  ["198.18.0.0", "198.19.255.255"],
  ["198.51.100.0", "198.51.100.255"],
  ["203.0.113.0", "203.0.113.255"],
  ["224.0.0.0", "239.255.255.255"],
  ["240.0.0.0", "255.255.255.255"],
].flat();
const METADATA = ["169.254.169.254", "100.100.100.200", "192.0.0.192", "168.63.129.16", "fd00:ec2::254"];
const BLOCKED_V6 = [
  ["::", "::1"],
  ["::2", "::ffff:ffff"],
  ["::127.0.0.1", "::10.0.0.1"],
  ["64:ff9b::", "64:ff9b::ffff:ffff"],
  ["64:ff9b:1::", "64:ff9b:1:ffff:ffff:ffff:ffff:ffff"],
  ["100::", "100::ffff:ffff:ffff:ffff"],
  ["2001::", "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff"],
  ["2001:1::1", "2001:5::1"],
  ["2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff"],
  ["2002::", "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff"],
  ["3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff"],
  ["5f00::", "5f00:ffff:ffff:ffff:ffff:ffff:ffff:ffff"],
  ["fc00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"],
  ["fe80::", "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff"],
  ["fec0::", "feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"],
  ["ff00::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"],
  // Not assigned: everything outside of 2000::/3.
  ["1::", "ff:ffff::1"],
  ["200::1", "1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"],
  ["4000::", "5eff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"],
  ["6000::1", "bfff::1"],
  ["c000::1", "e000::1"],
  ["f000::1", "fbff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"],
].flat();
const PUBLIC = [
  "1.1.1.1",
  "8.8.8.8",
  "9.255.255.255",
  "11.0.0.0",
  "100.63.255.255",
  "100.128.0.0",
  "126.255.255.255",
  "128.0.0.0",
  "168.63.129.15",
  "168.63.129.17",
  "169.253.255.255",
  "172.15.255.255",
  "172.32.0.0",
  "192.0.1.0",
  "192.167.255.255",
  "198.17.255.255",
  "198.20.0.0",
  "223.255.255.255",
  "2606:4700:4700::1111",
  "2a00:1450:4001:82a::200e",
  "2001:4860:4860::8888",
  "2001:200::1",
  "2003::1",
  "3ffe:ffff::1",
];

describe("isBlockedAddress", () => {
  test.each([...BLOCKED_V4, ...METADATA, ...BLOCKED_V6])("%s is blocked", (address) => {
    expect(isBlockedAddress(address)).toBe(true);
  });

  test.each(BLOCKED_V4)("%s is blocked when it is mapped into IPv6 too", (address) => {
    expect(isBlockedAddress(`::ffff:${address}`)).toBe(true);
    const [a = 0, b = 0, c = 0, d = 0] = address.split(".").map(Number);
    const words = [a * 256 + b, c * 256 + d].map((word) => word.toString(16)).join(":");
    expect(isBlockedAddress(`::ffff:${words}`)).toBe(true);
    expect(isBlockedAddress(`64:ff9b::${words}`)).toBe(true);
    expect(isBlockedAddress(`2002:${words}::1`)).toBe(true);
  });

  test.each(PUBLIC)("%s is not blocked", (address) => {
    expect(isBlockedAddress(address)).toBe(false);
  });

  test("a mapped public address is not blocked", () => {
    expect(isBlockedAddress("::ffff:8.8.8.8")).toBe(false);
  });

  test.each(["", "localhost", "example.com", "1.2.3.4.5", "999.1.1.1", ":::", "1.1.1.1/8", " 1.1.1.1"])(
    "%j is blocked, because it is not an address",
    (text) => {
      expect(isBlockedAddress(text)).toBe(true);
    },
  );
});

const urlFault = (text: string, policy: UrlPolicy) => checkUrl(text, policy).fault;
const STRICT = { allowPrivate: false, allowedOrigins: new Set<string>() };
const HINT = "; a gateway started with ALLOW_PRIVATE_URLS=true takes private addresses";
const PRIVATE = `must not point to a private or internal address${HINT}`;

describe("checkUrl", () => {
  test.each([
    "https://example.com",
    "https://example.com:8443/path?query=1#part",
    "https://sub.example.co.uk./x",
    "https://8.8.8.8/x",
    "https://[2606:4700:4700::1111]/x",
    "https://xn--bcher-kva.example.com/",
    "https://localhost.example.com/",
    "https://internal-tools.example.com/",
  ])("accepts %s", (url) => {
    expect(urlFault(url, STRICT)).toBeNull();
  });

  test.each([
    "https://localhost",
    "https://LOCALHOST/x",
    "https://localhost./x",
    "https://localhost../x",
    "https://a.b.localhost/x",
    "https://redis/x",
    "https://metadata/x",
    "https://metadata.google.internal/x",
    "https://printer.local/x",
    "https://nas.home.arpa/x",
    "https://box.localdomain/x",
    "https://127.0.0.1/x",
    "https://127.0.0.1./x",
    "https://127.1/x",
    "https://0x7f.1/x",
    "https://0x7f000001/x",
    "https://2130706433/x",
    "https://017700000001/x",
    "https://0177.0.0.1/x",
    "https://127.0.0.1.:443/x",
    "https://①②⑦.⓪.⓪.①/x",
    "https://127。0。0。1/x",
    "https://0/x",
    "https://0.0.0.0/x",
    "https://3232235777/x",
    "https://192.168.1.1/x",
    "https://[::1]/x",
    "https://[::]/x",
    "https://[0:0:0:0:0:0:0:1]/x",
    "https://[::ffff:127.0.0.1]/x",
    "https://[::ffff:7f00:1]/x",
    "https://[::127.0.0.1]/x",
    "https://[64:ff9b::7f00:1]/x",
    "https://[fe80::1]/x",
    "https://[fd00:ec2::254]/x",
    "https://169.254.169.254/latest/meta-data/",
    "https://168.63.129.16/x",
  ])("refuses %s as internal", (url) => {
    expect(urlFault(url, STRICT)).toBe(PRIVATE);
  });

  test.each([
    { url: "", fault: "must be an absolute https URL" },
    { url: "example.com/x", fault: "must be an absolute https URL" },
    { url: "/x", fault: "must be an absolute https URL" },
    { url: "https://", fault: "must be an absolute https URL" },
    { url: "https://exa mple.com", fault: "must be an absolute https URL" },
    { url: "https://[fe80::1%25eth0]/", fault: "must be an absolute https URL" },
    { url: "http://example.com", fault: "must be an https URL" },
    { url: "http://0x7f.1", fault: `must be an https URL${HINT}` },
    { url: "ftp://example.com", fault: "must be an https URL" },
    { url: "javascript:alert(1)", fault: "must be an https URL" },
    { url: "data:text/plain,x", fault: "must be an https URL" },
    { url: "file:///etc/passwd", fault: "must be an https URL" },
    { url: "https://user@example.com", fault: "must not contain a user name or password" },
    { url: "https://:pass@example.com", fault: "must not contain a user name or password" },
    { url: "https://example.com@127.0.0.1/", fault: "must not contain a user name or password" },
    { url: `https://example.com/${"x".repeat(2048)}`, fault: "must be at most 2048 characters long" },
  ])("refuses $url: $fault", ({ url, fault }) => {
    expect(urlFault(url, STRICT)).toBe(fault);
  });

  test("accepts an allowed origin only with the same scheme, host and port", () => {
    const policy = { allowPrivate: false, allowedOrigins: new Set(["http://127.0.0.1:9000"]) };
    expect(urlFault("http://127.0.0.1:9000/hook?x=1", policy)).toBeNull();
    for (const url of [
      "http://127.0.0.1:9001/",
      "https://127.0.0.1:9000/",
      "http://localhost:9000/",
      "http://127.0.0.1/",
    ]) {
      expect(urlFault(url, policy)).not.toBeNull();
    }
  });

  test("accepts private addresses and http with ALLOW_PRIVATE_URLS, and nothing else", () => {
    const policy = { allowPrivate: true, allowedOrigins: new Set<string>() };
    for (const url of ["http://127.0.0.1:1/", "http://localhost/", "https://[::1]/", "http://redis:6379/"]) {
      expect(urlFault(url, policy)).toBeNull();
    }
    for (const url of ["ftp://127.0.0.1/", "file:///x", "http://user:pass@127.0.0.1/", "x"]) {
      expect(urlFault(url, policy)).not.toBeNull();
    }
  });

  test.each([
    { text: "https://example.com", href: "https://example.com/" },
    { text: "HTTPS://EXAMPLE.com:443/a b".replace(" ", "%20"), href: "https://example.com/a%20b" },
    { text: "https:\\\\example.com\\a", href: "https://example.com/a" },
    { text: "https:example.com/a", href: "https://example.com/a" },
    { text: "https:///example.com/a", href: "https://example.com/a" },
    // Some parsers take the host after the last @ or before the first backslash, others do not.
    { text: "https://example.com\\@example.org/a", href: "https://example.com/@example.org/a" },
    { text: "https://example.com#@example.org/a", href: "https://example.com/#@example.org/a" },
    { text: "https://example.com?@example.org/a", href: "https://example.com/?@example.org/a" },
    { text: "https://ex%61mple.com/a", href: "https://example.com/a" },
    { text: "https://ｅｘａｍｐｌｅ.com/a", href: "https://example.com/a" },
    { text: "https://exam\u00adple.com/a", href: "https://example.com/a" },
    { text: "https://bücher.example.com/ü?ü", href: "https://xn--bcher-kva.example.com/%C3%BC?%C3%BC" },
    { text: "https://134744072/a", href: "https://8.8.8.8/a" },
    { text: "https://example.com/a/../b/./c", href: "https://example.com/b/c" },
  ])("returns $text as the URL that it checked: $href", ({ text, href }) => {
    expect(checkUrl(text, STRICT)).toEqual({ href, fault: null });
    expect(checkUrl(href, STRICT)).toEqual({ href, fault: null });
  });

  test.each(["\t", "\n", "\r"])("refuses %j inside of a host, which parsers drop or refuse", (space) => {
    expect(checkUrl(`https://exam${space}ple.com/`, STRICT).fault).toBe("must be an absolute https URL");
  });

  test("a host with ü is valid, however many URLs were checked before", () => {
    const faults = new Set<string | null>();
    for (let count = 0; count < 30_000; count += 1) faults.add(checkUrl("https://bücher.example.com/", STRICT).fault);
    expect([...faults]).toEqual([null]);
  });

  test("limits the length of the parsed URL too", () => {
    const text = `https://example.com/${"ü".repeat(400)}`;
    expect(checkUrl(text, STRICT).fault).toBe("must be at most 2048 characters long");
  });
});
