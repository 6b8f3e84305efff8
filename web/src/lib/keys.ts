import { useEffect, type RefObject } from "react";

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
