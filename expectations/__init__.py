"""The rule table turned into checks: the compiler, the gate, the quality report and its mail."""
