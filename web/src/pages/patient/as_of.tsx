/** The "as known on" control: it moves the whole page to an earlier state of knowledge. */
import { ActionIcon, Button, Group, Popover, SegmentedControl, Select, Tooltip } from "@mantine/core";
import { IconChevronLeft, IconChevronRight, IconClockHour4, IconHistory } from "@tabler/icons-react";
import { useState } from "react";

import { NOW, type Moment } from "../../api/client";
import { momentWords, type Clock } from "../../lib/moment";
import { stepped, STEPS, type Step } from "../../lib/steps";
import { dayAndClock, forField, withZone } from "../../lib/time";
import classes from "./as_of.module.css";

const CLOCKS = [
  { value: "known_at", label: "Known to the care team" },
  { value: "recorded_at", label: "Recorded here" },
];
interface AsOfProps {
  moment: Moment;
  choose: (moment: Moment) => void;
  /** The latest instant anything here is known of: a step back from now starts there. */
  dataUntil: string | null;
}

export function AsOfControl({ moment, choose, dataUntil }: AsOfProps) {
  const [step, setStep] = useState<Step>("day");
  const [open, setOpen] = useState(false);
  const go = (direction: 1 | -1) => {
    const to = stepped(new Date(moment.at ?? dataUntil ?? Date.now()), step, direction);
    choose(to.getTime() >= Date.now() ? { ...NOW, clock: moment.clock } : { clock: moment.clock, at: to.toISOString() });
  };
  const unit = STEPS.find((one) => one.value === step)?.label ?? "";
  return (
    <div className={classes.control} role="group" aria-label="As known on">
      <Tooltip label={`Back ${unit}`}>
        <ActionIcon variant="default" size={32} aria-label={`Step back ${unit}`} onClick={() => go(-1)}><IconChevronLeft size={17} /></ActionIcon>
      </Tooltip>
      <Popover opened={open} onChange={setOpen} width={320} position="bottom-start" shadow="md" trapFocus>
        <Popover.Target>
          <Button
            size="compact-md" h={32} variant="default" className={moment.at ? classes.past ?? "" : ""}
            leftSection={moment.at ? <IconHistory size={16} /> : <IconClockHour4 size={16} />}
            aria-haspopup="dialog" aria-expanded={open} onClick={() => setOpen(!open)}
          >
            {moment.at ? dayAndClock(moment.at) : "As known now"}
          </Button>
        </Popover.Target>
        <Popover.Dropdown aria-label="Choose a moment of knowledge">
          <MomentForm moment={moment} choose={choose} step={step} setStep={setStep} close={() => setOpen(false)} />
        </Popover.Dropdown>
      </Popover>
      <Tooltip label={`Forward ${unit}`}>
        <ActionIcon variant="default" size={32} disabled={moment.at === null} aria-label={`Step forward ${unit}`} onClick={() => go(1)}><IconChevronRight size={17} /></ActionIcon>
      </Tooltip>
    </div>
  );
}

interface MomentFormProps {
  moment: Moment;
  choose: (moment: Moment) => void;
  step: Step;
  setStep: (step: Step) => void;
  close: () => void;
}

function MomentForm({ moment, choose, step, setStep, close }: MomentFormProps) {
  const [clock, setClock] = useState<Clock>(moment.clock);
  const [field, setField] = useState(forField(moment.at ?? Date.now()));
  const show = () => {
    const at = new Date(field);
    if (!Number.isNaN(at.getTime())) choose({ clock, at: at.toISOString() });
    close();
  };
  return (
    <form className={classes.form} onSubmit={(event) => { event.preventDefault(); show(); }}>
      <SegmentedControl fullWidth size="xs" data={CLOCKS} value={clock} onChange={(value) => setClock(value as Clock)} aria-label="Which clock" />
      <p>{clock === "known_at" ? "What the care team could have seen by then." : "What had reached this database by then."}</p>
      <label className={classes.field}>
        Date and time
        <input type="datetime-local" value={field} onChange={(event) => setField(event.target.value)} data-autofocus />
        {/* A browser may write 3/4 for the fourth of March: the month in letters leaves no doubt. */}
        <output>{field ? withZone(field) : "choose a date and a time"}</output>
      </label>
      <Select size="xs" label="Steps of" data={[...STEPS]} value={step} onChange={(value) => value && setStep(value as Step)} allowDeselect={false} comboboxProps={{ withinPortal: false }} />
      <Group justify="space-between" mt={4}>
        <Button size="xs" variant="default" onClick={() => { choose(NOW); close(); }}>Now</Button>
        <Button size="xs" type="submit">Show as of then</Button>
      </Group>
    </form>
  );
}

/** The bar that never lets an earlier view pass for the present. */
export function AsOfBar({ moment, choose }: { moment: Moment; choose: (moment: Moment) => void }) {
  const words = momentWords(moment);
  if (!words) return null;
  return (
    <div className={classes.bar} role="status">
      <IconHistory size={17} aria-hidden="true" />
      <span><strong>{words}</strong><span className={classes.rest}> · nothing later is shown</span></span>
      <button type="button" className={`plain ${classes.back}`} onClick={() => choose(NOW)}>Back to now</button>
    </div>
  );
}
