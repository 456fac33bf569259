/** visgate models: what can be asked for, and what it costs. */
import type { Model } from "@visgate_ai/client";
import { Option } from "commander";
import type { AddCommand } from "../act.js";
import { EXIT, type ExitCode } from "../errors/exit-codes.js";
import { given } from "../generate/given.js";
import { KEY_VARIABLES } from "../providers.generated.js";
import { usd } from "../screen/text.js";
import { toApi } from "../screen/wire.js";
import type { Session } from "../session.js";

interface Flags {
  provider?: string;
  search?: string;
  media: "video" | "image";
}

const MORE_HELP = `
Needs no key. The price is with all defaults; --json has the prices of all variants, and the params.

Examples:
  visgate models --provider NAME
  visgate models --search "veo fast" --quiet
  visgate models --json | jq '.models[] | {id, params}'`;
const HEADER = ["ID", "SECONDS", "IMAGE", "PRICE", "BY DEFAULT"];

export const addModels: AddCommand = (program, act) => {
  program
    .command("models")
    .description("list models with their durations and prices")
    .option("--provider <name>", Object.keys(KEY_VARIABLES).join(", "))
    .option("--search <words>", "only those that have all of these words")
    .addOption(new Option("--media <type>", "what they make").choices(["video", "image"]).default("video"))
    .option("--json", "print the list as one JSON object")
    .addHelpText("after", MORE_HELP)
    .action(act(models));
};

async function models({ connect, out, json }: Session, { provider, search, media }: Flags): Promise<ExitCode> {
  const list = await connect().models.list({ ...given<Flags>({ provider, search }), mediaType: media });
  if (json) out.json(toApi(list));
  else await out.table(HEADER, list.models.map(row), { empty: "No models found." });
  return EXIT.ok;
}

function row({ id, limits, pricingUnit, normalizedCostMicro, baseCostMicro }: Model): string[] {
  const price = `${usd(normalizedCostMicro / 1e6)}/${pricingUnit}`;
  return [id, limits.durationsSeconds.join(","), limits.imageInput, price, usd(baseCostMicro / 1e6)];
}
