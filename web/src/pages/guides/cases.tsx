/** The vignettes: one patient to start from, what each case changes of them, and the right answer. */
import type { CaseFact, GuidePage, PageCase } from "../../api/guides";
import { printedUnit } from "../../lib/words";
import { Few } from "../../parts/card";
import classes from "./guides.module.css";

const WITHOUT: Record<string, string> = {
  unknown: "cannot tell", "not recorded": "not on record", excluded: "not for this patient", silent: "not asked",
};

export function Cases({ page }: { page: GuidePage }) {
  return (
    <div className={classes.cases}>
      <p className={classes.start}>Every case starts from: {page.patient.map(factWords).join(", ")}.</p>
      <Few items={page.cases} most={12}>{(one) => <CaseLine one={one} />}</Few>
    </div>
  );
}

function CaseLine({ one }: { one: PageCase }) {
  const changes = [...one.has.map(factWords), ...one.lacks.map((fact) => `not known: ${fact}`)];
  return (
    <div className={classes.case}>
      <div>
        <p className={classes.says}>{one.says}</p>
        <p className={classes.reads}>{changes.length > 0 ? changes.join(", ") : "as they are"}</p>
      </div>
      <p className={classes.cite}>{one.clause}</p>
      <span className={classes.answer} data-status={one.status}>{one.answer || WITHOUT[one.status] || one.status}</span>
    </div>
  );
}

function factWords({ name, value, unit }: CaseFact): string {
  return [name, value, printedUnit(unit ?? null)].filter(Boolean).join(" ");
}
