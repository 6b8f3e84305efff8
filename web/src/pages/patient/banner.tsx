/** Who this is: on top of the page and of every sheet of paper. */
import type { Banner as BannerData, BannerItem } from "../../api/types";
import { asSent, calendarDay, dayAndClock } from "../../lib/time";
import { identifierKind, printedQuantity, twoIdentifiers } from "../../lib/words";
import classes from "./banner.module.css";
import { useFrame } from "./frame";

export function nameOf(banner: BannerData): string {
  return [banner.family, banner.given].filter(Boolean).join(", ") || "No name sent";
}

export function Banner({ banner }: { banner: BannerData }) {
  return (
    <section className={classes.banner} aria-label="Who this is">
      <div className={classes.person}>
        <h1 className={classes.name}>{nameOf(banner)}</h1>
        {banner.deceased && <Deceased banner={banner} />}
        {banner.death_conflict && <DeathConflict words={banner.death_conflict} deceased={banner.deceased === true} />}
        <p className={classes.born}>
          <span>{banner.sex ?? "sex not sent"}</span>
          <span><strong>{banner.age_text ?? "age unknown"}</strong></span>
          <span>born {banner.birth_date ? calendarDay(banner.birth_date) : "on a date not sent"}</span>
        </p>
        <ul className={classes.identifiers} aria-label="Identifiers">
          {twoIdentifiers(banner.identifiers).map((identifier) => (
            <li key={`${identifier.system}${identifier.value}`}>
              <span title={identifier.label}>{identifierKind(identifier.label)}</span> <b>{identifier.value}</b>
            </li>
          ))}
          {banner.identifiers.length === 0 && <li>no identifier sent</li>}
        </ul>
      </div>
      <dl className={classes.items}>
        {banner.items.map((item) => <Item key={item.key} item={item} />)}
      </dl>
    </section>
  );
}

function Deceased({ banner }: { banner: BannerData }) {
  const when = banner.death_time ? asSent(banner.death_time, banner.death_time) : null;
  return <span className={classes.deceased}>† Deceased{when && ` ${when}`}</span>;
}

/** A death that only some sources know, or on another day: never settled silently. */
function DeathConflict({ words, deceased }: { words: string; deceased: boolean }) {
  return <span className={classes.conflict} title="The sources disagree">≠ {deceased ? words : `death ${words}`}</span>;
}

function Item({ item }: { item: BannerItem }) {
  const { open } = useFrame();
  const event = item.event_id;
  const shown = item.value === null ? (item.absent ?? "unknown") : printedQuantity(item.value);
  const when = item.time ? dayAndClock(item.time) : null;
  return (
    <div className={classes.item} data-alert={item.alert || undefined} data-absent={item.value === null || undefined} data-key={item.key}>
      <dt>{item.alert && <span aria-hidden="true">▲ </span>}{item.label}</dt>
      <dd title={[shown, when].filter(Boolean).join(" · ")}>
        {event === null ? <span>{shown}</span> : (
          <button type="button" className="plain" onClick={() => open({ kind: "source", event })}>{shown}</button>
        )}
        {when && item.value !== null && <small>{when}</small>}
      </dd>
    </div>
  );
}
