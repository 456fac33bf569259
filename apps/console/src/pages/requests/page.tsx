/** The live list of requests, with filters, and the drawer of the one that is open. */
import { useCallback, useEffect, useMemo, useState } from "preact/hooks";
import { FILTERS, type Filters, openRequests } from "../../data/requests.js";
import { goTo, linkTo, place, type Query } from "../../route.js";
import { Empty, ErrorText, Loading } from "../../ui/parts.js";
import { Rows } from "../../ui/rows.js";
import type { OrganizationSession } from "../session-props.js";
import { Bulk } from "./bulk.js";
import { Drawer } from "./drawer.js";
import { FilterBar } from "./filter-bar.js";
import { RequestRow } from "./row.js";

const ROW_PX = 68;
const PHONE_ROW_PX = 92;
const PHONE = "(max-width: 640px)";

export function RequestsPage({ client, feed, may }: OrganizationSession) {
  const { query, rest: openId } = place.value;
  const key = new URLSearchParams(FILTERS.map((name) => [name, query.get(name) ?? ""])).toString();
  const given = useMemo(() => givenOf(query), [key]);
  const list = useMemo(() => openRequests(client, feed, given), [client, feed, given]);
  useEffect(() => () => list.close(), [list]);
  const onTop = useCallback(
    (isAtTop: boolean) => {
      list.isAtTop = isAtTop;
    },
    [list],
  );
  const rowHeight = useMedia(PHONE) ? PHONE_ROW_PX : ROW_PX;
  const rows = list.rows.value;
  const { isLoading, error, hasMore } = list.state.value;
  const isFiltered = Object.keys(given).length > 0;
  return (
    <div class="requests">
      <div class="list">
        <h1>Requests</h1>
        <FilterBar client={client} may={may} given={given} />
        {isFiltered && may("generate") ? <Bulk client={client} given={given} onDone={list.reload} /> : null}
        <ErrorText error={error} />
        {rows.length === 0 && !isLoading && error === null ? (
          <Nothing isFiltered={isFiltered} hasMore={hasMore} onMore={list.loadMore} />
        ) : (
          <Rows
            label="Requests"
            rows={rows}
            rowHeight={rowHeight}
            keyOf={({ id }) => id}
            onEnd={list.loadMore}
            onTop={onTop}
          >
            {(request) => <RequestRow request={request} given={given} isOpen={request.id === openId} />}
          </Rows>
        )}
        {rows.length === 0 && isLoading ? <Loading /> : null}
      </div>
      {openId === "" ? null : (
        <Drawer
          key={openId}
          id={openId}
          {...{ client, feed, may }}
          onDeleted={() => list.remove(openId)}
          onClose={() => goTo(linkTo("requests", { query: given }))}
        />
      )}
    </div>
  );
}

/** Only those that are set. */
function givenOf(query: URLSearchParams): Filters & Query {
  return Object.fromEntries(FILTERS.flatMap((name) => (query.get(name) ? [[name, query.get(name) ?? ""]] : [])));
}

function Nothing({
  isFiltered,
  hasMore,
  onMore,
}: {
  isFiltered: boolean;
  hasMore: boolean;
  onMore: () => Promise<void>;
}) {
  if (hasMore) {
    return (
      <Empty>
        Nothing among the newest requests matches.{" "}
        <button type="button" onClick={() => void onMore()}>
          Search older ones
        </button>
      </Empty>
    );
  }
  return isFiltered ? (
    <Empty>
      No request matches these filters. <a href={linkTo("requests")}>Show all</a>
    </Empty>
  ) : (
    <Empty>
      There are no requests yet. <a href={linkTo("new")}>Generate a video</a>
    </Empty>
  );
}

function useMedia(text: string): boolean {
  const media = useMemo(() => matchMedia(text), [text]);
  const [matches, setMatches] = useState(media.matches);
  useEffect(() => {
    const change = () => setMatches(media.matches);
    media.addEventListener("change", change);
    return () => media.removeEventListener("change", change);
  }, [media]);
  return matches;
}
