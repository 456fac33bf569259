/** What each page of an organization gets. */
import type { Client } from "@visgate_ai/client";
import type { Feed } from "../data/feed.js";
import type { Scope } from "../session.js";

export interface OrganizationSession {
  client: Client;
  feed: Feed;
  may: (scope: Scope) => boolean;
}
