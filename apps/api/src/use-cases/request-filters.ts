/** Which requests a list shows, and which a call for many of them is about. */
import { invalid } from "@visgate/shared/errors";
import type { MediaType, RequestRecord, Status } from "@visgate/shared/request";
import type { Deps } from "../deps.js";
import { type TimeFilter, timesOf } from "./paging.js";

/** Null: any. */
export interface RequestFilters extends TimeFilter {
  /** One of these. */
  status: readonly Status[] | null;
  model: string | null;
  provider: string | null;
  mediaType: MediaType | null;
  callbackId: string | null;
  apiKeyId: string | null;
  /** The value of the organization's usage tag. */
  tag: string | null;
  /** A part of the prompt, in any case. */
  text: string | null;
}

export const NO_FILTERS: RequestFilters = {
  ...{ status: null, model: null, provider: null, mediaType: null, callbackId: null },
  ...{ apiKeyId: null, tag: null, text: null, createdAfter: null, createdBefore: null },
};

interface GivenFilters {
  model?: string | undefined;
  provider?: string | undefined;
  media_type?: MediaType | undefined;
  callback_id?: string | undefined;
  api_key_id?: string | undefined;
  tag?: string | undefined;
  text?: string | undefined;
  created_after?: string | undefined;
  created_before?: string | undefined;
}

/** The filters of a query or of a body. */
export function filtersOf(given: GivenFilters, status: readonly Status[] | null): RequestFilters {
  return {
    status,
    model: given.model ?? null,
    provider: given.provider ?? null,
    mediaType: given.media_type ?? null,
    callbackId: given.callback_id ?? null,
    apiKeyId: given.api_key_id ?? null,
    tag: given.tag ?? null,
    text: given.text ?? null,
    ...timesOf(given),
  };
}

/** What callers cannot see, they cannot search. Throws a 422 on `field`. */
export function checkTextFilter({ settings }: Pick<Deps, "settings">, { text }: RequestFilters, field: string): void {
  if (text === null || !settings.hidePrompts) return;
  throw invalid(field, `${field}: this server hides prompts (HIDE_PROMPTS), so they cannot be searched; leave it out.`);
}

/** Whether a request passes the filters, apart from the time of its creation. */
export function createMatcher(filters: RequestFilters): (record: RequestRecord) => boolean {
  const { status, model, provider, mediaType, callbackId, apiKeyId, tag } = filters;
  const text = filters.text?.toLowerCase() ?? null;
  return (record) =>
    (status === null || status.includes(record.status)) &&
    (model === null || record.model === model) &&
    (provider === null || record.provider === provider) &&
    (mediaType === null || record.mediaType === mediaType) &&
    (callbackId === null || record.callbackId === callbackId) &&
    (apiKeyId === null || record.apiKeyId === apiKeyId) &&
    (tag === null || record.tag === tag) &&
    (text === null || record.input.prompt.toLowerCase().includes(text));
}

/** Whether more than the time of the creation decides. */
export const isFiltered = ({ createdAfter: _after, createdBefore: _before, ...others }: RequestFilters): boolean =>
  Object.values(others).some((filter) => filter !== null);

/** What a cursor is valid for. Without the newer filters it is the scope of an earlier version, whose cursors stay valid. */
export function scopeOf(organization: string, filters: RequestFilters): unknown[] {
  const { status, model, provider, mediaType, callbackId, createdAfter, createdBefore } = filters;
  const { apiKeyId, tag, text } = filters;
  const statuses = status?.toSorted().join(",") ?? null;
  const newer = [apiKeyId, tag, text];
  return [
    ...[organization, statuses, model, provider, mediaType, callbackId, createdAfter, createdBefore],
    ...(newer.every((filter) => filter === null) ? [] : newer),
  ];
}
