/** Who makes a call, for the audit log. */
import type { Actor } from "@visgate/shared/organization";
import type { Ctx } from "./route.js";

export const actorOf = (c: Ctx): Actor => ({ kind: "api_key", id: c.get("apiKey").id });
