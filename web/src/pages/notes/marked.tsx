/** A note's text with every fact marked at its characters, coloured by kind. */
import { useEffect, useMemo, useRef, type KeyboardEvent } from "react";

import type { NoteFact } from "../../api/review";
import { kindOf } from "./kinds";
import classes from "./marked.module.css";

interface Piece {
  text: string;
  fact: NoteFact | null;
  first: boolean;
}

interface MarkedProps {
  text: string;
  facts: NoteFact[];
  chosen?: NoteFact | null;
  onChoose?: (fact: NoteFact) => void;
  quiet?: boolean;
}

/** Nothing in a note is ever run or loaded: it is only ever text. */
export function Marked({ text, facts, chosen = null, onChoose, quiet = false }: MarkedProps) {
  const pieces = useMemo(() => piecesOf(text, facts, chosen), [text, facts, chosen]);
  const place = useRef<HTMLElement | null>(null);
  useEffect(() => {
    place.current?.scrollIntoView({ block: "center" });
  }, [chosen?.event_id]);
  return (
    <pre className={classes.text} data-quiet={quiet || undefined}>
      {pieces.map((piece, index) => {
        if (!piece.fact) return <span key={index}>{piece.text}</span>;
        const { fact } = piece;
        const isChosen = chosen !== null && chosen.start === fact.start && chosen.end === fact.end;
        return (
          <mark
            key={index}
            ref={isChosen && piece.first ? place : undefined}
            className={classes.mark}
            data-kind={kindOf(fact)}
            data-not={fact.polarity === "negated" || undefined}
            data-chosen={isChosen || undefined}
            title={[fact.label, fact.value].filter(Boolean).join(": ")}
            {...(onChoose ? pressed(() => onChoose(fact)) : {})}
          >
            {piece.text}
          </mark>
        );
      })}
    </pre>
  );
}

/** A mark that can be chosen is a button, also for the keyboard. */
function pressed(choose: () => void) {
  return {
    role: "button",
    tabIndex: 0,
    onClick: choose,
    onKeyDown: (event: KeyboardEvent) => { if (event.key === "Enter") choose(); },
  };
}

/** The text cut where facts begin and end; where several lie over each other the chosen, else the shortest, shows. */
function piecesOf(text: string, facts: NoteFact[], chosen: NoteFact | null): Piece[] {
  // Places count code points, as the server does; a string here counts UTF-16 units.
  const letters = Array.from(text);
  const all = chosen ? [...facts, chosen] : facts;
  const cuts = [...new Set([0, letters.length, ...all.flatMap((fact) => [fact.start, fact.end])])].sort((a, b) => a - b);
  const sorted = [...all].sort((a, b) => a.end - a.start - (b.end - b.start));
  const pieces: Piece[] = [];
  for (let index = 0; index + 1 < cuts.length; index += 1) {
    const [start, end] = [cuts[index] ?? 0, cuts[index + 1] ?? 0];
    const over = (fact: NoteFact) => fact.start <= start && end <= fact.end;
    const fact = chosen && over(chosen) ? chosen : (sorted.find(over) ?? null);
    const piece = letters.slice(start, end).join("");
    const last = pieces.at(-1);
    // One fact is one mark, though others begin or end inside it.
    if (fact && last?.fact === fact) last.text += piece;
    else pieces.push({ text: piece, fact, first: fact?.start === start });
  }
  return pieces;
}
