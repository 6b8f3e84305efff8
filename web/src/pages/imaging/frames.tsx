/** The images one by one as the server draws them: where volumes cannot be drawn, and what is no volume. */
import { Button } from "@mantine/core";
import { useCallback, useEffect, useRef, useState, type KeyboardEvent, type RefObject } from "react";

import type { Moment } from "../../api/client";
import { renderedAddress, type ImagesOfSeries } from "../../api/imaging";
import classes from "./imaging.module.css";
import type { Preset } from "./windows";

interface Props {
  study: string;
  images: ImagesOfSeries;
  preset: Preset | null;
  moment: Moment;
  label: string;
}

export function Frames({ study, images, preset, moment, label }: Props) {
  const last = images.images.length - 1;
  const [at, setAt] = useState(Math.floor(last / 2));
  const [failed, setFailed] = useState(false);
  const go = useCallback((to: number) => { setFailed(false); setAt(Math.max(0, Math.min(last, to))); }, [last]);
  const image = images.images[at];
  const address = image ? renderedAddress(study, images.series_uid, image, preset, moment) : "";
  useEffect(() => {
    // the neighbours are asked for beforehand, so that scrolling does not flicker
    for (const beside of [at + 1, at - 1]) {
      const next = images.images[beside];
      if (next) new Image().src = renderedAddress(study, images.series_uid, next, preset, moment);
    }
  }, [at, images, preset, moment, study]);

  const onKey = (event: KeyboardEvent) => {
    const to = { ArrowUp: at - 1, ArrowLeft: at - 1, ArrowDown: at + 1, ArrowRight: at + 1, PageUp: at - 5, PageDown: at + 5, Home: 0, End: last }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    go(to);
  };
  const stage = useRef<HTMLDivElement>(null);
  useWheel(stage, (step) => go(at + step));
  if (!image) return <div className={classes.stage}><p className={classes.waiting}>This series holds no image to look at.</p></div>;
  const [left, right, top, bottom] = image.edges ?? [];
  return (
    <div ref={stage} className={classes.stage} data-testid="frames" data-stage tabIndex={0} role="group" aria-label={`${label}. Image ${at + 1} of ${last + 1}. Arrow keys go from image to image.`} onKeyDown={onKey}>
      {failed ? <NotDrawn retry={() => setFailed(false)} />
        : <img src={address} alt={`${label}, ${at + 1} of ${last + 1}`} onError={() => setFailed(true)} />}
      {image.edges && (
        <>
          <b className={classes.edge} data-at="left">{left}</b>
          <b className={classes.edge} data-at="right">{right}</b>
          <b className={classes.edge} data-at="top">{top}</b>
          <b className={classes.edge} data-at="bottom">{bottom}</b>
        </>
      )}
      <p className={classes.place}>{at + 1} of {last + 1}</p>
      {last > 0 && <input className={classes.slider} type="range" min={0} max={last} value={at} aria-label="Image" onChange={(event) => go(Number(event.target.value))} />}
    </div>
  );
}

function NotDrawn({ retry }: { retry: () => void }) {
  return (
    <div role="alert" className={classes.waiting}>
      <p>This image could not be drawn. Go to another one, or open the study in the workstation.</p>
      <Button size="compact-sm" variant="default" onClick={retry}>Try again</Button>
    </div>
  );
}

/** The wheel goes from image to image and leaves the page where it is, which React's own listener cannot. */
function useWheel(stage: RefObject<HTMLDivElement | null>, go: (step: number) => void): void {
  const now = useRef(go);
  now.current = go;
  useEffect(() => {
    const element = stage.current;
    const onWheel = (event: WheelEvent) => {
      if (event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      now.current(Math.sign(event.deltaY));
    };
    element?.addEventListener("wheel", onWheel, { passive: false });
    return () => element?.removeEventListener("wheel", onWheel);
  }, [stage]);
}
