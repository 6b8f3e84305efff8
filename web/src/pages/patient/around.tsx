/** What stands around every page about one patient: who it is, as known when, and where things come from. */
import { useCallback, useEffect, useMemo, useRef, useState, type ReactNode, type RefObject } from "react";
import { useParams } from "react-router";

import { usePicture } from "../../api/queries";
import { useMoment } from "../../lib/moment";
import { Closed, isClosed } from "../../parts/closed";
import { useHome } from "../../parts/home";
import { Shell } from "../../parts/shell";
import { Failed } from "../../parts/states";
import { AsOfBar } from "./as_of";
import { Banner } from "./banner";
import { Drawers } from "./drawers";
import { FrameContext, type Frame, type Opened } from "./frame";
import classes from "./patient.module.css";

export function AroundPatient({ children }: { children: ReactNode }) {
  const { person = "" } = useParams();
  const [moment, setMoment] = useMoment();
  const [opened, setOpened] = useState<Opened[]>([]);
  const open = useCallback((what: Opened) => setOpened((before) => [...before, what]), []);
  const frame = useMemo<Frame>(() => ({ person, moment, setMoment, open }), [person, moment, setMoment, open]);
  const picture = usePicture(person, moment);
  const home = useHome();
  const top = useRef<HTMLDivElement>(null);
  useRoomBelow(top);
  return (
    <FrameContext.Provider value={frame}>
      <Shell>
        <div className={classes.frame} data-testid="frame" data-past={moment.at !== null || undefined}>
          <div ref={top} className={classes.sticky}>
            <AsOfBar moment={moment} choose={setMoment} />
            {picture.data && <Banner banner={picture.data.banner} />}
          </div>
          {/* Nothing of a patient is shown whose banner cannot stand above it. */}
          {picture.isError && (isClosed(picture.error) ? <Closed person={person} /> : <Failed error={picture.error} retry={() => void picture.refetch()} home={home} />)}
          {(!picture.isError || picture.data) && children}
        </div>
        <Drawers opened={opened} setOpened={setOpened} />
      </Shell>
    </FrameContext.Provider>
  );
}

/** Tells the page how high its banner is, so that nothing which is walked to by keys hides behind it. */
function useRoomBelow(top: RefObject<HTMLDivElement | null>): void {
  useEffect(() => {
    const { style } = document.documentElement;
    const watcher = new ResizeObserver(() => top.current && style.setProperty("--v-banner", `${top.current.offsetHeight}px`));
    if (top.current) watcher.observe(top.current);
    return () => { watcher.disconnect(); style.removeProperty("--v-banner"); };
  }, [top]);
}
