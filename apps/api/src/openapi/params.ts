/** The parameters that several operations share. */
import { CALLER_KEY_PROVIDERS } from "@visgate/providers";
import { z } from "zod";

/** No request has this id. The docs page sends that of the caller's newest request instead. */
export const EXAMPLE_REQUEST_ID = "019a7c1e-6f80-7cc3-9f1b-3c5d8e2a4b60";
const EXAMPLE_ENDPOINT_ID = `we_${EXAMPLE_REQUEST_ID}`;
const EXAMPLE_DELIVERY_ID = `msg_${EXAMPLE_REQUEST_ID}`;

const id = (example: string, description: string) => z.string().meta({ example, description });

const requestId = id(EXAMPLE_REQUEST_ID, "The id of a request.");
export const requestParams = z.object({ id: requestId });
export const deliveryParams = z.object({
  id: requestId,
  delivery_id: id(EXAMPLE_DELIVERY_ID, "The id of one of its deliveries."),
});
const organizationId = id("acme", "The id of an organization.");
const apiKeyId = id(`key_${EXAMPLE_REQUEST_ID}`, "The id of an API key.");
export const apiKeyParams = z.object({ id: apiKeyId });
export const organizationParams = z.object({ id: organizationId });
export const organizationKeyParams = z.object({ id: organizationId, key_id: apiKeyId });
export const providerKeyParams = z.object({ provider: id(CALLER_KEY_PROVIDERS[0], "The name of a provider.") });
export const endpointParams = z.object({ id: id(EXAMPLE_ENDPOINT_ID, "The id of a webhook endpoint.") });
