/** Opened from another record system: there to be vouched for, and back to one patient. */
import { Anchor } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { Link, useNavigate } from "react-router";

import type { Problem } from "../../api/client";
import { beginLaunch, finishLaunch, openLink } from "../../api/launch";
import { useLinkTurn } from "../../lib/link_turn";
import { Failed, Loading } from "../../parts/states";
import { Door } from "../sign_in/door";
import classes from "./launch.module.css";

type Step = () => Promise<{ address: string } | { person_id: string }>;

/** What stood in the address, which is then taken out of it and of the history. */
function taken(from: "search" | "hash"): Record<string, string> {
  const said = Object.fromEntries(new URLSearchParams(window.location[from].slice(1)));
  window.history.replaceState(window.history.state, "", window.location.pathname);
  return said;
}

export function LaunchPage() {
  return <Way title="Opening from your record system" step={() => {
    const { iss = "", launch = "" } = taken("search");
    return beginLaunch({ iss, launch });
  }} />;
}

export function AnsweredPage() {
  return <Way title="Opening the patient" step={() => {
    const { state = "", ...said } = taken("search");
    const known = ["code", "error", "iss"].flatMap((name) => (said[name] ? [[name, said[name]]] : []));
    return finishLaunch({ state, ...(Object.fromEntries(known) as Record<string, string>) });
  }} />;
}

export function LinkPage() {
  return <Way key={useLinkTurn()} title="Opening the patient" step={() => {
    const { token, held = "" } = taken("hash");
    return openLink(token ? { token } : { held });
  }} />;
}

/** One step, taken once; then away, to the patient, or the reason why not. */
function Way({ title, step }: { title: string; step: Step }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const begun = useRef(false);
  const way = useMutation<Awaited<ReturnType<Step>>, Problem, void>({
    mutationFn: step,
    onSuccess: (found) => {
      if ("address" in found) {
        window.location.replace(found.address);
        return;
      }
      client.clear(); // whoever sat here before leaves nothing behind
      void navigate(`/patients/${found.person_id}`, { replace: true });
    },
  });
  const { mutate } = way;
  useEffect(() => {
    document.title = "Opening · Vitruvian";
    if (!begun.current) mutate();
    begun.current = true;
  }, [mutate]);
  if (!way.isError) return <Door title={title}><Loading lines={4} label={title} /></Door>;
  return (
    <Door title="Not opened">
      <Failed error={way.error} />
      <p className={classes.way}><Anchor component={Link} to="/" size="sm">To the sign-in page of this server</Anchor></p>
    </Door>
  );
}
