/** The cumulative table: analytes by collection time, each laboratory's own range, newest first. */
import { SegmentedControl } from "@mantine/core";
import { memo, useMemo, useState } from "react";

import type { LabCell, LabRow, LabTable, Lane } from "../../../api/types";
import { interpretationWords, plural, statusWord, toneOf } from "../../../lib/signs";
import { clock, day, dayAndClock } from "../../../lib/time";
import { printedUnit } from "../../../lib/words";
import { Card } from "../../../parts/card";
import { Interpretation } from "../../../parts/fact";
import { Empty } from "../../../parts/states";
import { useFrame, type Frame } from "../frame";
import classes from "./lab_table.module.css";
import { Sparkline, TrendArrow } from "./sparkline";

const FEW_COLUMNS = 12;

export function LabPanel({ title, lane, table, empty }: { title: string; lane: Lane; table: LabTable; empty: string }) {
  const [columns, setColumns] = useState<"few" | "all">("few");
  const most = columns === "few" ? FEW_COLUMNS : table.columns.length;
  const tools = table.columns.length > FEW_COLUMNS && (
    <SegmentedControl
      size="xs" value={columns} onChange={(value) => setColumns(value as "few" | "all")} aria-label="How many collections"
      data={[{ value: "few", label: `Last ${FEW_COLUMNS}` }, { value: "all", label: `All ${table.columns.length}` }]}
    />
  );
  return (
    <Card title={title} lane={lane} count={table.rows.length === 0 ? 0 : plural(table.rows.length, "analyte")} tools={tools || undefined}>
      {table.rows.length === 0 ? <Empty>{empty}</Empty> : <Grid title={title} table={table} most={most} />}
      {table.truncated && <Empty>Older collections are left out here; the chart of each analyte holds all of them.</Empty>}
    </Card>
  );
}

interface DayHead {
  label: string;
  span: number;
}

function daysOf(columns: string[]): DayHead[] {
  const days: DayHead[] = [];
  for (const column of columns) {
    const label = day(column);
    const last = days.at(-1);
    if (last?.label === label) last.span += 1;
    else days.push({ label, span: 1 });
  }
  return days;
}

function Grid({ title, table, most }: { title: string; table: LabTable; most: number }) {
  const { open } = useFrame();
  const columns = table.columns.slice(0, most);
  const days = useMemo(() => daysOf(columns), [columns]);
  const starts = new Set<number>();
  days.reduce((at, one) => { starts.add(at); return at + one.span; }, 0);
  return (
    <div className={classes.scroll} tabIndex={0} role="region" aria-label={`${title}, table`}>
      <table className={classes.table}>
        <thead>
          <tr>
            <th rowSpan={2} scope="col" className={classes.analyte}>Analyte</th>
            <th rowSpan={2} scope="col" className={classes.trend}>Trend</th>
            <th rowSpan={2} scope="col" className={classes.range}>Range</th>
            {days.map((one, index) => <th key={index} colSpan={one.span} scope="colgroup" className={classes.day}><span>{one.label}</span></th>)}
            <th rowSpan={2} className={classes.filler} aria-hidden="true" />
          </tr>
          <tr>
            {columns.map((column, index) => <th key={column + String(index)} scope="col" className={classes.clock} data-start={starts.has(index) || undefined}>{clock(column)}</th>)}
          </tr>
        </thead>
        <tbody>
          {table.rows.map((row, index) => (
            <Row
              key={`${row.code}|${row.unit}|${index}`} row={row} width={columns.length} open={open} starts={starts}
              heading={row.group !== table.rows[index - 1]?.group ? row.group : null}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface RowProps {
  row: LabRow;
  width: number;
  heading: string | null;
  open: Frame["open"];
  starts: Set<number>;
}

const Row = memo(function Row({ row, width, heading, open, starts }: RowProps) {
  const cells = useMemo(() => {
    const byColumn = new Map<number, LabCell[]>();
    for (const cell of row.cells) byColumn.set(cell.column, [...(byColumn.get(cell.column) ?? []), cell]);
    return byColumn;
  }, [row.cells]);
  const newest = row.cells.reduce<LabCell | null>((best, cell) => (best && best.column <= cell.column ? best : cell), null);
  return (
    <>
      {heading && <tr className={classes.group}><th scope="rowgroup" colSpan={3}>{heading}</th><td colSpan={width + 1} /></tr>}
      <tr>
        <th scope="row" className={classes.analyte}>
          <button type="button" className={`plain ${classes.name}`} title="Show the chart" onClick={() => open({ kind: "series", row })}>
            {row.label}
          </button>{" "}
          {row.unit && <span className={classes.unit} title={row.unit}>{printedUnit(row.unit)}</span>}
        </th>
        <td className={classes.trend}>
          <span><Sparkline cells={row.cells} /><TrendArrow trend={row.trend} reason={row.trend_reason} /></span>
        </td>
        <td className={classes.range}>{row.range_text ?? <span title="The laboratory sent no range">–</span>}</td>
        {newest && newest.column >= width ? <td colSpan={width} className={classes.older}><span>last</span><Cell cell={newest} row={row} open={open} /><span>on {day(newest.time)}</span></td> : Array.from({ length: width }, (_, column) => (
          <td key={column} className={classes.cell} data-start={starts.has(column) || undefined}>
            {cells.get(column)?.map((cell) => <Cell key={cell.event_id} cell={cell} row={row} open={open} />)}
          </td>
        ))}
        <td className={classes.filler} aria-hidden="true" />
      </tr>
    </>
  );
});

function cellWords(cell: LabCell, row: LabRow): string {
  return [
    `${row.label} ${cell.value} ${printedUnit(row.unit)}`.trim(),
    dayAndClock(cell.time),
    cell.interpretation && interpretationWords(cell.interpretation),
    cell.range_text && `range ${cell.range_text}`,
    statusWord(cell.status),
    cell.sources > 1 && plural(cell.sources, "source"),
    cell.conflict && "sources disagree",
    cell.machine_read && "read in a note by a machine",
  ].filter(Boolean).join(", ");
}

function Cell({ cell, row, open }: { cell: LabCell; row: LabRow; open: Frame["open"] }) {
  const words = cellWords(cell, row);
  const mark = [cell.status === "preliminary" && "p", cell.status === "corrected" && "c", cell.conflict && "≠", cell.machine_read && "n"].filter(Boolean).join("");
  return (
    <button
      type="button" className={`plain ${classes.value}`} data-tone={toneOf(cell.interpretation, cell.abnormal)}
      data-crossed={cell.status === "cancelled" || cell.status === "entered-in-error" || undefined}
      title={words} aria-label={`${words}. Where does this come from?`} onClick={() => open({ kind: "source", event: cell.event_id })}
    >
      <span className={classes.number}>{cell.value}</span>
      {mark && <sup>{mark}</sup>}
      <Interpretation code={cell.interpretation} abnormal={cell.abnormal} />
    </button>
  );
}
