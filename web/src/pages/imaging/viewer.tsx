/** One series: as a volume where it is one and the browser can draw it, else image by image. */
import { Button, SegmentedControl } from "@mantine/core";
import { IconExternalLink } from "@tabler/icons-react";
import { useCallback, useEffect, useMemo, useRef, useState, type KeyboardEvent } from "react";

import type { Moment } from "../../api/client";
import { labelsAddress, useImages, useOverlayLabels, useOverlays, volumeAddress, workstationAddress, type ImagesOfSeries, type ImagingSeries, type ImagingStudy, type Overlay } from "../../api/imaging";
import { Failed, Loading } from "../../parts/states";
import { Frames } from "./frames";
import classes from "./imaging.module.css";
import { ALL_SHOWN, labelColours, labelNames, Overlays } from "./overlays";
import { hasWebGl2, Volume, type Labels, type Plane } from "./volume";
import { presetsOf, windowWords, type Preset } from "./windows";

interface Props {
  person: string;
  study: ImagingStudy;
  series: ImagingSeries;
  moment: Moment;
  /** The series of the segmentation or structure set that is shown over the pictures. */
  drawn: string | null;
  chooseDrawn: (series: string | null) => void;
}

export function Viewer(props: Props) {
  const { person, study, series, moment } = props;
  const images = useImages(person, study.study_uid, series.series_uid, moment);
  if (images.isPending) return <div className={classes.card}><Loading lines={8} label="Looking for the images" /></div>;
  if (images.isError) return <Failed error={images.error} retry={() => void images.refetch()} />;
  return <Opened {...props} images={images.data} />;
}

type Way = Plane | "images";

function Opened({ person, study, series, moment, images, drawn, chooseDrawn }: Props & { images: ImagesOfSeries }) {
  const drawable = useMemo(() => hasWebGl2(), []);
  const [failed, setFailed] = useState(false);
  const onFailed = useCallback(() => setFailed(true), []);
  const presets = useMemo(() => presetsOf(images.modality, images.window_centre, images.window_width), [images]);
  const [preset, setPreset] = useState<Preset | null>(presets[0] ?? null);
  const refused = whyNoVolume(images, drawable, failed);
  const [way, setWay] = useState<Way>(refused ? "images" : "axial");
  const shown: Way = refused ? "images" : way;
  const over = useOver({ person, study, series, moment, drawn }, shown === "images" ? refused ?? ASK_FOR_A_PLANE : null);
  const label = series.description ?? images.modality ?? "Series";
  const section = useRef<HTMLElement>(null);
  const byKey = useRef(false);
  useEffect(() => {
    // The stage that had the keys may be gone: whoever changed it by a key goes on in the new one.
    if (byKey.current) section.current?.querySelector<HTMLElement>("[data-stage]")?.focus({ preventScroll: true });
    byKey.current = false;
  }, [shown]);
  const onKey = (event: KeyboardEvent) => {
    const chosen = presets.find((each) => each.key === event.key);
    const plane = ({ a: "axial", c: "coronal", s: "sagittal", m: "three", i: "images" } as Record<string, Way>)[event.key];
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (chosen) setPreset(chosen);
    else if (plane && !refused) { byKey.current = plane !== shown; setWay(plane); }
  };
  return (
    <section ref={section} className={classes.viewer} aria-label={label} onKeyDown={onKey}>
      <div className={classes.bar}>
        {!refused && (
          <SegmentedControl className={classes.ways ?? ""} size="xs" value={shown} onChange={(next) => setWay(next as Way)} aria-label="How to look" data={WAYS} />
        )}
        {presets.length > 0 && (
          <div className={classes.presets} role="group" aria-label="Window">
            {presets.map((each) => (
              <Button key={each.label} size="compact-sm" variant={each === preset ? "filled" : "default"} aria-pressed={each === preset} title={`${windowWords(each, images.modality)} (key ${each.key})`} onClick={() => setPreset(each)}>
                {each.label}
              </Button>
            ))}
          </div>
        )}
        <Button className={classes.workstation ?? ""} component="a" href={workstationAddress(person, study.study_uid, moment)} size="compact-sm" variant="light" rightSection={<IconExternalLink size={15} stroke={1.7} />}>
          Open in the workstation
        </Button>
      </div>
      {over.listed.isError && <Unlisted error={over.listed.error} retry={() => void over.listed.refetch()} />}
      {over.overlays.length > 0 && <Overlays {...over} choose={(overlay) => chooseDrawn(overlay?.series_uid ?? null)} />}
      {shown === "images"
        ? <Frames study={study.study_uid} images={images} preset={preset} moment={moment} label={label} />
        : <Volume address={volumeAddress(person, study.study_uid, series.series_uid, moment)} labels={over.volume} place={over.place} preset={preset} plane={shown} label={label} unit={images.modality === "CT" ? " HU" : ""} onFailed={onFailed} />}
      <p className={classes.words}>
        {preset && `${preset.label}: ${windowWords(preset, images.modality)}. `}
        {shown !== "images" && "The patient's right is at the left of the picture. "}
        {refused ?? "Wheel or arrow keys: slices. Keys 0 to 4: window. a, c, s, m: planes, i: images. "}
        {" "}For orientation, not for diagnosis.
        {failed && <>{" "}<Button size="compact-xs" variant="default" onClick={() => setFailed(false)}>Load the volume again</Button></>}
      </p>
    </section>
  );
}

const ASK_FOR_A_PLANE = "What was drawn is shown over the volume. Choose Axial, Coronal, Sagittal or Three planes.";

/** What was drawn on the series, the one that is chosen, and its labels once they are known. */
function useOver({ person, study, series, moment, drawn }: Omit<Props, "chooseDrawn">, why: string | null) {
  const [shown, show] = useState(ALL_SHOWN);
  const [place, goTo] = useState<number[] | null>(null);
  useEffect(() => show(ALL_SHOWN), [drawn]);
  const listed = useOverlays(person, study.study_uid, series.series_uid, moment);
  const overlays = listed.data ?? NOTHING_DRAWN;
  const chosen = overlays.find((each) => each.series_uid === drawn) ?? null;
  const labels = useOverlayLabels(person, study.study_uid, series.series_uid, chosen, moment);
  const volume = useMemo((): Labels | null => chosen && labels.data ? {
    address: labelsAddress(person, study.study_uid, series.series_uid, chosen, moment),
    colours: labelColours(chosen, labels.data, shown.hidden),
    names: labelNames(chosen, labels.data, shown.hidden),
    opacity: shown.opacity,
  } : null, [person, study, series, moment, chosen, labels.data, shown]);
  const first = labels.data?.sizes[0]?.middle_mm;
  useEffect(() => goTo(first ?? null), [first]);
  const refused = chosen?.refused ?? (labels.error ? labels.error.message : null);
  return { overlays, listed, chosen, labels: labels.data, why: refused ?? (chosen ? why : null), waiting: labels.isFetching, shown, show, volume, place, goTo: (there: number[]) => goTo([...there]) };
}

const NOTHING_DRAWN: Overlay[] = [];

/** Nobody may take a list that failed for pictures on which nothing was drawn. */
function Unlisted({ error, retry }: { error: Error; retry: () => void }) {
  return (
    <p role="alert" className={classes.refused}>
      Whether anything was drawn on these pictures is not known: {error.message}{" "}
      <Button size="compact-xs" variant="default" onClick={retry}>Try again</Button>
    </p>
  );
}

const WAYS = [
  { value: "axial", label: "Axial" },
  { value: "coronal", label: "Coronal" },
  { value: "sagittal", label: "Sagittal" },
  { value: "three", label: "Three planes" },
  { value: "images", label: "Images" },
];

function whyNoVolume(images: ImagesOfSeries, drawable: boolean, failed: boolean): string | null {
  if (images.volume_refused) return images.images.length > 1 ? images.volume_refused : "One image.";
  if (!drawable) return "This browser cannot draw volumes (WebGL 2 is off), so the images are shown one by one.";
  if (failed) return "The volume could not be loaded, so the images are shown one by one.";
  return null;
}
