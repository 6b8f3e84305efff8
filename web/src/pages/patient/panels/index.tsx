/** The panels, laid out so that no column ends in a hole. */
import { useMediaQuery } from "@mantine/hooks";
import { useMemo } from "react";

import type { Panels } from "../../../api/types";
import { AllergiesPanel } from "./allergies";
import { DocumentsPanel, ImagingPanel } from "./documents";
import { EncountersPanel } from "./encounters";
import { FactsPanel } from "./facts";
import { FreshnessPanel } from "./freshness";
import { LabPanel } from "./lab_table";
import { MedicinesPanel } from "./medicines";
import classes from "./panels.module.css";
import { arranged, type PanelName, type Placed } from "./placing";

function useColumnCount(): number {
  const wide = useMediaQuery("(min-width: 1180px)", undefined, { getInitialValueInEffect: false });
  const middle = useMediaQuery("(min-width: 760px)", undefined, { getInitialValueInEffect: false });
  return wide ? 3 : middle ? 2 : 1;
}

export function PanelGrid({ panels }: { panels: Panels }) {
  const count = useColumnCount();
  const { above, below } = useMemo(() => arranged(panels, count), [panels, count]);
  return (
    <>
      <Columns columns={above} panels={panels} />
      <LabPanel title="Laboratory" lane="laboratory" table={panels.laboratory} empty="No laboratory result is recorded." />
      <LabPanel title="Vital signs" lane="vital" table={panels.vitals} empty="No vital sign is recorded." />
      <Columns columns={below} panels={panels} />
    </>
  );
}

function Columns({ columns, panels }: { columns: Placed[][]; panels: Panels }) {
  return (
    <div className={classes.columns} style={{ gridTemplateColumns: `repeat(${columns.length}, minmax(0, 1fr))` }}>
      {columns.map((placed, column) => (
        <div key={column} className={classes.column}>
          {placed.map(({ name }) => <Panel key={name} name={name} panels={panels} />)}
        </div>
      ))}
    </div>
  );
}

function Panel({ name, panels }: { name: PanelName; panels: Panels }) {
  switch (name) {
    case "problems": return <FactsPanel title="Problems" lane="problem" facts={panels.problems} empty="No problem is recorded. That is not the same as having none." />;
    case "medicines": return <MedicinesPanel medicines={panels.medicines} />;
    case "allergies": return <AllergiesPanel panel={panels.allergies} />;
    case "encounters": return <EncountersPanel encounters={panels.encounters} />;
    case "documents": return <DocumentsPanel documents={panels.documents} />;
    case "procedures": return <FactsPanel title="Procedures" lane="procedure" facts={panels.procedures} empty="No procedure is recorded." />;
    case "microbiology": return <FactsPanel title="Microbiology" lane="microbiology" facts={panels.microbiology} empty="No culture or other microbiology is recorded." />;
    case "imaging": return <ImagingPanel studies={panels.imaging} />;
    case "genomics": return <FactsPanel title="Genomics" lane="genomics" facts={panels.genomics} empty="No genomic assay is recorded." />;
    case "immunisations": return <FactsPanel title="Immunisations" lane="immunisation" facts={panels.immunisations} empty="No immunisation is recorded here; others may have given some." />;
    case "family": return <FactsPanel title="Family history" lane="family" facts={panels.family} empty="No family history is recorded: nobody wrote down that they asked." />;
    case "social": return <FactsPanel title="Social history" lane="social" facts={panels.social} empty="No social history is recorded." />;
    case "freshness": return <FreshnessPanel sources={panels.freshness} />;
  }
}
