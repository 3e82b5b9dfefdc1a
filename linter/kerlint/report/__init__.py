"""Floor 7: how a run is printed. Nothing below formats, nothing here decides."""
