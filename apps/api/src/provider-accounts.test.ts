import { type AccountResult, PROVIDER_NAMES } from "@visgate/providers";
import { balancesAnswer } from "@visgate/shared/contract";
import { beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { useTestApi } from "../../../tests/support/api.js";

let asked: string[];
let account: AccountResult;
const { api } = useTestApi({
  deps: {
    askAccount: async (provider, apiKey) => {
      asked.push(`${provider} ${apiKey}`);
      return account;
    },
  },
});
beforeEach(() => {
  asked = [];
  account = { kind: "valid", balance: null };
});

describe("GET /providers/balances", () => {
  const balances = async (headers: Record<string, string> = {}) =>
    (await api.call("GET", "/providers/balances", { headers })).body.balances;

  test("asks every provider that the server has a key for", async () => {
    const { body } = await api.call("GET", "/providers/balances");
    const unknown = { configured: false, available: false, message: expect.stringContaining("no key") };
    const known = { configured: true, available: true, remaining: null, message: expect.any(String) };
    expect(z.strictObject(balancesAnswer(PROVIDER_NAMES).shape).parse(body).balances).toMatchObject(
      PROVIDER_NAMES.map((provider) => ({ provider, ...(["fal", "replicate"].includes(provider) ? known : unknown) })),
    );
    expect(asked).toEqual(["fal the-server's-key", "replicate the-server's-key"]);
  });

  test("uses the caller's own key before the server's", async () => {
    account = { kind: "valid", balance: { remaining: 1200, limit: 10_000, currency: "credits" } };
    const mine = await balances({ "x-runway-key": "key_mine" });
    const runway = mine.find(({ provider }: { provider: string }) => provider === "runway");
    expect(asked).toContain("runway key_mine");
    expect(runway).toMatchObject({
      available: true,
      remaining: 1200,
      limit: 10_000,
      currency: "credits",
      message: null,
    });
  });

  test.each([
    { given: { kind: "refused" } as const, says: /refuses/ },
    { given: { kind: "unavailable", cause: "ECONNREFUSED 10.0.0.7" } as const, says: /cannot be reached/ },
  ])("shows a provider that is $given.kind as not available", async ({ given, says }) => {
    account = given;
    const [fal] = await balances();
    expect(fal).toMatchObject({ configured: true, available: false, message: expect.stringMatching(says) });
    expect(fal.message).not.toContain("10.0.0.7");
  });
});

describe("POST /providers/validate", () => {
  const validate = (body: object) => api.call("POST", "/providers/validate", { body });

  test.each([
    { given: { kind: "valid", balance: null } as const, valid: true },
    { given: { kind: "refused" } as const, valid: false },
  ])("answers valid=$valid for a key that is $given.kind", async ({ given, valid }) => {
    account = given;
    const answer = await validate({ provider: "replicate", api_key: "r8_mine" });
    expect(answer).toMatchObject({ status: 200, body: { valid, message: expect.any(String), simulated: false } });
    expect(asked).toEqual(["replicate r8_mine"]);
    expect(JSON.stringify(answer.body) + api.log()).not.toContain("r8_mine");
  });

  test("says that a simulated provider is simulated", async () => {
    expect((await validate({ provider: "fal", api_key: "x" })).body).toMatchObject({ valid: true, simulated: true });
  });

  test("is a 502 when the provider cannot be asked", async () => {
    account = { kind: "unavailable", cause: "timeout" };
    const { status, body } = await validate({ provider: "fal", api_key: "x" });
    expect([status, body.error, body.details]).toEqual([502, "PROVIDER_ERROR", { provider: "fal", retryable: true }]);
  });

  test.each([
    { body: { provider: "openai", api_key: "x" }, field: "provider" },
    { body: { provider: "fal" }, field: "api_key" },
    { body: { provider: "fal", api_key: "" }, field: "api_key" },
    { body: { provider: "fal", api_key: "line\nbreak" }, field: "api_key" },
    { body: { provider: "fal", api_key: "x", more: 1 }, field: "more" },
  ])("answers $body with a 422 that names $field, and asks no provider", async ({ body, field }) => {
    const answer = await validate(body);
    expect([answer.status, answer.body.details.field]).toEqual([422, field]);
    expect(asked).toEqual([]);
  });
});
