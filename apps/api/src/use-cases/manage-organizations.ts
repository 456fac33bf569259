/** The operator creates, reads and changes organizations. */

import type { CreateOrganizationBody, OrganizationView, UpdateOrganizationBody } from "@visgate/shared/contract";
import { invalid, VisgateError } from "@visgate/shared/errors";
import { newOrganization, type Organization } from "@visgate/shared/organization";
import { isoTime } from "@visgate/shared/units";

import type { Deps } from "../deps.js";

const BY_ADMIN = { by: { kind: "admin" } } as const;

export async function createOrganization(
  deps: Deps,
  { id, name = id, ...body }: CreateOrganizationBody,
): Promise<OrganizationView> {
  const at = deps.clock.now();
  const organization = changed(newOrganization(id, name, at), body);
  const audit = { action: "organization.created", ...BY_ADMIN, at, target: id, details: { name, ...body } } as const;
  if (await deps.store.organizations.create(organization, audit)) return organizationView(organization);
  throw invalid("id", `id: there is an organization ${id} already; choose another id.`);
}

export async function listOrganizations({ store }: Deps): Promise<OrganizationView[]> {
  return (await store.organizations.list()).map(organizationView);
}

export async function findOrganization(deps: Deps, id: string): Promise<OrganizationView> {
  return organizationView(await requireOrganization(deps, id));
}

export async function requireOrganization({ store }: Deps, id: string): Promise<Organization> {
  return found(await store.organizations.get(id));
}

export async function updateOrganization(
  deps: Deps,
  id: string,
  body: UpdateOrganizationBody,
): Promise<OrganizationView> {
  const audit = {
    action: "organization.updated",
    ...BY_ADMIN,
    at: deps.clock.now(),
    target: id,
    details: body,
  } as const;
  const updated = await deps.store.organizations.update(id, (organization) => ({
    after: changed(organization, body),
    audit,
  }));
  return organizationView(found(updated));
}

function found(organization: Organization | null): Organization {
  if (organization !== null) return organization;
  throw new VisgateError("NOT_FOUND", "There is no such organization.");
}

/** Fields that are left out stay. */
function changed(organization: Organization, body: UpdateOrganizationBody): Organization {
  const { name, timeZone, weight, limits, usageTag } = organization;
  return {
    ...organization,
    name: body.name ?? name,
    timeZone: body.time_zone ?? timeZone,
    weight: body.weight ?? weight,
    usageTag: body.usage_tag === undefined ? usageTag : body.usage_tag,
    limits: {
      requestsPerMinute: body.requests_per_minute === undefined ? limits.requestsPerMinute : body.requests_per_minute,
      maxInFlight: body.max_in_flight === undefined ? limits.maxInFlight : body.max_in_flight,
      maxOpen: body.max_open === undefined ? limits.maxOpen : body.max_open,
    },
  };
}

function organizationView({ id, name, createdAt, timeZone, weight, limits, usageTag }: Organization): OrganizationView {
  return {
    ...{ id, name, weight, created_at: isoTime(createdAt), time_zone: timeZone, usage_tag: usageTag },
    requests_per_minute: limits.requestsPerMinute,
    max_in_flight: limits.maxInFlight,
    max_open: limits.maxOpen,
  };
}
