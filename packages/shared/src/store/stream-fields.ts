/** The fields of an entry of a Redis stream, which come as names and values in turn. */
export function streamFields(flat: readonly string[]): (name: string) => string {
  const fields = new Map<string, string>();
  for (let at = 0; at < flat.length; at += 2) fields.set(flat[at] ?? "", flat[at + 1] ?? "");
  return (name) => fields.get(name) ?? "";
}
