"""One believable province for one year, made from a seed number: the same seed gives the same bytes."""
