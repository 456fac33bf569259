/** The money of a request, from the quote to the settlement. */
import type { Client, Receipt, RequestWithInput } from "@visgate_ai/client";
import { useState } from "preact/hooks";
import { useAction, useData } from "../../data/use-data.js";
import type { Scope } from "../../session.js";
import { ActionButton, ErrorText, Facts, Input, Loaded, Money, Table, Time } from "../../ui/parts.js";

interface Props {
  client: Client;
  may: (scope: Scope) => boolean;
  request: RequestWithInput;
  onSettled: () => void;
}

export function MoneyLines({ client, may, request, onSettled }: Props) {
  const { id, chargeState, status } = request;
  const data = useData<Receipt | null>(
    async () => (may("read") ? client.requests.receipt(id) : null),
    [client, id, chargeState, status],
  );
  return (
    <Loaded data={data}>
      {(receipt) =>
        receipt === null ? (
          <p>This key may not read receipts.</p>
        ) : (
          <>
            <Lines receipt={receipt} />
            {chargeState === "unknown" && may("manage") ? <Settle {...{ client, id, onSettled }} /> : null}
          </>
        )
      }
    </Loaded>
  );
}

function Lines({ receipt }: { receipt: Receipt }) {
  const { settlement, quote, heldUsd, savedUsd, attempts, tried = [] } = receipt;
  return (
    <>
      <Facts
        facts={[
          ["Quoted", <Money key="quoted" usd={quote.costUsd} />],
          ["Held", <Money key="held" usd={heldUsd} />],
          ["Settled", settlement === null ? "not yet" : <Money key="settled" usd={settlement.costUsd} />],
          ["Cost source", settlement?.costSource],
          ["Units", settlement?.units],
          ["Saved by the cache", savedUsd === 0 ? null : <Money key="saved" usd={savedUsd} />],
          ["Counted on", receipt.day],
        ]}
      />
      {attempts.length === 0 ? null : (
        <Table
          caption="Submits to providers"
          head={["Attempt", "Time", "Outcome", "Model"]}
          numbers={[0]}
          rows={attempts.map(({ attempt, at, outcome, model = receipt.model }) => ({
            key: String(attempt),
            cells: [attempt, <Time key="at" at={at} isShort />, outcome, model],
          }))}
        />
      )}
      {tried.length === 0 ? null : (
        <Table
          caption="Models tried before"
          head={["Model", "Reason", "Cost"]}
          numbers={[2]}
          rows={tried.map(({ model, errorCode, skipped, costUsd }) => ({
            key: model,
            cells: [model, skipped ? "skipped: it had just failed" : errorCode, <Money key="cost" usd={costUsd} />],
          }))}
        />
      )}
    </>
  );
}

/** Settles by hand a request whose charge is unknown. */
function Settle({ client, id, onSettled }: { client: Client; id: string; onSettled: () => void }) {
  const [cost, setCost] = useState("");
  const settle = (settlement: Parameters<Client["requests"]["settle"]>[1]) => async () => {
    await client.requests.settle(id, settlement);
    onSettled();
  };
  const charged = useAction(settle({ outcome: "charged", ...(cost === "" ? {} : { costUsd: Number(cost) }) }));
  const released = useAction(settle({ outcome: "released" }));
  return (
    <div class="settle">
      <p>
        It is not known whether the provider billed this request. Its money stays held until you settle it or the hold
        expires.
      </p>
      <Input
        label="Billed, in USD"
        type="number"
        min={0}
        step="any"
        value={cost}
        onInput={setCost}
        hint="Leave empty to use the estimate."
      />
      <div class="actions">
        <ActionButton action={charged}>It was billed</ActionButton>
        <ActionButton action={released}>It was not billed</ActionButton>
      </div>
      <ErrorText error={charged.error ?? released.error} />
    </div>
  );
}
