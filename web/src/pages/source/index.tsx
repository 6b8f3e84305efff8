import { useEffect } from "react";
import { useNavigate, useParams } from "react-router";

import { momentSearch, momentWords, useMoment } from "../../lib/moment";
import { Shell } from "../../parts/shell";
import { SourceView } from "./view";

/** The source of one event on a page of its own, for a link that can be passed on. */
export function SourcePage() {
  const event = useParams()["event"] ?? "";
  const [moment] = useMoment();
  const navigate = useNavigate();
  const words = momentWords(moment);
  useEffect(() => { document.title = "Source · Vitruvian"; }, []);
  return (
    <Shell>
      <div style={{ maxWidth: 860, margin: "0 auto", padding: "20px 0" }}>
        <h1 style={{ margin: "0 20px", fontSize: "1rem", color: "var(--v-soft)" }}>Where does this come from?</h1>
        {words && <p style={{ margin: "0 20px" }}>{words}</p>}
        <SourceView event={event} moment={moment} onOpen={(other) => void navigate(`/events/${other}${momentSearch(moment)}`)} />
      </div>
    </Shell>
  );
}
