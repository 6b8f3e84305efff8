/** The imaging page: studies at the left, the pictures, and what was reported of them beside. */
import { useEffect, useMemo } from "react";
import { Link, useParams, useSearchParams } from "react-router";

import { useImaging, type ImagingSeries, type ImagingStudy } from "../../api/imaging";
import { momentSearch, momentWords, useMoment } from "../../lib/moment";
import { Closed, isClosed } from "../../parts/closed";
import { Empty, Failed, Loading } from "../../parts/states";
import { AroundPatient } from "../patient/around";
import classes from "./imaging.module.css";
import { Reports } from "./reports";
import { Studies } from "./studies";
import { Viewer } from "./viewer";

interface Choice {
  study: ImagingStudy;
  series: ImagingSeries | null;
}

export function ImagingPage() {
  const { person = "" } = useParams();
  // The tab names no patient: titles end up in histories and on shared screens.
  useEffect(() => { document.title = "Imaging · Vitruvian"; }, []);
  return <AroundPatient><Body person={person} /></AroundPatient>;
}

function Body({ person }: { person: string }) {
  const [moment] = useMoment();
  const studies = useImaging(person, moment);
  return (
    <div className={classes.page}>
      <header className={classes.top}>
        <h2>Imaging</h2>
        <p>
          {studies.data && `${studies.data.length} ${studies.data.length === 1 ? "study" : "studies"} · `}
          <Link to={`/patients/${person}${momentSearch(moment)}`}>to the patient</Link>
        </p>
      </header>
      {studies.isPending && <div className={classes.card}><Loading lines={10} label="Loading the studies" /></div>}
      {studies.isError && (isClosed(studies.error) ? <Closed person={person} /> : <Failed error={studies.error} retry={() => void studies.refetch()} />)}
      {studies.data && (studies.data.length === 0
        ? <div className={classes.card}><Empty>No imaging study is known here for this patient{momentWords(moment) ? " as of then" : ""}.</Empty></div>
        : <Open studies={studies.data} person={person} />)}
    </div>
  );
}

function Open({ studies, person }: { studies: ImagingStudy[]; person: string }) {
  const [moment] = useMoment();
  const [parameters, setParameters] = useSearchParams();
  const named = parameters.get("series") ?? parameters.get("study");
  const choice = useMemo(() => chosen(studies, named), [studies, named]);
  const drawn = parameters.get("overlay");
  const go = (said: Record<"series" | "overlay", string | null>) => {
    const next = new URLSearchParams(parameters);
    for (const [name, value] of Object.entries(said)) {
      if (value === null) next.delete(name);
      else next.set(name, value);
    }
    next.delete("study");
    setParameters(next, { replace: true });
  };
  const choose = (study: ImagingStudy, series: ImagingSeries) => {
    if (series.has_pictures) go({ series: series.series_uid, overlay: study === choice.study ? drawn : null });
    else go({ series: under(study, choice)?.series_uid ?? null, overlay: series.series_uid });
  };
  return (
    <div className={classes.columns}>
      <Studies studies={studies} chosen={choice.series?.series_uid ?? null} drawn={drawn} choose={choose} />
      <div className={classes.middle}>
        {choice.series
          ? <Viewer key={choice.series.series_uid} person={person} study={choice.study} series={choice.series} moment={moment} drawn={drawn} chooseDrawn={(overlay) => go({ series: choice.series?.series_uid ?? null, overlay })} />
          : <div className={classes.card}><Empty>The pictures of this study are not stored here.</Empty></div>}
        <Reports reports={choice.study.reports} />
      </div>
    </div>
  );
}

/** The pictures over which something is shown: those in sight, when they are of its study. */
function under(study: ImagingStudy, choice: Choice): ImagingSeries | undefined {
  return study === choice.study && choice.series ? choice.series : study.series.find((each) => each.has_pictures);
}

/** The series or study that the address names, else the newest one with pictures. */
function chosen(studies: ImagingStudy[], named: string | null): Choice {
  const every = studies.flatMap((study) => study.series.map((series) => ({ study, series })));
  const exact = every.find(({ series }) => series.series_uid === named && series.has_pictures);
  const study = studies.find((each) => each.study_uid === named);
  const inside = (study ? every.filter((each) => each.study === study) : every).find(({ series }) => series.has_pictures);
  const first = studies[0];
  if (exact ?? inside) return (exact ?? inside) as Choice;
  if (study ?? first) return { study: (study ?? first) as ImagingStudy, series: null };
  throw new Error("chosen wants at least one study");
}
