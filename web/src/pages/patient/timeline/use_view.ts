import { useReducedMotion } from "@mantine/hooks";
import { useCallback, useEffect, useRef, useState } from "react";

import { between, clamped, type View } from "./view";

const GLIDE = 220;

/** The stretch in sight. Until somebody moves it, it is the whole record, as that grows or shrinks. */
export function useView(life: View) {
  const [moved, setMoved] = useState<View | null>(null);
  const still = useReducedMotion();
  const frame = useRef(0);
  const view = moved ?? life;
  const now = useRef(view);
  now.current = view;

  const move = useCallback(
    (to: View, smooth = false) => {
      cancelAnimationFrame(frame.current);
      const goal = clamped(to, life);
      const whole = Math.abs(goal.end - goal.start - (life.end - life.start)) < 1 && Math.abs(goal.start - life.start) < 1;
      if (!smooth || still) { setMoved(whole ? null : goal); return; }
      const from = now.current;
      const began = performance.now();
      const glide = (at: number) => {
        const share = Math.min(1, (at - began) / GLIDE);
        setMoved(share === 1 && whole ? null : between(from, goal, Math.max(0, share)));
        if (share < 1) frame.current = requestAnimationFrame(glide);
      };
      frame.current = requestAnimationFrame(glide);
    },
    [life, still],
  );
  useEffect(() => () => cancelAnimationFrame(frame.current), []);
  return { view, move };
}
