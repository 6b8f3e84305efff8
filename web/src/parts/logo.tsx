/** The circle and the square on one centre line: the whole person, in proportion. */
export function Logo({ size = 24 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <g fill="none" stroke="currentColor" strokeWidth="1.9">
        <circle cx="16" cy="14" r="12" />
        <rect x="5.9" y="5.6" width="20.2" height="20.4" />
      </g>
      <circle cx="16" cy="14" r="2.3" fill="var(--v-past)" />
    </svg>
  );
}

export function Wordmark() {
  return (
    <span style={{ display: "inline-flex", alignItems: "center", gap: 9, color: "var(--v-ink)" }}>
      <Logo />
      <span style={{ fontWeight: 650, fontSize: "1rem", letterSpacing: "-0.01em", color: "var(--v-text)" }}>
        Vitruvian
      </span>
    </span>
  );
}
