/** The frame of the console: who is signed in, the pages, and whether the server answers. */
import { useEffect, useErrorBoundary, useMemo } from "preact/hooks";
import { isConnected, serverUrl } from "./data/connection.js";
import { openFeed } from "./data/feed.js";
import { CreatePage } from "./pages/create/page.js";
import { ModelsPage } from "./pages/models.js";
import { OrganizationsPage } from "./pages/organizations.js";
import { RequestsPage } from "./pages/requests/page.js";
import type { OrganizationSession } from "./pages/session-props.js";
import { SignInPage } from "./pages/sign-in.js";
import { SystemPage } from "./pages/system/page.js";
import { UsagePage } from "./pages/usage/page.js";
import { WebhooksPage } from "./pages/webhooks/page.js";
import { linkTo, place } from "./route.js";
import { can, leave, type Scope, type Session, signIn } from "./session.js";
import { Loading } from "./ui/parts.js";

interface Page {
  name: string;
  title: string;
  scope: Scope;
  show: (session: OrganizationSession) => preact.JSX.Element;
}

const PAGES: readonly Page[] = [
  { name: "requests", title: "Requests", scope: "read", show: (session) => <RequestsPage {...session} /> },
  { name: "new", title: "New", scope: "generate", show: (session) => <CreatePage {...session} /> },
  { name: "models", title: "Models", scope: "generate", show: (session) => <ModelsPage {...session} /> },
  { name: "usage", title: "Usage", scope: "read", show: (session) => <UsagePage {...session} /> },
  { name: "webhooks", title: "Webhooks", scope: "read", show: (session) => <WebhooksPage {...session} /> },
  { name: "system", title: "System", scope: "read", show: (session) => <SystemPage {...session} /> },
];

export function App() {
  const { value } = signIn;
  if (value.state === "checking") return <Loading />;
  if (value.state === "out") return <SignInPage message={value.message} />;
  const { session } = value;
  return session.kind === "admin" ? (
    <Frame session={session} pages={[]}>
      <OrganizationsPage admin={session.admin} />
    </Frame>
  ) : (
    <Organization key={session.key} session={session} />
  );
}

function Organization({ session }: { session: Extract<Session, { kind: "organization" }> }) {
  const feed = useMemo(() => openFeed(session.client), [session]);
  useEffect(() => () => feed.close(), [feed]);
  const pages = PAGES.filter(({ scope }) => can(session, scope));
  const page = pages.find(({ name }) => name === place.value.page) ?? pages[0];
  useEffect(() => {
    document.title = page === undefined ? "Visgate" : `${page.title} · Visgate`;
  }, [page]);
  const shown = { client: session.client, feed, may: (scope: Scope) => can(session, scope) };
  return (
    <Frame session={session} pages={pages} current={page?.name ?? ""}>
      {page === undefined ? <p class="empty">This key may neither read nor generate.</p> : page.show(shown)}
    </Frame>
  );
}

/** A fault of this page must not take the way to the others. */
function Guarded({ children }: { children: preact.ComponentChildren }) {
  const [fault, reset] = useErrorBoundary();
  if (fault === undefined) return <>{children}</>;
  return (
    <div class="empty" role="alert">
      <p>This page has a fault: {String(fault)}</p>
      <button type="button" onClick={reset}>
        Try again
      </button>
    </div>
  );
}

interface FrameProps {
  session: Session;
  pages: readonly Page[];
  current?: string;
  children: preact.ComponentChildren;
}

function Frame({ session, pages, current = "", children }: FrameProps) {
  // On a phone the pages do not all fit.
  useEffect(() => {
    document.querySelector("nav [aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [current]);
  const name = session.kind === "admin" ? "Operator" : session.identity.organization.name;
  return (
    <div class="frame">
      <header class="bar">
        <a class="brand" href={linkTo("requests")}>
          Visgate
        </a>
        <nav aria-label="Pages">
          {pages.map((page) => (
            <a key={page.name} href={linkTo(page.name)} aria-current={page.name === current ? "page" : undefined}>
              {page.title}
            </a>
          ))}
        </nav>
        <div class="who">
          <a href={`${serverUrl()}/api/v1/docs`}>API</a>
          <span title={session.kind === "admin" ? "" : `Key: ${session.identity.key.name}`}>{name}</span>
          <button type="button" onClick={() => leave()}>
            Sign out
          </button>
        </div>
      </header>
      {isConnected.value ? null : (
        <p class="notice" role="status">
          The server does not answer. The page continues when the server is back.
        </p>
      )}
      <main>
        <Guarded key={current}>{children}</Guarded>
      </main>
    </div>
  );
}
