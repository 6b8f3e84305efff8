import { useReducedMotion } from "@mantine/hooks";
import { useCallback, useEffect, useRef, useState } from "react";

import { between, clamped, type View } from "./view";

const GLIDE = 220;

/** The stretch in sight. Until somebody moves it, it is the first look, as the record grows or shrinks. */
export function useView(life: View, first: View) {
  const [moved, setMoved] = useState<View | null>(null);
  const still = useReducedMotion();
  const frame = useRef(0);
  const view = moved ?? first;
  const now = useRef(view);
  now.current = view;

  const move = useCallback(
    (to: View, smooth = false) => {
      cancelAnimationFrame(frame.current);
      const goal = clamped(to, life);
      if (!smooth || still) { setMoved(goal); return; }
      const from = now.current;
      const began = performance.now();
      const glide = (at: number) => {
        const share = Math.min(1, (at - began) / GLIDE);
        setMoved(between(from, goal, Math.max(0, share)));
        if (share < 1) frame.current = requestAnimationFrame(glide);
      };
      frame.current = requestAnimationFrame(glide);
    },
    [life, still],
  );
  useEffect(() => () => cancelAnimationFrame(frame.current), []);
  return { view, move };
}
