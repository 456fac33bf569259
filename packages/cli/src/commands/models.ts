/** visgate models: the models that can be used, and what they cost. */
import type { Model } from "@visgate_ai/client";
import { Option } from "commander";
import { omitUndefined } from "../arguments.js";
import { EXIT, type ExitCode } from "../errors/failure.js";
import { KEY_VARIABLES } from "../providers.generated.js";
import { toApiNames } from "../screen/api-fields.js";
import { usd } from "../screen/text.js";
import type { AddCommand, Session } from "../session.js";

interface Flags {
  provider?: string;
  search?: string;
  media: "video" | "image";
}

const HEADER = ["ID", "SECONDS", "IMAGE", "PRICE", "BY DEFAULT"];
const MORE_HELP = `
Needs no API key. BY DEFAULT is the price with all default settings; --json has the prices of all variants, and the
params.

Examples:
  visgate models --provider NAME
  visgate models --search "veo fast" --quiet
  visgate models --json | jq '.models[] | {id, params}'`;

export const addModels: AddCommand = (program, toAction) => {
  program
    .command("models")
    .alias("model")
    .description("list models with their durations and prices")
    .option("-p, --provider <name>", `only of this provider: ${Object.keys(KEY_VARIABLES).join(", ")}`)
    .option("-s, --search <words>", "only models that match all these words")
    .addOption(new Option("--media <type>", "what the models make").choices(["video", "image"]).default("video"))
    .option("-j, --json", "print the list as one JSON object")
    .addHelpText("after", MORE_HELP)
    .action(toAction(models));
};

async function models({ createClient, out, json }: Session, { provider, search, media }: Flags): Promise<ExitCode> {
  const list = await createClient().models.list({ ...omitUndefined<Flags>({ provider, search }), mediaType: media });
  if (json) out.json(toApiNames(list));
  else await out.table(HEADER, list.models.map(row), { empty: "No models found." });
  return EXIT.ok;
}

function row({ id, limits, pricingUnit, normalizedCostMicro, baseCostMicro }: Model): string[] {
  const price = `${usd(normalizedCostMicro / 1e6)}/${pricingUnit}`;
  return [id, limits.durationsSeconds.join(","), limits.imageInput, price, usd(baseCostMicro / 1e6)];
}
