/** What is known about me: every section, also the empty ones, because that is an answer too. */
import { Modal } from "@mantine/core";
import { IconHourglass } from "@tabler/icons-react";
import { useState } from "react";

import { useLetter, type KnownAboutMe, type Section } from "../../api/my_record";
import { day } from "../../lib/time";
import { printedQuantity } from "../../lib/words";
import { Card, Few } from "../../parts/card";
import { Empty, Failed, Loading } from "../../parts/states";
import classes from "./my_record.module.css";

export function Known({ known }: { known: KnownAboutMe }) {
  const [letter, setLetter] = useState<{ note: string; title: string } | null>(null);
  return (
    <>
      <p className={classes.waiting}><IconHourglass size={18} stroke={1.6} aria-hidden="true" /> {known.waiting}</p>
      <div className={classes.grid}>
        {known.sections.map((section) => (
          <Card key={section.key} title={section.title} count={section.items.length + section.more}>
            <p className={classes.about}>{section.about}</p>
            <Lines section={section} open={(note, title) => setLetter({ note, title })} />
          </Card>
        ))}
      </div>
      <Modal opened={letter !== null} onClose={() => setLetter(null)} size="lg" title={letter?.title ?? ""}>
        {letter && <Letter person={known.person_id} note={letter.note} />}
      </Modal>
    </>
  );
}

function Lines({ section, open }: { section: Section; open: (note: string, title: string) => void }) {
  if (section.items.length === 0) return <Empty>{section.empty}</Empty>;
  return (
    <>
      <Few items={section.items} most={6}>
        {(item) => (
          <div className={classes.line}>
            <div>
              {item.note_id
                ? <button type="button" className={`plain ${classes.letter}`} onClick={() => open(item.note_id as string, item.what)}>{item.what}</button>
                : <span className={classes.what}>{item.what}</span>}
              {item.value && <strong className={classes.value}>{printedQuantity(item.value)}</strong>}
              {item.note && <span className={classes.note}>{item.note}</span>}
            </div>
            <time className={classes.when} dateTime={item.when ?? undefined}>{item.when ? day(item.when) : "no date"}</time>
          </div>
        )}
      </Few>
      {section.more > 0 && <p className={classes.note}>{section.more} older ones are not listed here; ask for a copy of your record.</p>}
    </>
  );
}

function Letter({ person, note }: { person: string; note: string }) {
  const found = useLetter(person, note);
  if (found.isPending) return <Loading lines={10} label="Loading the letter" />;
  if (found.isError) return <Failed error={found.error} retry={() => void found.refetch()} />;
  return <pre className={classes.text}>{found.data.text ?? "This document holds no text that can be shown here."}</pre>;
}
