"""What editors show, one feature a file: functions from an analysis to the protocol's values."""
