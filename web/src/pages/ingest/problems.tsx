/** Problems kind by kind, each with places where it stood. */
import { useId, useState } from "react";
import { Link } from "react-router";

import type { ProblemKind } from "../../api/ingest";
import { plural } from "../../lib/signs";
import { Card } from "../../parts/card";
import { Empty } from "../../parts/states";
import classes from "./ingest.module.css";

export function ProblemsCard({ problems }: { problems: ProblemKind[] }) {
  return (
    <Card title="Problems by kind" count={problems.length}>
      {problems.length === 0
        ? <Empty>No source had a problem.</Empty>
        : <ul className={classes.kinds}>{problems.map((kind) => <li key={`${kind.adapter} ${kind.code}`}><Kind kind={kind} /></li>)}</ul>}
    </Card>
  );
}

function Kind({ kind }: { kind: ProblemKind }) {
  const [open, setOpen] = useState(false);
  const body = useId();
  return (
    <>
      <button type="button" className={`plain ${classes.kind}`} aria-expanded={open} aria-controls={body} onClick={() => setOpen(!open)}>
        <b>{kind.count.toLocaleString("en-GB")}</b>
        <span><code>{kind.code}</code> · {kind.adapter ?? "written here"} · in {plural(kind.sources, "source")}</span>
        <span className={classes.sentence}>{kind.message}</span>
      </button>
      <div id={body} hidden={!open} className={classes.examples}>
        <table className={classes.table}>
          <thead><tr><th>Source</th><th>Record</th><th>Where in it</th></tr></thead>
          <tbody>
            {kind.examples.map((one, number) => (
              <tr key={number}>
                <td><code>{one.source_id}</code></td>
                <td>{one.record === null ? "the whole source" : <Link to={`/ingest/record?source=${encodeURIComponent(one.source_id)}&record=${one.record}`}>{one.record}</Link>}</td>
                <td>{one.pointer ? <code>{one.pointer}</code> : "–"}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}
