/** Structuring: how far notes have become facts, what is doubtful, and what looking would gain. */
import { Button } from "@mantine/core";
import { IconListCheck } from "@tabler/icons-react";
import { useEffect } from "react";
import { Link } from "react-router";

import { useStanding, type ReviewStanding } from "../../api/review";
import type { Lane } from "../../api/types";
import { LANES } from "../../lib/lanes";
import { dayAndClock, lasting } from "../../lib/time";
import { Card } from "../../parts/card";
import { Shell } from "../../parts/shell";
import { Empty, Failed, Loading } from "../../parts/states";
import { Curve } from "./curve";
import classes from "./standing.module.css";

const count = (number: number) => number.toLocaleString("en-GB");

/** Why an extractor reads nothing: what it lacks, or that nobody has asked for it. */
function Off({ one }: { one: ReviewStanding["extractors"][number] }) {
  if (one.missing_packages.length) return <>needs {one.missing_packages.join(", ")}</>;
  return <small title={one.missing_settings.join(", ")}>{one.missing_settings.length ? "off, not set up" : "off until asked for"}</small>;
}

/** What sets facts read alike apart, in words. */
const MARKS: Record<string, string> = { unsure: "unsure sentence", turned: "negated, past or of a relative", assumed: "unit assumed" };
const percent = (share: number, digits = 0) => `${(100 * share).toFixed(digits)} %`;

export function StructuringPage() {
  const found = useStanding();
  useEffect(() => { document.title = "Structuring · Vitruvian"; }, []);
  return (
    <Shell>
      <div className={classes.page}>
        <header className={classes.top}>
          <h1>Structuring</h1>
          <p>What notes became, and how sure it is</p>
          <Button component={Link} to="/review" leftSection={<IconListCheck size={17} />}>Review</Button>
        </header>
        {found.isPending && <Loading lines={12} label="Loading" />}
        {found.isError && <Failed error={found.error} retry={() => void found.refetch()} />}
        {found.data && <Told standing={found.data} />}
      </div>
    </Shell>
  );
}

function Told({ standing }: { standing: ReviewStanding }) {
  const { notes, facts, doubtful, judged, wrong } = standing;
  const waits = standing.extractors.flatMap((one) => one.waiting ?? []);
  const read = Math.max(0, notes - Math.min(notes, ...waits));
  const anew = Math.max(0, ...waits) - Math.min(notes, ...waits);
  return (
    <>
      <dl className={classes.numbers}>
        <Figure name="Notes read" value={count(read)} rest={`of ${count(notes)}${anew > 0 ? `, ${count(anew)} to read anew` : ""}`} share={notes ? read / notes : 0} />
        <Figure name="Facts" value={count(facts)} rest={read ? `${(facts / read).toFixed(1)} a note` : ""} />
        <Figure name="Doubtful" value={count(doubtful)} rest={facts ? `${percent(doubtful / facts, 1)} of all` : ""} tone="warn" />
        <Figure name="Looked at" value={count(judged)} rest={facts ? `${percent(judged / Math.max(1, facts), 1)} of all` : ""} />
        <Figure name="Found wrong" value={count(wrong)} rest={judged ? `${percent(wrong / judged)} of those` : "nothing looked at yet"} tone={wrong ? "high" : undefined} />
      </dl>
      <div className={classes.columns}>
        <Card title="How much work for which accuracy"><div className={classes.inner}><Curve points={standing.curve} judged={judged} /></div></Card>
        <Card title="Yield"><div className={classes.inner}><Yield standing={standing} /></div></Card>
        <Card title="Most doubtful"><div className={classes.inner}><Groups standing={standing} /></div></Card>
        <Card title="Throughput"><div className={classes.inner}><Runs standing={standing} /></div></Card>
        <Card title="Readers"><div className={classes.inner}><Readers standing={standing} /></div></Card>
        <Card title="Extractors"><div className={classes.inner}><Extractors standing={standing} /></div></Card>
      </div>
    </>
  );
}

interface FigureProps { name: string; value: string; rest: string; share?: number; tone?: "warn" | "high" | undefined }

function Figure({ name, value, rest, share, tone }: FigureProps) {
  return (
    <div className={classes.figure}>
      <dt>{name}</dt>
      <dd data-tone={tone}>
        {value} <small>{rest}</small>
        {share !== undefined && <div className={classes.track} aria-hidden="true"><div style={{ width: percent(share, 1).replace(" ", "") }} /></div>}
      </dd>
    </div>
  );
}

function Yield({ standing }: { standing: ReviewStanding }) {
  const most = Math.max(1, ...standing.lanes.map((lane) => lane.facts));
  if (standing.lanes.length === 0) return <Empty>No facts yet. Read the notes with <code>vitruvian derive --lake DIR</code>.</Empty>;
  return (
    <ul className={classes.bars}>
      {standing.lanes.map((lane) => (
        <li key={lane.category}>
          <span>{LANES[lane.category as Lane]?.label ?? lane.category}</span>
          <span className={classes.bar} title={`${count(lane.doubtful)} of them doubtful`}>
            <i style={{ width: `${(100 * (lane.facts - lane.doubtful)) / most}%` }} />
            <i data-doubtful style={{ width: `${(100 * lane.doubtful) / most}%` }} />
          </span>
          <b>{count(lane.facts)}</b>
        </li>
      ))}
    </ul>
  );
}

function Groups({ standing }: { standing: ReviewStanding }) {
  if (standing.groups.length === 0) return <Empty>Nothing to doubt yet.</Empty>;
  const groups = [...standing.groups].sort((one, other) => other.doubt - one.doubt).slice(0, 8);
  return (
    <table className={classes.table}>
      <thead><tr><th>Facts read alike</th><th>Likely wrong</th><th>Facts</th><th>Looked at</th></tr></thead>
      <tbody>
        {groups.map((group) => (
          <tr key={group.name}>
            <th scope="row"><Alike name={group.name} /></th>
            <td>{percent(group.doubt)}</td>
            <td>{count(group.facts)}</td>
            <td>{group.judged ? `${group.judged}, ${group.wrong} wrong` : "none"}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Alike({ name }: { name: string }) {
  const [extractor = "", lane = "", ...marks] = name.split("/");
  const told = marks.map((mark) => MARKS[mark] ?? mark).join(", ");
  return <>{LANES[lane as Lane]?.label ?? lane}{told && `: ${told}`}<small> {extractor}</small></>;
}

/** How long the latest runs took: what the next archive will ask for. */
function Runs({ standing }: { standing: ReviewStanding }) {
  if (standing.runs.length === 0) return <Empty>No run was counted yet. The next one is: <code>vitruvian derive --lake DIR</code>.</Empty>;
  return (
    <table className={classes.table}>
      <thead><tr><th>Run</th><th>Notes</th><th>Facts</th><th>Took</th><th>Notes a second</th></tr></thead>
      <tbody>
        {standing.runs.map((run) => (
          <tr key={run.at}>
            <th scope="row">{dayAndClock(run.at)}</th>
            <td>{count(run.notes)}</td>
            <td>{count(run.facts)}</td>
            <td>{lasting(run.seconds)}</td>
            <td>{run.seconds > 0 ? count(Math.round(run.notes / run.seconds)) : ""}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Readers({ standing }: { standing: ReviewStanding }) {
  const { agreement, readers } = standing;
  if (readers.length === 0) return <Empty>Nobody has looked yet. A fifth of the facts is given to a second reader.</Empty>;
  return (
    <>
      <p className={classes.said}>
        {agreement.read_twice === 0
          ? "No fact was read by two readers yet."
          : `Two readers said the same of ${agreement.same} of ${agreement.read_twice} facts${agreement.kappa == null ? "" : `, kappa ${agreement.kappa.toFixed(2)}`}.`}
      </p>
      <table className={classes.table}>
        <thead><tr><th>Reader</th><th>Verdicts</th><th>A verdict</th><th>Last</th></tr></thead>
        <tbody>
          {readers.map((reader) => (
            <tr key={reader.reader}>
              <th scope="row">{reader.reader}</th>
              <td>{count(reader.verdicts)}</td>
              <td>{reader.seconds == null ? "" : `${reader.seconds.toFixed(1)} s`}</td>
              <td>{dayAndClock(reader.last)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}

function Extractors({ standing }: { standing: ReviewStanding }) {
  return (
    <table className={classes.table}>
      <thead><tr><th>Extractor</th><th>Facts</th><th>Notes waiting</th></tr></thead>
      <tbody>
        {standing.extractors.map((one) => (
          <tr key={one.name}>
            <th scope="row">{one.title}<small> {one.name} {one.version}</small></th>
            <td>{count(one.facts)}</td>
            <td>{one.waiting === null ? <Off one={one} /> : count(one.waiting)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
