import { createTheme, type MantineColorsTuple } from "@mantine/core";

/** Ink: the one accent. Everything that can be pressed is ink; nothing else is. */
const ink: MantineColorsTuple = [
  "#eaf5f6", "#d3e6e9", "#a7ccd3", "#78b1bc", "#519aa8",
  "#378c9c", "#1f7282", "#175f6d", "#14505c", "#0b3a44",
];

/** Slate, so that fields and buttons belong to the dark cards they stand on. */
const dark: MantineColorsTuple = [
  "#e6edf0", "#c3ced4", "#a3b3bb", "#7d8e97", "#3a4952",
  "#26323a", "#1b262b", "#151d21", "#10181b", "#0b1113",
];

const FONTS =
  '"Inter", -apple-system, BlinkMacSystemFont, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", Arial, sans-serif';
const MONO =
  'ui-monospace, "SF Mono", "Cascadia Mono", "Roboto Mono", "Liberation Mono", Consolas, monospace';

export const theme = createTheme({
  colors: { ink, dark },
  primaryColor: "ink",
  // White words on either have a contrast of more than 4.5 (WCAG 2.2, 1.4.3).
  primaryShade: { light: 7, dark: 6 },
  fontFamily: FONTS,
  fontFamilyMonospace: MONO,
  defaultRadius: "sm",
  fontSizes: { xs: "0.75rem", sm: "0.8125rem", md: "0.875rem", lg: "1rem", xl: "1.25rem" },
  headings: { fontFamily: FONTS, fontWeight: "650" },
  focusRing: "auto",
  cursorType: "pointer",
  respectReducedMotion: true,
  autoContrast: true,
  components: { Button: { styles: { label: { fontWeight: 550 } } } },
});
