/** A series as a volume, drawn by NiiVue as radiologists look: the patient's right at the left. */
import type { Niivue } from "@niivue/niivue";
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

interface Props {
  address: string;
  preset: Preset | null;
  plane: Plane;
  label: string;
  onFailed: () => void;
}

export function hasWebGl2(): boolean {
  try {
    return document.createElement("canvas").getContext("webgl2") !== null;
  } catch {
    return false;
  }
}

export function Volume({ address, preset, plane, label, onFailed }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const viewer = useRef<Niivue | null>(null);
  const [ready, setReady] = useState(false);
  const [place, setPlace] = useState("");

  useEffect(() => {
    let left = false;
    setReady(false);
    const open = async () => {
      const { Niivue: Viewer } = await import("@niivue/niivue");
      if (left || !canvas.current) return;
      const made = new Viewer(OPTIONS);
      viewer.current = made;
      made.onLocationChange = (where) => setPlace(placeWords(where));
      await made.attachToCanvas(canvas.current);
      await made.loadVolumes([{ url: address, name: "series.nii" }]);
      if (left) return;
      setReady(true);
    };
    open().catch(() => { if (!left) onFailed(); });
    return () => {
      left = true;
      viewer.current?.cleanup();
      viewer.current = null;
    };
  }, [address, onFailed]);

  useEffect(() => {
    if (ready && viewer.current && preset) showWindow(viewer.current, preset);
  }, [ready, preset]);

  useEffect(() => {
    if (ready && viewer.current) showPlane(viewer.current, plane);
  }, [ready, plane]);

  const move = (event: KeyboardEvent) => {
    const way = { ArrowUp: 1, ArrowDown: -1, PageUp: 5, PageDown: -5 }[event.key];
    if (way === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    const [x, y, z] = STEPS[plane];
    viewer.current?.moveCrosshairInVox(x * way, y * way, z * way);
  };

  return (
    <div className={classes.stage} data-testid="volume" data-ready={ready || undefined}>
      <canvas ref={canvas} tabIndex={0} role="img" aria-label={`${label}. Arrow keys go from slice to slice.`} onKeyDownCapture={move} />
      {!ready && <div className={classes.waiting}><Loading lines={3} label="Putting the images together" /><p>Putting the images together…</p></div>}
      {ready && <p className={classes.place} aria-live="off">{place}</p>}
    </div>
  );
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

/** Where the crosshair is, and the value there, as the viewer tells them. */
function placeWords(where: unknown): string {
  const said = where as { mm?: ArrayLike<number>; values?: { value: number }[] };
  const value = said.values?.[0]?.value;
  if (!said.mm || value === undefined) return "";
  const [right = 0, front = 0, up = 0] = Array.from(said.mm);
  const side = right > 0 ? `${right.toFixed(0)} mm right` : `${(-right).toFixed(0)} mm left`;
  const depth = front > 0 ? `${front.toFixed(0)} front` : `${(-front).toFixed(0)} back`;
  return `${side}, ${depth}, ${up.toFixed(0)} up: ${Math.round(value)}`;
}
