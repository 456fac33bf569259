/** Options that were given, and no others: what is undefined is left out. */

export function given<T extends object>(fields: { [Name in keyof T]?: T[Name] | undefined }): Partial<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<T>;
}
