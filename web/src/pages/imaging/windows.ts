/**
 * Which Hounsfield units are shown from black to white, by what is looked for.
 * Usual values of teaching: Radiopaedia, "Windowing (CT)", for the lungs, the soft tissues of the
 * abdomen, the bones of the spine, and the brain; a reader's own choice may differ.
 */
export interface Preset {
  key: string;
  label: string;
  centre: number;
  width: number;
}

export const CT_PRESETS: readonly Preset[] = [
  { key: "1", label: "Lung", centre: -600, width: 1500 },
  { key: "2", label: "Soft tissue", centre: 50, width: 400 },
  { key: "3", label: "Bone", centre: 400, width: 1800 },
  { key: "4", label: "Brain", centre: 40, width: 80 },
];

/** The images' own window comes first; CT has the usual ones beside it. */
export function presetsOf(modality: string | null, centre: number | null, width: number | null): Preset[] {
  const own = centre !== null && width !== null ? [{ key: "0", label: "As sent", centre, width }] : [];
  return modality === "CT" ? [...own, ...CT_PRESETS] : own;
}

export function windowWords(preset: Preset, modality: string | null): string {
  const unit = modality === "CT" ? " HU" : "";
  return `level ${preset.centre}, width ${preset.width}${unit}`;
}
