/** The frame of every signed-in page: skip link, header, the page, and who is looking. */
import { ActionIcon, Menu, Tooltip, useComputedColorScheme, useMantineColorScheme } from "@mantine/core";
import { IconBell, IconChartFunnel, IconDatabaseImport, IconHistory, IconInfoCircle, IconKey, IconListCheck, IconLockOpen, IconLogout, IconMoon, IconRoute, IconSun, IconUserCircle, IconUsers, IconUsersGroup } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { Link, NavLink } from "react-router";

import { useSeesPatients, useSession } from "../api/queries";
import { ContextBar } from "./context_bar";
import { useHome } from "./home";
import { useLeave } from "./leave";
import { Wordmark } from "./logo";
import classes from "./shell.module.css";

/** Who keeps the records, and so decides which are one person. */
const KEEPERS = new Set(["administrator", "data steward", "operator"]);

/** Who reads the audit, unless the site's policy says otherwise. */
const AUDITORS = new Set(["administrator", "auditor"]);

const COHORTS = { to: "/cohorts", words: "Cohorts", icon: IconChartFunnel };
const GUIDES = { to: "/guides", words: "Guidelines", icon: IconRoute };
const ALERTS = { to: "/alerts", words: "Alerts", icon: IconBell };
const STAFF = [
  { to: "/", words: "Patients", icon: IconUsers },
  COHORTS,
  GUIDES,
  ALERTS,
  { to: "/review", words: "Review", icon: IconListCheck },
];

/** By where a person begins, when that is not the patients: every other place would refuse. */
const PLACES: Record<string, typeof STAFF> = {
  "/cohorts": [COHORTS, GUIDES],
  "/audit": [
    { to: "/audit", words: "Audit", icon: IconHistory },
    { to: "/broken-glass", words: "Broken glass", icon: IconLockOpen },
    GUIDES,
  ],
  "/my-record": [{ to: "/my-record", words: "My record", icon: IconUserCircle }],
};

/** What stands in the menu: an alert is about one patient, so not for whoever sees counts only. */
function usePlaces() {
  const home = useHome();
  const named = useSeesPatients();
  return (PLACES[home.to] ?? STAFF).filter((place) => place !== ALERTS || named);
}

export function Shell({ children, middle }: { children: ReactNode; middle?: ReactNode }) {
  const home = useHome();
  const places = usePlaces();
  return (
    <>
      <a className="skip-link" href="#content">Skip to the page</a>
      <header className={classes.header} data-print="no">
        <Link to={home.to} className={classes.home} aria-label={`Vitruvian, to ${home.place}`}>
          <Wordmark />
        </Link>
        <div className={classes.middle}>{middle}</div>
        <nav className={classes.tools} aria-label="Tools">
          {places.map(({ to, words, icon: Icon }) => (
            // Narrow screens show the sign alone, so the name stands beside the words too.
            <NavLink key={to} to={to} end={to === "/"} className={classes.link ?? ""} aria-label={words}>
              <Icon size={17} stroke={1.7} aria-hidden="true" />
              <span>{words}</span>
            </NavLink>
          ))}
          <SchemeToggle />
          <Who />
        </nav>
      </header>
      <ContextBar />
      <main id="content" tabIndex={-1} className={classes.main}>{children}</main>
    </>
  );
}

export function SchemeToggle() {
  const { setColorScheme } = useMantineColorScheme();
  const scheme = useComputedColorScheme("light");
  const other = scheme === "dark" ? "light" : "dark";
  return (
    <Tooltip label={`Switch to ${other}`}>
      <ActionIcon variant="subtle" color="gray" size="lg" aria-label={`Switch to ${other} colours`} onClick={() => setColorScheme(other)}>
        {scheme === "dark" ? <IconSun size={18} stroke={1.7} /> : <IconMoon size={18} stroke={1.7} />}
      </ActionIcon>
    </Tooltip>
  );
}

function Who() {
  const session = useSession().data;
  const own = useHome().to === "/my-record";
  const leave = useLeave();
  return (
    <Menu position="bottom-end" width={230} shadow="md">
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size="lg" aria-label="Your account">
          <IconUserCircle size={20} stroke={1.6} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          {session?.display_name ?? "Not signed in"}
          {session && <><br />{session.role} · for {session.purpose}</>}
        </Menu.Label>
        <Menu.Item component={Link} to="/password" leftSection={<IconKey size={16} />}>Set password</Menu.Item>
        {session && KEEPERS.has(session.role) && (
          <Menu.Item component={Link} to="/identity" leftSection={<IconUsersGroup size={16} />}>Who is who</Menu.Item>
        )}
        {!own && <Menu.Item component={Link} to="/broken-glass" leftSection={<IconLockOpen size={16} />}>Broken glass</Menu.Item>}
        {session && AUDITORS.has(session.role) && <Menu.Item component={Link} to="/audit" leftSection={<IconHistory size={16} />}>Audit</Menu.Item>}
        {session && KEEPERS.has(session.role) && <Menu.Item component={Link} to="/ingest" leftSection={<IconDatabaseImport size={16} />}>What comes in</Menu.Item>}
        <Menu.Item component={Link} to="/about" leftSection={<IconInfoCircle size={16} />}>About this server</Menu.Item>
        <Menu.Divider />
        <Menu.Item leftSection={<IconLogout size={16} />} onClick={() => void leave()}>Sign out</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
