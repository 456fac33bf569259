/** The call that made a request, as curl, TypeScript and Python. The key stays a variable. */
import type { RequestInput } from "@visgate_ai/client";
import { useState } from "preact/hooks";
import { serverUrl } from "../../data/connection.js";
import { type Call, callText, LANGUAGES, type Language } from "./call-text.js";

export function CopyAs({ request, input }: { request: Call; input: RequestInput }) {
  const [language, setLanguage] = useState<Language>("curl");
  const [isCopied, setCopied] = useState(false);
  const text = callText(language, request, input, serverUrl());
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
    setTimeout(() => setCopied(false), 2000);
  };
  return (
    <>
      <fieldset class="actions plain" aria-label="Language">
        {LANGUAGES.map((one) => (
          <button key={one} type="button" aria-pressed={one === language} onClick={() => setLanguage(one)}>
            {one}
          </button>
        ))}
        <button type="button" onClick={() => void copy()}>
          {isCopied ? "Copied" : "Copy"}
        </button>
      </fieldset>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: long lines scroll by the keyboard too */}
      <pre tabIndex={0}>{text}</pre>
    </>
  );
}
