"""European Data Format: sleep, EEG and other recordings onto the timeline."""
