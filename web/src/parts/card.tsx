import { IconChevronDown, type Icon } from "@tabler/icons-react";
import { useId, useState, type ReactNode } from "react";

import type { Lane } from "../api/types";
import { LANES } from "../lib/lanes";
import { Boundary } from "./boundary";
import classes from "./card.module.css";

interface CardProps {
  title: string;
  lane?: Lane;
  icon?: Icon;
  count?: number | string | undefined;
  tools?: ReactNode;
  children: ReactNode;
}

/** A panel of the page: a heading that folds it, a count, and what it holds. */
export function Card({ title, lane, icon, count, tools, children }: CardProps) {
  const [open, setOpen] = useState(true);
  const body = useId();
  const Icon = lane ? LANES[lane].icon : icon;
  return (
    <section className={classes.card} aria-label={title} data-panel={lane}>
      <div className={classes.head}>
        <h2>
          <button type="button" className={`plain ${classes.fold}`} aria-expanded={open} aria-controls={body} onClick={() => setOpen(!open)}>
            {Icon && <Icon size={17} stroke={1.7} className={classes.icon} aria-hidden="true" />}
            <span>{title}</span>
            {count !== undefined && count !== 0 && <span className={classes.count}>{count}</span>}
            <IconChevronDown size={15} className={classes.chevron} data-open={open || undefined} aria-hidden="true" />
          </button>
        </h2>
        {open && tools && <div className={classes.tools}>{tools}</div>}
      </div>
      <div id={body} hidden={!open} className={classes.body}>
        {open && <Boundary>{children}</Boundary>}
      </div>
    </section>
  );
}

/** The first few of a list; the rest one press away. */
export function Few<T>({ items, most, children }: { items: T[]; most: number; children: (item: T, index: number) => ReactNode }) {
  const [all, setAll] = useState(false);
  // A list that is only just too long is shown whole: a button for one line is no gain.
  const shown = all || items.length <= most + 2 ? items : items.slice(0, most);
  const hidden = items.length - shown.length;
  return (
    <>
      <ul className={classes.list}>
        {shown.map((item, index) => <li key={index}>{children(item, index)}</li>)}
      </ul>
      {(hidden > 0 || all) && (
        <button type="button" className={`plain ${classes.more}`} onClick={() => setAll(!all)}>
          {all ? `Show the first ${most}` : `Show ${hidden} more`}
        </button>
      )}
    </>
  );
}
