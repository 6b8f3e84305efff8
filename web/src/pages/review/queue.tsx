/** The facts that wait, the most rewarding first. */
import { IconCheck, IconPencil, IconX } from "@tabler/icons-react";
import { useEffect, useRef } from "react";

import type { Answer, QueueItem } from "../../api/review";
import type { Lane } from "../../api/types";
import { LANES } from "../../lib/lanes";
import classes from "./review.module.css";

const SIGNS = {
  accept: { icon: IconCheck, label: "accepted" },
  correct: { icon: IconPencil, label: "corrected" },
  reject: { icon: IconX, label: "rejected" },
};

interface QueueListProps {
  items: QueueItem[];
  at: number;
  given: Record<string, Answer>;
  choose: (index: number) => void;
  category: string | null;
  filter: (category: string | null) => void;
}

export function QueueList({ items, at, given, choose, category, filter }: QueueListProps) {
  const chosen = useRef<HTMLLIElement>(null);
  useEffect(() => { chosen.current?.scrollIntoView({ block: "nearest" }); }, [at]);
  return (
    <nav className={classes.queue} aria-label="Facts that wait">
      <label className={classes.filter}>
        <span className="visually-hidden">Kind of fact</span>
        <select value={category ?? ""} onChange={(event) => filter(event.currentTarget.value || null)}>
          <option value="">All kinds</option>
          {(["problem", "medication", "laboratory", "vital", "genomics", "social", "allergy", "procedure", "imaging"] as Lane[]).map((lane) => (
            <option key={lane} value={lane}>{LANES[lane].label}</option>
          ))}
        </select>
      </label>
      <ol>
        {items.map((item, index) => {
          const answer = given[item.event_id];
          const Sign = answer && SIGNS[answer].icon;
          return (
            <li key={item.event_id} ref={index === at ? chosen : undefined} data-chosen={index === at || undefined} data-done={answer}>
              <button type="button" className="plain" onClick={() => choose(index)} aria-current={index === at || undefined}>
                <span className={classes.name} title={item.label}>{item.label}</span>
                {item.value && <span className={classes.value} title={item.value}>{item.value}</span>}
              </button>
              {Sign
                ? <Sign size={16} className={classes.sign} aria-label={SIGNS[answer].label} />
                : <span className={classes.doubt} title="How likely such a fact is wrong">{Math.round(item.doubt * 100)} %</span>}
            </li>
          );
        })}
      </ol>
    </nav>
  );
}
