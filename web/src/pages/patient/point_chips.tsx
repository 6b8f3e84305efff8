import type { TimelinePoint } from "../../api/types";
import { actWord, saysNo, statusWord } from "../../lib/signs";
import { Chip } from "../../parts/fact";

export function PointChips({ point }: { point: TimelinePoint }) {
  const act = actWord(point.act);
  const status = statusWord(point.status);
  return (
    <>
      {point.abnormal && <Chip tone="bad">abnormal</Chip>}{" "}
      {point.negated && !saysNo(point.label) && <Chip tone="warn">negated</Chip>}{" "}
      {act && <Chip>{act}</Chip>}{" "}
      {point.machine_read && <Chip tone="warn">read in a note</Chip>}{" "}
      {status && <Chip tone="warn">{status}</Chip>}
    </>
  );
}
