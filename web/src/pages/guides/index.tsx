/** Every guideline of the house: its edition, who answers for it, and whether it is asked. */
import { useEffect } from "react";
import { Link } from "react-router";

import { useGuideLines, type GuideLine } from "../../api/guides";
import { plural } from "../../lib/signs";
import { Shell } from "../../parts/shell";
import { Empty, Failed, Loading } from "../../parts/states";
import classes from "./guides.module.css";
import { State } from "./state";

export function GuidelinesPage() {
  const found = useGuideLines();
  const lines = found.data ?? [];
  useEffect(() => { document.title = "Guidelines · Vitruvian"; }, []);
  return (
    <Shell>
      <div className={classes.page}>
        <div className={classes.top}>
          <h1>Guidelines</h1>
          <p role="status">{found.data && `${plural(lines.filter((line) => line.state === "active").length, "guideline")} asked of every patient they are made for`}</p>
        </div>
        {found.isPending && <div className={classes.sheet}><Loading lines={9} label="Loading the guidelines" /></div>}
        {found.isError && <Failed error={found.error} retry={() => void found.refetch()} />}
        {found.data && lines.length === 0 && <div className={classes.sheet}><Empty>No guidelines are installed. Each is a folder under guides/library.</Empty></div>}
        {lines.length > 0 && <div className={classes.sheet}><Lines lines={lines} /></div>}
      </div>
    </Shell>
  );
}

function Lines({ lines }: { lines: GuideLine[] }) {
  return (
    <table className={classes.table}>
      <thead><tr><th scope="col">Guideline</th><th scope="col">Edition</th><th scope="col">Owner</th><th scope="col">Review by</th><th scope="col">State</th></tr></thead>
      <tbody>
        {lines.map((line) => (
          <tr key={line.name} data-state={line.state}>
            <th scope="row"><Link to={`/guides/${line.name}`}>{line.title}</Link></th>
            <td data-name="Edition">{line.edition}</td>
            <td data-name="Owner">{line.owner}</td>
            <td data-name="Review by">{line.review_by}</td>
            <td><State line={line} /></td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
