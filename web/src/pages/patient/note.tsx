import { Button } from "@mantine/core";
import { IconFileSearch } from "@tabler/icons-react";

import { useNote } from "../../api/queries";
import { dayAndClock } from "../../lib/time";
import { Failed, Loading } from "../../parts/states";
import classes from "./drawers.module.css";
import { useFrame } from "./frame";

/** A document, as text: nothing in it is ever run or loaded. */
export function NoteView({ note }: { note: string }) {
  const { person, moment, open } = useFrame();
  const read = useNote(person, note, moment);
  if (read.isPending) return <div className={classes.note}><Loading lines={9} label="Loading the document" /></div>;
  if (read.isError) return <Failed error={read.error} retry={() => void read.refetch()} />;
  const { time, text, media_type: mediaType, event_id: event } = read.data;
  return (
    <article className={classes.note}>
      <div className={classes.meta}>
        <span>{time ? dayAndClock(time) : "no date"}</span>
        {mediaType && <span>{mediaType}</span>}
        {event && (
          <Button size="compact-sm" variant="light" leftSection={<IconFileSearch size={15} />} onClick={() => open({ kind: "source", event })}>
            Where does this come from?
          </Button>
        )}
      </div>
      <pre className={classes.text}>{text || "This document holds no text that can be shown here."}</pre>
    </article>
  );
}
