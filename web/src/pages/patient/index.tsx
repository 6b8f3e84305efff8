/** The patient's picture: one frame, one moment of knowledge, everything on it. */
import { Button } from "@mantine/core";
import { IconBodyScan, IconPrinter } from "@tabler/icons-react";
import { useEffect } from "react";
import { Link, useParams } from "react-router";

import { usePicture } from "../../api/queries";
import type { Picture } from "../../api/types";
import { momentSearch, momentWords, useMoment } from "../../lib/moment";
import { usePrinting } from "../../lib/printing";
import { Boundary } from "../../parts/boundary";
import { OpenInApp } from "../../parts/open_in_app";
import { Loading } from "../../parts/states";
import { AroundPatient } from "./around";
import { AsOfControl } from "./as_of";
import { useFrame } from "./frame";
import { GuidesPanel } from "./guides";
import { PanelGrid } from "./panels";
import classes from "./patient.module.css";
import { RecordSearch } from "./search";
import { Sheet } from "./sheet";
import { SignalsCard } from "./signals";
import { TimelineCard } from "./timeline";
import { WearablesCard } from "./wearables";
import { WhatsNew } from "./whats_new";

export function PatientPage() {
  const person = useParams()["person"] ?? "";
  const [moment] = useMoment();
  const picture = usePicture(person, moment);
  const printing = usePrinting();
  // The tab names no patient: titles end up in histories and on shared screens.
  useEffect(() => { document.title = "Patient · Vitruvian"; }, []);

  // Ctrl+P prints the summary too: a screen on paper would be cut, and sheets after the first unnamed.
  if (printing && picture.data) return <Sheet picture={picture.data} words={momentWords(moment)} />;
  return (
    <AroundPatient>
      {picture.isPending && <Skeletons />}
      {picture.data && <PictureBody picture={picture.data} />}
    </AroundPatient>
  );
}

function PictureBody({ picture }: { picture: Picture }) {
  const frame = useFrame();
  return (
    <div className={classes.body}>
      <div className={classes.toolbar}>
        <AsOfControl moment={frame.moment} choose={frame.setMoment} dataUntil={picture.as_of.data_until} />
        <RecordSearch />
        <Button component={Link} to={`/patients/${frame.person}/imaging${momentSearch(frame.moment)}`} variant="default" size="compact-md" h={32} leftSection={<IconBodyScan size={16} stroke={1.7} />}>
          Imaging
        </Button>
        <Button component={Link} to={`/patients/${frame.person}/print${momentSearch(frame.moment)}`} className={classes.print ?? ""} variant="default" size="compact-md" h={32} leftSection={<IconPrinter size={16} stroke={1.7} />}>
          Summary
        </Button>
        <OpenInApp person={frame.person} />
      </div>
      <Boundary><WhatsNew /></Boundary>
      <Boundary><TimelineCard picture={picture} /></Boundary>
      <Boundary><GuidesPanel /></Boundary>
      <PanelGrid panels={picture.panels} />
      <Boundary><SignalsCard /></Boundary>
      <Boundary><WearablesCard /></Boundary>
      <Footing picture={picture} />
    </div>
  );
}

function Footing({ picture }: { picture: Picture }) {
  const hidden = picture.hidden_count;
  return (
    <p className={classes.footing}>
      {picture.event_count.toLocaleString("en-GB")} events in this record
      {hidden > 0 && `, and ${hidden.toLocaleString("en-GB")} not shown because they were withdrawn or entered in error`}
      . Snapshot {picture.as_of.snapshot}. Not a certified medical device.{" "}
      <Link to={`/patients/${picture.banner.person_id}/held`}>What the patient does not see yet</Link>
    </p>
  );
}

function Skeletons() {
  return (
    <div className={classes.body} aria-busy="true">
      <div className={classes.skeleton}><Loading lines={3} label="Loading the patient" /></div>
      <div className={classes.skeleton}><Loading lines={9} label="Loading the timeline" /></div>
      <div className={classes.skeleton}><Loading lines={6} label="Loading the panels" /></div>
    </div>
  );
}
