/** Mouse, pen, fingers and keys on the signals. */
import { useEffect, useRef, type KeyboardEvent, type PointerEvent, type RefObject } from "react";

import { panned, width, zoomed, type View } from "../timeline/view";
import { around } from "./window";

interface Hands {
  holder: RefObject<HTMLDivElement | null>;
  view: View;
  life: View;
  pixels: number;
  move: (view: View, smooth?: boolean) => void;
  point: (x: number | null) => void;
}

interface Grip { fingers: Map<number, number>; from: View | null; began: number; apart: number }

const CLOSE = 10_000;

export function useHands(hands: Hands) {
  const { holder, view, pixels, move, point } = hands;
  const grip = useRef<Grip>({ fingers: new Map(), from: null, began: 0, apart: 0 });
  useWheel(hands);
  const place = (event: { clientX: number }) => event.clientX - (holder.current?.getBoundingClientRect().left ?? 0);
  const begin = () => {
    const [one, other] = [...grip.current.fingers.values()];
    grip.current.from = view;
    grip.current.began = other === undefined ? (one ?? 0) : ((one ?? 0) + other) / 2;
    grip.current.apart = other === undefined ? 0 : Math.max(12, Math.abs((one ?? 0) - other));
  };
  const onPointerDown = (event: PointerEvent) => {
    if (event.button !== 0) return;
    grip.current.fingers.set(event.pointerId, place(event));
    holder.current?.setPointerCapture(event.pointerId);
    begin();
  };
  const onPointerMove = (event: PointerEvent) => {
    const { fingers, from, began, apart } = grip.current;
    if (!fingers.has(event.pointerId)) { if (event.pointerType !== "touch") point(place(event)); return; }
    fingers.set(event.pointerId, place(event));
    if (!from) return;
    const [one, other] = [...fingers.values()];
    if (one === undefined) return;
    if (other === undefined) { point(one); move(panned(from, ((began - one) / pixels) * width(from))); return; }
    const centre = (one + other) / 2;
    const still = from.start + (began / pixels) * width(from);
    const closer = zoomed(from, still, apart / Math.max(12, Math.abs(one - other)));
    move(panned(closer, ((began - centre) / pixels) * width(closer)));
  };
  const onPointerUp = (event: PointerEvent) => { grip.current.fingers.delete(event.pointerId); begin(); };
  const onPointerLeave = () => { if (grip.current.fingers.size === 0) point(null); };
  const onDoubleClick = (event: { clientX: number }) => {
    const at = view.start + (place(event) / pixels) * width(view);
    move(around({ start: at, end: at }, CLOSE), true);
  };
  return { onPointerDown, onPointerMove, onPointerUp, onPointerCancel: onPointerUp, onPointerLeave, onDoubleClick, onKeyDown: onKeys(hands) };
}

function onKeys({ view, life, move }: Hands) {
  return (event: KeyboardEvent) => {
    const to = keyed(event.key, view, life);
    if (!to || event.ctrlKey || event.metaKey || event.altKey) return;
    move(to, true);
    event.preventDefault();
  };
}

export function keyed(key: string, view: View, life: View): View | null {
  const middle = (view.start + view.end) / 2;
  const span = width(view);
  switch (key) {
    case "ArrowLeft": return panned(view, -span * 0.2);
    case "ArrowRight": return panned(view, span * 0.2);
    case "PageUp": return panned(view, -span);
    case "PageDown": return panned(view, span);
    case "+": case "=": return zoomed(view, middle, 0.5);
    case "-": case "_": return zoomed(view, middle, 2);
    case "Home": return panned(view, life.start - view.start);
    case "End": return panned(view, life.end - view.end);
    case "0": return life;
    default: return null;
  }
}

/** The wheel scrolls the page until the signals are meant: pressed into, or with Ctrl. */
function useWheel({ holder, view, pixels, move }: Hands): void {
  const now = useRef({ view, pixels, move });
  now.current = { view, pixels, move };
  useEffect(() => {
    const element = holder.current;
    if (!element) return undefined;
    const onWheel = (event: WheelEvent) => {
      const { view: seen, pixels: wide, move: go } = now.current;
      const sideways = Math.abs(event.deltaX) > Math.abs(event.deltaY) || event.shiftKey;
      if (!event.ctrlKey && !event.metaKey && !sideways && !element.matches(":focus")) return;
      event.preventDefault();
      if (sideways) { go(panned(seen, ((event.deltaX || event.deltaY) / wide) * width(seen))); return; }
      const at = seen.start + ((event.clientX - element.getBoundingClientRect().left) / wide) * width(seen);
      go(zoomed(seen, at, Math.exp(Math.max(-200, Math.min(200, event.deltaY)) * 0.0022)));
    };
    element.addEventListener("wheel", onWheel, { passive: false });
    return () => element.removeEventListener("wheel", onWheel);
  }, [holder]);
}
