import type { Fact, Lane } from "../../../api/types";
import { Card, Few } from "../../../parts/card";
import { FactLine } from "../../../parts/fact";
import { Empty } from "../../../parts/states";
import { useFrame } from "../frame";

/** A plain list of statements: problems, procedures, immunisations, family, social, microbiology, genomics. */
export function FactsPanel({ title, lane, facts, empty }: { title: string; lane: Lane; facts: Fact[]; empty: string }) {
  const { open } = useFrame();
  return (
    <Card title={title} lane={lane} count={facts.length}>
      {facts.length === 0 ? <Empty>{empty}</Empty> : (
        <Few items={facts} most={10}>
          {(fact) => <FactLine fact={fact} onOpen={(event) => open({ kind: "source", event })} />}
        </Few>
      )}
    </Card>
  );
}
