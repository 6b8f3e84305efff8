/** The audit: who looked at whom, when and why; every look at it stands in it as well. */
import { Button, Group } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { useEffect, useState } from "react";

import { downloadAudit, useAuditSearch, type AuditState, type AuditWish, type Form } from "../../api/audit";
import { Problem } from "../../api/client";
import { dayAndClock } from "../../lib/time";
import { Shell } from "../../parts/shell";
import { Empty, Failed, Loading } from "../../parts/states";
import classes from "./audit.module.css";
import { Rows } from "./rows";
import { NOTHING, SearchForm, wishOf, type Fields } from "./search";
import { count } from "./words";

export function AuditPage() {
  const [fields, setFields] = useState<Fields>(NOTHING);
  const [asked, setAsked] = useState<{ wish: AuditWish; times: number }>({ wish: wishOf(NOTHING), times: 0 });
  const found = useAuditSearch(asked.wish, asked.times);
  useEffect(() => { document.title = "Audit · Vitruvian"; }, []);
  const search = (next: Fields) => setAsked(({ times }) => ({ wish: wishOf(next), times: times + 1 }));
  const only = (next: Partial<Fields>) => { const whole = { ...fields, ...next }; setFields(whole); search(whole); };
  const rows = found.data?.pages.flatMap((page) => page.rows) ?? [];
  const state = found.data?.pages.at(-1)?.state;
  const refused = found.error instanceof Problem && found.error.status === 403;
  return (
    <Shell>
      <div className={classes.page}>
        <div className={classes.top}>
          <h1>Audit</h1>
          {state && <Standing state={state} />}
        </div>
        {refused ? <Failed error={found.error} /> : (
          <>
            <SearchForm fields={fields} change={setFields} search={search} busy={found.isFetching} />
            {found.isPending && <Loading lines={10} label="Searching the audit" />}
            {found.isError && <Failed error={found.error} retry={() => void found.refetch()} />}
            {found.data && rows.length === 0 && !found.hasNextPage && <div className={classes.empty}><Empty>No row of the audit fits all of this. Nothing was done of that kind, or it was done under another account or at another time.</Empty></div>}
            {rows.length > 0 && <Taking wish={asked.wish} shown={rows.length} />}
            {rows.length > 0 && <Rows rows={rows} account={(who) => only({ who })} person={(patient) => only({ patient, by: "person_id" })} />}
            {found.hasNextPage && (
              <div className={classes.more}>
                {rows.length === 0 && <p>Nothing among the newest rows yet.</p>}
                <Button variant="default" loading={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>Older rows</Button>
              </div>
            )}
            {rows.length > 0 && !found.hasNextPage && <p className={classes.end}>The audit has no older row that fits.</p>}
          </>
        )}
      </div>
    </Shell>
  );
}

/** How many rows there are, and up to where somebody outside vouches for them. */
function Standing({ state }: { state: AuditState }) {
  const after = state.rows - (state.signed_rows ?? 0);
  return (
    <p>
      Who looked at whom, when and why. {count(state.rows, "row", "rows")}
      {state.signed_at
        ? <>, signed {dayAndClock(state.signed_at)}; {count(after, "came", "came")} after it.</>
        : <>, not signed: see “Prove the audit” in the documentation.</>}
      {state.down.length > 0 && <strong className={classes.down}> {state.down.join(" and ")} cannot be written.</strong>}
    </p>
  );
}

function Taking({ wish, shown }: { wish: AuditWish; shown: number }) {
  const [failed, setFailed] = useState<unknown>(null);
  const take = (form: Form) => { setFailed(null); downloadAudit(wish, form).catch(setFailed); };
  return (
    <>
      <Group gap="xs" className={classes.taking ?? ""}>
        <span aria-live="polite">{count(shown, "row", "rows")} shown, newest first. Taking rows out is written down, too.</span>
        <Button size="compact-sm" variant="default" leftSection={<IconDownload size={14} />} onClick={() => take("csv")}>CSV</Button>
        <Button size="compact-sm" variant="default" leftSection={<IconDownload size={14} />} onClick={() => take("cef")} title="Common Event Format, for a system that watches for incidents">CEF</Button>
      </Group>
      {failed !== null && <Failed error={failed} />}
    </>
  );
}
