/**
 * Every Redis key there is. All keys of one organization share a hash tag and so a cluster slot: its scripts are atomic
 * there, and another organization's id is unknown by construction.
 */
export function createKeys(prefix = "vg") {
  const of = (organization: string) => `${prefix}:{${organization}}`;
  return {
    request: (organization: string, id: string) => `${of(organization)}:req:${id}`,
    openRequests: (organization: string) => `${of(organization)}:open`,
    allRequests: (organization: string) => `${of(organization)}:requests`,
    runs: (organization: string) => `${of(organization)}:runs`,
    idempotency: (organization: string, keyHash: string) => `${of(organization)}:idem:${keyHash}`,
    delivery: (organization: string, id: string) => `${of(organization)}:dlv:${id}`,
    openDeliveries: (organization: string) => `${of(organization)}:open-dlv`,
    channel: (organization: string, id: string) => `${of(organization)}:ch:${id}`,
    organizations: () => `${prefix}:orgs`,
    apiKeys: () => `${prefix}:{keys}:by-hash`,
    apiKeyIds: () => `${prefix}:{keys}:by-id`,
  };
}

export type Keys = ReturnType<typeof createKeys>;
