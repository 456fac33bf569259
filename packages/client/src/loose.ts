/** Options are handed on as they come: undefined counts as left out, also under `exactOptionalPropertyTypes`. */
export type Loose<Options> = { [Name in keyof Options]?: Options[Name] | undefined };
