/** Who is signed in. The key stays in this browser tab: in sessionStorage, which ends with the tab. */
import { signal } from "@preact/signals";
import { Client, type Identity, VisgateError } from "@visgate_ai/client";
import { type Admin, createAdmin } from "./data/admin.js";
import { serverUrl, watchedFetch } from "./data/connection.js";

export type Scope = Identity["key"]["scopes"][number];

/** An API key of an organization sees the organization; the operator's admin key sees the organizations. */
export type Session =
  | { kind: "organization"; key: string; client: Client; identity: Identity }
  | { kind: "admin"; key: string; admin: Admin };

type SignIn = { state: "out"; message: string | null } | { state: "checking" } | { state: "in"; session: Session };

const STORED_KEY = "visgate.key";
/** Longer than an answer that waits for an event. */
const TIMEOUT_MS = 70_000;

export const signIn = signal<SignIn>({ state: "out", message: null });

export const can = (session: Session, scope: Scope): boolean =>
  session.kind === "organization" && session.identity.key.scopes.includes(scope);

/** With the key of the link that `npm start` prints, or that of this tab. The key leaves the address at once. */
export function startSession(): void {
  const linked = new URLSearchParams(location.hash.replace(/^#\/?\??/, "")).get("key");
  if (linked !== null) history.replaceState(null, "", `${location.pathname}#/requests`);
  // A link of somebody else must not put another organization in the place of one's own.
  const key = sessionStorage.getItem(STORED_KEY) ?? linked;
  if (key !== null) void enter(key);
}

export async function enter(key: string): Promise<void> {
  signIn.value = { state: "checking" };
  try {
    const session = await sessionOf(key.trim());
    sessionStorage.setItem(STORED_KEY, session.key);
    signIn.value = { state: "in", session };
  } catch (error) {
    signIn.value = { state: "out", message: error instanceof Error ? error.message : String(error) };
  }
}

async function sessionOf(key: string): Promise<Session> {
  const client = new Client({ apiKey: key, baseUrl: serverUrl(), timeout: TIMEOUT_MS, fetch: watchedFetch });
  try {
    return { kind: "organization", key, client, identity: await client.me() };
  } catch (error) {
    const admin = createAdmin(serverUrl(), key);
    if (isRefused(error) && (await admin.isAccepted())) return { kind: "admin", key, admin };
    throw error;
  }
}

export const isRefused = (error: unknown): boolean => error instanceof VisgateError && error.statusCode === 401;

/** `message`: why, when it was not the user who asked for it. */
export function leave(message: string | null = null): void {
  const { value } = signIn;
  if (value.state === "in" && value.session.kind === "organization") value.session.client.close();
  sessionStorage.removeItem(STORED_KEY);
  signIn.value = { state: "out", message };
}

/** A key that was revoked or has expired ends the session, whichever call is answered 401. */
export function leaveIfRefused(error: unknown): void {
  if (isRefused(error) && signIn.value.state === "in") {
    leave("This key does not work any more: it was revoked, or it has expired.");
  }
}
