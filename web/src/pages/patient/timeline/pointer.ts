/** Mouse, pen and fingers on the timeline. */
import { useEffect, useRef, type Dispatch, type PointerEvent, type RefObject, type SetStateAction } from "react";

import type { Hit } from "./layout";
import { panned, width, zoomed, type View } from "./view";

const CLICK = 4;

interface Hands {
  holder: RefObject<HTMLDivElement | null>;
  view: View;
  pixels: number;
  move: (view: View) => void;
  find: (x: number, y: number) => Hit | null;
  press: (hit: Hit) => void;
  setHover: Dispatch<SetStateAction<{ hit: Hit; x: number; y: number } | null>>;
}

interface Grip {
  fingers: Map<number, { x: number; y: number }>;
  from: { x: number; y: number; view: View } | null;
  apart: number;
  moved: boolean;
}

export function usePointer(hands: Hands) {
  const { holder, view, pixels, move, find, press, setHover } = hands;
  const grip = useRef<Grip>({ fingers: new Map(), from: null, apart: 0, moved: false });
  useWheel(hands);

  const place = (event: PointerEvent) => {
    const box = holder.current?.getBoundingClientRect();
    return { x: event.clientX - (box?.left ?? 0), y: event.clientY - (box?.top ?? 0) };
  };
  const onPointerDown = (event: PointerEvent) => {
    if (event.button !== 0) return;
    const at = place(event);
    grip.current.fingers.set(event.pointerId, at);
    grip.current.from = { ...at, view };
    grip.current.apart = spread(grip.current.fingers);
    grip.current.moved = false;
    setHover(null);
  };
  const onPointerMove = (event: PointerEvent) => {
    const at = place(event);
    const { fingers, from } = grip.current;
    if (!from || !fingers.has(event.pointerId)) {
      const hit = event.pointerType === "touch" ? null : find(at.x, at.y);
      setHover(hit && { hit, ...at });
      return;
    }
    fingers.set(event.pointerId, at);
    if (fingers.size > 1) { pinch(grip.current, from.view, pixels, move); return; }
    if (!grip.current.moved && Math.hypot(at.x - from.x, at.y - from.y) < CLICK) return;
    if (!grip.current.moved) holder.current?.setPointerCapture(event.pointerId);
    grip.current.moved = true;
    move(panned(from.view, ((from.x - at.x) / pixels) * width(from.view)));
  };
  const onPointerUp = (event: PointerEvent) => {
    const { fingers, from, moved } = grip.current;
    fingers.delete(event.pointerId);
    if (from && !moved && fingers.size === 0) {
      const at = place(event);
      const hit = find(at.x, at.y);
      if (hit) press(hit);
    }
    grip.current.from = null;
  };
  const onPointerLeave = () => setHover(null);
  const onPointerCancel = (event: PointerEvent) => { grip.current.fingers.delete(event.pointerId); grip.current.from = null; };
  return { onPointerDown, onPointerMove, onPointerUp, onPointerLeave, onPointerCancel };
}

function spread(fingers: Grip["fingers"]): number {
  const [one, two] = [...fingers.values()];
  return one && two ? Math.max(12, Math.abs(one.x - two.x)) : 0;
}

function pinch(grip: Grip, from: View, pixels: number, move: (view: View) => void): void {
  const [one, two] = [...grip.fingers.values()];
  if (!one || !two || grip.apart === 0) return;
  grip.moved = true;
  const around = from.start + ((one.x + two.x) / 2 / pixels) * width(from);
  move(zoomed(from, around, grip.apart / spread(grip.fingers)));
}

/** The wheel scrolls the page until the timeline is meant: pressed into, or with Ctrl. */
function useWheel({ holder, view, pixels, move }: Hands): void {
  const now = useRef({ view, pixels, move });
  now.current = { view, pixels, move };
  useEffect(() => {
    const element = holder.current;
    if (!element) return undefined;
    const onWheel = (event: WheelEvent) => {
      const { view: seen, pixels: wide, move: go } = now.current;
      const sideways = Math.abs(event.deltaX) > Math.abs(event.deltaY) || event.shiftKey;
      const meant = event.ctrlKey || event.metaKey || sideways || element.matches(":focus");
      if (!meant) return;
      event.preventDefault();
      if (sideways) { go(panned(seen, ((event.deltaX || event.deltaY) / wide) * width(seen))); return; }
      const box = element.getBoundingClientRect();
      const around = seen.start + ((event.clientX - box.left) / wide) * width(seen);
      go(zoomed(seen, around, Math.exp(Math.max(-200, Math.min(200, event.deltaY)) * 0.0022)));
    };
    element.addEventListener("wheel", onWheel, { passive: false });
    return () => element.removeEventListener("wheel", onWheel);
  }, [holder]);
}
