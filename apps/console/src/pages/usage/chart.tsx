/** Spend by day. The library that draws is loaded only here. */
import type { Dashboard } from "@visgate_ai/client";
import { useEffect, useRef } from "preact/hooks";
import { usd } from "../../ui/format.js";
import { Empty } from "../../ui/parts.js";

type Days = Dashboard["byDay"];

const HEIGHT_PX = 220;
const DAY_SECONDS = 86_400;

interface Props {
  days: Days;
  /** The period, ISO 8601: its days without generations show too. */
  from: string;
  until: string;
}

export function Chart({ days, from, until }: Props) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    let remove = () => {};
    let isGone = false;
    void draw(box.current, allDays(days, from, until)).then((undo) => {
      if (isGone) undo();
      else remove = undo;
    });
    return () => {
      isGone = true;
      remove();
    };
  }, [days, from, until]);
  if (days.length === 0) return <Empty>Nothing was generated in this period.</Empty>;
  const total = days.reduce((sum, { costUsd }) => sum + costUsd, 0);
  return <div ref={box} class="chart" role="img" aria-label={`Spend on ${days.length} days: ${usd(total)} in all`} />;
}

/** Up to today. */
function allDays(days: Days, from: string, until: string): Days {
  const known = new Map(days.map((day) => [day.date, day]));
  const all: Days = [];
  const end = Math.min(Date.parse(until), Date.now() + DAY_SECONDS * 1000);
  // The period begins at midnight of the organization's time zone: its days are counted from noon.
  for (let at = Date.parse(from) + (DAY_SECONDS / 2) * 1000; at < end; at += DAY_SECONDS * 1000) {
    const date = new Date(at).toISOString().slice(0, 10);
    all.push(known.get(date) ?? { date, generations: 0, failed: 0, cached: 0, costUsd: 0 });
    known.delete(date);
  }
  return [...all, ...known.values()].sort((a, b) => a.date.localeCompare(b.date));
}

async function draw(box: HTMLDivElement | null, days: Days): Promise<() => void> {
  if (box === null || days.length === 0) return () => {};
  const { default: Plot } = await import("uplot");
  // A canvas knows only plain colors: the page's own are those of the box, as the browser has computed them.
  const { color: text, borderTopColor: line, outlineColor: accent } = getComputedStyle(box);
  const axis = { stroke: text, grid: { stroke: line, width: 1 }, ticks: { stroke: line } };
  const bars = Plot.paths.bars?.({ size: [0.7, 60] });
  const plot = new Plot(
    {
      width: box.clientWidth,
      height: HEIGHT_PX,
      scales: {
        x: { time: true, range: (_, min, max) => [min - DAY_SECONDS / 2, max + DAY_SECONDS / 2] },
        y: { range: (_, __, max) => [0, max || 1] },
      },
      legend: { live: true },
      axes: [
        { ...axis, incrs: [1, 2, 7, 31, 92].map((days) => days * DAY_SECONDS) },
        { ...axis, size: 70, values: (_, values) => values.map((value) => usd(value)) },
      ],
      series: [
        {
          label: "Day",
          value: (_, seconds) =>
            seconds === null ? "" : new Date(seconds * 1000).toLocaleDateString(undefined, { timeZone: "UTC" }),
        },
        {
          label: "Spent",
          fill: accent,
          stroke: accent,
          points: { show: false },
          value: (_, value) => (value === null ? "–" : usd(value)),
          ...(bars === undefined ? {} : { paths: bars }),
        },
      ],
      tzDate: (seconds) => Plot.tzDate(new Date(seconds * 1000), "UTC"),
    },
    [days.map(({ date }) => Date.parse(date) / 1000), days.map(({ costUsd }) => costUsd)],
    box,
  );
  const observer = new ResizeObserver(() => plot.setSize({ width: box.clientWidth, height: HEIGHT_PX }));
  observer.observe(box);
  return () => {
    observer.disconnect();
    plot.destroy();
  };
}
