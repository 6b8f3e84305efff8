/** Where an address leads that nothing answers to. */
import { useEffect } from "react";

import { Shell } from "../../parts/shell";
import { Nowhere } from "../../parts/states";

export function NowherePage() {
  useEffect(() => { document.title = "No such page · Vitruvian"; }, []);
  return <Shell><Nowhere /></Shell>;
}
