import type { ReactNode } from "react";

import { Logo } from "../../parts/logo";
import { SchemeToggle } from "../../parts/shell";
import classes from "./door.module.css";

/** The card that stands alone in the middle before anybody is signed in. */
export function Door({ title, children }: { title: string; children: ReactNode }) {
  return (
    <main className={classes.page}>
      <div className={classes.corner}><SchemeToggle /></div>
      <div className={classes.brand}>
        <Logo size={46} />
        <p className={classes.name}>Vitruvian</p>
        <p className={classes.motto}>The whole person, measured and in proportion.</p>
      </div>
      <section className={classes.card} aria-labelledby="door-title">
        <h1 id="door-title">{title}</h1>
        {children}
      </section>
      <p className={classes.promise}>Every look at a record is written to the audit trail. Not a certified medical device.</p>
    </main>
  );
}
