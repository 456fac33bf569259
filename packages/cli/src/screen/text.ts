/** Pieces of text as they are shown. */

/** On one line, without what could steer a terminal: texts come from providers too. */
export function plain(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gu, " ").trim();
}

/** `amount` in USD, exact to 1e-6: $2.40, $0.0425. */
export function usd(amount: number): string {
  return `$${amount.toFixed(6).replace(/0{1,4}$/, "")}`;
}

export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

/** What is known of the money, by the request's charge_state; cost in USD. */
export function moneyText(chargeState: string, cost: number): string {
  if (chargeState === "charged") return `It is charged: ${usd(cost)}.`;
  if (chargeState === "released") return "The provider does not charge for it.";
  if (chargeState === "none") return "Nothing was sent to the provider, nothing is charged.";
  return "Whether the provider charges for what it began is not known.";
}
