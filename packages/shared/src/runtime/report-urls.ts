/** Where a provider reports that a job has ended: one URL per request, signed, so that nobody else can make one up. */
import type { RequestRef } from "../request/record.js";
import type { Secrets } from "./secrets.js";

/** Under the API's base path. */
export const REPORTS_PATH = "/provider-webhooks/{provider}/{organization}/{id}";

export interface ReportUrls {
  urlOf(provider: string, ref: RequestRef): string;
}

/** `base`: this server as providers reach it. */
export function createReportUrls({ base, secrets }: { base: string; secrets: Secrets }): ReportUrls {
  return {
    urlOf(provider, ref) {
      const { organization, id } = ref;
      return `${base}/api/v1/provider-webhooks/${provider}/${organization}/${id}?signature=${secrets.signReport(ref)}`;
    },
  };
}
