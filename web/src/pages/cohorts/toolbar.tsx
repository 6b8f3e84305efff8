/** Open, save, hand out; and the moment asked about. */
import { Button, Menu, Modal, TextInput } from "@mantine/core";
import { IconBookmark, IconDownload, IconFolderOpen } from "@tabler/icons-react";
import { useState } from "react";

import { download, useSave, useSaved, type Form, type Question, type Saved } from "../../api/cohorts";
import { useSeesPatients } from "../../api/queries";
import { dayAndClock, forField } from "../../lib/time";
import { Failed } from "../../parts/states";
import classes from "./cohorts.module.css";

interface ToolbarProps {
  question: Question | null;
  title: string;
  open: (text: string) => void;
  knownAt: string | null;
  setKnownAt: (at: string | null) => void;
}

export function Toolbar({ question, title, open, knownAt, setKnownAt }: ToolbarProps) {
  const [failed, setFailed] = useState<unknown>(null);
  const named = useSeesPatients();
  const hand = (form: Form) => {
    setFailed(null);
    if (question) download(question, form).catch(setFailed);
  };
  return (
    <div className={classes.tools}>
      <TextInput size="xs" type="datetime-local" aria-label="As known at" title="Answer with what was known then; empty is now" value={knownAt ? forField(knownAt) : ""} onChange={(event) => setKnownAt(event.currentTarget.value ? new Date(event.currentTarget.value).toISOString() : null)} leftSection={<span className={classes.knownAt}>known at</span>} leftSectionWidth={70} />
      <OpenMenu open={open} />
      <SaveButton question={question} title={title} />
      {named && (
        <Menu position="bottom-end" shadow="md">
          <Menu.Target><Button size="xs" variant="default" disabled={!question} leftSection={<IconDownload size={15} />}>Export</Button></Menu.Target>
          <Menu.Dropdown>
            <Menu.Item onClick={() => hand("csv")}>Members as CSV</Menu.Item>
            <Menu.Item onClick={() => hand("group")}>FHIR Group</Menu.Item>
            <Menu.Item onClick={() => hand("meds")}>MEDS labels (Parquet)</Menu.Item>
          </Menu.Dropdown>
        </Menu>
      )}
      <Modal opened={failed !== null} onClose={() => setFailed(null)} title="Not exported"><Failed error={failed} /></Modal>
    </div>
  );
}

function OpenMenu({ open }: { open: (text: string) => void }) {
  const list = useSaved().data;
  const names = [...new Set(list?.saved.map((one) => one.name))];
  return (
    <Menu position="bottom-end" shadow="md" width={340}>
      <Menu.Target><Button size="xs" variant="default" leftSection={<IconFolderOpen size={15} />}>Open</Button></Menu.Target>
      <Menu.Dropdown className={classes.menu ?? ""}>
        {names.map((name) => (
          <div key={name}>
            <Menu.Label>{name}</Menu.Label>
            {list?.saved.filter((one) => one.name === name).map((one) => <Version key={one.id} one={one} open={open} />)}
          </div>
        ))}
        <Menu.Label>Examples</Menu.Label>
        {list?.examples.map((one) => <Menu.Item key={one.name} onClick={() => open(one.text)}>{one.title}</Menu.Item>)}
      </Menu.Dropdown>
    </Menu>
  );
}

function Version({ one, open }: { one: Saved; open: (text: string) => void }) {
  return <Menu.Item onClick={() => open(one.text)}>Version {one.version} <small>{dayAndClock(one.saved_at)}</small></Menu.Item>;
}

function SaveButton({ question, title }: { question: Question | null; title: string }) {
  const [asking, setAsking] = useState(false);
  const [name, setName] = useState("");
  const save = useSave();
  const keep = () => {
    if (question && name.trim()) save.mutate({ name: name.trim(), text: question.text }, { onSuccess: () => setAsking(false) });
  };
  return (
    <>
      <Button size="xs" variant="default" disabled={!question} leftSection={<IconBookmark size={15} />} onClick={() => { setName(title.slice(0, 120)); save.reset(); setAsking(true); }}>Save</Button>
      <Modal opened={asking} onClose={() => setAsking(false)} title="Save as a version" closeButtonProps={{ "aria-label": "Close" }}>
        <TextInput label="Name" description="The same name again becomes its next version; every version is kept." value={name} maxLength={120} onChange={(event) => setName(event.currentTarget.value)} onKeyDown={(event) => { if (event.key === "Enter") keep(); }} data-autofocus />
        {save.isError && <Failed error={save.error} />}
        <Button mt="md" variant="default" onClick={keep} loading={save.isPending} disabled={!name.trim()}>Save</Button>
      </Modal>
    </>
  );
}
