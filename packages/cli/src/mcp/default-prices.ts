/** What a generation with the default settings costs at this gateway, for the descriptions of the tools. */
import type { Quote } from "@visgate_ai/client";
import { DEFAULT_IMAGE_MODEL, DEFAULT_MODEL } from "../providers.generated.js";
import { usd } from "../screen/text.js";
import type { Session } from "../session.js";

/** The client of the protocol waits for it. */
const TIMEOUT_MS = 2000;
const ANY_PROMPT = "any";

/** Each a sentence; "" when the gateway does not say: without a key, or when it is down. */
export interface DefaultPrices {
  video: string;
  image: string;
}

export async function readDefaultPrices(session: Session): Promise<DefaultPrices> {
  const read = async (model: string) => {
    const client = session.createClient({ timeout: TIMEOUT_MS, maxRetries: 0 });
    return priceSentence(await client.quotes.create(model, ANY_PROMPT));
  };
  const [video, image] = await Promise.all([DEFAULT_MODEL, DEFAULT_IMAGE_MODEL].map((id) => read(id).catch(() => "")));
  return { video: video ?? "", image: image ?? "" };
}

function priceSentence({ costUsd, durationSeconds, model }: Quote): string {
  if (costUsd === null) return "";
  const what = durationSeconds === null ? `one image of ${model}` : `${durationSeconds} s of ${model}`;
  return ` With default settings (${what}) it costs ${usd(costUsd)} at this gateway.`;
}
