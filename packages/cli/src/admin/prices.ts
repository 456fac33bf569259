/** visgate admin prices: where the catalogue's prices differ from the providers'. */
import { EXIT, type ExitCode } from "../errors/failure.js";
import { toApiNames } from "../screen/api-fields.js";
import type { AddCommand, Session } from "../session.js";
import { openAdmin } from "./gateway.js";

interface Price {
  model: string;
  endpoint: string | null;
  result: "same" | "different" | "not_comparable" | "not_listed";
  catalogue: string | null;
  other: string | null;
  source: string | null;
  seenAt: string | null;
}

interface Prices {
  providers: { provider: string; comparedWith: "provider" | "published"; message: string | null }[];
  prices: Price[];
  differences: number;
}

interface Flags {
  all?: boolean;
}

const HEADER = ["MODEL", "ENDPOINT", "RESULT", "CATALOGUE", "PROVIDER", "FROM"];
const MORE_HELP = `
The gateway asks the providers whose API says its prices, with its own key: this costs nothing. The prices of the others
are compared with the figures that this version of the gateway was published with. They differ where CATALOGUE_FILE has
another price. The exit code is 1 if a price differs. Prices in different units cannot be compared, and are no
difference; --all shows them.

Examples:
  visgate admin prices
  visgate admin prices --all --json`;

export const addPrices: AddCommand = (admin, toAction) => {
  admin
    .command("prices")
    .description("compare the prices of the catalogue with those of the providers")
    .option("-a, --all", "show all prices, not only those that differ")
    .option("-j, --json", "print the answer, with all prices, as one JSON object")
    .addHelpText("after", MORE_HELP)
    .action(toAction(prices));
};

async function prices(session: Session, flags: Flags): Promise<ExitCode> {
  const { out, json } = session;
  const answer = await openAdmin(session)<Prices>({ method: "GET", path: "/prices" });
  if (json) out.json(toApiNames(answer));
  else await print(session, answer, flags);
  return answer.differences === 0 ? EXIT.ok : EXIT.failed;
}

async function print({ out }: Session, { providers, prices, differences }: Prices, { all }: Flags): Promise<void> {
  const shown = prices.filter(({ result }) => all || result === "different");
  await out.table(HEADER, shown.map(rowOf), { whole: true });
  for (const { provider, comparedWith, message } of providers) {
    const list = comparedWith === "provider" ? "its own list" : "the published figures";
    out.note(`${provider}: compared with ${list}.${message === null ? "" : ` ${message}`}`);
  }
  const count = (result: Price["result"]) => prices.filter((price) => price.result === result).length;
  const rest = `not comparable: ${count("not_comparable")}, not listed: ${count("not_listed")}`;
  out.note(`Prices: ${prices.length}, different: ${differences}, ${rest}.`);
}

const rowOf = ({ model, endpoint, result, catalogue, other, source, seenAt }: Price) => [
  ...[model, endpoint ?? "", result.replace("_", " "), catalogue ?? "not known", other ?? "not known"],
  [source ?? "", seenAt === null ? "" : `seen ${seenAt}`].filter(Boolean).join(", "),
];
