import classes from "./timeline.module.css";

/** The signs of the timeline, for whoever meets them for the first time. */
export function Legend() {
  return (
    <ul className={classes.legend} aria-label="Signs">
      <li><svg viewBox="0 0 12 12"><circle cx="6" cy="6" r="4" fill="var(--v-ink)" /></svg>happened</li>
      <li><svg viewBox="0 0 12 12"><path d="M6 .8 11.2 6 6 11.2.8 6z" fill="var(--v-high)" /></svg>abnormal</li>
      <li><svg viewBox="0 0 12 12"><circle cx="6" cy="6" r="4" fill="none" stroke="var(--v-ink)" strokeWidth="1.4" /></svg>ordered or planned</li>
      <li><svg viewBox="0 0 12 12"><circle cx="6" cy="6" r="4" fill="none" stroke="var(--v-ink)" strokeWidth="1.4" /><circle cx="6" cy="6" r="1.5" fill="var(--v-ink)" /></svg>read in a note</li>
      <li><svg viewBox="0 0 12 12"><circle cx="6" cy="6" r="4.4" fill="none" stroke="var(--v-faint)" strokeWidth="1.2" /><path d="m3.2 3.2 5.6 5.6m0-5.6L3.2 8.8" stroke="var(--v-faint)" strokeWidth="1.2" /></svg>negated or not done</li>
      <li><svg viewBox="0 0 18 12" className={classes.wide}><rect x="1" y="2" width="16" height="8" rx="2" fill="var(--v-ink-soft)" stroke="var(--v-ink)" /></svg>lasted</li>
      <li><svg viewBox="0 0 18 12" className={classes.wide}><path d="M1 11V7h4v4zm6 0V3h4v8zm6 0V5h4v6z" fill="var(--v-ink)" opacity=".45" /></svg>many, counted</li>
    </ul>
  );
}
