/** What was reported of a study, beside its pictures. */
import { IconFileSearch } from "@tabler/icons-react";
import { Link } from "react-router";

import type { ImagingReport } from "../../api/imaging";
import { dayAndClock } from "../../lib/time";
import { Empty } from "../../parts/states";
import classes from "./imaging.module.css";

const WAYS: Record<string, string> = {
  "accession number": "joined by the accession number",
  reference: "names this study",
};

export function Reports({ reports }: { reports: ImagingReport[] }) {
  return (
    <section className={classes.reports} aria-label="Reports">
      <h2>Reports</h2>
      {reports.length === 0 && <Empty>No report here carries this study's accession number or names the study. One may exist elsewhere.</Empty>}
      {reports.map((report, number) => (
        <article key={report.event_id ?? number}>
          <h3>{report.title}</h3>
          <p className={classes.words}>
            {report.time ? dayAndClock(report.time) : "no date"}{report.status && ` · ${report.status}`} · {WAYS[report.joined_by] ?? report.joined_by}
          </p>
          <p className={classes.text}>{report.text ?? "The report holds no text."}</p>
          {report.event_id && <Link to={`/events/${report.event_id}`}><IconFileSearch size={15} stroke={1.6} aria-hidden="true" /> Source</Link>}
        </article>
      ))}
    </section>
  );
}
