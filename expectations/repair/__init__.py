"""What would repair a form: the smallest change of cells that satisfies every error rule, as a proposal, never applied."""
