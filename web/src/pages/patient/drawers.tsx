/** What opens beside the picture: a source, a document, a chart, a handful of events. */
import { ActionIcon, Drawer } from "@mantine/core";
import { IconArrowLeft } from "@tabler/icons-react";
import { lazy, Suspense } from "react";

import { momentWords } from "../../lib/moment";
import { Boundary } from "../../parts/boundary";
import { Loading } from "../../parts/states";
import { SourceView } from "../source/view";
import classes from "./drawers.module.css";
import { EventList } from "./event_list";
import { useFrame, type Opened } from "./frame";
import { NoteView } from "./note";

// The chart library is heavy and only this drawer needs it.
const SeriesView = lazy(() => import("./series"));

const TITLES = { source: "Where does this come from?", note: "Document", series: "Course", list: "Events" };

function titleOf(top: Opened): string {
  if (top.kind === "note" || top.kind === "list") return top.title;
  return top.kind === "series" ? top.row.label : TITLES[top.kind];
}

export function Drawers({ opened, setOpened }: { opened: Opened[]; setOpened: (opened: Opened[]) => void }) {
  const { moment } = useFrame();
  const top = opened.at(-1);
  const words = momentWords(moment);
  return (
    <Drawer
      opened={top !== undefined} onClose={() => setOpened([])} position="right" size="min(760px, 100vw)" padding={0}
      overlayProps={{ backgroundOpacity: 0.25 }} transitionProps={{ duration: 140 }} closeButtonProps={{ "aria-label": "Close" }}
      classNames={{ header: classes.header ?? "", title: classes.title ?? "", content: classes.content ?? "" }}
      title={
        <>
          {opened.length > 1 && (
            <ActionIcon variant="subtle" color="gray" aria-label="Back" onClick={() => setOpened(opened.slice(0, -1))}><IconArrowLeft size={18} /></ActionIcon>
          )}
          <span>{top ? titleOf(top) : ""}</span>
        </>
      }
    >
      {words && <p className={classes.past}>{words}</p>}
      {top && <Boundary key={JSON.stringify(top).slice(0, 200)}><Content top={top} close={() => setOpened([])} /></Boundary>}
    </Drawer>
  );
}

function Content({ top, close }: { top: Opened; close: () => void }) {
  const { person, moment, setMoment, open } = useFrame();
  if (top.kind === "source") {
    return (
      <SourceView
        event={top.event} person={person} moment={moment} onOpen={(event) => open({ kind: "source", event })}
        onMoment={(at) => { close(); setMoment(at); }}
      />
    );
  }
  if (top.kind === "note") return <NoteView note={top.note} />;
  if (top.kind === "list") return <EventList points={top.points} />;
  return <Suspense fallback={<Loading lines={6} />}><SeriesView row={top.row} /></Suspense>;
}
