/** The panels, laid out so that no column ends in a hole. */
import { useMediaQuery } from "@mantine/hooks";
import type { ReactNode } from "react";

import type { Panels } from "../../../api/types";
import { AllergiesPanel } from "./allergies";
import { DocumentsPanel, ImagingPanel } from "./documents";
import { EncountersPanel } from "./encounters";
import { FactsPanel } from "./facts";
import { FreshnessPanel } from "./freshness";
import { LabPanel } from "./lab_table";
import { MedicinesPanel } from "./medicines";
import classes from "./panels.module.css";

interface Placed {
  key: string;
  /** Roughly how tall, in lines: only the layout reads it. */
  lines: number;
  node: ReactNode;
}

const MOST = 10;
const few = (count: number, each = 1) => 2 + Math.max(1, Math.min(count, MOST)) * each;

function firstRow(panels: Panels): Placed[] {
  return [
    { key: "problems", lines: few(panels.problems.length, 1.3), node: <FactsPanel title="Problems" lane="problem" facts={panels.problems} empty="No problem is recorded. That is not the same as having none." /> },
    { key: "medicines", lines: few(panels.medicines.length, 2), node: <MedicinesPanel medicines={panels.medicines} /> },
    { key: "allergies", lines: 2 + few(panels.allergies.facts.length), node: <AllergiesPanel panel={panels.allergies} /> },
  ];
}

function laterRows(panels: Panels): Placed[] {
  return [
    { key: "encounters", lines: few(panels.encounters.length, 2.2), node: <EncountersPanel encounters={panels.encounters} /> },
    { key: "documents", lines: few(panels.documents.length, 2), node: <DocumentsPanel documents={panels.documents} /> },
    { key: "procedures", lines: few(panels.procedures.length), node: <FactsPanel title="Procedures" lane="procedure" facts={panels.procedures} empty="No procedure is recorded." /> },
    { key: "microbiology", lines: few(panels.microbiology.length, 1.3), node: <FactsPanel title="Microbiology" lane="microbiology" facts={panels.microbiology} empty="No culture or other microbiology is recorded." /> },
    { key: "imaging", lines: few(panels.imaging.length, 2), node: <ImagingPanel studies={panels.imaging} /> },
    { key: "immunisations", lines: few(panels.immunisations.length), node: <FactsPanel title="Immunisations" lane="immunisation" facts={panels.immunisations} empty="No immunisation is recorded here; others may have given some." /> },
    { key: "family", lines: few(panels.family.length), node: <FactsPanel title="Family history" lane="family" facts={panels.family} empty="No family history is recorded: nobody wrote down that they asked." /> },
    { key: "social", lines: few(panels.social.length), node: <FactsPanel title="Social history" lane="social" facts={panels.social} empty="No social history is recorded." /> },
    { key: "freshness", lines: few(panels.freshness.length, 2), node: <FreshnessPanel sources={panels.freshness} /> },
  ];
}

/** Each panel goes under the column that is shortest so far; the order of reading is kept. */
export function columnsOf(placed: Placed[], count: number): Placed[][] {
  const columns = Array.from({ length: count }, () => ({ height: 0, items: [] as Placed[] }));
  for (const one of placed) {
    const shortest = columns.reduce((best, column) => (column.height < best.height - 0.5 ? column : best));
    shortest.items.push(one);
    shortest.height += one.lines + 1;
  }
  return columns.map((column) => column.items);
}

export function PanelGrid({ panels }: { panels: Panels }) {
  const wide = useMediaQuery("(min-width: 1180px)", undefined, { getInitialValueInEffect: false });
  const middle = useMediaQuery("(min-width: 760px)", undefined, { getInitialValueInEffect: false });
  const count = wide ? 3 : middle ? 2 : 1;
  return (
    <>
      <Columns placed={firstRow(panels)} count={count} />
      <LabPanel title="Laboratory" lane="laboratory" table={panels.laboratory} empty="No laboratory result is recorded." />
      <LabPanel title="Vital signs" lane="vital" table={panels.vitals} empty="No vital sign is recorded." />
      <Columns placed={laterRows(panels)} count={count} />
    </>
  );
}

function Columns({ placed, count }: { placed: Placed[]; count: number }) {
  return (
    <div className={classes.columns} style={{ gridTemplateColumns: `repeat(${count}, minmax(0, 1fr))` }}>
      {columnsOf(placed, count).map((items, column) => (
        <div key={column} className={classes.column}>
          {items.map((one) => <div key={one.key}>{one.node}</div>)}
        </div>
      ))}
    </div>
  );
}
