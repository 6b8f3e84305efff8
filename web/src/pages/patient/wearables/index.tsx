/** What watches and apps counted, a day a column, each device by itself. */
import { useWearables, type Worn, type WornDay, type WornSeries } from "../../../api/signals";
import { calendarDay } from "../../../lib/time";
import { Card } from "../../../parts/card";
import { Failed } from "../../../parts/states";
import { useFrame } from "../frame";
import classes from "./wearables.module.css";

/** Shown only for patients who sent something. */
export function WearablesCard() {
  const { person, moment } = useFrame();
  const found = useWearables(person, moment);
  if (found.isError) return <Card title="Wearables" lane="wearable"><Failed error={found.error} retry={() => void found.refetch()} /></Card>;
  if (!found.data || found.data.length === 0) return null;
  return (
    <Card title="Wearables" lane="wearable" count={found.data.length === 1 ? "1 device" : `${found.data.length} devices`}>
      {found.data.map((worn) => <Device key={`${worn.site} ${worn.device}`} worn={worn} />)}
      <p className={classes.foot}>Raw, as each device told it; devices are never added up or averaged together. Newest days of the wearer&#39;s own clock; a night stands on the day it ended.</p>
    </Card>
  );
}

function Device({ worn }: { worn: Worn }) {
  const days = [...new Set(worn.series.flatMap((one) => one.days.map((day) => day.day)))].toSorted().slice(-14);
  return (
    <section aria-label={worn.device} className={classes.device}>
      <h3>{worn.device}</h3>
      <p>{worn.site} · {zoneWords(worn)}</p>
      <div className={classes.wide} tabIndex={0} role="group" aria-label={`Days of ${worn.device}`}>
        <table>
          <thead><tr><th scope="col">Measured</th>{days.map((day) => <th key={day} scope="col" title={calendarDay(day)}>{short(day)}</th>)}</tr></thead>
          <tbody>{worn.series.map((one) => <Series key={`${one.code} ${one.unit}`} series={one} days={days} />)}</tbody>
        </table>
      </div>
    </section>
  );
}

function Series({ series, days }: { series: WornSeries; days: string[] }) {
  const known = new Map(series.days.map((day) => [day.day, day]));
  return (
    <tr>
      <th scope="row" title={series.code}>{series.label}{series.unit && series.unit !== "1" && <small> {series.unit}</small>}</th>
      {days.map((day) => <td key={day}><Value day={known.get(day)} /></td>)}
    </tr>
  );
}

function Value({ day }: { day: WornDay | undefined }) {
  const { open } = useFrame();
  if (!day) return <span className={classes.none} title="Nothing was told of this day">–</span>;
  if (day.count > 1) return <span title={`Mean of ${day.count} values, lowest and highest`}>{figure(day.mean)}<small>{figure(day.low)}–{figure(day.high)}</small></span>;
  return <button type="button" className="plain" onClick={() => open({ kind: "source", event: day.event_id })}>{figure(day.low)}</button>;
}

function figure(value: number): string {
  return value.toLocaleString("en-GB", { maximumFractionDigits: 1 });
}

function short(day: string): string {
  return calendarDay(day).replace(/ \d{4}$/, "");
}

function zoneWords(worn: Worn): string {
  const told = worn.zones.length > 0 ? `clock ${worn.zones.map((zone) => `UTC${zone}`).join(", ")}` : "";
  const missing = worn.zone_missing ? "no time zone told, read as UTC" : "";
  return [told, missing].filter(Boolean).join("; ");
}
