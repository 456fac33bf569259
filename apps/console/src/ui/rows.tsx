/** A long list of which only the visible rows are in the page. All rows are equally high. */
import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";

interface Props<T> {
  label: string;
  rows: readonly T[];
  rowHeight: number;
  keyOf: (row: T) => string;
  children: (row: T) => ComponentChildren;
  /** Called when the end comes into view. */
  onEnd: () => void;
  /** Called when the first row comes into view or leaves it. */
  onTop: (isAtTop: boolean) => void;
}

const BEYOND = 6;

export function Rows<T>({ label, rows, rowHeight, keyOf, children, onEnd, onTop }: Props<T>) {
  const box = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ top: 0, height: 800 });
  const firstKey = rows[0] === undefined ? null : keyOf(rows[0]);
  const last = useRef({ firstKey, count: rows.length });

  useEffect(() => {
    const { current } = box;
    if (current === null) return undefined;
    const read = () => setView({ top: current.scrollTop, height: current.clientHeight });
    const observer = new ResizeObserver(read);
    observer.observe(current);
    current.addEventListener("scroll", read, { passive: true });
    return () => {
      observer.disconnect();
      current.removeEventListener("scroll", read);
    };
  }, []);

  // New rows come at the top: what the reader looks at stays where it is.
  useLayoutEffect(() => {
    const { current } = box;
    const before = last.current;
    last.current = { firstKey, count: rows.length };
    if (current === null || current.scrollTop === 0 || before.firstKey === firstKey) return;
    const added = rows.findIndex((row) => keyOf(row) === before.firstKey);
    if (added > 0) current.scrollTop += added * rowHeight;
  });

  const isAtTop = view.top < rowHeight;
  useEffect(() => onTop(isAtTop), [isAtTop, onTop]);
  const first = Math.max(0, Math.floor(view.top / rowHeight) - BEYOND);
  const end = Math.min(rows.length, Math.ceil((view.top + view.height) / rowHeight) + BEYOND);
  useEffect(() => {
    if (end >= rows.length) onEnd();
  }, [end, rows.length, onEnd]);

  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: the list scrolls by the keyboard too
    <div class="rows" ref={box} tabIndex={0}>
      <ul class="all" aria-label={label} style={{ height: `${rows.length * rowHeight}px` }}>
        {rows.slice(first, end).map((row, at) => (
          <li
            key={keyOf(row)}
            class="row"
            aria-posinset={first + at + 1}
            aria-setsize={rows.length}
            style={{ transform: `translateY(${(first + at) * rowHeight}px)`, height: `${rowHeight}px` }}
          >
            {children(row)}
          </li>
        ))}
      </ul>
    </div>
  );
}
