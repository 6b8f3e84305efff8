/** The text of a definition, with its line numbers and what is wrong with it. */
import { IconAlertCircle, IconBulb } from "@tabler/icons-react";
import { useEffect, useRef } from "react";

import type { Complaint } from "../../api/cohorts";
import classes from "./editor.module.css";

interface EditorProps {
  text: string;
  change: (text: string) => void;
  complaint: Complaint | null;
  /** A line to bring into sight; counted anew at each press. */
  marked: { line: number; press: number } | null;
}

const LINE_PIXELS = 20;

export function Editor({ text, change, complaint, marked }: EditorProps) {
  const field = useRef<HTMLTextAreaElement>(null);
  const gutter = useRef<HTMLDivElement>(null);
  const lines = text.split("\n");
  const wrong = complaint?.line ?? null;
  useEffect(() => {
    if (!marked || !field.current) return;
    const before = text.split("\n").slice(0, marked.line - 1).join("\n").length + (marked.line > 1 ? 1 : 0);
    const end = before + (lines[marked.line - 1]?.length ?? 0);
    field.current.focus({ preventScroll: true });
    field.current.setSelectionRange(before, end);
    field.current.scrollTop = Math.max(0, (marked.line - 6) * LINE_PIXELS);
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- a press, not a change of the text, moves the view
  }, [marked]);
  return (
    <div className={classes.editor}>
      <div className={classes.frame} data-wrong={complaint !== null || undefined}>
        <div ref={gutter} className={classes.gutter} aria-hidden="true">
          {lines.map((_, at) => <div key={at} data-wrong={at + 1 === wrong || undefined} data-marked={at + 1 === marked?.line || undefined}>{at + 1}</div>)}
        </div>
        <textarea
          ref={field}
          className={classes.text}
          value={text}
          spellCheck={false}
          wrap="off"
          aria-label="The definition as YAML"
          aria-invalid={complaint !== null}
          aria-describedby={complaint ? "cohort-complaint" : undefined}
          onChange={(event) => change(event.currentTarget.value)}
          onScroll={(event) => { if (gutter.current) gutter.current.scrollTop = event.currentTarget.scrollTop; }}
        />
      </div>
      {complaint && (
        <div id="cohort-complaint" role="alert" className={classes.complaint}>
          <p><IconAlertCircle size={16} stroke={1.8} aria-hidden="true" /><span>{complaint.line !== null && <b>Line {complaint.line}. </b>}{complaint.says}</span></p>
          {complaint.hint && <p className={classes.hint}><IconBulb size={16} stroke={1.8} aria-hidden="true" /><span>{complaint.hint}</span></p>}
        </div>
      )}
    </div>
  );
}
