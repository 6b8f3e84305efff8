"""mapping.toml as typed words: what channels mean.

Examples
--------
>>> WORDS.code_of("HR", "bpm"), WORDS.code_of("EEG Fpz-Cz", "uV")
('LOINC//8867-4', 'EDF//EEG Fpz-Cz')
"""

from __future__ import annotations

from pathlib import Path

from vitruvian.ingest.engine.signals.channels import ChannelWords

WORDS = ChannelWords("EDF", Path(__file__).with_name("mapping.toml"))
