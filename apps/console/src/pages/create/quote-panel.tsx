/** What the call would cost and how long it would take, while the form is being filled. */
import type { Client, Model } from "@visgate_ai/client";
import { useData, useSettled } from "../../data/use-data.js";
import { duration } from "../../ui/format.js";
import { Facts, Money } from "../../ui/parts.js";
import { type Draft, optionsOf } from "./draft.js";

const TYPED_MS = 400;

export function QuotePanel({ client, model, draft }: { client: Client; model: Model; draft: Draft }) {
  const call = JSON.stringify([model.id, optionsOf(model, draft)]);
  const wanted = useSettled(call, TYPED_MS);
  const hasPrompt = draft.prompt.trim() !== "";
  const quote = useData(() => {
    const [id, options] = JSON.parse(wanted);
    return client.quotes.create(id, hasPrompt ? draft.prompt : "a quote", options);
  }, [client, wanted, hasPrompt]);
  // The price of what the form held before is not shown for what it holds now.
  if (wanted !== call || quote.isLoading) return <p class="quote">…</p>;
  if (quote.error !== null || quote.value === null) return <p class="quote hint">{quote.error?.message}</p>;
  const { costUsd, p50LatencyMs, usualLatencyMs, durationSeconds, budgets, wouldBeAccepted } = quote.value;
  return (
    <section class="quote" aria-label="Quote" aria-busy={quote.isLoading}>
      <Facts
        facts={[
          ["Price", <Money key="price" usd={costUsd} />],
          ["Time", `about ${duration(p50LatencyMs ?? usualLatencyMs)}`],
          ["Length", durationSeconds === null ? null : `${durationSeconds} s`],
        ]}
      />
      {wouldBeAccepted ? null : (
        <p class="error" role="alert">
          No room in a budget:{" "}
          {budgets
            .filter(({ hasRoom }) => !hasRoom)
            .map(({ budget, period }) => `${budget} (${period})`)
            .join(", ")}
          .
        </p>
      )}
    </section>
  );
}
