/** The routing curve: how right all facts are, the more of the doubtful ones people look at. */
import { useElementSize } from "@mantine/hooks";

import type { ReviewStanding } from "../../api/review";
import { Empty } from "../../parts/states";
import classes from "./standing.module.css";

const HEIGHT = 264;
const TOP = 26;
const LEFT = 52;
const BOTTOM = 38;
const RIGHT = 24;
const AIMS = [0.95, 0.98, 0.99];

export function Curve({ points, judged }: { points: ReviewStanding["curve"]; judged: number }) {
  // Drawn as wide as it stands there, so that its letters keep their size on a telephone.
  const { ref, width } = useElementSize();
  if (points.length < 2) return <Empty>The curve comes with the first facts.</Empty>;
  const wide = Math.max(260, width || 520);
  const lowest = Math.floor(Math.min(...points.map((point) => point.right_at_random)) * 50) / 50;
  const x = (share: number) => LEFT + share * (wide - LEFT - RIGHT);
  const y = (right: number) => TOP + ((1 - right) / (1 - lowest)) * (HEIGHT - BOTTOM - TOP);
  const line = (pick: "right" | "right_at_random") => points.map((point, index) => `${index ? "L" : "M"}${x(point.looked_at).toFixed(1)},${y(point[pick]).toFixed(1)}`).join(" ");
  const aims = AIMS.flatMap((aim) => {
    const share = reached(points, aim);
    return share === null || share === 0 ? [] : [{ aim, share }];
  });
  const random = points[0]?.right_at_random ?? lowest;
  return (
    <figure className={classes.curve}>
      <div ref={ref}>
        <svg viewBox={`0 0 ${wide} ${HEIGHT}`} width={wide} height={HEIGHT} role="img" aria-label={`Expected accuracy from ${percent(points[0]?.right ?? 0)} without a look to 100 % with all looked at`}>
          <text x={4} y={12} className={classes.name}>Facts that are right</text>
          {[0, 0.25, 0.5, 0.75, 1].map((step) => {
            const right = lowest + step * (1 - lowest);
            return (
              <g key={step}>
                <line x1={LEFT} x2={wide - RIGHT} y1={y(right)} y2={y(right)} className={classes.grid} />
                <text x={LEFT - 8} y={y(right) + 4} textAnchor="end">{percent(right)}</text>
                <text x={x(step)} y={HEIGHT - BOTTOM + 17} textAnchor="middle">{Math.round(step * 100)} %</text>
              </g>
            );
          })}
          <path d={line("right_at_random")} className={classes.random} />
          <path d={line("right")} className={classes.line} />
          <text x={x(1)} y={y(random + 0.75 * (1 - random)) + 26} textAnchor="end">looked at in any order</text>
          {aims.map(({ aim, share }) => (
            <g key={aim}>
              <line x1={x(share)} x2={x(share)} y1={y(aim)} y2={HEIGHT - BOTTOM} className={classes.drop} />
              <circle cx={x(share)} cy={y(aim)} r={4.5} className={classes.aim} />
            </g>
          ))}
          <text x={(LEFT + wide) / 2} y={HEIGHT - 4} textAnchor="middle" className={classes.name}>Facts looked at, the most doubtful first</text>
        </svg>
      </div>
      <figcaption>
        {aims.map(({ aim, share }) => <span key={aim}><b>{Math.round(aim * 100)} % right</b> when {percent(share)} are looked at</span>)}
        <span>{judged === 0 ? "A first guess: it follows the verdicts as they come." : `Follows ${judged.toLocaleString("en-GB")} verdicts.`}</span>
      </figcaption>
    </figure>
  );
}

function percent(share: number): string {
  return `${(100 * share).toFixed(share > 0.9 && share < 1 ? 1 : 0)} %`;
}

/** The smallest share looked at that reaches an accuracy, between two points of the curve. */
function reached(points: ReviewStanding["curve"], aim: number): number | null {
  for (const [index, point] of points.entries()) {
    if (point.right < aim) continue;
    const before = points[index - 1];
    if (!before) return 0;
    const part = (aim - before.right) / (point.right - before.right || 1);
    return before.looked_at + part * (point.looked_at - before.looked_at);
  }
  return null;
}
