/** One series: as a volume where it is one and the browser can draw it, else image by image. */
import { Button, SegmentedControl } from "@mantine/core";
import { IconExternalLink } from "@tabler/icons-react";
import { useCallback, useMemo, useState, type KeyboardEvent } from "react";

import type { Moment } from "../../api/client";
import { useImages, volumeAddress, workstationAddress, type ImagesOfSeries, type ImagingSeries, type ImagingStudy } from "../../api/imaging";
import { Failed, Loading } from "../../parts/states";
import { Frames } from "./frames";
import classes from "./imaging.module.css";
import { hasWebGl2, Volume, type Plane } from "./volume";
import { presetsOf, windowWords, type Preset } from "./windows";

interface Props {
  person: string;
  study: ImagingStudy;
  series: ImagingSeries;
  moment: Moment;
}

export function Viewer({ person, study, series, moment }: Props) {
  const images = useImages(person, study.study_uid, series.series_uid, moment);
  if (images.isPending) return <div className={classes.card}><Loading lines={8} label="Looking for the images" /></div>;
  if (images.isError) return <Failed error={images.error} retry={() => void images.refetch()} />;
  return <Opened person={person} study={study} series={series} moment={moment} images={images.data} />;
}

type Way = Plane | "images";

function Opened({ person, study, series, moment, images }: Props & { images: ImagesOfSeries }) {
  const drawable = useMemo(() => hasWebGl2(), []);
  const [failed, setFailed] = useState(false);
  const onFailed = useCallback(() => setFailed(true), []);
  const presets = useMemo(() => presetsOf(images.modality, images.window_centre, images.window_width), [images]);
  const [preset, setPreset] = useState<Preset | null>(presets[0] ?? null);
  const refused = whyNoVolume(images, drawable, failed);
  const [way, setWay] = useState<Way>(refused ? "images" : "axial");
  const shown: Way = refused ? "images" : way;
  const label = series.description ?? images.modality ?? "Series";
  const onKey = (event: KeyboardEvent) => {
    const chosen = presets.find((each) => each.key === event.key);
    const plane = ({ a: "axial", c: "coronal", s: "sagittal", m: "three", i: "images" } as Record<string, Way>)[event.key];
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (chosen) setPreset(chosen);
    else if (plane && !refused) setWay(plane);
  };
  return (
    <section className={classes.viewer} aria-label={label} onKeyDown={onKey}>
      <div className={classes.bar}>
        {!refused && (
          <SegmentedControl size="xs" value={shown} onChange={(next) => setWay(next as Way)} aria-label="How to look" data={WAYS} />
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
      {shown === "images"
        ? <Frames study={study.study_uid} images={images} preset={preset} moment={moment} label={label} />
        : <Volume address={volumeAddress(person, study.study_uid, series.series_uid, moment)} preset={preset} plane={shown} label={label} onFailed={onFailed} />}
      <p className={classes.words}>
        {preset && `${preset.label}: ${windowWords(preset, images.modality)}. `}
        {shown !== "images" && "The patient's right is at the left of the picture. "}
        {refused ?? "Wheel or arrow keys: slices. Keys 0 to 4: window. a, c, s, m: planes. "}
        {" "}For orientation, not for diagnosis.
      </p>
    </section>
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
