"""Which stock client does what through Caprock; README.md says how the parts fit."""
