/** Decision support: what each guideline says of this patient, and why. */
import { IconBan, IconChevronRight, IconCircleCheck, IconCircleDashed, IconHelpCircle, IconHourglassOff, IconRoute, type Icon } from "@tabler/icons-react";
import { useEffect, useId, useRef, useState } from "react";
import { Link, useLocation } from "react-router";

import { useGuides, type GuideCard } from "../../../api/guides";
import { plural } from "../../../lib/signs";
import { Card } from "../../../parts/card";
import { Failed, Loading } from "../../../parts/states";
import { useFrame } from "../frame";
import { CriterionLine } from "./criterion";
import classes from "./guides.module.css";

const ORDER = { answered: 0, unknown: 1, "not recorded": 2, excluded: 3, silent: 4 } as const;
const SIGNS: Record<GuideCard["status"], { icon: Icon; word: string }> = {
  answered: { icon: IconCircleCheck, word: "answered" },
  unknown: { icon: IconHelpCircle, word: "cannot tell" },
  "not recorded": { icon: IconCircleDashed, word: "not on record" },
  excluded: { icon: IconBan, word: "not for this patient" },
  silent: { icon: IconHourglassOff, word: "past its review date" },
};

export function GuidesPanel() {
  const { person, moment } = useFrame();
  const found = useGuides(person, moment);
  const cards = found.data?.cards.toSorted((a, b) => ORDER[a.status] - ORDER[b.status]) ?? [];
  const speaking = cards.filter((card) => !card.quiet);
  return (
    <Card title="Decision support" icon={IconRoute} count={found.data && (speaking.length === 0 ? "nothing to say now" : plural(speaking.length, "guideline"))}>
      {found.isPending && <Loading lines={3} label="Asking the guidelines" />}
      {found.isError && <Failed error={found.error} retry={() => void found.refetch()} />}
      <Rows cards={speaking} />
      <Quiet cards={cards.filter((card) => card.quiet)} />
    </Card>
  );
}

/** Whether the address leads to this guideline: another system's card does, by `#guide-NAME`. */
function useMeant(cards: GuideCard[]): boolean {
  const { hash } = useLocation();
  return cards.some((card) => hash === `#guide-${card.name}`);
}

function Rows({ cards }: { cards: GuideCard[] }) {
  if (cards.length === 0) return null;
  return (
    <ul className={classes.list}>
      {cards.map((card) => <li key={card.name}><GuideRow card={card} /></li>)}
    </ul>
  );
}

/** What has nothing to say now: one line, opened by those who wonder. */
function Quiet({ cards }: { cards: GuideCard[] }) {
  const meant = useMeant(cards);
  const [open, setOpen] = useState(meant);
  const body = useId();
  useEffect(() => { if (meant) setOpen(true); }, [meant]);
  if (cards.length === 0) return null;
  const verbs = cards.length === 1 ? "does not apply or cannot tell" : "do not apply or cannot tell";
  return (
    <div className={classes.quiet}>
      <button type="button" className={`plain ${classes.quietLine}`} aria-expanded={open} aria-controls={body} onClick={() => setOpen(!open)}>
        <IconChevronRight size={15} className={classes.chevron} data-open={open || undefined} aria-hidden="true" />
        {plural(cards.length, "guideline")} {verbs}
      </button>
      <div id={body} hidden={!open}>{open && <Rows cards={cards} />}</div>
    </div>
  );
}

function GuideRow({ card }: { card: GuideCard }) {
  const meant = useMeant([card]);
  const [open, setOpen] = useState(meant);
  const body = useId();
  const row = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (!meant) return;
    setOpen(true);
    row.current?.focus({ preventScroll: true });
    row.current?.scrollIntoView({ block: "center" });
  }, [meant]);
  const { icon: Sign, word } = SIGNS[card.status];
  return (
    <div id={`guide-${card.name}`} className={classes.guide} data-status={card.status}>
      <button ref={row} type="button" className={`plain ${classes.row}`} aria-expanded={open} aria-controls={body} onClick={() => setOpen(!open)}>
        <Sign size={19} stroke={1.7} className={classes.sign} aria-hidden="true" />
        <span className={classes.words}>
          <span className={classes.title}>{card.title}</span>
          <span className={classes.says}>{sentence(card)}</span>
          {card.not_recorded.length > 0 && <span className={classes.caveat}>Taken as absent, because not on record: {card.not_recorded.join("; ")}.</span>}
        </span>
        <span className={classes.answer}>{card.answer ?? word}</span>
        <IconChevronRight size={16} className={classes.chevron} data-open={open || undefined} aria-hidden="true" />
      </button>
      <div id={body} hidden={!open}>{open && <Details card={card} />}</div>
    </div>
  );
}

function sentence(card: GuideCard): string {
  if (card.status === "answered") return card.says;
  if (card.status === "silent") return `Nobody has reviewed it since ${card.review_by}; it is not asked.`;
  if (card.status === "excluded") return `Because: ${card.because.join("; ")}.`;
  if (card.status === "not recorded") return `Not on record: ${card.because.join("; ")}.`;
  const open = card.possible.length > 3 ? `${card.possible.slice(0, 3).join(", ")} or other` : card.possible.join(" or ");
  return `Open: ${open}. Would help: ${firstFew(card.missing)}.`;
}

function firstFew(names: string[]): string {
  const rest = names.length - 4;
  return names.slice(0, 4).join(", ") + (rest > 0 ? ` and ${rest} more` : "");
}

function Details({ card }: { card: GuideCard }) {
  const [all, setAll] = useState(false);
  const deciding = card.criteria.filter((one) => one.decides);
  const shown = all || deciding.length === 0 ? card.criteria : deciding;
  const rest = card.criteria.length - shown.length;
  return (
    <div className={classes.details}>
      <ul className={classes.criteria}>
        {shown.map((one) => <li key={one.name}><CriterionLine criterion={one} /></li>)}
      </ul>
      {(rest > 0 || (all && deciding.length > 0)) && (
        <button type="button" className={`plain ${classes.more}`} onClick={() => setAll(!all)}>
          {all ? "Show what decides" : `Show the ${rest} other criteria`}
        </button>
      )}
      <p className={classes.whole}><Link to={`/guides/${card.name}`}>The whole guideline: criteria, cases, results</Link></p>
      <dl className={classes.card}>
        <Told name="For" says={card.intended_use} />
        <Told name="Made for" says={card.population} />
        <Told name="Not for" says={card.exclusions} />
        <Told name="Take care" says={card.hazard} />
        <div>
          <dt>Source</dt>
          <dd>
            {card.edition}{card.cite && `; ${card.cite}`}
            {card.doi && <>; <a href={`https://doi.org/${card.doi}`} target="_blank" rel="noreferrer">doi.org/{card.doi}</a></>}
            {". "}Owner: {card.owner}. To be reviewed by {card.review_by}.
          </dd>
        </div>
      </dl>
    </div>
  );
}

function Told({ name, says }: { name: string; says: string }) {
  return <div><dt>{name}</dt><dd>{says}</dd></div>;
}
