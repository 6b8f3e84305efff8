/** The timeline on its canvas. Shape carries the meaning, colour repeats it. */
import { AXIS, type Bar, type BinBox, type Glyph, type LaneBox, type Layout } from "./layout";
import type { TimelinePoint } from "../../../api/types";
import { isCrossed, isStruck } from "../../../lib/signs";
import { ticksOf } from "./ticks";
import type { View } from "./view";

export interface Palette {
  card: string; line: string; strong: string; text: string; soft: string; faint: string;
  ink: string; inkSoft: string; high: string; highSoft: string; stripe: string; past: string; font: string;
}

export function paletteOf(element: Element): Palette {
  const style = getComputedStyle(element);
  const read = (name: string) => style.getPropertyValue(name).trim();
  return {
    card: read("--v-card"), line: read("--v-line"), strong: read("--v-line-strong"), text: read("--v-text"),
    soft: read("--v-soft"), faint: read("--v-faint"), ink: read("--v-ink"), inkSoft: read("--v-ink-soft"),
    high: read("--v-high"), highSoft: read("--v-high-soft"), stripe: read("--v-sunken"), past: read("--v-past"),
    font: style.fontFamily,
  };
}

export interface Scene {
  boxes: LaneBox[];
  layout: Layout;
  view: View;
  width: number;
  height: number;
  asOf: number | null;
  chosen: Glyph | Bar | null;
  colours: Palette;
}

type Pen = CanvasRenderingContext2D;

export function draw(pen: Pen, scene: Scene): void {
  pen.clearRect(0, 0, scene.width, scene.height);
  stripes(pen, scene);
  axis(pen, scene);
  for (const bin of scene.layout.bins) drawBin(pen, bin, scene.colours);
  for (const bar of scene.layout.bars) drawBar(pen, bar, scene);
  for (const glyph of scene.layout.glyphs) drawGlyph(pen, glyph, scene.colours);
  labels(pen, scene);
  asOfLine(pen, scene);
  if (scene.chosen) ring(pen, scene.chosen, scene.colours);
}

function stripes(pen: Pen, { boxes, width, colours }: Scene): void {
  boxes.forEach((box, index) => {
    if (index % 2 === 0) return;
    pen.fillStyle = colours.stripe;
    pen.globalAlpha = 0.6;
    pen.fillRect(0, box.top, width, box.height);
    pen.globalAlpha = 1;
  });
}

function axis(pen: Pen, { view, width, height, colours }: Scene): void {
  const scale = width / (view.end - view.start);
  pen.strokeStyle = colours.line;
  pen.lineWidth = 1;
  pen.textBaseline = "alphabetic";
  let contextFreeFrom = -Infinity;
  const ticks = ticksOf(view, width);
  ticks.forEach((tick, index) => {
    const x = Math.round((tick.at - view.start) * scale) + 0.5;
    pen.beginPath();
    pen.moveTo(x, AXIS - 6);
    pen.lineTo(x, height);
    pen.stroke();
    pen.font = `11px ${colours.font}`;
    pen.fillStyle = colours.soft;
    pen.textAlign = "left";
    if (x + pen.measureText(tick.label).width < width) pen.fillText(tick.label, x + 4, AXIS - 7);
    const said = tick.context;
    if (said && x >= contextFreeFrom) {
      pen.font = `600 11px ${colours.font}`;
      pen.fillStyle = colours.text;
      // The name of the first stretch stays readable at the left edge.
      const left = index === 0 ? Math.min(x + 4, 6) : x + 4;
      pen.fillText(said, left, 14);
      contextFreeFrom = left + pen.measureText(said).width + 14;
    }
  });
  pen.beginPath();
  pen.moveTo(0, AXIS + 0.5);
  pen.lineTo(width, AXIS + 0.5);
  pen.stroke();
}

function drawBin(pen: Pen, box: BinBox, colours: Palette): void {
  pen.fillStyle = colours.ink;
  pen.globalAlpha = 0.42;
  pen.fillRect(box.x, box.y, box.width, box.height);
  pen.globalAlpha = 1;
  if (box.abnormal === 0) return;
  pen.fillStyle = colours.high;
  pen.fillRect(box.x, box.floor - box.abnormal, box.width, box.abnormal);
  if (box.width >= 14) diamond(pen, box.x + box.width / 2, box.y - 1, 3);
}

function diamond(pen: Pen, x: number, y: number, radius: number): void {
  pen.beginPath();
  pen.moveTo(x, y - radius);
  pen.lineTo(x + radius, y);
  pen.lineTo(x, y + radius);
  pen.lineTo(x - radius, y);
  pen.closePath();
  pen.fill();
}

function drawBar(pen: Pen, bar: Bar, { colours, width }: Scene): void {
  const left = Math.max(-4, bar.x);
  const right = Math.min(width + 4, bar.x + bar.width);
  const tone = bar.abnormal ? colours.high : bar.crossed ? colours.faint : colours.ink;
  pen.beginPath();
  pen.roundRect(left + 0.5, bar.y + 0.5, Math.max(2, right - left - 2), bar.height - 1, 3);
  if (!bar.hollow && !bar.crossed && !bar.read) {
    pen.fillStyle = bar.abnormal ? colours.highSoft : colours.inkSoft;
    pen.fill();
  }
  pen.setLineDash(bar.hollow ? [3, 2] : []);
  pen.strokeStyle = tone;
  pen.lineWidth = 1;
  pen.stroke();
  pen.setLineDash([]);
  if (bar.ongoing) openEnd(pen, bar, right, colours);
  barText(pen, bar, Math.max(0, left), right, colours);
}

/** What still lasts ends in an arrow, not in a border. */
function openEnd(pen: Pen, bar: Bar, right: number, colours: Palette): void {
  pen.fillStyle = bar.abnormal ? colours.high : colours.ink;
  pen.beginPath();
  pen.moveTo(right - 2, bar.y + 1);
  pen.lineTo(right + 4, bar.y + bar.height / 2);
  pen.lineTo(right - 2, bar.y + bar.height - 1);
  pen.closePath();
  pen.fill();
}

function barText(pen: Pen, bar: Bar, left: number, right: number, colours: Palette): void {
  const point = bar.points[0];
  if (!point || right - left < 34) return;
  pen.save();
  pen.beginPath();
  pen.rect(left, bar.y, right - left - 5, bar.height);
  pen.clip();
  pen.font = `${bar.height < 12 ? 9.5 : 10.5}px ${colours.font}`;
  pen.fillStyle = bar.crossed ? colours.faint : colours.text;
  pen.textAlign = "left";
  pen.textBaseline = "middle";
  pen.fillText(point.label, left + 5, bar.y + bar.height / 2 + 1);
  if (isStruck(point)) {
    const long = Math.min(pen.measureText(point.label).width, right - left - 12);
    pen.fillRect(left + 5, bar.y + bar.height / 2, long, 1);
  }
  pen.restore();
}

function drawGlyph(pen: Pen, glyph: Glyph, colours: Palette): void {
  const tone = glyph.crossed ? colours.faint : glyph.abnormal ? colours.high : colours.ink;
  pen.fillStyle = glyph.hollow || glyph.crossed || glyph.read ? colours.card : tone;
  pen.strokeStyle = tone;
  pen.lineWidth = 1.4;
  outline(pen, glyph);
  pen.fill();
  pen.stroke();
  if (glyph.crossed) cross(pen, glyph);
  else if (glyph.read) core(pen, glyph, tone);
  if (glyph.points.length > 1) count(pen, glyph, colours);
}

/** Read in a note: a ring with a point inside. */
function core(pen: Pen, { x, y, radius }: Glyph, tone: string): void {
  pen.fillStyle = tone;
  pen.beginPath();
  pen.arc(x, y, Math.max(1.2, radius * 0.38), 0, 2 * Math.PI);
  pen.fill();
}

function outline(pen: Pen, { x, y, radius, abnormal, crossed }: Glyph): void {
  pen.beginPath();
  if (!abnormal || crossed) { pen.arc(x, y, radius, 0, 2 * Math.PI); return; }
  const far = radius * 1.25;
  pen.moveTo(x, y - far);
  pen.lineTo(x + far, y);
  pen.lineTo(x, y + far);
  pen.lineTo(x - far, y);
  pen.closePath();
}

function cross(pen: Pen, { x, y, radius }: Glyph): void {
  const reach = radius * 0.72;
  pen.beginPath();
  pen.moveTo(x - reach, y - reach);
  pen.lineTo(x + reach, y + reach);
  pen.moveTo(x + reach, y - reach);
  pen.lineTo(x - reach, y + reach);
  pen.stroke();
}

function count(pen: Pen, glyph: Glyph, colours: Palette): void {
  pen.font = `600 9.5px ${colours.font}`;
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.fillStyle = glyph.hollow || glyph.crossed ? colours.text : colours.card;
  pen.fillText(String(glyph.points.length), glyph.x, glyph.y + 0.5);
}

const MOST_LABELS = 400;

/** A point names itself where the next one leaves room. */
function labels(pen: Pen, { layout, boxes, colours, width }: Scene): void {
  if (layout.glyphs.length > MOST_LABELS) return;
  pen.font = `11px ${colours.font}`;
  pen.textAlign = "left";
  pen.textBaseline = "middle";
  for (const box of boxes) {
    const bars = layout.bars.filter((bar) => bar.lane === box.lane);
    const glyphs = layout.glyphs.filter((glyph) => glyph.lane === box.lane);
    glyphs.forEach((glyph, index) => {
      const text = labelOf(glyph);
      const left = glyph.x + glyph.radius + 4;
      const next = Math.min(
        width,
        (glyphs[index + 1]?.x ?? Infinity) - (glyphs[index + 1]?.radius ?? 0),
        ...bars.filter((bar) => bar.x + bar.width > glyph.x).map((bar) => Math.max(bar.x, glyph.x)),
      );
      const long = pen.measureText(text).width;
      if (left + long + 6 > next) return;
      pen.fillStyle = glyph.crossed ? colours.faint : colours.text;
      pen.fillText(text, left, glyph.y + 0.5);
      if (struck(glyph)) pen.fillRect(left, glyph.y, long, 1);
    });
  }
}

/** The member that speaks for a sign: one that did happen, if there is one. */
function speaker(glyph: Glyph): TimelinePoint | undefined {
  return glyph.points.find((point) => !isCrossed(point)) ?? glyph.points[0];
}

function struck(glyph: Glyph): boolean {
  const first = speaker(glyph);
  return first !== undefined && isStruck(first);
}

function labelOf(glyph: Glyph): string {
  const first = speaker(glyph);
  if (!first) return "";
  const others = glyph.points.length - 1;
  const text = first.value && others === 0 ? `${first.label} ${first.value}` : first.label;
  const short = text.length > 44 ? `${text.slice(0, 43)}…` : text;
  return others > 0 ? `${short} +${others}` : short;
}

function asOfLine(pen: Pen, { asOf, view, width, height, colours }: Scene): void {
  if (asOf === null || asOf > view.end) return;
  const x = Math.max(0, ((asOf - view.start) / (view.end - view.start)) * width);
  pen.fillStyle = colours.past;
  pen.globalAlpha = 0.1;
  pen.fillRect(x, 0, width - x, height);
  pen.globalAlpha = 1;
  pen.fillRect(x, 0, 1.5, height);
}

function ring(pen: Pen, chosen: Glyph | Bar, colours: Palette): void {
  pen.strokeStyle = colours.text;
  pen.lineWidth = 2;
  pen.beginPath();
  if ("radius" in chosen) pen.arc(chosen.x, chosen.y, chosen.radius + 4, 0, 2 * Math.PI);
  else pen.roundRect(chosen.x - 2, chosen.y - 2, chosen.width + 3, chosen.height + 4, 4);
  pen.stroke();
}
