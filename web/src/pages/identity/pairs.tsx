/** The pairs, the likeliest first. */
import { IconArrowsSplit2, IconCheck, IconHelp } from "@tabler/icons-react";
import { useEffect, useRef } from "react";

import type { PairAnswer, WaitingPair } from "../../api/identity";
import classes from "./identity.module.css";

const SIGNS = {
  same: { icon: IconCheck, label: "one person" },
  different: { icon: IconArrowsSplit2, label: "two people" },
  unknown: { icon: IconHelp, label: "not known" },
};

interface PairListProps {
  items: WaitingPair[];
  at: number;
  given: Record<string, PairAnswer>;
  choose: (index: number) => void;
}

export function PairList({ items, at, given, choose }: PairListProps) {
  const chosen = useRef<HTMLLIElement>(null);
  useEffect(() => { chosen.current?.scrollIntoView({ block: "nearest" }); }, [at]);
  return (
    <nav className={classes.list} aria-label="Pairs of records">
      <ol>
        {items.map((item, index) => {
          const answer = given[item.pair_id] ?? (item.answer as PairAnswer | null) ?? undefined;
          const Sign = answer && SIGNS[answer].icon;
          return (
            <li key={item.pair_id} ref={index === at ? chosen : undefined} data-chosen={index === at || undefined} data-done={answer}>
              <button type="button" className="plain" onClick={() => choose(index)} aria-current={index === at || undefined}>
                <span title={item.left}>{item.left}</span>
                <span title={item.right}>{item.right}</span>
              </button>
              {Sign
                ? <Sign size={16} className={classes.sign} aria-label={SIGNS[answer].label} />
                : <span className={classes.likely} title="How likely they are one person">{percent(item.probability)}</span>}
            </li>
          );
        })}
      </ol>
    </nav>
  );
}

/** A share that is nearly all is not rounded up to all. */
export function percent(share: number): string {
  return share > 0.999 ? "> 99.9 %" : `${(100 * share).toFixed(share > 0.99 ? 1 : 0)} %`;
}
