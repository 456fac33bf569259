/** The public keys by which receivers verify webhooks as fal documents it, at the path that they have at fal. */
import type { Deps } from "../../deps.js";
import { answerJson } from "../../http/answer.js";
import type { Handler } from "../../http/route.js";

/** Receivers keep them for a day at most (docs.fal.ai/model-apis, webhooks). */
const CACHE = { "Cache-Control": "public, max-age=3600" };

export const KEYS_PATHS = ["/.well-known/jwks.json", "/rest.fal.ai/.well-known/jwks.json"] as const;

export const getWebhookKeys =
  ({ secrets }: Deps): Handler =>
  (c) =>
    answerJson(c, { keys: secrets.publicKeys() }, 200, CACHE);
