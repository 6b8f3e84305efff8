/** Studies of one person, the images of a series, and the addresses of what is looked at. */
import { useQuery, type UseQueryResult } from "@tanstack/react-query";

import { get, momentQuery, type Moment } from "./client";
import type { components } from "./schema.gen";

type Words = components["schemas"];
export type ImagingStudy = Words["ImagingStudy"];
export type ImagingSeries = Words["ImagingSeries"];
export type ImagingReport = Words["ImagingReport"];
export type ImagesOfSeries = Words["ImagesOfSeries"];
export type SeriesImage = Words["SeriesImage"];
export type Overlay = Words["Overlay"];
export type OverlayLabels = Words["OverlayLabels"];

export function useImaging(person: string, moment: Moment): UseQueryResult<ImagingStudy[]> {
  return useQuery({
    queryKey: ["imaging", person, moment.clock, moment.at],
    queryFn: ({ signal }) => get<ImagingStudy[]>(`/patients/${person}/imaging`, momentQuery(moment), signal),
    staleTime: 60_000,
  });
}

export function useImages(person: string, study: string, series: string, moment: Moment): UseQueryResult<ImagesOfSeries> {
  return useQuery({
    queryKey: ["images", person, study, series, moment.clock, moment.at],
    queryFn: ({ signal }) => get<ImagesOfSeries>(`/patients/${person}/imaging/${study}/${series}`, momentQuery(moment), signal),
    staleTime: 300_000,
  });
}

export function useOverlays(person: string, study: string, series: string, moment: Moment): UseQueryResult<Overlay[]> {
  return useQuery({
    queryKey: ["overlays", person, study, series, moment.clock, moment.at],
    queryFn: ({ signal }) => get<Overlay[]>(`/patients/${person}/imaging/${study}/${series}/overlays`, momentQuery(moment), signal),
    staleTime: 300_000,
  });
}

/** What the labels of an overlay stand for; asked for once one is chosen that fits. */
export function useOverlayLabels(person: string, study: string, series: string, overlay: Overlay | null, moment: Moment): UseQueryResult<OverlayLabels> {
  const chosen = overlay && !overlay.refused ? overlay.instance_uid : null;
  return useQuery({
    queryKey: ["overlay-labels", person, study, series, chosen, moment.clock, moment.at],
    queryFn: ({ signal }) => get<OverlayLabels>(`/patients/${person}/imaging/${study}/${series}/overlays/${chosen}`, momentQuery(moment), signal),
    enabled: chosen !== null,
    retry: false,
    staleTime: 300_000,
  });
}

function said(moment: Moment, more: Record<string, string> = {}): string {
  const parameters = new URLSearchParams({ ...more, ...(moment.at === null ? {} : { [moment.clock]: moment.at }) });
  const text = parameters.toString();
  return text ? `?${text}` : "";
}

export function volumeAddress(person: string, study: string, series: string, moment: Moment): string {
  return `/api/patients/${person}/imaging/${study}/${series}/volume.nii${said(moment)}`;
}

export function labelsAddress(person: string, study: string, series: string, overlay: Overlay, moment: Moment): string {
  return `/api/patients/${person}/imaging/${study}/${series}/overlays/${overlay.instance_uid}/labels.nii${said(moment)}`;
}

export function renderedAddress(study: string, series: string, image: SeriesImage, window: { centre: number; width: number } | null, moment: Moment): string {
  const place = `/api/dicomweb/studies/${study}/series/${series}/instances/${image.instance_uid}/frames/${image.frame}/rendered`;
  return place + said(moment, window ? { window: `${window.centre},${window.width}` } : {});
}

export function workstationAddress(person: string, study: string, moment: Moment): string {
  return `/workstation/viewer${said(moment, { StudyInstanceUIDs: study, person_id: person })}`;
}
