/** Broken glass: who opened which closed record, why, and what a reviewer says of it. */
import { Button, Group } from "@mantine/core";
import { useEffect } from "react";
import { Link } from "react-router";

import { useBrokenGlasses, useReviewGlass, type BrokenGlass } from "../../api/broken_glass";
import { useSession } from "../../api/queries";
import { dayAndClock } from "../../lib/time";
import { Chip } from "../../parts/fact";
import { useHome } from "../../parts/home";
import { Shell } from "../../parts/shell";
import { Empty, Failed, Loading } from "../../parts/states";
import classes from "./broken_glass.module.css";

export function BrokenGlassPage() {
  const found = useBrokenGlasses();
  const session = useSession().data;
  const review = useReviewGlass();
  useEffect(() => { document.title = "Broken glass · Vitruvian"; }, []);
  const glasses = found.data?.glasses ?? [];
  return (
    <Shell>
      <div className={classes.page}>
        <h1>Broken glass</h1>
        <p>Closed records that were opened in an emergency. Every opening is reviewed by somebody else.</p>
        {found.isPending && <Loading lines={6} label="Loading what was opened" />}
        {found.isError && <Failed error={found.error} retry={() => void found.refetch()} />}
        {review.isError && <Failed error={review.error} />}
        {found.data && glasses.length === 0 && (
          <Empty>{found.data.reviewer ? "Nobody has opened a closed record." : "You have not opened a closed record."}</Empty>
        )}
        <ul className={classes.list}>
          {glasses.map((one) => (
            <li key={one.id} className={classes.item}>
              <Opening glass={one} />
              {found.data?.reviewer && one.verdict === null && one.name !== session?.name && (
                <Group gap="xs">
                  <Button size="xs" loading={review.isPending} onClick={() => review.mutate({ id: one.id, verdict: "justified" })}>Justified</Button>
                  <Button size="xs" variant="default" loading={review.isPending} onClick={() => review.mutate({ id: one.id, verdict: "not-justified" })}>Not justified</Button>
                </Group>
              )}
            </li>
          ))}
        </ul>
      </div>
    </Shell>
  );
}

const SAID: Record<string, { words: string; tone: "good" | "bad" }> = {
  justified: { words: "Justified", tone: "good" },
  "not-justified": { words: "Not justified", tone: "bad" },
};

function Opening({ glass }: { glass: BrokenGlass }) {
  const said = SAID[glass.verdict ?? ""] ?? { words: "Waits for a review", tone: "warn" as const };
  const opens = useHome().to === "/";
  return (
    <div>
      <div className={classes.head}>
        <strong>{glass.name}</strong>
        <span>{glass.role}</span>
        <Chip tone={said.tone}>{said.words}</Chip>
      </div>
      <p className={classes.reason}>{glass.reason}</p>
      <p className={classes.when}>
        {dayAndClock(glass.opened_at)} until {dayAndClock(glass.until)}
        {opens && <> · <Link to={`/patients/${glass.person_id}`}>the record</Link></>}
        {glass.reviewed_by && <> · reviewed by {glass.reviewed_by}</>}
      </p>
    </div>
  );
}
