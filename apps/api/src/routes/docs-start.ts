/**
 * The script of the docs page. Swagger UI fills its forms with the examples of the document. An example id is only a
 * placeholder, so the script puts in the ids of what the caller has: from each answer, and once a key is entered.
 */

interface Page {
  location: { href: string };
  fetch: typeof fetch;
  // biome-ignore lint/suspicious/noExplicitAny: Swagger UI has no types
  SwaggerUIBundle: (options: object) => any;
}

/** The text of the function runs in the browser: it can use nothing of this module but its argument. */
export async function startDocs({ location, fetch, SwaggerUIBundle }: Page): Promise<void> {
  const known: Record<string, string> = {};
  const filled = new Map<string, string>();
  // biome-ignore lint/suspicious/noExplicitAny: the document as Swagger UI takes it
  const spec: any = await (await fetch("openapi.json")).json();
  // The name by which the browser reached this server: pages may not call any other.
  spec.servers = [{ url: new URL("../..", location.href).href.replace(/\/$/, "") }];
  let key: string | undefined;

  // biome-ignore lint/suspicious/noExplicitAny: any answer of the API
  function learn(body: any, url = ""): void {
    const request = body?.requests?.[0] ?? body;
    known["request"] = request?.request_id ?? known["request"] ?? "";
    const endpoint = body?.endpoints?.at(-1)?.id ?? body?.id;
    if (/^we_/.test(endpoint)) known["endpoint"] = endpoint;
    // Only keys that were made on this page: a form that revokes a key must not be filled in with one that is in use.
    if (/^key_/.test(body?.id)) known[url.includes("/admin/") ? "operatorsKey" : "apiKey"] = body.id;
    const [, owner] = /\/requests\/([^/]+)\/deliveries$/.exec(url) ?? [];
    if (owner && body?.deliveries?.[0]) Object.assign(known, { delivery: body.deliveries[0].id, delivered: owner });
    if (request?.output_url) known["file"] = request.output_url;
    fillIn();
  }

  /** The value of a parameter that only this server can know. */
  function ownValue(path: string, name: string): string | null | undefined {
    if (path.includes("/webhook-endpoints/{id}")) return known["endpoint"];
    if (path.includes("{delivery_id}")) return name === "delivery_id" ? known["delivery"] : known["delivered"];
    if (name === "key_id") return known["operatorsKey"];
    if (path.endsWith("/api-keys/{id}")) return known["apiKey"];
    if (path.includes("/requests/{id}")) return name === "id" ? known["request"] : undefined;
    if (!path.includes("/files/") || known["file"] === undefined) return undefined;
    const url = new URL(known["file"]);
    const place = ["organization", "id", "name"].indexOf(name);
    return place === -1 ? url.searchParams.get(name) : url.pathname.split("/").slice(-3)[place];
  }

  /** Leaves alone what the caller has typed. */
  function fillIn(): void {
    for (const [path, item] of ui.specSelectors.paths().entries())
      for (const [method, operation] of item.entries())
        for (const parameter of operation.get("parameters") ?? []) {
          const place = [path, method, parameter.get("name")].join(" ");
          const value = ownValue(path, parameter.get("name"));
          const shown = ui.specSelectors.parameterWithMetaByIdentity([path, method], parameter).get("value");
          const isOurs = [undefined, filled.get(place), parameter.getIn(["schema", "example"])].includes(shown);
          if (!value || value === shown || !isOurs) continue;
          filled.set(place, value);
          ui.specActions.changeParamByIdentity([path, method], parameter, value, false);
        }
  }

  async function lookUp(): Promise<void> {
    const entered = ui.authSelectors.authorized()?.getIn(["apiKey", "value"]);
    if (!entered || entered === key) return;
    key = entered;
    for (const path of ["requests?limit=1", "webhook-endpoints"]) {
      const answer = await fetch(path, { headers: { authorization: `Bearer ${entered}` } });
      if (answer.ok) learn(await answer.json());
    }
  }

  const ui = SwaggerUIBundle({
    spec,
    dom_id: "#docs",
    deepLinking: true,
    persistAuthorization: true,
    validatorUrl: null,
    // To colour an answer as long as the list of models takes seconds, and again with each click.
    syntaxHighlight: false,
    onComplete: () => ui.getStore().subscribe(lookUp),
    responseInterceptor: (response: { ok: boolean; url: string; obj?: unknown }) => {
      if (response.ok) setTimeout(learn, 0, response.obj, response.url);
      return response;
    },
  });
}
