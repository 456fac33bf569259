/** The snippets of docs/dialects.md, as programs. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../../support/packages.js";

/** The address of `npm start`, which the snippets name. */
const BASE_URL = "http://127.0.0.1:8787";

/** The snippet of a language in a section, for the server at `baseUrl`. */
export function snippetOf(section: string, language: string, baseUrl: string): string {
  const text = readFileSync(join(ROOT, "docs/dialects.md"), "utf8").split(/^## /m);
  const own = text.find((part) => part.startsWith(`${section}\n`)) ?? "";
  const [, code] = new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, "m").exec(own) ?? [];
  if (code === undefined) throw new Error(`docs/dialects.md has no ${language} in its section ${section}`);
  return code.replaceAll(BASE_URL, baseUrl);
}
