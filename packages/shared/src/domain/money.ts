/** Money is integer micro-USD inside and USD with six decimals outside. */

export function microToUsd(micro: number): number {
  return Math.round(micro) / 1e6;
}
