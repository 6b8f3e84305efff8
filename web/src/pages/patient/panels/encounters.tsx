import type { EncounterCard } from "../../../api/types";
import { span } from "../../../lib/time";
import { classWord } from "../../../lib/words";
import { Card, Few } from "../../../parts/card";
import { Chip } from "../../../parts/fact";
import { Empty } from "../../../parts/states";
import { useFrame } from "../frame";
import classes from "./panels.module.css";

/** Episodes of care, each with the wards, rooms and beds of its stays. */
export function EncountersPanel({ encounters }: { encounters: EncounterCard[] }) {
  return (
    <Card title="Encounters and stays" lane="encounter" count={encounters.length}>
      {encounters.length === 0
        ? <Empty>No visit or stay is recorded.</Empty>
        : <Few items={encounters} most={6}>{(encounter) => <EncounterLine encounter={encounter} />}</Few>}
    </Card>
  );
}

function EncounterLine({ encounter }: { encounter: EncounterCard }) {
  const { open } = useFrame();
  const event = encounter.event_id;
  const going = encounter.status === "in-progress";
  return (
    <button type="button" className={`plain ${classes.row}`} disabled={event === null} onClick={() => event && open({ kind: "source", event })}>
      <span className={classes.title}>
        {classWord(encounter.label)}{" "}
        {encounter.class_text && encounter.class_text !== encounter.label && <Chip title={encounter.class_text}>{classWord(encounter.class_text)}</Chip>}{" "}
        {encounter.status && encounter.status !== "finished" && <Chip tone={going ? "good" : "warn"}>{encounter.status.replaceAll("-", " ")}</Chip>}
      </span>
      <span className={classes.soft}>{span(encounter.start, encounter.end)}</span>
      {encounter.reason && <span className={classes.soft}>for {encounter.reason}</span>}
      {encounter.provider && <span className={classes.soft}>{encounter.provider}</span>}
      {encounter.stays.length > 0 && (
        <span className={classes.stays}>
          {encounter.stays.map((stay, index) => (
            <span key={index}><b>{stay.location}</b> {span(stay.start, stay.end)}</span>
          ))}
        </span>
      )}
    </button>
  );
}
