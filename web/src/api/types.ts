/** The words of the server: generated from its description, here under their short names. */
import type { components } from "./schema.gen";

type Words = components["schemas"];

export type About = Words["About"];
export type AllergyPanel = Words["AllergyPanel"];
export type AsOf = Words["AsOf"];
export type Banner = Words["Banner"];
export type BannerItem = Words["BannerItem"];
export type Document = Words["Document"];
export type EncounterCard = Words["EncounterCard"];
export type Fact = Words["Fact"];
export type FactList = Words["FoundFacts"];
export type Freshness = Words["Freshness"];
export type Identifier = Words["Identifier"];
export type ImagingItem = Words["ImagingItem"];
export type LabCell = Words["LabCell"];
export type LabRow = Words["LabRow"];
export type LabTable = Words["LabTable"];
export type Lane = Fact["category"];
export type Medicine = Words["Medicine"];
export type NewFacts = Words["NewFacts"];
export type NoteText = Words["NoteText"];
export type Panels = Words["Panels"];
export type PatientList = Words["PatientList"];
export type PatientSummary = Words["PatientSummary"];
export type Picture = Words["Picture"];
export type ProblemBody = Words["Problem"];
export type Series = Words["Series"];
export type SeriesPoint = Words["SeriesPoint"];
export type Session = Words["Session"];
export type Timeline = Words["Timeline"];
export type TimelineBin = Words["TimelineBin"];
export type TimelineLane = Words["TimelineLane"];
export type TimelinePoint = Words["TimelinePoint"];
export type Trace = Words["Trace"];
export type Trend = LabRow["trend"];
