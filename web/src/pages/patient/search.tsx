/** Text search in this one record; the words travel in the body, never in the address. */
import { CloseButton, TextInput } from "@mantine/core";
import { useClickOutside, useDebouncedValue } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { useRef, useState, type KeyboardEvent } from "react";

import { useRecordSearch } from "../../api/queries";
import { useFocusKey } from "../../lib/keys";
import { LANES } from "../../lib/lanes";
import { plural } from "../../lib/signs";
import { asSent } from "../../lib/time";
import { FactLine } from "../../parts/fact";
import { Empty, Failed, Loading } from "../../parts/states";
import { useFrame } from "./frame";
import classes from "./search.module.css";

export function RecordSearch() {
  const { person, moment } = useFrame();
  const [text, setText] = useState("");
  const [open, setOpen] = useState(false);
  const [asked] = useDebouncedValue(text.trim(), 200);
  const field = useRef<HTMLInputElement>(null);
  const found = useRecordSearch(person, asked, moment);
  const box = useClickOutside(() => setOpen(false));
  useFocusKey("/", field);
  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>) => {
    if (event.key === "Escape") { setOpen(false); field.current?.focus(); }
    if (event.key === "ArrowDown" || event.key === "ArrowUp") walk(event, box.current);
  };
  return (
    <div className={classes.search} ref={box} onKeyDown={onKeyDown} role="search">
      <TextInput
        ref={field} size="sm" value={text} autoComplete="off"
        aria-label="Search in this record" placeholder="Search in this record"
        leftSection={<IconSearch size={16} />}
        rightSection={text ? <CloseButton size="sm" aria-label="Clear the search" onClick={() => setText("")} /> : <kbd className={classes.key}>/</kbd>}
        onChange={(event) => { setText(event.currentTarget.value); setOpen(true); }}
        onFocus={() => setOpen(true)}
      />
      {open && asked.length > 1 && (
        <div className={classes.results} role="region" aria-label="Found in this record">
          {found.isPending && <Loading lines={3} label="Searching" />}
          {found.isError && <Failed error={found.error} retry={() => void found.refetch()} />}
          {found.data && <Results facts={found.data.facts} />}
        </div>
      )}
    </div>
  );
}

function Results({ facts }: { facts: Parameters<typeof FactLine>[0]["fact"][] }) {
  const { open } = useFrame();
  if (facts.length === 0) return <Empty>Nothing in this record holds these words.</Empty>;
  return (
    <>
      <p className={classes.count} role="status">{plural(facts.length, "statement")}</p>
      <ul>
        {facts.map((fact) => (
          <li key={fact.event_id}>
            <FactLine
              fact={fact} onOpen={(event) => open({ kind: "source", event })}
              aside={<>{asSent(fact.time, fact.time_as_sent) ?? "no date"}<small className={classes.lane}>{LANES[fact.category].label}</small></>}
            />
          </li>
        ))}
      </ul>
    </>
  );
}

/** Arrow keys move between the field and the lines below it. */
function walk(event: KeyboardEvent, box: HTMLElement | null) {
  const stops = Array.from(box?.querySelectorAll<HTMLElement>("input, li button") ?? []);
  const here = stops.indexOf(document.activeElement as HTMLElement);
  const next = stops[here + (event.key === "ArrowDown" ? 1 : -1)];
  if (!next) return;
  event.preventDefault();
  next.focus();
}
