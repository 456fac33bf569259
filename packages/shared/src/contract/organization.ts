/** API keys, the audit log, and the operator's view of organizations. */
import { z } from "zod";
import { SCOPES } from "../organization/api-key.js";
import { AUDIT_ACTIONS } from "../organization/audit.js";
import { isTimeZone, ORGANIZATION_ID } from "../organization/organization.js";
import { modelId, time } from "./formats.js";

const MAX_NAME = 100;
const MAX_MODELS = 200;
const MAX_RATE = 1_000_000;
const MAX_OPEN = 10_000_000;
const MAX_WEIGHT = 1000;

const name = z
  .string()
  .trim()
  .min(1)
  .max(MAX_NAME)
  .refine((text) => text.isWellFormed() && !/\p{Cc}/u.test(text), "must be one line of valid Unicode")
  // The same for readers of the document, and not only spaces.
  .meta({
    pattern:
      "^[^\\u0000-\\u001f\\u007f-\\u009f]*[^\\s\\u0000-\\u001f\\u007f-\\u009f][^\\u0000-\\u001f\\u007f-\\u009f]*$",
  });
const scopes = z.array(z.enum(SCOPES)).min(1);
const requestsPerMinute = z.int().min(1).max(MAX_RATE).nullable();
/** From the year 10000 on, Date writes times that readers of ISO 8601 refuse. */
const FIRST_UNREADABLE_MS = Date.UTC(10_000, 0);
const expiresAt = z.iso
  .datetime({ offset: true, error: "must be an ISO 8601 time, such as 2027-01-31T12:00:00Z" })
  .refine((text) => Date.parse(text) < FIRST_UNREADABLE_MS, "must be before the year 10000, in UTC");

// API keys: /api-keys.

export const createApiKeyBody = z.strictObject({
  name: name.describe("For people; up to 100 characters."),
  scopes: scopes
    .optional()
    .describe(
      "generate: submit and cancel; read: requests, events, usage; manage: keys, provider keys, budgets, endpoints. " +
        "Default: the scopes of the calling key. A key gives only what it has itself.",
    ),
  models: z
    .array(z.string().min(1).max(200))
    .min(1)
    .max(MAX_MODELS)
    .nullish()
    .describe("The only models that it may generate with; default: those of the calling key."),
  requests_per_minute: requestsPerMinute
    .optional()
    .describe("Generations that it may submit in a minute; more are answered 429. Default: that of the calling key."),
  expires_at: expiresAt.nullish().describe("When it stops working (ISO 8601); default: with the calling key."),
});
export type CreateApiKeyBody = z.infer<typeof createApiKeyBody>;

export const apiKeyView = z.object({
  id: z.string(),
  name: z.string(),
  key_prefix: z.string().describe("The beginning of the key."),
  created_at: time,
  last_used_at: time.nullable().describe("Exact to about a minute."),
  scopes: z.array(z.enum(SCOPES)),
  models: z.array(modelId).nullable(),
  requests_per_minute: z.int().nullable(),
  expires_at: time.nullable(),
});
export type ApiKeyView = z.infer<typeof apiKeyView>;

export const apiKeyWithSecret = apiKeyView.extend({
  key: z.string().describe("The API key, vg-…; it is only shown in this answer."),
});
export type ApiKeyWithSecret = z.infer<typeof apiKeyWithSecret>;
export const apiKeyList = z.array(apiKeyView);
export const apiKeyDeleted = z.object({ id: z.string(), deleted: z.literal(true) });

// The audit log: GET /audit.

export const auditQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(100).default(50).describe("The maximum number of entries on a page."),
  cursor: z
    .string()
    .regex(/^\d{1,15}-\d{1,15}$/, "must be the next_cursor of the previous page")
    .optional()
    .describe("next_cursor of the previous page."),
});
export type AuditQuery = z.infer<typeof auditQuery>;

export const auditEntry = z.object({
  id: z.string(),
  at: time,
  action: z.enum(AUDIT_ACTIONS),
  by: z.object({
    kind: z.enum(["api_key", "admin", "system"]).describe("admin: the operator; system: the gateway by itself."),
    id: z.string().nullable().describe("The id of the API key."),
  }),
  target: z.string().describe("The id of what was changed."),
  details: z.record(z.string(), z.unknown()).describe("What changed, without secrets."),
});
export type AuditEntryView = z.infer<typeof auditEntry>;

export const auditPage = z.object({
  entries: z.array(auditEntry),
  next_cursor: z.string().nullable().describe("Null on the last page."),
});

// Organizations: /admin/organizations.

const organizationFields = {
  name,
  time_zone: z
    .string()
    .max(64)
    .refine(isTimeZone, "must be the name of a time zone, such as Europe/Berlin")
    .describe("In which its days and months begin; default UTC."),
  weight: z.int().min(1).max(MAX_WEIGHT).describe("Its share of scarce slots at providers; default 1."),
  requests_per_minute: requestsPerMinute.describe(
    "Generations that it may submit in a minute; more are answered 429. Null: no limit.",
  ),
  max_in_flight: z
    .int()
    .min(1)
    .max(MAX_OPEN)
    .nullable()
    .describe("Requests that may be at providers at once; more wait. Null: no limit."),
  max_open: z
    .int()
    .min(1)
    .max(MAX_OPEN)
    .nullable()
    .describe("Requests that may be open at once, waiting ones too; more are answered 429. Null: no limit."),
  usage_tag: z
    .string()
    .min(1)
    .max(100)
    .nullable()
    .describe("The key of metadata by whose values usage is broken down; null: none."),
};

export const createOrganizationBody = z.strictObject({
  id: z
    .string()
    .regex(ORGANIZATION_ID, "must be up to 40 characters of a-z, 0-9, - and _, and begin with a letter or digit"),
  ...z.strictObject(organizationFields).partial().shape,
});
export type CreateOrganizationBody = z.infer<typeof createOrganizationBody>;

export const updateOrganizationBody = z
  .strictObject(organizationFields)
  .partial()
  .refine((body) => Object.values(body).some((value) => value !== undefined), "must change something")
  .meta({ minProperties: 1 });
export type UpdateOrganizationBody = z.infer<typeof updateOrganizationBody>;

export const organizationView = z.object({ id: z.string(), created_at: time, ...organizationFields });
export type OrganizationView = z.infer<typeof organizationView>;
export const organizationList = z.object({ organizations: z.array(organizationView) });
