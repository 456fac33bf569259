/** Where a provider reports that a job has ended: one signed URL per request, which no one else can make. */
import type { RequestRef } from "../request/record.js";
import type { Secrets } from "./secrets.js";

/** The route of reports, below the base path of the API. */
export const REPORTS_PATH = "/provider-webhooks/{provider}/{organization}/{id}";

export interface ReportUrls {
  urlOf(provider: string, ref: RequestRef): string;
}

/** `base`: the URL at which providers reach this server. */
export function createReportUrls({ base, secrets }: { base: string; secrets: Secrets }): ReportUrls {
  return {
    urlOf(provider, ref) {
      const { organization, id } = ref;
      return `${base}/api/v1/provider-webhooks/${provider}/${organization}/${id}?signature=${secrets.signReport(ref)}`;
    },
  };
}
