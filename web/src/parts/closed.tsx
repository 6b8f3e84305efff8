/** A record that is closed to the one who asks, and the way in when care cannot wait. */
import { Button, Textarea } from "@mantine/core";
import { IconLock, IconLockOpen } from "@tabler/icons-react";
import { useState, type FormEvent } from "react";

import { useBreakGlass } from "../api/broken_glass";
import { Problem } from "../api/client";
import classes from "./closed.module.css";

export function isClosed(error: unknown): boolean {
  return error instanceof Problem && error.slug === "record-closed";
}

export function Closed({ person }: { person: string }) {
  const [reason, setReason] = useState("");
  const breaking = useBreakGlass(person);
  const send = (event: FormEvent) => {
    event.preventDefault();
    breaking.mutate(reason);
  };
  return (
    <section className={classes.closed} aria-labelledby="closed-title">
      <IconLock size={28} stroke={1.6} aria-hidden="true" />
      <h1 id="closed-title">This record is closed to you</h1>
      <p>No care team, ward or consent opens it. If care cannot wait, open it with a reason: it opens at once, for a few hours, and somebody else reviews every opening.</p>
      <form onSubmit={send}>
        <Textarea
          label="Why the record is needed now"
          placeholder="For example: unconscious in the emergency room, medication unknown"
          autosize minRows={2} maxLength={1000} required autoFocus
          value={reason} onChange={(event) => setReason(event.currentTarget.value)}
          error={breaking.isError ? breaking.error.message : null}
        />
        <Button type="submit" color="red.9" autoContrast loading={breaking.isPending} leftSection={<IconLockOpen size={17} />}>
          Open this record
        </Button>
      </form>
    </section>
  );
}
