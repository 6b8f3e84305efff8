/** The course of one analyte: its points, and the range each laboratory sent with each. */
import { LineChart, ScatterChart } from "echarts/charts";
import { DataZoomComponent, GridComponent, TooltipComponent } from "echarts/components";
import { init, use, type EChartsCoreOption } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";
import { useComputedColorScheme } from "@mantine/core";
import { useEffect, useRef } from "react";

import { useSeries } from "../../api/queries";
import type { LabRow, Series, SeriesPoint } from "../../api/types";
import { plural, toneOf } from "../../lib/signs";
import { dayAndClock } from "../../lib/time";
import { printedUnit } from "../../lib/words";
import { Interpretation } from "../../parts/fact";
import { Empty, Failed, Loading } from "../../parts/states";
import classes from "./drawers.module.css";
import { useFrame } from "./frame";

use([LineChart, ScatterChart, GridComponent, TooltipComponent, DataZoomComponent, CanvasRenderer]);

export default function SeriesView({ row }: { row: Pick<LabRow, "code" | "label" | "unit"> }) {
  const { person, moment } = useFrame();
  const series = useSeries(person, row, moment);
  if (series.isPending) return <div className={classes.series}><Loading lines={8} label="Loading the course" /></div>;
  if (series.isError) return <Failed error={series.error} retry={() => void series.refetch()} />;
  const drawable = series.data.points.filter((point) => point.value !== null);
  return (
    <div className={classes.series}>
      <p className={classes.meta}>
        <span>{plural(series.data.points.length, "result")}</span>
        <span title={series.data.unit ?? undefined}>{series.data.unit ? printedUnit(series.data.unit) : "no unit sent"}</span>
        <span>{drawable.some((point) => point.low !== null || point.high !== null) ? "band: the range the laboratory sent" : "the laboratory sent no range"}</span>
      </p>
      {drawable.length > 0 ? <Chart series={series.data} /> : <Empty>No result here is a number; the table below holds them.</Empty>}
      <Readings points={series.data.points} unit={series.data.unit} />
    </div>
  );
}

function ink(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

const SHAPES = { high: "triangle", low: "path://M0 0 L10 0 L5 9 Z", abnormal: "diamond", plain: "circle" } as const;

function bandOf(points: SeriesPoint[]) {
  const edge = { type: "line", step: "end", symbol: "none", silent: true, connectNulls: false } as const;
  const line = { color: ink("--v-good"), width: 1, type: "dashed", opacity: 0.8 } as const;
  return [
    { ...edge, stack: "range", lineStyle: line, data: points.map((point) => [point.time, point.low]) },
    {
      ...edge, stack: "range", stackStrategy: "all", lineStyle: line, areaStyle: { color: ink("--v-good"), opacity: 0.09 },
      data: points.map((point) => [point.time, point.high === null ? null : point.high - (point.low ?? 0)]),
    },
  ];
}

function sliderOf(soft: string) {
  const accent = ink("--v-ink");
  const quiet = { lineStyle: { color: soft, opacity: 0.5 }, areaStyle: { color: soft, opacity: 0.15 } };
  return {
    height: 22, bottom: 10, borderColor: ink("--v-line"), textStyle: { color: soft }, brushSelect: false,
    fillerColor: ink("--v-ink-soft"), moveHandleSize: 0, dataBackground: quiet, selectedDataBackground: quiet,
    handleStyle: { color: ink("--v-card"), borderColor: accent },
    emphasis: { handleStyle: { color: accent, borderColor: accent } },
  };
}

function optionOf(series: Series): EChartsCoreOption {
  const points = series.points.filter((point) => point.value !== null);
  const soft = ink("--v-soft");
  const colours = { high: ink("--v-high"), abnormal: ink("--v-high"), low: ink("--v-low"), plain: ink("--v-ink") };
  return {
    animation: false,
    textStyle: { fontFamily: "inherit" },
    grid: { left: 52, right: 18, top: 26, bottom: 62 },
    tooltip: {
      trigger: "item",
      formatter: (item: { dataIndex: number }) => {
        const point = points[item.dataIndex];
        return point ? `<b>${point.comparator ?? ""}${point.value}</b> ${printedUnit(series.unit)}<br/>${dayAndClock(point.time)}` : "";
      },
    },
    xAxis: { type: "time", axisLine: { lineStyle: { color: ink("--v-line-strong") } }, axisLabel: { color: soft, hideOverlap: true }, splitLine: { show: false } },
    yAxis: { type: "value", scale: true, name: printedUnit(series.unit), nameTextStyle: { color: soft, align: "left" }, axisLabel: { color: soft }, splitLine: { lineStyle: { color: ink("--v-line") } } },
    dataZoom: [{ type: "inside" }, { type: "slider", ...sliderOf(soft) }],
    series: [
      ...bandOf(points),
      {
        type: "line",
        lineStyle: { color: ink("--v-ink"), width: 1.6 },
        symbolSize: 9,
        data: points.map((point) => {
          const tone = toneOf(point.interpretation);
          return { value: [point.time, point.value], symbol: SHAPES[tone], itemStyle: { color: colours[tone] } };
        }),
      },
    ],
  };
}

function Chart({ series }: { series: Series }) {
  const box = useRef<HTMLDivElement>(null);
  const scheme = useComputedColorScheme("light");
  const { open } = useFrame();
  useEffect(() => {
    if (!box.current) return undefined;
    const chart = init(box.current);
    chart.setOption(optionOf(series));
    const points = series.points.filter((point) => point.value !== null);
    chart.on("click", (item) => {
      const point = points[item.dataIndex];
      if (point) open({ kind: "source", event: point.event_id });
    });
    const watcher = new ResizeObserver(() => chart.resize());
    watcher.observe(box.current);
    return () => { watcher.disconnect(); chart.dispose(); };
  }, [series, scheme, open]);
  return <div ref={box} className={classes.chart} role="img" aria-label={`Course of ${series.label}; every value stands in the table below`} />;
}

function Readings({ points, unit }: { points: SeriesPoint[]; unit: string | null }) {
  const { open } = useFrame();
  return (
    <table className={classes.readings}>
      <thead><tr><th scope="col">Time</th><th scope="col">Value</th><th scope="col">Range sent</th></tr></thead>
      <tbody>
        {[...points].reverse().map((point) => (
          <tr key={point.event_id}>
            <td>{dayAndClock(point.time)}</td>
            <td>
              <button type="button" className="plain" title="Where does this come from?" onClick={() => open({ kind: "source", event: point.event_id })}>
                {point.comparator}{point.value ?? "not a number"} {point.value !== null && printedUnit(unit)} <Interpretation code={point.interpretation} />
              </button>
            </td>
            <td>{point.low === null && point.high === null ? "–" : `${point.low ?? ""} – ${point.high ?? ""}`}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
