import { SegmentedControl } from "@mantine/core";
import { useEffect, useMemo, useRef, useState } from "react";

import type { Trace } from "../../api/types";
import { looksLikeJson, piecesOf, unitOffset, type Piece } from "../../lib/json_view";
import classes from "./source.module.css";

const LAYOUTS = [
  { value: "laid-out", label: "Laid out" },
  { value: "verbatim", label: "As stored" },
];

function litSpan(trace: Trace): { start: number; end: number } | null {
  if (trace.highlight_start === null || trace.highlight_end === null) return null;
  return { start: unitOffset(trace.text, trace.highlight_start), end: unitOffset(trace.text, trace.highlight_end) };
}

/** The record's characters, the part that became this event lit and in view. */
export function RecordBytes({ trace }: { trace: Trace }) {
  const json = looksLikeJson(trace.text, trace.media_type);
  const [layout, setLayout] = useState(json ? "laid-out" : "verbatim");
  const pieces = useMemo(() => piecesOf(trace.text, litSpan(trace), layout === "laid-out"), [trace, layout]);
  const box = useRef<HTMLPreElement>(null);
  useEffect(() => {
    const lit = box.current?.querySelector<HTMLElement>("mark");
    if (!lit || !box.current) return;
    box.current.scrollTop = lit.offsetTop - box.current.clientHeight / 3;
    lit.scrollIntoView({ block: "nearest" });
  }, [pieces]);
  return (
    <>
      <div className={classes.layout}>
        {trace.pointer && <code className={classes.pointer} title="Where in the record">{trace.pointer}</code>}
        {json && <SegmentedControl size="xs" data={LAYOUTS} value={layout} onChange={setLayout} aria-label="Layout of the record" />}
      </div>
      <pre ref={box} className={classes.bytes} data-layout={layout} tabIndex={0} aria-label="The record's own characters">
        {pieces.map((piece, index) => <PieceText key={index} piece={piece} />)}
      </pre>
    </>
  );
}

function PieceText({ piece }: { piece: Piece }) {
  const text = <span className={classes[piece.kind]}>{piece.text}</span>;
  return (
    <>
      {piece.indent !== null && <><br /><span style={{ paddingLeft: `${piece.indent}ch` }} /></>}
      {piece.lit ? <mark>{text}</mark> : text}
    </>
  );
}
