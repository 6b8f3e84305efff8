/** The four faces of a page that has nothing to show yet: loading, empty, refused, failed. */
import { Button, Skeleton } from "@mantine/core";
import { IconAlertTriangle, IconLock, IconMapQuestion, IconRefresh } from "@tabler/icons-react";
import { useEffect, useState, type ReactNode } from "react";
import { Link } from "react-router";

import { Problem } from "../api/client";
import { useHome } from "./home";
import classes from "./states.module.css";

/** From here on people ask themselves whether anything still happens. */
const LONG_WAIT = 10_000;

function useLongWait(): boolean {
  const [long, setLong] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLong(true), LONG_WAIT);
    return () => clearTimeout(timer);
  }, []);
  return long;
}

/** Lines where an answer will stand; a server that says nothing for long is told of. */
export function Loading({ lines = 4, label = "Loading" }: { lines?: number; label?: string }) {
  const long = useLongWait();
  return (
    <div role="status" aria-label={label} className={classes.loading}>
      {long && <p className={classes.waiting}>No answer for ten seconds. The server may be busy, or it hangs; this page goes on waiting.</p>}
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

interface FailedProps {
  error: unknown;
  retry?: () => void;
  /** Where to go instead, when this is all that the page has to show; its sentence then heads the page. */
  home?: { to: string; words: string };
  /** Unless the page has a heading of its own. */
  heading?: "h1" | "h2";
}

/** The same question again can have another answer: not when it was refused or could not be understood. */
function worthAnother(problem: Problem | null): boolean {
  return ![400, 403, 404, 410, 422].includes(problem?.status ?? 0);
}

export function Failed({ error, retry, home, heading = home ? "h1" : "h2" }: FailedProps) {
  const problem = error instanceof Problem ? error : null;
  const refused = problem?.status === 403;
  const Icon = refused ? IconLock : IconAlertTriangle;
  const Heading = heading;
  return (
    <div role="alert" className={classes.failed}>
      <Icon size={28} stroke={1.6} aria-hidden="true" />
      <Heading>{problem?.title ?? "Something went wrong on this page"}</Heading>
      <p>{problem?.message ?? "The page could not be drawn. Reload it; if it stays, tell whoever runs this server."}</p>
      {retry && worthAnother(problem) && (
        <Button size="xs" variant="default" leftSection={<IconRefresh size={15} />} onClick={retry}>
          Try again
        </Button>
      )}
      {home && <Link to={home.to}>{home.words}</Link>}
      {problem?.requestId && <p className={classes.request}>Request {problem.requestId}</p>}
    </div>
  );
}

/** An address that leads nowhere says so: the worklist in its place would look like an answer. */
export function Nowhere() {
  const home = useHome();
  return (
    <div className={classes.failed}>
      <IconMapQuestion size={28} stroke={1.6} aria-hidden="true" />
      <h1>There is no such page</h1>
      <p>The address leads nowhere. Check it, or start from {home.place}.</p>
      <Link to={home.to}>{home.words}</Link>
    </div>
  );
}
