/** The lanes of the timeline in the order in which a ward round asks. */
import {
  IconActivityHeartbeat, IconAlertOctagon, IconBed, IconDeviceWatch, IconDna2,
  IconDots, IconFileText, IconHeartRateMonitor, IconHome, IconMicroscope, IconPill, IconBodyScan, IconReportMedical,
  IconTestPipe, IconSlice, IconUsersGroup, IconVaccine, type Icon,
} from "@tabler/icons-react";

import type { Lane } from "../api/types";

export const LANES: Record<Lane, { label: string; icon: Icon }> = {
  encounter: { label: "Encounters", icon: IconBed },
  problem: { label: "Problems", icon: IconReportMedical },
  allergy: { label: "Allergies", icon: IconAlertOctagon },
  medication: { label: "Medicines", icon: IconPill },
  laboratory: { label: "Laboratory", icon: IconTestPipe },
  microbiology: { label: "Microbiology", icon: IconMicroscope },
  vital: { label: "Vital signs", icon: IconActivityHeartbeat },
  signal: { label: "Signals", icon: IconHeartRateMonitor },
  procedure: { label: "Procedures", icon: IconSlice },
  imaging: { label: "Imaging", icon: IconBodyScan },
  document: { label: "Documents", icon: IconFileText },
  immunisation: { label: "Immunisations", icon: IconVaccine },
  genomics: { label: "Genomics", icon: IconDna2 },
  family: { label: "Family", icon: IconUsersGroup },
  social: { label: "Social", icon: IconHome },
  wearable: { label: "Wearables", icon: IconDeviceWatch },
  other: { label: "Other", icon: IconDots },
};

export const LANE_ORDER = Object.keys(LANES) as Lane[];
