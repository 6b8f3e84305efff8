/** A second link opened in the same tab changes only what stands behind the #: no page loads, and it must count all the same. */
import { useEffect, useState } from "react";

/** How many links came after the first one; as a key it lets a page begin anew. */
export function useLinkTurn(): number {
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    const next = () => { if (window.location.hash.includes("token=")) setTurn((before) => before + 1); };
    window.addEventListener("hashchange", next);
    return () => window.removeEventListener("hashchange", next);
  }, []);
  return turn;
}
