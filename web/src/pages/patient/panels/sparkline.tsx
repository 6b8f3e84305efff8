import { IconArrowDownRight, IconArrowRight, IconArrowUpRight } from "@tabler/icons-react";

import type { LabCell, Trend } from "../../../api/types";

const WIDTH = 64;
const HEIGHT = 18;
const EDGE = 2.5;

/** The path of the last results, oldest left. A drawing: the numbers stand beside it. */
export function Sparkline({ cells }: { cells: LabCell[] }) {
  const points = cells
    .filter((cell) => cell.numeric_value !== null)
    .map((cell) => ({ t: Date.parse(cell.time), v: cell.numeric_value as number }))
    .sort((a, b) => a.t - b.t)
    .slice(-24);
  const last = points.at(-1);
  const first = points[0];
  if (!last || !first || points.length < 2) return <svg width={WIDTH} height={HEIGHT} aria-hidden="true" />;
  const values = points.map((point) => point.v);
  const low = Math.min(...values);
  const spread = Math.max(...values) - low;
  const x = (t: number) => EDGE + ((t - first.t) / Math.max(1, last.t - first.t)) * (WIDTH - 2 * EDGE);
  const y = (v: number) => (spread === 0 ? HEIGHT / 2 : HEIGHT - EDGE - ((v - low) / spread) * (HEIGHT - 2 * EDGE));
  const path = points.map((point, index) => `${index ? "L" : "M"}${x(point.t).toFixed(1)} ${y(point.v).toFixed(1)}`).join("");
  return (
    <svg width={WIDTH} height={HEIGHT} aria-hidden="true">
      <path d={path} fill="none" stroke="var(--v-faint)" strokeWidth="1.2" strokeLinejoin="round" />
      <circle cx={x(last.t)} cy={y(last.v)} r="2.1" fill="var(--v-ink)" />
    </svg>
  );
}

const ARROWS = { rising: IconArrowUpRight, falling: IconArrowDownRight, steady: IconArrowRight };

/** The server's judgement of the trend, with its reason. */
export function TrendArrow({ trend, reason }: { trend: Trend; reason: string | null }) {
  if (trend === "unknown") return <span style={{ width: 15 }} title={reason ?? "Too few results for a trend"} />;
  const Arrow = ARROWS[trend];
  return (
    <span title={reason ?? trend} style={{ display: "inline-flex", color: trend === "steady" ? "var(--v-faint)" : "var(--v-text)" }}>
      <Arrow size={15} stroke={1.9} aria-hidden="true" />
      <span className="visually-hidden">{trend}{reason && `: ${reason}`}</span>
    </span>
  );
}
