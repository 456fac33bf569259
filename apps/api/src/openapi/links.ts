/** Where to go from an answer: client generators, readers and test programs follow these from call to call. */

/** One link to each operation. `parameters`: where in this answer the operation's parameters are. */
export function linksTo(operationIds: readonly string[], parameters: Record<string, string>) {
  return Object.fromEntries(operationIds.map((operationId) => [operationId, { operationId, parameters }]));
}
