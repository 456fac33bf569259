/** Files that are made of the providers' `provider.json` and of the API's own schemas. A test holds them to that. */
import { PROVIDERS } from "@visgate/providers";
import { quickImageBody } from "@visgate/shared/contract";
import { inRoot } from "../paths.mjs";
import { contractTypes } from "./contract-types.mjs";

const NOTE = "Made of each provider's provider.json by `npm run generate`; do not edit.";
const manifests = PROVIDERS.map(({ manifest }) => manifest);
const presets = manifests.filter(({ presetModel }) => presetModel !== null);
/** A name in the style of TypeScript, of a name with dashes. */
const camel = (/** @type {string} */ name) => name.replace(/-(\w)/g, (_, letter) => letter.toUpperCase());
const snake = (/** @type {string} */ name) => name.replaceAll("-", "_");
const withCallerKey = manifests.filter(({ callerKeyHeader }) => callerKeyHeader !== null);
const lines = (/** @type {string[]} */ ...all) => `${all.join("\n")}\n`;
const text = (/** @type {unknown} */ value) => JSON.stringify(value);

/** @returns {Promise<Record<string, string>>} contents by path */
export async function generatedFiles() {
  return {
    [inRoot("packages/client/src/types.generated.ts")]: await contractTypes(),
    [inRoot("packages/client/src/providers.generated.ts")]: clientProviders(),
    [inRoot("packages/cli/src/providers.generated.ts")]: cliProviders(),
    [inRoot("apps/console/src/providers.generated.ts")]: consoleProviders(),
    [inRoot("sdks/python/src/visgate_sdk/_providers.py")]: pythonProviders(),
  };
}

function clientProviders() {
  return lines(
    `/** ${NOTE} */`,
    "",
    "/** A video model of each provider, for callers without a preference. */",
    "export const VIDEO_MODEL_PRESETS = {",
    ...presets.map(({ name, presetModel }) => `  ${camel(name)}: ${text(presetModel)},`),
    "} as const;",
    "",
    "/** Keys of your own at the providers. */",
    "export interface ProviderKeys {",
    ...withCallerKey.flatMap(({ name, title }) => [
      `  /** Your own ${title} key: generations are billed to you by ${title}. */`,
      `  ${camel(name)}Key?: string | undefined;`,
    ]),
    "}",
    "",
    "/** The header that carries each key. @internal */",
    "export const KEY_HEADERS: Readonly<Record<keyof ProviderKeys, string>> = {",
    ...withCallerKey.map(({ name, callerKeyHeader }) => `  ${camel(name)}Key: ${text(callerKeyHeader)},`),
    "};",
  );
}

const defaultModel = [
  "/** What a video is made with, unless told otherwise. */",
  `export const DEFAULT_MODEL = ${text(manifests.find(({ defaultModel }) => defaultModel !== null)?.defaultModel)};`,
];

const consoleProviders = () => lines(`/** ${NOTE} */`, "", ...defaultModel);

function cliProviders() {
  return lines(
    `/** ${NOTE} */`,
    "",
    ...defaultModel,
    "",
    "/** What the API makes an image with, unless told otherwise. */",
    `export const DEFAULT_IMAGE_MODEL = ${text(quickImageBody.parse({ prompt: "any" }).model)};`,
    "",
    "/** Where a gateway's own keys of the providers come from, by provider. */",
    "export const KEY_VARIABLES: Readonly<Record<string, string>> = {",
    ...manifests.map(({ name, keyVariable }) => `  ${propertyName(name)}: ${text(keyVariable)},`),
    "};",
  );
}

const propertyName = (/** @type {string} */ name) => (/^[a-z]+$/.test(name) ? name : text(name));

function pythonProviders() {
  return lines(
    `"""${NOTE}"""`,
    "",
    "from typing import Dict, Final",
    "",
    "VIDEO_MODEL_PRESETS: Final[Dict[str, str]] = {",
    ...presets.map(({ name, presetModel }) => `    ${text(name)}: ${text(presetModel)},`),
    "}",
    '"""A video model of each provider, for callers without a preference."""',
    "",
    "KEY_HEADERS: Final[Dict[str, str]] = {",
    ...withCallerKey.map(({ name, callerKeyHeader }) => `    "${snake(name)}_key": ${text(callerKeyHeader)},`),
    "}",
    '"""The header that carries each of the caller\'s own provider keys, by the option that sets it."""',
  );
}
