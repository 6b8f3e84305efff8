"""Recordings of one patient, and any stretch of any channel."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from vitruvian.api.answers import JsonAnswer
from vitruvian.api.deps import REFUSALS, AsKnownOn, IdText, SignedIn, number
from vitruvian.derive.signals import (
    Asked,
    Channel,
    Recordings,
    Stretch,
    Window,
    channels_of,
    read_stretch,
    read_windows,
    recordings_of,
)
from vitruvian.picture import expect_patient

router = APIRouter(prefix="/patients/{person_id}/signals", tags=["signals"], responses=REFUSALS)
MOST_SECONDS = 600
MOST_WINDOW_SECONDS = 32 * 24 * 3600
MOST_POINTS = 5_000
MOST_CHANNELS = 16


@router.get("", response_model=list[Channel])
def list_signals(person_id: IdText, visit: SignedIn, moment: AsKnownOn) -> Response:
    """Every channel of every recording, the newest first."""
    person = number(person_id, kind="patient")
    with visit.read(moment) as reader:
        expect_patient(reader, person)
        return JsonAnswer(channels_of(reader, person))


@router.get("/recordings", response_model=Recordings)
def list_recordings(person_id: IdText, visit: SignedIn, moment: AsKnownOn) -> Response:
    """Every recording with its channels and device, the newest first, and the beds of that time."""
    person = number(person_id, kind="patient")
    with visit.read(moment) as reader:
        expect_patient(reader, person)
        return JsonAnswer(recordings_of(reader, person))


@router.get("/{recording_id}/window", response_model=list[Window])
def read_signal_window(
    person_id: IdText,
    recording_id: IdText,
    visit: SignedIn,
    moment: AsKnownOn,
    channel: Annotated[list[str], Query(min_length=1, max_length=MOST_CHANNELS)],
    at_seconds: Annotated[float, Query(ge=0, le=1e9, description="from its beginning")] = 0,
    seconds: Annotated[float, Query(gt=0, le=MOST_WINDOW_SECONDS)] = 10,
    points: Annotated[int, Query(ge=10, le=MOST_POINTS, description="values that fit")] = 1_000,
) -> Response:
    """Channels from ten seconds to weeks: samples, or lowest and highest of each bin of them."""
    person, recording = number(person_id, kind="patient"), number(recording_id, kind="recording")
    asked = Asked(at_seconds, seconds, points)
    with visit.read(moment) as reader:
        return JsonAnswer(read_windows(reader, person, recording, channels=channel, asked=asked))


@router.get("/{recording_id}", response_model=Stretch)
def read_signal(
    person_id: IdText,
    recording_id: IdText,
    visit: SignedIn,
    moment: AsKnownOn,
    channel: Annotated[str, Query(max_length=200)],
    at_seconds: Annotated[float, Query(ge=0, le=1e9, description="from its beginning")] = 0,
    seconds: Annotated[float, Query(gt=0, le=MOST_SECONDS)] = 10,
) -> Response:
    """A stretch of one channel: a value for each sample, null where nothing was measured."""
    person, recording = number(person_id, kind="patient"), number(recording_id, kind="recording")
    with visit.read(moment) as reader:
        stretch = read_stretch(
            reader, person, recording, channel=channel, at_seconds=at_seconds, seconds=seconds
        )
    return JsonAnswer(stretch)
