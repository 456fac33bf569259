/** Hosts that no URL of a caller or provider may lead to, in the notations that URL parsers know. */

/** This machine, and addresses for documentation. Tests may try to connect to these, because nobody is harmed. */
export const HARMLESS_HOSTS: readonly string[] = [
  ...[
    "127.0.0.1",
    "127.0.0.1.",
    "127.1",
    "127.0.1",
    "0x7f.1",
    "0x7f000001",
    "2130706433",
    "017700000001",
    "0177.0.0.1",
  ],
  ...["127.255.255.254", "0", "0.0.0.0", "①②⑦.⓪.⓪.①", "127。0。0。1", "%31%32%37.0.0.1", "localhost", "LOCALHOST"],
  ...["[::1]", "[::]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]"],
  ...["[64:ff9b::7f00:1]", "[64:ff9b:1::7f00:1]", "[2002:7f00:1::1]", "[::ffff:0:127.0.0.1]"],
  ...["192.0.2.1", "198.51.100.1", "203.0.113.1", "[2001:db8::1]", "[3fff::1]", "[::ffff:192.0.2.1]"],
];

/** Only for checks that never connect. */
export const INTERNAL_HOSTS: readonly string[] = [
  ...["10.0.0.1", "100.64.0.1", "100.100.100.200", "168.63.129.16", "169.254.169.254", "0xa9fea9fe", "172.16.0.1"],
  ...["192.0.0.192", "192.88.99.1", "192.168.0.1", "3232235777", "198.18.0.1", "224.0.0.1", "240.0.0.1"],
  ...["255.255.255.255", "[fc00::1]", "[fd00:ec2::254]", "[fe80::1]", "[fec0::1]", "[ff02::1]", "[100::1]"],
  ...["[2001::1]", "[5f00::1]", "[4000::1]", "[8000::1]", "[e000::1]", "[::ffff:169.254.169.254]", "[::ffff:a00:1]"],
  ...["redis", "metadata.google.internal", "printer.local", "api.localhost", "nas.home.arpa", "localhost..."],
];
