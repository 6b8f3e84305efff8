import { useReducedMotion } from "@mantine/hooks";
import { useCallback, useEffect, useRef, useState } from "react";

import { between, type View } from "../timeline/view";
import { kept } from "./window";

const GLIDE = 180;

/** The stretch in sight, kept within the recording; a smooth move glides unless motion is unwanted. */
export function useGlide(life: View) {
  const [view, setView] = useState<View>(life);
  const still = useReducedMotion();
  const frame = useRef(0);
  const now = useRef(view);
  now.current = view;
  const move = useCallback((to: View, smooth = false) => {
    cancelAnimationFrame(frame.current);
    const goal = kept(to, life);
    if (!smooth || still) { setView(goal); return; }
    const from = now.current;
    const began = performance.now();
    const glide = (at: number) => {
      const share = Math.min(1, Math.max(0, (at - began) / GLIDE));
      setView(between(from, goal, share));
      if (share < 1) frame.current = requestAnimationFrame(glide);
    };
    frame.current = requestAnimationFrame(glide);
  }, [life, still]);
  useEffect(() => () => cancelAnimationFrame(frame.current), []);
  return { view, move };
}
