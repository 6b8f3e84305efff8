/** The four faces of a page that has nothing to show yet: loading, empty, refused, failed. */
import { Button, Skeleton } from "@mantine/core";
import { IconAlertTriangle, IconLock, IconRefresh } from "@tabler/icons-react";
import type { ReactNode } from "react";

import { Problem } from "../api/client";
import classes from "./states.module.css";

export function Loading({ lines = 4, label = "Loading" }: { lines?: number; label?: string }) {
  return (
    <div role="status" aria-label={label} className={classes.loading}>
      {Array.from({ length: lines }, (_, line) => (
        <Skeleton key={line} height={14} width={`${92 - ((line * 17) % 40)}%`} radius="sm" />
      ))}
    </div>
  );
}

/** What is missing, in words: absence of records is not absence of disease. */
export function Empty({ children }: { children: ReactNode }) {
  return <p className={classes.empty}>{children}</p>;
}

export function Failed({ error, retry }: { error: unknown; retry?: () => void }) {
  const problem = error instanceof Problem ? error : null;
  const refused = problem?.status === 403;
  const Icon = refused ? IconLock : IconAlertTriangle;
  return (
    <div role="alert" className={classes.failed}>
      <Icon size={28} stroke={1.6} aria-hidden="true" />
      <h2>{problem?.title ?? "Something went wrong on this page"}</h2>
      <p>{problem?.message ?? "The page could not be drawn. Reload it; if it stays, tell whoever runs this server."}</p>
      {retry && !refused && (
        <Button size="xs" variant="default" leftSection={<IconRefresh size={15} />} onClick={retry}>
          Try again
        </Button>
      )}
      {problem?.requestId && <p className={classes.request}>Request {problem.requestId}</p>}
    </div>
  );
}
