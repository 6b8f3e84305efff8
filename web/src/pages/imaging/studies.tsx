/** The studies of a patient, newest first, each with its series. */
import type { ImagingSeries, ImagingStudy } from "../../api/imaging";
import { dayAndClock } from "../../lib/time";
import classes from "./imaging.module.css";

/** What is wrong with a stack of slices, in words. */
const FINDINGS: Record<string, string> = {
  "missing-slices": "slices missing",
  "duplicate-slices": "slices doubled",
  "mixed-spacing": "uneven spacing",
  "mixed-orientation": "several directions",
  "mixed-matrix": "several sizes",
  "gantry-tilt": "gantry tilted",
};

interface Props {
  studies: ImagingStudy[];
  chosen: string | null;
  /** The series of what is shown over the pictures. */
  drawn: string | null;
  choose: (study: ImagingStudy, series: ImagingSeries) => void;
}

export function Studies({ studies, chosen, drawn, choose }: Props) {
  return (
    <nav className={classes.studies} aria-label="Studies">
      <ul>
        {studies.map((study) => (
          <li key={study.study_uid} className={classes.study}>
            <h2>{study.description ?? study.modalities.join(", ")}</h2>
            <p>
              {study.time ? dayAndClock(study.time) : "no date"} · {study.modalities.join(", ")}
              {study.accession && ` · accession ${study.accession}`}
              {study.reports.length > 0 && ` · ${study.reports.length} ${study.reports.length === 1 ? "report" : "reports"}`}
            </p>
            <ul>
              {study.series.map((series) => (
                <li key={series.series_uid}>
                  <button type="button" className={`plain ${classes.series}`} aria-pressed={[chosen, drawn].includes(series.series_uid)} disabled={!canBeSeen(study, series)} onClick={() => choose(study, series)}>
                    <b>{series.description ?? series.modality ?? "Series"}</b>
                    <small>{seriesWords(series)}</small>
                    {series.findings.length > 0 && <em>{series.findings.map((each) => FINDINGS[each] ?? each).join(", ")}</em>}
                  </button>
                </li>
              ))}
            </ul>
          </li>
        ))}
      </ul>
    </nav>
  );
}

const DRAWN = new Set(["SEG", "RTSTRUCT"]);

/** Pictures, and what was drawn on pictures that are here. */
function canBeSeen(study: ImagingStudy, series: ImagingSeries): boolean {
  const drawn = series.stored && DRAWN.has(series.modality ?? "");
  return series.has_pictures || (drawn && study.series.some((each) => each.has_pictures));
}

function seriesWords(series: ImagingSeries): string {
  const count = series.instance_count === null ? [] : [`${series.instance_count} ${series.has_pictures || !series.stored ? "image" : "object"}${series.instance_count === 1 ? "" : "s"}`];
  const away = series.stored ? [] : ["not stored here"];
  return [series.modality, ...count, ...away].filter(Boolean).join(" · ");
}
