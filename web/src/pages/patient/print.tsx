/** The summary on a page of its own, to be looked at before it is printed. */
import { Button } from "@mantine/core";
import { IconArrowLeft, IconPrinter } from "@tabler/icons-react";
import { useEffect } from "react";
import { Link, useParams } from "react-router";

import { usePicture } from "../../api/queries";
import { momentSearch, momentWords, useMoment } from "../../lib/moment";
import { Closed, isClosed } from "../../parts/closed";
import { useHome } from "../../parts/home";
import { Shell } from "../../parts/shell";
import { Failed, Loading } from "../../parts/states";
import classes from "./print.module.css";
import { Sheet } from "./sheet";

export function PrintPage() {
  const person = useParams()["person"] ?? "";
  const [moment] = useMoment();
  const picture = usePicture(person, moment);
  const home = useHome();
  useEffect(() => { document.title = "Summary · Vitruvian"; }, []);
  return (
    <Shell>
      <div className={classes.tools} data-print="no">
        <Button component={Link} to={`/patients/${person}${momentSearch(moment)}`} variant="default" size="xs" leftSection={<IconArrowLeft size={15} />}>Back to the picture</Button>
        <Button size="xs" leftSection={<IconPrinter size={15} />} disabled={!picture.data} onClick={() => window.print()}>Print</Button>
      </div>
      {picture.isPending && <Loading lines={12} label="Loading the summary" />}
      {picture.isError && (isClosed(picture.error) ? <Closed person={person} /> : <Failed error={picture.error} retry={() => void picture.refetch()} home={home} />)}
      {picture.data && <h1 className="visually-hidden" data-print="no">Summary</h1>}
      {picture.data && <Sheet picture={picture.data} words={momentWords(moment)} />}
    </Shell>
  );
}
