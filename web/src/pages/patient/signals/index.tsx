/** Waveforms and numerics of the patient: which recording, which channels, and the viewer. */
import { Button, Checkbox, Popover, Select } from "@mantine/core";
import { IconAdjustmentsHorizontal } from "@tabler/icons-react";
import { useMemo, useState } from "react";

import { useRecordings, type BedStay } from "../../../api/signals";
import { Card } from "../../../parts/card";
import { Failed } from "../../../parts/states";
import { printedUnit } from "../../../lib/words";
import { useFrame } from "../frame";
import { channelsOf, firstPicks, groupsOf, groupWords, type Group, type Picked } from "./groups";
import classes from "./signals.module.css";
import { rateWords } from "./ticks";
import { Viewer } from "./viewer";

/** Shown only for patients of whom something was recorded; most have no monitor. */
export function SignalsCard() {
  const { person, moment } = useFrame();
  const found = useRecordings(person, moment);
  const groups = useMemo(() => groupsOf(found.data?.recordings ?? []), [found.data]);
  const [chosen, setChosen] = useState<string | null>(null);
  const group = groups.find((one) => one.key === chosen) ?? groups[0];
  if (found.isError) return <Card title="Signals" lane="signal"><Failed error={found.error} retry={() => void found.refetch()} /></Card>;
  if (!group) return null;
  const one = groupWords(group);
  const choice = groups.length > 1
    ? (
      <Select
        aria-label="Which recording" size="xs" w={330} maw="80vw" allowDeselect={false} value={group.key} onChange={setChosen}
        data={groups.map((each) => ({ value: each.key, label: groupWords(each) }))} comboboxProps={{ withinPortal: true }}
      />
    )
    : <span className={classes.only}>{one}</span>;
  return (
    <Card title="Signals" lane="signal" count={groups.length > 1 ? `${groups.length} recordings` : undefined} tools={choice}>
      <Chosen key={`${group.key} ${moment.at ?? ""}`} group={group} stays={found.data?.stays ?? []} />
    </Card>
  );
}

function Chosen({ group, stays }: { group: Group; stays: BedStay[] }) {
  const [keys, setKeys] = useState(() => firstPicks(group));
  const all = useMemo(() => channelsOf(group), [group]);
  const picked = useMemo(() => all.filter((one) => keys.includes(one.key)), [all, keys]);
  return <Viewer group={group} picked={picked} stays={stays} choice={<ChannelChoice all={all} keys={keys} choose={setKeys} />} />;
}

const MOST = 8;

function ChannelChoice({ all, keys, choose }: { all: Picked[]; keys: string[]; choose: (keys: string[]) => void }) {
  const [open, setOpen] = useState(false);
  return (
    <Popover opened={open} onChange={setOpen} position="bottom-end" shadow="md" trapFocus>
      <Popover.Target>
        <Button size="compact-sm" h={28} variant="default" leftSection={<IconAdjustmentsHorizontal size={15} />} aria-expanded={open} onClick={() => setOpen(!open)}>
          Channels {keys.length}/{all.length}
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label="Choose channels">
        <Checkbox.Group value={keys} onChange={choose} label="Channels" description={`Up to ${MOST} at once`}>
          <div className={classes.choices}>
            {all.map((one) => (
              <Checkbox
                key={one.key} size="xs" value={one.key} disabled={keys.length >= MOST && !keys.includes(one.key)}
                label={`${one.channel.channel} · ${rateWords(one.channel.rate_hz)}${one.channel.unit ? ` · ${printedUnit(one.channel.unit)}` : ""}`}
              />
            ))}
          </div>
        </Checkbox.Group>
      </Popover.Dropdown>
    </Popover>
  );
}
