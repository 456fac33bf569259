/** A provider adapter that answers from a script and records its calls. */
import type {
  CancelResult,
  LocateResult,
  LostSubmit,
  PollResult,
  ProviderAdapter,
  SubmitResult,
} from "@visgate/providers";

type Answer<T> = T | (() => T | Promise<T>);

/** A call without an answer in the script is an error. */
export interface Script {
  submit?: Answer<SubmitResult>;
  locate?: Answer<LocateResult>;
  poll?: Answer<PollResult>;
  cancel?: Answer<CancelResult>;
}

export interface ScriptedProvider {
  adapter: Partial<ProviderAdapter>;
  /** The calls in order, as `submit KEY`, `locate`, `poll ENDPOINT ID`, `cancel ID`. */
  calls: string[];
  /** The URL that each submit asked the provider to report to. */
  reportUrls: (string | null)[];
  /** What each `locate` searched for. */
  located: LostSubmit[];
}

export function createScriptedProvider(script: Script): ScriptedProvider {
  const calls: string[] = [];
  const reportUrls: (string | null)[] = [];
  const located: LostSubmit[] = [];

  return {
    ...{ calls, reportUrls, located },
    adapter: {
      async submit({ reportUrl }, { apiKey }) {
        calls.push(`submit ${apiKey}`);
        reportUrls.push(reportUrl);
        return answer("submit", script.submit);
      },
      async locate(lost) {
        calls.push("locate");
        located.push(lost);
        return answer("locate", script.locate);
      },
      async poll({ endpoint, id }) {
        calls.push(`poll ${endpoint} ${id}`);
        return answer("poll", script.poll);
      },
      async cancel({ id }) {
        calls.push(`cancel ${id}`);
        return answer("cancel", script.cancel);
      },
    },
  };
}

async function answer<T>(step: keyof Script, scripted: Answer<T> | undefined): Promise<T> {
  if (scripted === undefined) throw new Error(`no ${step} was expected`);
  return scripted instanceof Function ? scripted() : scripted;
}
