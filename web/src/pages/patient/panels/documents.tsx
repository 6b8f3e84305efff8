import type { Document, ImagingItem } from "../../../api/types";
import { plural } from "../../../lib/signs";
import { day, dayAndClock } from "../../../lib/time";
import { Card, Few } from "../../../parts/card";
import { Chip } from "../../../parts/fact";
import { Empty } from "../../../parts/states";
import { useFrame } from "../frame";
import classes from "./panels.module.css";

export function DocumentsPanel({ documents }: { documents: Document[] }) {
  const { open } = useFrame();
  return (
    <Card title="Documents" lane="document" count={documents.length}>
      {documents.length === 0 ? <Empty>No note or report is recorded.</Empty> : (
        <Few items={documents} most={7}>
          {(note) => (
            <button type="button" className={`plain ${classes.row}`} onClick={() => open({ kind: "note", note: note.note_id, title: note.title })}>
              <span className={classes.line}>
                <span className={classes.title}>
                  {note.title}{" "}
                  {note.status && !["current", "final"].includes(note.status) && <Chip tone="warn">{note.status.replaceAll("-", " ")}</Chip>}
                </span>
                <span className={classes.when}>{note.time ? day(note.time) : "no date"}</span>
              </span>
              {note.preview && <span className={classes.preview}>{note.preview}</span>}
            </button>
          )}
        </Few>
      )}
    </Card>
  );
}

export function ImagingPanel({ studies }: { studies: ImagingItem[] }) {
  const { open } = useFrame();
  return (
    <Card title="Imaging" lane="imaging" count={studies.length}>
      {studies.length === 0 ? <Empty>No imaging study is recorded.</Empty> : (
        <Few items={studies} most={7}>
          {(study) => (
            <button type="button" className={`plain ${classes.row}`} disabled={study.event_id === null} onClick={() => study.event_id && open({ kind: "source", event: study.event_id })}>
              <span className={classes.line}>
                <span className={classes.title}>
                  {study.modality && <Chip>{study.modality}</Chip>} {study.description ?? study.body_site ?? "Study without description"}
                </span>
                <span className={classes.when}>{study.time ? dayAndClock(study.time) : "no date"}</span>
              </span>
              <span className={classes.soft}>
                {[study.body_site, study.instance_count === null ? null : plural(study.instance_count, "image")].filter(Boolean).join(" · ")}
              </span>
            </button>
          )}
        </Few>
      )}
    </Card>
  );
}
