import { useEffect, type RefObject } from "react";

/** Single keys for who decides one thing after another; in a field they are letters. J, K and the arrows move. */
export function useKeys(decide: Record<string, () => void>, move: (step: number) => void): void {
  useEffect(() => {
    const moves: Record<string, () => void> = { j: () => move(1), ArrowDown: () => move(1), k: () => move(-1), ArrowUp: () => move(-1) };
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === "Escape" && event.target instanceof HTMLElement) event.target.blur();
      // A key held down moves on, and decides nothing twice.
      const action = moves[event.key] ?? (event.repeat ? undefined : decide[event.key]);
      if (!action || isTyping(event.target)) return;
      event.preventDefault();
      action();
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [decide, move]);
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}

/** Pressing the key anywhere on the page puts the cursor into the field; in the empty field it types nothing. */
export function useFocusKey(key: string, field: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== key || event.ctrlKey || event.metaKey || event.altKey) return;
      const empty = event.target instanceof HTMLInputElement && event.target === field.current && !event.target.value;
      if (isTyping(event.target) && !empty) return;
      event.preventDefault();
      field.current?.focus();
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [key, field]);
}
