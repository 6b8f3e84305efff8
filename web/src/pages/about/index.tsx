import { useEffect } from "react";

import { useAbout } from "../../api/queries";
import { Shell } from "../../parts/shell";
import { Failed, Loading } from "../../parts/states";

/** Which version runs here, for which hospital, and what it promises. */
export function AboutPage() {
  const about = useAbout();
  useEffect(() => { document.title = "About · Vitruvian"; }, []);
  return (
    <Shell>
      <div style={{ maxWidth: 640, margin: "0 auto", padding: "28px 16px" }}>
        <h1 style={{ fontSize: "1.3rem" }}>About this server</h1>
        {about.isPending && <Loading />}
        {about.isError && <Failed error={about.error} retry={() => void about.refetch()} />}
        {about.data && (
          <>
            <p>{about.data.promise}</p>
            <dl style={{ display: "grid", gridTemplateColumns: "max-content 1fr", gap: "6px 18px" }}>
              <dt style={{ color: "var(--v-soft)" }}>Hospital</dt><dd style={{ margin: 0 }}>{about.data.site}</dd>
              <dt style={{ color: "var(--v-soft)" }}>Version</dt><dd style={{ margin: 0 }}>{about.data.version}</dd>
            </dl>
          </>
        )}
      </div>
    </Shell>
  );
}
