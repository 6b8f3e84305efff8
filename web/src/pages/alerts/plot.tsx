/** Two small drawings: fires by day, and a share with its interval. */
import type { DayCount, Proportion } from "../../api/alerts";
import classes from "./alerts.module.css";

const DAY = 86_400_000;
const MOST_BARS = 120;
const WIDTH = 720;
const HEIGHT = 64;

/** Fires by day; a long stretch in wider steps, which the caption names. */
export function Days({ days, begin, end, label }: { days: DayCount[]; begin: string; end: string; label: string }) {
  const first = dayOf(begin);
  const length = Math.max(1, dayOf(end) - first + 1);
  const step = Math.ceil(length / MOST_BARS);
  const bars = Array.from({ length: Math.ceil(length / step) }, () => 0);
  for (const each of days) {
    const place = Math.floor((dayOf(each.day) - first) / step);
    if (place >= 0 && place < bars.length) bars[place] = (bars[place] ?? 0) + each.fires;
  }
  const most = Math.max(...bars);
  const wide = WIDTH / bars.length;
  const unit = step === 1 ? "a day" : `in ${step} days`;
  const caption = most > 0 ? `at most ${most.toLocaleString("en-GB")} ${unit}` : "no fire";
  return (
    <figure className={classes.days}>
      <figcaption><span>{label}</span><span>fires by day, {caption}</span></figcaption>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={`${label}: ${caption}`}>
        <line x1={0} x2={WIDTH} y1={HEIGHT - 0.5} y2={HEIGHT - 0.5} className={classes.base} vectorEffect="non-scaling-stroke" />
        {bars.map((fires, place) => fires > 0 && (
          <rect key={place} x={place * wide + wide * 0.12} width={Math.min(wide * 0.76, 14)} y={HEIGHT - height(fires, most)} height={height(fires, most)} className={classes.fires} />
        ))}
      </svg>
    </figure>
  );
}

function height(fires: number, most: number): number {
  return Math.max(3, (fires / most) * (HEIGHT - 4));
}

function dayOf(text: string): number {
  return Math.floor(Date.parse(text.slice(0, 10)) / DAY);
}

/** A share of 0 to 100 % with its 95 % interval as a lighter stretch. */
export function Share({ found, name }: { found: Proportion; name: string }) {
  if (found.share === null || found.low === null || found.high === null) return null;
  const [share, low, high] = [found.share, found.low, found.high].map((part) => 100 * part) as [number, number, number];
  const words = `95 % interval ${Math.round(low)} to ${Math.round(high)} %`;
  return (
    <>
      <span className={classes.share} role="img" aria-label={`${Math.round(share)} % ${name}, ${words}`}>
        <i style={{ left: `${low}%`, width: `${Math.max(high - low, 1)}%` }} />
        <b style={{ left: `${share}%` }} />
      </span>
      <span className={classes.words}>{words}. </span>
    </>
  );
}
