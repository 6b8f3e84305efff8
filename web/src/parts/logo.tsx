/** The circle and the square on one centre line: the whole person, in proportion. */
export function Logo({ size = 24 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <g fill="none" stroke="currentColor" strokeWidth="1.7">
        <circle cx="16" cy="15.6" r="13.4" />
        <rect x="5" y="7" width="22" height="22" />
      </g>
      <circle cx="16" cy="15.6" r="2.2" fill="var(--v-past)" />
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
