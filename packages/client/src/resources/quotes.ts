/** `client.quotes`: what a generation would cost and how long it would take. */
import type { Http } from "../http.js";
import type { ImageBody, Quote, VideoBody } from "../types.generated.js";
import { type OptionalFields, requestBody } from "../wire-format.js";

export interface QuoteOptions extends OptionalFields<Omit<VideoBody & ImageBody, "model" | "prompt">> {}

export interface Quotes {
  /**
   * Says what the generation would cost. Nothing is submitted, set aside or spent.
   * @param model catalogue id of a video or an image model
   * @throws ValidationError the same as the generation itself
   */
  create(model: string, prompt: string, options?: QuoteOptions): Promise<Quote>;
}

export function createQuotes(http: Http): Quotes {
  return {
    create: async (model, prompt, options = {}) =>
      http.json({
        method: "POST",
        path: "/quotes",
        body: requestBody({ model, prompt, ...options }),
        expected: { model: "string", budgets: "array" },
        withProviderKeys: true,
      }),
  };
}
