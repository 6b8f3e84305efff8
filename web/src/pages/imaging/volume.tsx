/** A series as a volume, drawn by NiiVue as radiologists look: the patient's right at the left. */
import type { NVImage, Niivue } from "@niivue/niivue";
import { useEffect, useRef, useState, type KeyboardEvent } from "react";

import { Loading } from "../../parts/states";
import classes from "./imaging.module.css";
import type { Preset } from "./windows";

export type Plane = "axial" | "coronal" | "sagittal" | "three";
/** NiiVue's own numbers of its slice types. */
const SLICE_TYPES: Record<Plane, number> = { axial: 0, coronal: 1, sagittal: 2, three: 3 };
const STEPS: Record<Plane, [number, number, number]> = { axial: [0, 0, 1], coronal: [0, 1, 0], sagittal: [1, 0, 0], three: [0, 0, 1] };
const OPTIONS = {
  isRadiologicalConvention: true,
  multiplanarShowRender: 0,
  showAllOrientationMarkers: true,
  dragAndDropEnabled: false,
  isResizeCanvas: true,
  backColor: [0, 0, 0, 1] as [number, number, number, number],
  crosshairColor: [1, 0.75, 0.2, 0.55] as [number, number, number, number],
  sagittalNoseLeft: true,
  fontColor: [1, 0.82, 0.4, 1] as [number, number, number, number],
  fontMinPx: 17,
  logLevel: "silent" as const,
};

/** Labels over the pictures: where they come from, and by label their colours and their names. */
export interface Labels {
  address: string;
  colours: Parameters<NVImage["setColormapLabel"]>[0];
  names: string[];
  opacity: number;
}

interface Props {
  address: string;
  labels: Labels | null;
  /** Where to look, in mm to the right, the front, the head; a new one is gone to. */
  place: number[] | null;
  preset: Preset | null;
  plane: Plane;
  label: string;
  /** Of the values in the pictures: " HU", or nothing where none is known. */
  unit: string;
  onFailed: () => void;
}

export function hasWebGl2(): boolean {
  try {
    return document.createElement("canvas").getContext("webgl2") !== null;
  } catch {
    return false;
  }
}

export function Volume({ address, labels, place, preset, plane, label, unit, onFailed }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const viewer = useRef<Niivue | null>(null);
  const [drawn, setDrawn] = useState<Niivue | null>(null);
  const ready = drawn !== null;
  const [where, setWhere] = useState<Where | null>(null);
  const over = useLabels(drawn, labels);

  useEffect(() => {
    let left = false;
    setDrawn(null);
    const open = async () => {
      const { Niivue: Viewer } = await import("@niivue/niivue");
      if (left || !canvas.current) return;
      const made = new Viewer(OPTIONS);
      viewer.current = made;
      made.onLocationChange = (said) => setWhere(said as Where);
      await made.attachToCanvas(canvas.current);
      await made.loadVolumes([{ url: address, name: "series.nii" }]);
      if (left) return;
      made.createOnLocationChange();
      setDrawn(made);
    };
    open().catch(() => { if (!left) onFailed(); });
    return () => {
      left = true;
      viewer.current?.cleanup();
      viewer.current = null;
    };
  }, [address, onFailed]);

  useEffect(() => {
    if (drawn && preset) showWindow(drawn, preset);
  }, [drawn, preset]);

  useEffect(() => {
    if (drawn) showPlane(drawn, plane);
  }, [drawn, plane]);

  useEffect(() => {
    if (drawn && place) lookAt(drawn, place);
  }, [drawn, place]);

  const move = (event: KeyboardEvent) => {
    const way = { ArrowUp: 1, ArrowDown: -1, PageUp: 5, PageDown: -5 }[event.key];
    if (way === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    const [x, y, z] = STEPS[plane];
    viewer.current?.moveCrosshairInVox(x * way, y * way, z * way);
  };

  return (
    <div className={classes.stage} data-testid="volume" data-ready={ready || undefined} data-over={over}>
      <canvas ref={canvas} data-stage tabIndex={0} role="img" aria-label={`${label}. Arrow keys go from slice to slice.`} onKeyDownCapture={move} />
      {!ready && <div className={classes.waiting}><Loading lines={3} label="Putting the images together" /><p>Putting the images together…</p></div>}
      {ready && over === "waiting" && <p className={classes.over}>Putting what was drawn over the pictures…</p>}
      {ready && over === "failed" && <p className={classes.over} role="alert">What was drawn could not be loaded. Choose it again.</p>}
      {ready && <p className={classes.place} aria-live="off">{placeWords(where, unit, labels?.names)}</p>}
    </div>
  );
}

type Over = "none" | "waiting" | "shown" | "failed";

/** Keeps one volume of labels over the pictures, in the colours and with the opacity that are wanted. */
function useLabels(viewer: Niivue | null, labels: Labels | null): Over {
  const [over, setOver] = useState<{ image: NVImage; address: string } | null>(null);
  const [failed, setFailed] = useState<string | null>(null);
  const address = labels?.address ?? null;

  useEffect(() => {
    if (!viewer || address === null) return;
    let left = false;
    let image: NVImage | null = null;
    const open = async () => {
      const { NVImage: Image } = await import("@niivue/niivue");
      const loaded = await Image.loadFromUrl({ url: address, name: "labels.nii", opacity: 0 });
      if (left) return;
      image = loaded;
      viewer.addVolume(loaded);
      setOver({ image: loaded, address });
    };
    setFailed(null);
    open().catch(() => { if (!left) setFailed(address); });
    return () => {
      left = true;
      setOver(null);
      if (image && viewer.volumes.includes(image)) viewer.removeVolume(image);
    };
  }, [viewer, address]);

  useEffect(() => {
    if (!over || !labels || !viewer) return;
    over.image.setColormapLabel(labels.colours);
    viewer.setOpacity(viewer.volumes.indexOf(over.image), labels.opacity);
  }, [viewer, over, labels]);

  if (address === null) return "none";
  if (failed === address) return "failed";
  return over?.address === address ? "shown" : "waiting";
}

function lookAt(viewer: Niivue, place: number[]) {
  const [x = 0, y = 0, z = 0] = place;
  viewer.scene.crosshairPos = viewer.mm2frac([x, y, z]);
  viewer.createOnLocationChange();
  viewer.drawScene();
}

function showWindow(viewer: Niivue, preset: Preset) {
  const [volume] = viewer.volumes;
  if (!volume) return;
  volume.cal_min = preset.centre - preset.width / 2;
  volume.cal_max = preset.centre + preset.width / 2;
  viewer.updateGLVolume();
}

/** A crosshair tells where the other planes lie; over one plane alone it only hides. */
function showPlane(viewer: Niivue, plane: Plane) {
  viewer.opts.crosshairWidth = plane === "three" ? 0.4 : 0;
  viewer.setSliceType(SLICE_TYPES[plane]);
}

/** What the viewer tells of the crosshair: its place, and the value of each volume there. */
interface Where {
  mm?: ArrayLike<number>;
  values?: { value: number }[];
}

function placeWords(where: Where | null, unit: string, names: string[] | undefined): string {
  const [picture, label] = where?.values ?? [];
  if (!where?.mm || !picture) return "";
  const [right = 0, front = 0, up = 0] = Array.from(where.mm);
  const side = right > 0 ? `${right.toFixed(0)} mm right` : `${(-right).toFixed(0)} mm left`;
  const depth = front > 0 ? `${front.toFixed(0)} front` : `${(-front).toFixed(0)} back`;
  const height = up > 0 ? `${up.toFixed(0)} up` : `${(-up).toFixed(0)} down`;
  const drawn = label && names?.[label.value];
  return `${side}, ${depth}, ${height}: ${Math.round(picture.value)}${unit}${drawn ? ` · ${drawn}` : ""}`;
}
