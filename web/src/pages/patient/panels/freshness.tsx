import { IconClockCheck } from "@tabler/icons-react";

import type { Freshness } from "../../../api/types";
import { plural } from "../../../lib/signs";
import { dayAndClock } from "../../../lib/time";
import { Card, Few } from "../../../parts/card";
import { Empty } from "../../../parts/states";
import classes from "./panels.module.css";

/** How recent each source is: a quiet source looks like a healthy patient. */
export function FreshnessPanel({ sources }: { sources: Freshness[] }) {
  return (
    <Card title="How fresh is this?" icon={IconClockCheck} count={plural(sources.length, "source")}>
      {sources.length === 0 ? <Empty>No source has sent anything about this patient.</Empty> : (
        <Few items={sources} most={5}>
          {(source) => (
            <div className={classes.row}>
              <span className={classes.line}>
                <span className={classes.title}>{source.site}</span>
                <span className={classes.when}>{plural(source.events, "event")}</span>
              </span>
              <span className={classes.soft}>
                <code>{source.source}</code>
                {source.latest_time && ` · last event ${dayAndClock(source.latest_time)}`}
                {source.latest_known_at && ` · last known ${dayAndClock(source.latest_known_at)}`}
              </span>
            </div>
          )}
        </Few>
      )}
    </Card>
  );
}
