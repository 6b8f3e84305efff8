/** One guideline as data: whom it is for, its criteria and answers, its cases, editions and results. */
import { IconAlertTriangle, IconChecklist, IconHistory, IconListNumbers, IconTestPipe } from "@tabler/icons-react";
import { useEffect, type ReactNode } from "react";
import { Link, useParams } from "react-router";

import { useGuidePage, type GuidePage, type PageAnswer, type PageCriterion } from "../../api/guides";
import { Card } from "../../parts/card";
import { Shell } from "../../parts/shell";
import { Failed, Loading } from "../../parts/states";
import { Cases } from "./cases";
import classes from "./guides.module.css";
import { Population } from "./population";
import { State } from "./state";

const GUIDELINES = { to: "/guides", words: "To all guidelines" };
const PARTS = [
  { part: "population", title: "Made for patients of whom all of this holds" },
  { part: "exclusion", title: "Not for patients of whom any of this holds" },
  { part: "criterion", title: "What it looks at" },
] as const;

export function GuidelinePage() {
  const name = useParams()["name"] ?? "";
  const found = useGuidePage(name);
  const title = found.data?.line.title;
  useEffect(() => { document.title = `${title ?? "Guideline"} · Vitruvian`; }, [title]);
  return (
    <Shell>
      <div className={classes.page}>
        <p className={classes.back}><Link to="/guides">All guidelines</Link></p>
        {found.isPending && <div className={classes.sheet}><Loading lines={12} label="Loading the guideline" /></div>}
        {found.isError && <Failed error={found.error} retry={() => void found.refetch()} home={GUIDELINES} />}
        {found.data && <Whole page={found.data} />}
      </div>
    </Shell>
  );
}

function Whole({ page }: { page: GuidePage }) {
  return (
    <>
      <div className={classes.top}>
        <h1>{page.line.title}</h1>
        <State line={page.line} />
      </div>
      <div className={classes.columns}>
        <div className={classes.stack}>
          <Card title="Criteria" icon={IconChecklist} count={page.criteria.length}><Criteria criteria={page.criteria} /></Card>
          <Card title="Answers" icon={IconListNumbers} count={page.answers.length}><Answers answers={page.answers} /></Card>
        </div>
        <div className={classes.stack}>
          <About page={page} />
          <Population name={page.line.name} />
          <Card title="Editions" icon={IconHistory}><Editions page={page} /></Card>
        </div>
      </div>
      <Card title="Test cases" icon={IconTestPipe} count={page.cases.length}><Cases page={page} /></Card>
    </>
  );
}

function About({ page }: { page: GuidePage }) {
  const source = page.doi ? `https://doi.org/${page.doi}` : page.source.startsWith("https://") ? page.source : null;
  return (
    <section className={classes.about} aria-label="What a reader must know">
      <p className={classes.hazard}><IconAlertTriangle size={17} stroke={1.8} aria-hidden="true" /><span><b>Take care.</b> {page.hazard}</span></p>
      <dl>
        <Told name="Intended use">{page.intended_use}</Told>
        <Told name="Population">{page.population}</Told>
        <Told name="Exclusions">{page.exclusions}</Told>
        <Told name="Edition">{page.line.edition}</Told>
        <Told name="Source">
          {page.standard}
          {source && <>. <a href={source} target="_blank" rel="noreferrer">{source.replace(/^https?:\/\//, "")}</a></>}
        </Told>
        <Told name="Owner">{page.line.owner}</Told>
        <Told name="Review by">{page.line.review_by}</Told>
      </dl>
    </section>
  );
}

function Told({ name, children }: { name: string; children: ReactNode }) {
  return <div><dt>{name}</dt><dd>{children}</dd></div>;
}

function Criteria({ criteria }: { criteria: PageCriterion[] }) {
  return (
    <div className={classes.inner}>
      {PARTS.map(({ part, title }) => {
        const some = criteria.filter((one) => one.part === part);
        if (some.length === 0) return null;
        return (
          <section key={part} className={classes.part}>
            <h3>{title}</h3>
            <ul>{some.map((one) => <li key={one.name}><Criterion criterion={one} /></li>)}</ul>
          </section>
        );
      })}
    </div>
  );
}

function Criterion({ criterion }: { criterion: PageCriterion }) {
  const { says, cite, deviation, reads } = criterion;
  return (
    <>
      <p className={classes.says}>{says}</p>
      {reads.length > 0 && <p className={classes.reads}>From {reads.join(", ")}</p>}
      <p className={classes.cite}>{cite}</p>
      {deviation && <p className={classes.deviation}>Here: {deviation}</p>}
    </>
  );
}

/** In the order they are tried: the first row that holds answers. */
function Answers({ answers }: { answers: PageAnswer[] }) {
  return (
    <ol className={classes.answers}>
      {answers.map((row, index) => (
        <li key={index}>
          <span className={classes.answer} data-urgency={row.urgency}>{row.answer}</span>
          <div>
            <p className={classes.says}>{row.says}</p>
            <p className={classes.reads}>{when(row, index)}</p>
            {row.suggest && <p className={classes.reads}>Offers the order: {row.suggest}</p>}
            <p className={classes.cite}>{row.cite}</p>
          </div>
        </li>
      ))}
    </ol>
  );
}

function when({ all_of, any_of, none_of }: PageAnswer, index: number): string {
  const parts = [
    all_of.length > 0 && all_of.join(", and "),
    any_of.length > 0 && `${any_of.length > 1 ? "one of: " : ""}${any_of.join("; ")}`,
    none_of.length > 0 && `not: ${none_of.join("; ")}`,
  ].filter(Boolean);
  const start = index === 0 ? "When:" : "Else, when:";
  return parts.length === 0 ? (index === 0 ? "Always" : "In every other case") : `${start} ${parts.join("; and ")}`;
}

function Editions({ page }: { page: GuidePage }) {
  const [newest, older] = page.editions;
  return (
    <div className={classes.inner}>
      <ul className={classes.editions}>
        {page.editions.map((line) => (
          <li key={line.name}>
            {line.name === page.line.name ? <b aria-current="page">{line.edition}</b> : <Link to={`/guides/${line.name}`}>{line.edition}</Link>}
            <State line={line} />
          </li>
        ))}
      </ul>
      {newest && older
        ? <p className={classes.reads}>Whose answers differ, and why: <code>vitruvian guide diff {older.name} {newest.name} --lake DIR</code></p>
        : <p className={classes.reads}>No other edition is kept here.</p>}
    </div>
  );
}
