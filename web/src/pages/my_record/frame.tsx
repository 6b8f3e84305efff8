/** The frame of a patient's page: nothing in it but the page, the colours, and the way out. */
import { Button } from "@mantine/core";
import { IconLogout } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { Link } from "react-router";

import { useSession } from "../../api/queries";
import { useLeave } from "../../parts/leave";
import { Wordmark } from "../../parts/logo";
import { SchemeToggle } from "../../parts/shell";
import classes from "./my_record.module.css";

export function Frame({ children }: { children: ReactNode }) {
  const session = useSession().data;
  const leave = useLeave();
  return (
    <>
      <a className="skip-link" href="#content">Skip to the page</a>
      <header className={classes.header} data-print="no">
        <Link to="/my-record" aria-label="Vitruvian, my record"><Wordmark /></Link>
        <nav aria-label="Tools" className={classes.tools}>
          <Link to="/password" className={classes.quiet}>Set password</Link>
          <SchemeToggle />
          <Button size="compact-sm" variant="default" leftSection={<IconLogout size={15} aria-hidden="true" />} title={session?.display_name ?? ""} onClick={() => void leave()}>Sign out</Button>
        </nav>
      </header>
      <main id="content" tabIndex={-1} className={classes.page}>{children}</main>
    </>
  );
}
